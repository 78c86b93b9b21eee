//! What was typed about neurons: circuits, ports and where they start.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Named;
use super::spread::Spread;

/// Neurons of one circuit. Values of circuit and start may differ from neuron to neuron: `[36 mS, 37 mS]`,
/// `{linear: [36 mS, 40 mS]}` and so on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    /// Number of neurons: 1 by default.
    pub(crate) count: Option<u64>,
    /// Which channels the neuron has: three-channel by default.
    pub(crate) circuit: Option<CircuitKind>,
    /// The membrane.
    #[schemars(example = &"{capacitance: 1 uF}")]
    pub(crate) membrane: Membrane,
    /// The channels to ground.
    #[schemars(example = &"{potassium: {conductance: 36 mS}, ..}")]
    pub(crate) channels: Channels,
    /// State at the start: rest by default.
    pub(crate) initial: Option<Initial>,
    /// Output port, where the spike leaves; none by default.
    pub(crate) output: Option<Port>,
    /// Input port, where waveguides arrive; none by default. It is named `input`.
    pub(crate) input: Option<Port>,
    /// Several input ports by name, in place of `input`; at most four.
    pub(crate) inputs: Option<Named<Port>>,
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

/// The channels to ground: all three in a three-channel circuit, potassium alone in a single-channel one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Channels {
    /// Memristor of conductance G_K n^4.
    #[schemars(example = &"{conductance: 36 mS}")]
    pub(crate) potassium: Channel,
    /// Memristor of conductance G_Na m^3 h.
    pub(crate) sodium: Option<Channel>,
    /// Resistor of conductance g_Cl.
    pub(crate) chloride: Option<Channel>,
}

/// One channel.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Channel {
    /// Conductance with every gate open.
    #[schemars(example = &"36 mS")]
    pub(crate) conductance: Spread,
    /// Voltage of the channel's battery; no battery by default, as in the paper.
    pub(crate) reversal: Option<Spread>,
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
}
