//! What was typed: the network file as structs, before units and defaults. The doc comments are the descriptions of
//! the published schema, so they speak to whoever writes a network file.
//!
//! Nothing here knows a default or a unit; [`super::resolve`] does.

use std::borrow::Cow;
use std::marker::PhantomData;

use qhh_net::network::Observable;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

pub(crate) mod source;

use source::Source;

/// JSON schema of the network file, with every description, for editors and for [`super::check`].
pub(crate) fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<File>();
    schema.insert("title".to_owned(), "qhh network".into());
    schema.to_value()
}

/// A number of the file's unit system, or text of a number and its unit: `3 kOhm`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Quantity {
    Number(f64),
    Text(String),
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["number", "string"] })
    }
}

/// A map from names to `T` that keeps the order of the file.
#[derive(Debug)]
pub(crate) struct Named<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let inner = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": inner })
    }
}

/// A network of quantized Hodgkin-Huxley neurons. Every quantity is a number in the file's unit system or text with
/// its unit, such as `3 kOhm`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the blocks are read one by one, so that each can have its own mistakes")]
pub(crate) struct File {
    /// Name of the network; also the default name of the results' folder.
    #[schemars(example = &"squid-axon")]
    name: String,
    /// What the network shows, in your words.
    description: Option<String>,
    /// Unit system of bare numbers: hodgkin-huxley by default.
    units: Option<Units>,
    /// Length of the run and how it is stepped.
    #[schemars(example = &"{duration: 40 ms}")]
    simulation: Simulation,
    /// Quantum fluctuations; without this block the run is the mean field alone.
    quantum: Option<Quantum>,
    /// Populations by name; their neurons are `relay[0]`, `relay[1]` and so on.
    #[schemars(example = &"{axon: {membrane: {capacitance: 1 uF}, channels: {..}}}")]
    neurons: Named<Population>,
    /// Sources by name.
    sources: Option<Named<Source>>,
    /// What is kept besides the spikes.
    record: Option<Record>,
}

/// Unit system of bare numbers.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Units {
    /// mV, ms, mS, uF, uA, kOhm, rad/ms (default).
    HodgkinHuxley,
    /// V, s, S, F, A, Ohm, rad/s.
    Si,
    /// Bare numbers only, as in the papers' figures.
    Raw,
}

/// Length of the run and how it is stepped.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Simulation {
    /// Length of the run, a time.
    #[schemars(example = &"40 ms")]
    pub(crate) duration: Quantity,
    /// Time step: 0.01 ms by default (0.001 in raw units).
    pub(crate) step: Option<Quantity>,
    /// How the equations are solved: langevin by default.
    pub(crate) method: Option<Method>,
    /// How the channels' noise lines are quantized: independent by default.
    pub(crate) baths: Option<Baths>,
    /// Seed of every random number: 1 by default.
    pub(crate) seed: Option<u64>,
    /// Voltage whose upward crossing is a spike: 0 mV by default.
    pub(crate) spike_threshold: Option<Quantity>,
}

/// How the equations are solved.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Method {
    /// The circuit equations step by step (default).
    Langevin,
    /// The stationary response at every instant, as in the paper.
    Adiabatic,
}

/// How the channels' noise lines are quantized.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Baths {
    /// One bath for each channel (default).
    Independent,
    /// One set of modes for all channels, the paper's rule.
    SharedMode,
}

/// Quantum fluctuations. Give exactly one of `hbar` and `scale`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quantum {
    /// Reduced Planck constant in the file's unit system, an action.
    pub(crate) hbar: Option<Quantity>,
    /// The laboratory circuit that the model stands for; fixes hbar and what a temperature in K means.
    pub(crate) scale: Option<Scale>,
    /// Temperature of every line: an energy k_B T (a bare number is one), or a temperature such as 10 mK together
    /// with `scale`; 0 by default.
    pub(crate) temperature: Option<Quantity>,
    /// Highest angular frequency of the noise: 200 rad/ms by default (200 in raw units).
    pub(crate) cutoff: Option<Quantity>,
    /// How fluctuations are computed: adiabatic by default.
    pub(crate) fluctuations: Option<Fluctuations>,
}

/// The laboratory circuit that realises one uF, one mV and one ms of the model, in farad, volt and second (or with
/// units) whatever the file's unit system.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scale {
    /// What 1 uF of the model (1 in raw units) is in the laboratory.
    #[schemars(example = &"1 pF")]
    pub(crate) capacitance: Quantity,
    /// What 1 mV of the model (1 in raw units) is in the laboratory.
    #[schemars(example = &"1 uV")]
    pub(crate) voltage: Quantity,
    /// What 1 ms of the model (1 in raw units) is in the laboratory.
    #[schemars(example = &"1 ns")]
    pub(crate) time: Quantity,
}

/// How fluctuations are computed.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fluctuations {
    /// Not at all.
    None,
    /// From the conductances of the instant (default).
    Adiabatic,
}

/// Neurons of one circuit.
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
    /// Input port, where a waveguide would arrive; none by default.
    pub(crate) input: Option<Port>,
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
    pub(crate) capacitance: Quantity,
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
    pub(crate) conductance: Quantity,
    /// Voltage of the channel's battery; no battery by default, as in the paper.
    pub(crate) reversal: Option<Quantity>,
}

/// A port: a capacitor in series with a transmission line.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Port {
    /// Capacitance of the capacitor.
    #[schemars(example = &"0.3 uF")]
    pub(crate) capacitance: Quantity,
    /// Impedance of the line.
    #[schemars(example = &"3 kOhm")]
    pub(crate) impedance: Quantity,
}

/// State at the start: `rest`, or values, where an omitted voltage is that of rest and an omitted gate is steady.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Initial {
    Word(InitialWord),
    Given(InitialValues),
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
    /// Voltage: that of rest by default.
    pub(crate) voltage: Option<Quantity>,
    /// Potassium activation, between 0 and 1: steady by default.
    pub(crate) n: Option<Quantity>,
    /// Sodium activation, between 0 and 1: steady by default.
    pub(crate) m: Option<Quantity>,
    /// Sodium inactivation, between 0 and 1: steady by default.
    pub(crate) h: Option<Quantity>,
}

/// Neurons by name: a population, `relay[3]`, `relay[0..3]` with both ends included, or a list of those.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Neurons {
    One(String),
    Many(Vec<String>),
}

/// What is kept besides the spikes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// Time between samples, a whole number of steps: 10 steps by default, or more where that would give above
    /// 10 000 samples.
    pub(crate) every: Option<Quantity>,
    /// Neurons recorded: the first 16 by default.
    pub(crate) of: Option<Neurons>,
    /// Quantities recorded; by default all that belong to the recorded neurons.
    pub(crate) quantities: Option<Vec<Kept>>,
}

/// Name of a recorded quantity.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Kept(pub(crate) String);

/// Name under which I-V loops are recorded, beside the names of [`Observable`].
pub(crate) const HYSTERESIS: &str = "hysteresis";

impl JsonSchema for Kept {
    fn schema_name() -> Cow<'static, str> {
        "Kept".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> =
            Observable::ALL.iter().map(|observable| observable.name()).chain([HYSTERESIS]).collect();
        json_schema!({
            "description": "A trace, or `hysteresis` for the I-V loops of the memristors.",
            "type": "string",
            "enum": names,
        })
    }
}
