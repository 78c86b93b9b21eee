//! What may be typed in a task file. The doc comments are the descriptions of the published schema.

use std::borrow::Cow;

use qhh_lab::learn::encode::{Encoded, Mixing};
use qhh_lab::learn::features;
use qhh_lab::learn::study::{Baseline, Pool};
use qhh_net::network::Observable;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::yaml::schema::{Neurons, Quantity};

/// JSON schema of the task file.
pub(crate) fn schema() -> serde_json::Value {
    titled::<File>("qhh learning task")
}

/// JSON schema of a reservoir alone.
pub(crate) fn reservoir() -> serde_json::Value {
    titled::<Reservoir>("qhh reservoir")
}

pub(crate) fn titled<T: JsonSchema>(title: &str) -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

/// A learning task: a network as a reservoir, its inputs, its features, and what is learned from them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// Name of the task; also the default name of the results' folder.
    #[schemars(example = &"narma10")]
    pub(crate) name: String,
    /// What the task shows, in your words.
    pub(crate) description: Option<String>,
    /// Network file, relative to the folder of the task file.
    #[schemars(example = &"reservoir.yaml")]
    pub(crate) network: String,
    /// What is to be learned.
    #[schemars(example = &"{narma: {steps: 2000}}")]
    pub(crate) task: Task,
    /// How inputs enter the network.
    #[schemars(example = &"[{source: input, as: amplitude}]")]
    pub(crate) encode: Vec<Encode>,
    /// What is read of the network.
    #[schemars(example = &"[voltage, variance]")]
    pub(crate) features: Vec<Feature>,
    /// Time that each symbol of the input is held, a whole number of steps.
    #[schemars(example = &"1 ms")]
    pub(crate) symbol: Quantity,
    /// Times at which each symbol is read, evenly apart, the last at its end: 1 by default.
    pub(crate) virtual_nodes: Option<usize>,
    /// Symbols at the start of a series that are left out: 100 by default.
    pub(crate) washout: Option<usize>,
    /// Symbols of which a row of a series has the features, its own and those before it: 1 by default.
    pub(crate) history: Option<usize>,
    /// What becomes of the symbols of an example: all side by side by default, their mean where lengths differ.
    pub(crate) over: Option<Pool>,
    /// What is trained: ridge by default.
    pub(crate) readout: Option<Readout>,
    /// Shares of the parts, such as `0.6` or `60 %`: 0.6, 0.2 and 0.2 by default.
    pub(crate) split: Option<Split>,
    /// Number of seeds, counted from 1, or a list of them: 3 by default.
    pub(crate) seeds: Option<Seeds>,
    /// Numbers of measurements to score with, beside exact expectation values.
    pub(crate) shots: Option<Vec<u64>>,
    /// What the network is measured against: all by default.
    pub(crate) baselines: Option<Vec<Baseline>>,
    /// Past inputs that the linear and the quadratic baseline of a series have: by default as many as the target depends
    /// on, at least 20.
    pub(crate) linear_delays: Option<usize>,
    /// Whether targets are shuffled, a check for leaks: false by default.
    pub(crate) shuffled: Option<bool>,
}

/// How a network is driven and read: those entries of a task file that say so.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reservoir {
    /// How inputs enter the network.
    pub(crate) encode: Vec<Encode>,
    /// What is read of the network.
    pub(crate) features: Vec<Feature>,
    /// Time that each symbol of the input is held, a whole number of steps.
    pub(crate) symbol: Quantity,
    /// Times at which each symbol is read, evenly apart, the last at its end: 1 by default.
    pub(crate) virtual_nodes: Option<usize>,
}

/// What is to be learned.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Task {
    /// A nonlinear autoregressive moving average of random inputs.
    Narma(Narma),
    /// Mackey and Glass's chaotic series, some samples ahead.
    MackeyGlass(MackeyGlass),
    /// A function of the random input of the moment.
    Function(Function),
    /// How much of past inputs is remembered: degree 1 of the capacity.
    MemoryCapacity(MemoryCapacity),
    /// Which polynomials of past inputs can be read.
    Capacity(Capacity),
    /// Cylinders, bells and funnels: three classes of noisy shapes.
    CylinderBellFunnel(CylinderBellFunnel),
    /// A series from a file, predicted from itself or from others.
    Series(Series),
    /// Examples from a file, one a row, each with a class.
    Classes(Classes),
    /// Sequences from a file, one symbol a row, each sequence with a class.
    Sequences(Sequences),
}

/// NARMA.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Narma {
    /// Order: 10 by default.
    pub(crate) order: Option<usize>,
    /// Symbols: 2000 by default.
    pub(crate) steps: Option<usize>,
}

/// Mackey and Glass's series.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MackeyGlass {
    /// Delay of the equation: 17 by default.
    pub(crate) tau: Option<f64>,
    /// Samples ahead: 1 by default.
    pub(crate) horizon: Option<usize>,
    /// Symbols: 2000 by default.
    pub(crate) steps: Option<usize>,
}

/// A function of the input of the moment.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Function {
    /// Power of an input between -1 and 1; give this or `cycles`.
    pub(crate) power: Option<u32>,
    /// Cycles of a sine for an input from 0 to 1.
    pub(crate) cycles: Option<f64>,
    /// Symbols: 1000 by default.
    pub(crate) steps: Option<usize>,
}

