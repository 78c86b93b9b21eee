//! What was typed: the network file as structs, before units and defaults. The doc comments are the descriptions of
//! the published schema, so they speak to whoever writes a network file.
//!
//! Nothing here knows a default or a unit; [`super::resolve`] does.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::LazyLock;

use qhh_net::MOST_SAMPLES;
use qhh_net::network::Observable;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

pub(crate) mod experiment;
pub(crate) mod population;
pub(crate) mod source;
pub(crate) mod spread;
pub(crate) mod states;
pub(crate) mod waveguides;

use experiment::Experiment;
use population::Population;
use source::Source;
use states::{Joint, Mode};
use waveguides::Waveguides;

/// [`schema`], made once.
pub(crate) static SCHEMA: LazyLock<serde_json::Value> = LazyLock::new(schema);

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
pub(crate) struct Named<T>(pub(crate) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Named<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Named<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Named(entries))
    }
}

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
    /// What is to be seen on the page of its run, in one sentence; it stands under the title.
    #[schemars(example = &"The spike crosses five waveguides and arrives 9 ms later.")]
    caption: Option<String>,
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
    /// States that several sources are in together, by name.
    states: Option<Named<Joint>>,
    /// Modes of outgoing waves whose states are computed, by name.
    modes: Option<Named<Mode>>,
    /// Waveguides between neurons by name: each entry joins many.
    waveguides: Option<Named<Waveguides>>,
    /// What is kept besides the spikes.
    record: Option<Record>,
    /// Many runs of the network, for `qhh sweep`.
    experiment: Option<Experiment>,
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
    /// Seed of the structure alone, which are patterns, values that differ between neurons or waveguides, and amplitudes
    /// that differ between the neurons a source feeds: `seed` by default. Given, another `seed` draws other noise, random
    /// spikes and samples in the same network.
    pub(crate) structure_seed: Option<u64>,
    /// Voltage whose upward crossing is a spike: 0 mV by default, in neurons with reversal potentials; others have no
    /// spikes unless it is given.
    pub(crate) spike_threshold: Option<Quantity>,
    /// Numbers the neurons are stepped in: f64 by default.
    pub(crate) precision: Option<Precision>,
    /// Distance from rest, a voltage, below which a neuron that nothing arrives at is not stepped: 1e-6 mV by default
    /// (1e-6 in raw units); `off` for never.
    #[schemars(example = &"1e-6 mV")]
    pub(crate) sleep: Option<Quantity>,
}

/// Numbers the neurons are stepped in.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Precision {
    /// Double (default).
    F64,
    /// Single: about twice as fast, with spike times a little off.
    F32,
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
    /// Frequencies of every line with `fluctuations: heisenberg`: `auto` by default.
    pub(crate) modes: Option<Modes>,
    /// Number of samples with `fluctuations: wigner`: 1000 by default.
    #[schemars(range(max = MOST_SAMPLES))]
    pub(crate) samples: Option<u32>,
    /// What the gates do about fluctuations with `fluctuations: heisenberg` and `wigner`: `full` by default.
    pub(crate) feedback: Option<Feedback>,
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
    /// By field modes through the whole network.
    Heisenberg,
    /// By samples of the fields (truncated Wigner).
    Wigner,
}

/// What the gates do about fluctuations of the voltage.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Feedback {
    /// Nothing: they follow the mean voltage, as in the papers.
    Mean,
    /// They respond (default): to first order beside field modes; in samples each follows its own voltage, and noise can make and
    /// erase spikes.
    Full,
    /// Another name of `full`, for samples.
    Sample,
}

/// Number of frequencies of every line.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Modes {
    Auto(ModesWord),
    Given(u32),
}

/// A word for a number of frequencies.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ModesWord {
    /// As many as bring the variance, conductances held, to within a millionth.
    Auto,
}

/// Neurons by name: a population, `relay.3`, `relay.0..3` with both ends included, or a list of those; `relay[3]` and
/// `relay[0..3]`, in quotes, mean the same.
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
    /// Samples that are kept whole, the first ones: the voltages of the recorded neurons, and the records of those where gates
    /// measure them. Takes `fluctuations: wigner`; none by default.
    #[schemars(example = &100)]
    pub(crate) trajectories: Option<u32>,
    /// Numbers of the run whose variance is split over every noise line of every neuron that reaches them, each by one run
    /// backwards: a voltage at a time, or the time of a spike, from 0 on. Takes `quantum`; none by default.
    pub(crate) budget_of: Option<Vec<FigureName>>,
}

/// A number of a run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct FigureName(pub(crate) String);

impl JsonSchema for FigureName {
    fn schema_name() -> Cow<'static, str> {
        "FigureName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of a run: `relay.7.voltage at 12 ms`, or `relay.7.spikes.0`, the time of the first spike.",
            "type": "string",
            "examples": ["relay.7.voltage at 12 ms", "relay.7.spikes.0"],
        })
    }
}

/// Name of a recorded quantity.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Kept(pub(crate) String);

/// Name under which I-V loops are recorded, beside the names of [`Observable`].
pub(crate) const HYSTERESIS: &str = "hysteresis";
/// Name under which the variance is recorded by where its noise comes from.
pub(crate) const NOISE_BUDGET: &str = "noise_budget";
/// Name under which the covariances of all pairs of recorded voltages and waves are kept.
pub(crate) const COVARIANCE: &str = "covariance";

/// Name under which the state of every neuron at the end is kept.
pub(crate) const SNAPSHOT: &str = "snapshot";

impl JsonSchema for Kept {
    fn schema_name() -> Cow<'static, str> {
        "Kept".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Observable::ALL
            .iter()
            .map(|observable| observable.name())
            .chain([HYSTERESIS, NOISE_BUDGET, COVARIANCE, SNAPSHOT])
            .collect();
        json_schema!({
            "description": "A trace; `hysteresis` for the I-V loops of the memristors; `noise_budget` for the variance by where its noise comes from; `covariance` for those of all pairs of recorded voltages and waves; `snapshot` for the state of every neuron at the end. Of other channels than the papers': `g_NAME`, `i_NAME` and `NAME.GATE`.",
            "anyOf": [
                { "type": "string", "enum": names },
                { "type": "string", "pattern": "^(g_.+|i_.+|[^.]+[.][^.]+)$" },
            ],
        })
    }
}
