//! What was typed where a value may differ from one neuron or waveguide to the next.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Quantity;

/// A quantity for all, or one for each: a list, or a rule that makes them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Spread {
    Same(Quantity),
    Each(Vec<Quantity>),
    Rule(Rule),
}

/// A rule that gives each its value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rule {
    /// Evenly spaced from the first to the last, both included.
    Linear([Quantity; 2]),
    /// Drawn evenly between two bounds.
    Uniform([Quantity; 2]),
    /// Drawn from a normal distribution, anew while outside its bounds.
    Normal(Normal),
    /// A column of a CSV file, one row for each.
    File(Column),
}

/// A normal distribution.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Normal {
    /// Mean of the distribution.
    #[schemars(example = &"1")]
    pub(crate) mean: Quantity,
    /// Its standard deviation.
    #[schemars(example = &"0.1")]
    pub(crate) deviation: Quantity,
    /// Lower bound: none by default.
    pub(crate) low: Option<Quantity>,
    /// Upper bound: none by default.
    pub(crate) high: Option<Quantity>,
}

/// A column of a CSV file: bare numbers in the file's unit system.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    /// The CSV file, relative to the folder of the network file and within it.
    #[schemars(example = &"values.csv")]
    pub(crate) path: String,
    /// Title of the column.
    #[schemars(example = &"delay")]
    pub(crate) column: String,
}