/// Memory capacity.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemoryCapacity {
    /// Longest delay: 50 by default.
    pub(crate) delay: Option<usize>,
    /// Symbols: 4000 by default.
    pub(crate) steps: Option<usize>,
}

/// Information processing capacity.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Capacity {
    /// Longest delay of the products of each degree, from degree 1 on.
    #[schemars(example = &"[30, 12, 6]")]
    pub(crate) delays: Vec<usize>,
    /// Symbols: 4000 by default.
    pub(crate) steps: Option<usize>,
}

/// Cylinders, bells and funnels.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CylinderBellFunnel {
    /// Examples: 300 by default.
    pub(crate) examples: Option<usize>,
    /// One point of 128 in so many is an input: 4 by default.
    pub(crate) every: Option<usize>,
}

/// A series from a file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Series {
    /// CSV file with a header, relative to the folder of the task file; one row a symbol.
    #[schemars(example = &"sunspots.csv")]
    pub(crate) file: String,
    /// Columns that are inputs.
    #[schemars(example = &"[number]")]
    pub(crate) inputs: Vec<String>,
    /// Column that is predicted: the first input by default.
    pub(crate) target: Option<String>,
    /// Rows ahead: 1 by default.
    pub(crate) horizon: Option<usize>,
}

/// Examples from a file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Classes {
    /// CSV file with a header, relative to the folder of the task file; one row an example.
    #[schemars(example = &"digits.csv")]
    pub(crate) file: String,
    /// Column of the class; every other is an input.
    #[schemars(example = &"digit")]
    pub(crate) label: String,
    /// Symbols that the inputs of a row make, given one after the other: 1 by default.
    pub(crate) symbols: Option<usize>,
}

/// Sequences from a file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sequences {
    /// CSV file with a header, relative to the folder of the task file; one row a symbol.
    #[schemars(example = &"vowels.csv")]
    pub(crate) file: String,
    /// Column that tells sequences apart: a new value begins a new one.
    #[schemars(example = &"sequence")]
    pub(crate) sequence: String,
    /// Column of the class; every column but these two is an input.
    #[schemars(example = &"speaker")]
    pub(crate) label: String,
}

/// An encoding.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Encode {
    /// Source of the network, or several.
    #[schemars(example = &"input")]
    pub(crate) source: Neurons,
    /// What of the source the input becomes.
    #[schemars(example = &"amplitude")]
    #[serde(rename = "as")]
    pub(crate) quantity: Encoded,
    /// What the smallest and the largest input of the training part become: 0 and 1, or 0 and a full turn of an angle,
    /// by default.
    pub(crate) range: Option<[Quantity; 2]>,
    /// Inputs by name: all by default.
    pub(crate) inputs: Option<Vec<String>>,
    /// How several inputs share the neurons or sources: `same` for one input, `one-to-one` where there are as many, else
    /// `random`, by default.
    pub(crate) mixing: Option<Mixing>,
    /// Whether each virtual node multiplies the input by a random sign of its own: false by default.
    pub(crate) mask: Option<bool>,
}

/// What is read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Feature {
    Word(Reading),
    Of(FeatureOf),
}

/// A feature of some neurons.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeatureOf {
    /// What is read.
    #[schemars(example = &"voltage")]
    pub(crate) quantity: Reading,
    /// Neurons: those the network file records by default.
    pub(crate) of: Option<Neurons>,
}

/// Name of a feature.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Reading(pub(crate) String);

impl JsonSchema for Reading {
    fn schema_name() -> Cow<'static, str> {
        "Reading".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Observable::ALL
            .iter()
            .map(|observable| observable.name())
            .chain(features::OTHERS.map(features::Reading::name))
            .collect();
        json_schema!({
            "description": "A recorded quantity; `spikes` and `first_spike` within the symbol; `covariance` of voltages; `modes` for the moments of output modes.",
            "anyOf": [
                { "type": "string", "enum": names },
                { "type": "string", "pattern": "^(g_.+|i_.+|[^.]+[.][^.]+)$" },
            ],
        })
    }
}

/// What is trained.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Readout {
    /// Ridge regression.
    Ridge(Ridge),
    /// Multinomial logistic regression, for classes.
    Logistic(Logistic),
}

/// Ridge regression.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ridge {
    /// Strengths to choose from by cross-validation: powers of ten from 1e-6 to 1e4 by default.
    pub(crate) alphas: Option<Vec<f64>>,
    /// Folds of the cross-validation: 5 by default.
    pub(crate) folds: Option<usize>,
}

/// Logistic regression.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logistic {
    /// Inverse strengths to choose from by cross-validation: 0.01, 0.1, 1 and 10 by default.
    #[serde(rename = "C")]
    pub(crate) c: Option<Vec<f64>>,
    /// Folds of the cross-validation: 5 by default.
    pub(crate) folds: Option<usize>,
}

/// Shares of the parts, as numbers or in per cent, together at most 1.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Split {
    /// Share that is trained on.
    #[schemars(example = &"0.6")]
    pub(crate) train: Quantity,
    /// Share that tasks are compared by.
    #[schemars(example = &"0.2")]
    pub(crate) validation: Quantity,
    /// Share that is reported.
    #[schemars(example = &"0.2")]
    pub(crate) test: Quantity,
}

/// Number of seeds, or a list of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Seeds {
    Count(u64),
    List(Vec<u64>),
}
