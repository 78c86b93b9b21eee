//! What was typed about neurons: circuits, ports and where they start.

use schemars::JsonSchema;
use serde::Deserialize;

use super::spread::Spread;
use super::{Named, Quantity};

/// Neurons of one network at most: more would not fit into any memory.
pub(crate) const MAX_NEURONS: usize = 1_000_000_000;

/// Neurons of one circuit. Values of circuit and start may differ from neuron to neuron: `[36 mS, 37 mS]`,
/// `{linear: [36 mS, 40 mS]}` and so on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    /// Number of neurons: 1 by default.
    #[schemars(range(max = MAX_NEURONS))]
    pub(crate) count: Option<u64>,
    /// Which of the papers' neurons it is: three-channel by default, none with other channels than theirs.
    pub(crate) circuit: Option<CircuitKind>,
    /// Temperature in degrees Celsius, for gates with a `q10`; by default their rates are as written.
    pub(crate) temperature: Option<f64>,
    /// The membrane.
    #[schemars(example = &"{capacitance: 1 uF}")]
    pub(crate) membrane: Membrane,
    /// The channels to ground, by name: `potassium` (a memristor of conductance G_K n^4), `sodium` (G_Na m^3 h) and
    /// `chloride` (a resistor), as in the papers, or any others with `gating` or `gates`.
    #[schemars(example = &"{potassium: {conductance: 36 mS}, ..}")]
    pub(crate) channels: Named<Channel>,
    /// State at the start: rest by default.
    pub(crate) initial: Option<Initial>,
    /// Output port, where the spike leaves; none by default.
    pub(crate) output: Option<Port>,
    /// Input port, where waveguides arrive; none by default. It is named `input`.
    pub(crate) input: Option<Port>,
    /// Several input ports by name, in place of `input`; at most four.
    pub(crate) inputs: Option<Named<Port>>,
    /// How gates measure the voltage; by default they follow it itself, without the noise of a measurement.
    pub(crate) sense: Option<Sense>,
}

/// The line through which gates measure the voltage, and its detector.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sense {
    /// Impedance of the line.
    #[schemars(example = &"30 kOhm")]
    pub(crate) impedance: Quantity,
    /// Response time of the detector, not below the step.
    #[schemars(example = &"0.1 ms")]
    pub(crate) response_time: Quantity,
    /// Voltage of the line's far side: by default that at which the neuron rests.
    #[schemars(example = &"-65 mV")]
    pub(crate) reference: Option<Quantity>,
    /// Temperature of the line and of its detector's idler as the energy k_B T, or in kelvin where `quantum` gives a `scale`:
    /// by default that of all other lines.
    #[schemars(example = &"0.5 pJ")]
    pub(crate) temperature: Option<Quantity>,
}

/// Which channels a neuron has.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CircuitKind {
    /// Potassium, sodium and chloride (default).
    ThreeChannel,
    /// Potassium alone.
    SingleChannel,
}

/// The membrane.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Membrane {
    /// Its capacitance.
    #[schemars(example = &"1 uF")]
    pub(crate) capacitance: Spread,
}

/// One channel.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Channel {
    /// Conductance with every gate open.
    #[schemars(example = &"36 mS")]
    pub(crate) conductance: Spread,
    /// Reversal potential of the channel; none by default, as in the paper.
    pub(crate) reversal: Option<Spread>,
    /// How its gates move, by name: `potassium`, `sodium`, `leak` (no gates) or one of those that `qhh channels` lists; by
    /// default the channel's own name.
    #[schemars(example = &"connor-stevens-a")]
    pub(crate) gating: Option<String>,
    /// Its gates by name, in place of `gating`; the conductance is multiplied by each gate to its power.
    #[schemars(example = &"{m: {power: 3, opening: .., closing: ..}}")]
    pub(crate) gates: Option<Named<Gate>>,
    /// Numbers that formulas name, or those of the `gating` that are to be other than published.
    #[schemars(example = &"{v1: -1.2}")]
    pub(crate) parameters: Option<Named<f64>>,
}

/// One gate: `opening` and `closing`, or `steady` and `time_constant`. Formulas are of the voltage `v` in mV, with numbers,
/// parameters, `+ - * / ^`, parentheses and the functions exp, ln, sqrt, abs, tanh, sinh, cosh, linoid (x/(1 - e^-x)) and
/// sigmoid (1/(1 + e^-x)); rates are in 1/ms, times in ms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gate {
    /// Power in the conductance: 1 by default.
    pub(crate) power: Option<u32>,
    /// Opening rate, a formula in 1/ms.
    #[schemars(example = &"0.1*linoid((v + 55)/10)")]
    pub(crate) opening: Option<Quantity>,
    /// Closing rate, a formula in 1/ms.
    #[schemars(example = &"0.125*exp(-(v + 65)/80)")]
    pub(crate) closing: Option<Quantity>,
    /// Value that the gate settles at, a formula.
    #[schemars(example = &"1/(1 + exp(-(v + 35)/10))")]
    pub(crate) steady: Option<Quantity>,
    /// Time in which it does: a time, a formula in ms, or 0 for a gate that follows the voltage at once.
    #[schemars(example = &"5 ms")]
    pub(crate) time_constant: Option<Quantity>,
    /// How temperature speeds it up: none by default.
    #[schemars(example = &"{factor: 3, at: 6.3}")]
    pub(crate) q10: Option<Q10>,
}

/// Factor on the rates of a gate for every ten degrees.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Q10 {
    /// The factor.
    #[schemars(example = &"3")]
    pub(crate) factor: f64,
    /// Temperature at which the rates are as written, in degrees Celsius.
    #[schemars(example = &"6.3")]
    pub(crate) at: f64,
}

/// A port: a capacitor in series with a transmission line.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Port {
    /// Capacitance of the capacitor.
    #[schemars(example = &"0.3 uF")]
    pub(crate) capacitance: Spread,
    /// Impedance of the line.
    #[schemars(example = &"3 kOhm")]
    pub(crate) impedance: Spread,
}

/// State at the start: `rest`, or values, where an omitted voltage is that of rest and an omitted gate is steady.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Initial {
    Word(InitialWord),
    Given(Box<InitialValues>),
}

/// A word for the state at the start.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum InitialWord {
    /// The rest point (default).
    Rest,
}

/// Values at the start.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InitialValues {
    /// The snapshot of a population that another run left, a CSV file beside this one: in place of values.
    pub(crate) from: Option<String>,
    /// Voltage: that of rest by default.
    pub(crate) voltage: Option<Spread>,
    /// Potassium activation, between 0 and 1: steady by default.
    pub(crate) n: Option<Spread>,
    /// Sodium activation, between 0 and 1: steady by default.
    pub(crate) m: Option<Spread>,
    /// Sodium inactivation, between 0 and 1: steady by default.
    pub(crate) h: Option<Spread>,
    /// Gates of other channels, by channel and gate, between 0 and 1: steady by default.
    #[schemars(example = &"{calcium: {m: 0.1}}")]
    pub(crate) gates: Option<Named<Named<Spread>>>,
}
