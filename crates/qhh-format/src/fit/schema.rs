//! What may be typed in a fit file. The doc comments are the descriptions of the published schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::task::schema::titled;
use crate::yaml::schema::Quantity;

/// JSON schema of the fit file.
pub(crate) fn schema() -> serde_json::Value {
    titled::<File>("qhh fit")
}

/// A fit: a network, which of its values are trained, and for what.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// Name of the fit; also the default name of the results' folder.
    #[schemars(example = &"recover")]
    pub(crate) name: String,
    /// What the fit shows, in your words.
    pub(crate) description: Option<String>,
    /// Network file, relative to the folder of the fit file.
    #[schemars(example = &"chain.yaml")]
    pub(crate) network: String,
    /// Values of the network that are trained.
    #[schemars(example = &"[{path: waveguides.axon.delay, bounds: [1 ms, 3 ms]}]")]
    pub(crate) parameters: Vec<Parameter>,
    /// What is made least: the sum of these, each times its `weight`.
    #[schemars(example = &"[{trace: {neuron: \"relay[1]\", file: traces.csv}}]")]
    pub(crate) objective: Vec<Objective>,
    /// Runs of the network with other inputs; the objective is their mean.
    pub(crate) examples: Option<Examples>,
    /// How the least is searched: L-BFGS by default.
    pub(crate) optimizer: Option<Optimizer>,
    /// Share of the examples that is held out to know when to stop, such as `0.2` or `20 %`: none by default.
    pub(crate) validation: Option<Quantity>,
    /// Iterations without a better value of the held-out examples, or without any of all, before it stops: 20 by default.
    pub(crate) patience: Option<usize>,
    /// Seed of random starts, of which examples are held out, and of their order: 1 by default.
    pub(crate) seed: Option<u64>,
}

/// A value that is trained.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameter {
    /// Where it stands in the network file; of a list, each of its numbers is trained.
    #[schemars(example = &"neurons.axon.channels.potassium.conductance")]
    pub(crate) path: String,
    /// Whether each neuron, waveguide or target of a source has a value of its own that is trained: false by default.
    #[serde(default)]
    pub(crate) each: bool,
    /// Other values of the network that are the same number.
    #[serde(default)]
    pub(crate) tie: Vec<String>,
    /// Least and greatest value, in the unit that it has in the network file; none by default.
    pub(crate) bounds: Option<[Quantity; 2]>,
    /// Value at the start, or `random` for one anywhere within the bounds: the network file's by default.
    pub(crate) start: Option<Quantity>,
}

/// A part of the objective.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Objective {
    /// Mean squared distance of a voltage from a target trace.
    Trace(Trace),
    /// Squared distance of a neuron's spikes from target times.
    SpikeTimes(SpikeTimes),
    /// Squared distance of a smooth number of spikes from a target.
    SmoothSpikes(SmoothSpikes),
    /// A number of the run by the name of its measure.
    Measure(Measure),
    /// Cross-entropy of classes, each read from neurons of its own.
    CrossEntropy(CrossEntropy),
}

/// A target trace.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trace {
    /// The neuron, such as `relay[1]`.
    pub(crate) neuron: String,
    /// CSV file with times and voltages in the network's units.
    pub(crate) file: Option<String>,
    /// Column of the times in the file: `t` by default.
    pub(crate) time: Option<String>,
    /// Column of the voltages in the file: `NEURON.voltage` by default, as in a run's `traces.csv`.
    pub(crate) value: Option<String>,
    /// Times, in place of a file.
    pub(crate) times: Option<Vec<Quantity>>,
    /// Voltages at these times.
    pub(crate) values: Option<Vec<Quantity>>,
    /// Factor: 1 by default.
    pub(crate) weight: Option<f64>,
}

/// Target spike times.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpikeTimes {
    /// The neuron, such as `relay[1]`.
    pub(crate) neuron: String,
    /// Target times.
    #[serde(default)]
    pub(crate) times: Vec<Quantity>,
    /// Columns of the examples' file with one target time each, in the network's unit.
    #[serde(default)]
    pub(crate) columns: Vec<String>,
    /// A missing or extra spike costs as much as one that is off by this time.
    #[schemars(example = &"5 ms")]
    pub(crate) missing: Quantity,
    /// Factor: 1 by default.
    pub(crate) weight: Option<f64>,
}

/// A target number of spikes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SmoothSpikes {
    /// The neurons, such as `relay` or `relay[1]`.
    pub(crate) neurons: String,
    /// Their number of spikes together.
    pub(crate) target: f64,
    /// Voltage over which a spike begins to count: 5 mV by default.
    pub(crate) width: Option<Quantity>,
    /// Factor: 1 by default.
    pub(crate) weight: Option<f64>,
}

/// A number of the run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Measure {
    /// The number, such as `relay[4].first_spike` or `cell.variance.at(6 ms)`. One without a slope, as of variances, is
    /// moved by central differences: two runs for each parameter.
    pub(crate) of: String,
    /// `least`, `most`, or a number in the network's units that it is to come near to.
    pub(crate) aim: Quantity,
    /// Factor: 1 by default.
    pub(crate) weight: Option<f64>,
}

/// Classes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CrossEntropy {
    /// Neurons of each class, such as `["out[0]", "out[1]"]`.
    pub(crate) classes: Vec<String>,
    /// Column of the examples' file with the number of the right class, from 0.
    pub(crate) label: String,
    /// What is read of them: `spikes` by default.
    pub(crate) read: Option<Read>,
    /// Factor on what is read, per spike or per unit of voltage: 1 by default.
    pub(crate) gain: Option<f64>,
    /// Width of the smooth threshold or top: 5 mV by default.
    pub(crate) width: Option<Quantity>,
    /// Factor: 1 by default.
    pub(crate) weight: Option<f64>,
}

/// What is read of the neurons of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Read {
    /// The smooth number of spikes.
    Spikes,
    /// The smooth top of the voltage.
    Peak,
}

/// Runs with other inputs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Examples {
    /// CSV file with a row for each example.
    pub(crate) file: String,
    /// Values of the network by path, each from a column of the file, in the unit that it has in the network file.
    #[schemars(example = &"{sources.first.current.start: t0}")]
    pub(crate) set: BTreeMap<String, String>,
    /// Rows at most, from the first: all by default.
    pub(crate) most: Option<usize>,
}

/// How the least is searched.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Optimizer {
    /// Quasi-Newton steps with a line search, on all examples at once.
    Lbfgs(Lbfgs),
    /// Steps along averaged gradients, on a few examples at a time.
    Adam(Adam),
}

/// L-BFGS.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lbfgs {
    /// Iterations at most: 100 by default.
    pub(crate) iterations: Option<usize>,
    /// Steps that are remembered: 10 by default.
    pub(crate) memory: Option<usize>,
}

/// Adam.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Adam {
    /// Times that all examples are gone through: 50 by default.
    pub(crate) epochs: Option<usize>,
    /// Step, as a part of about a quarter of each parameter's bounds, or of its start where it has none: 0.05, which is
    /// `5 %`, by default.
    pub(crate) rate: Option<Quantity>,
    /// Examples of a step: 8 by default.
    pub(crate) batch: Option<usize>,
    /// Largest length of a gradient, which is shortened to it: none by default.
    pub(crate) clip: Option<f64>,
}
