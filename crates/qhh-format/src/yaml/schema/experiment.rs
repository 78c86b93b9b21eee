//! What was typed about many runs: what varies, how points are laid, what is measured.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::{Named, Quantity};

/// Many runs of the network, for `qhh sweep`: what is varied between them and what each is summed up by.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Experiment {
    /// What is varied: the values of any entry of this file, by its path.
    #[schemars(example = &"{waveguides.axon.transmission: [0.2, 0.3, 0.4]}")]
    pub(crate) vary: Option<Named<Vary>>,
    /// How points are laid between the axes: grid by default.
    pub(crate) design: Option<Design>,
    /// Number of points of a random or sobol design.
    pub(crate) points: Option<u32>,
    /// Runs of each point, each with a seed of its own: 1 by default.
    pub(crate) repeats: Option<u32>,
    /// What each run is summed up by: the number of spikes by default.
    pub(crate) measures: Option<Vec<Measure>>,
    /// A threshold that is searched at each point.
    pub(crate) find: Option<Find>,
}

/// What a run is summed up by: a name, or a name and how the page shows it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Measure {
    Name(String),
    Shown(ShownMeasure),
}

/// A measure, and what stands above its figure.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShownMeasure {
    /// Name of the measure.
    #[schemars(example = &"relay.4.first_spike")]
    pub(crate) measure: String,
    /// Title of its figure, in place of the name.
    pub(crate) label: Option<String>,
    /// What is to be seen in it, in one sentence.
    pub(crate) caption: Option<String>,
}

/// Values of one axis: a list, or a range.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Vary {
    List(Vec<Any>),
    Range(Range),
}

/// A range of values, both ends included. Give exactly one of `values`, `linear` and `log`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Range {
    /// These values.
    pub(crate) values: Option<Vec<Any>>,
    /// From the first to the last at even distances.
    pub(crate) linear: Option<[Quantity; 2]>,
    /// From the first to the last at even ratios.
    pub(crate) log: Option<[Quantity; 2]>,
    /// How many values.
    pub(crate) points: Option<u32>,
    /// Distance of two values, in place of `points`.
    pub(crate) step: Option<Quantity>,
}

/// How points are laid between the axes.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Design {
    /// Every value of each axis with every value of the others (default).
    Grid,
    /// The first values of all axes together, then the second, and so on.
    Zip,
    /// Drawn evenly.
    Random,
    /// A scrambled Sobol sequence, which fills the space more evenly.
    Sobol,
}

/// A threshold: where along one value a condition begins to hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Find {
    /// Path of the value that is searched.
    #[schemars(example = &"waveguides.axon.transmission")]
    pub(crate) path: String,
    /// One end of the search; without ends it halves and doubles the file's own value until the condition changes.
    pub(crate) from: Option<Quantity>,
    /// The other end.
    pub(crate) to: Option<Quantity>,
    /// What holds at one end and not at the other: a measure against a number.
    #[schemars(example = &"spikes >= 1")]
    #[serde(rename = "where")]
    pub(crate) condition: String,
    /// How closely, in the unit of the ends: a thousandth of their distance, or of the file's own value, by default.
    pub(crate) tolerance: Option<Quantity>,
}

/// Any value that the varied entry may have.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Any(pub(crate) serde_yaml::Value);

impl JsonSchema for Any {
    fn schema_name() -> Cow<'static, str> {
        "Any".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}
