//! The resolved network as a document that gives the same network again: every default and every unit written out.

use std::collections::BTreeMap;

use qhh_core::channel::Channel;
use qhh_core::circuit::{BathRule, Initial, Papers};
use qhh_core::gating::{Formula, Law, Origin, Q10};
use qhh_core::name::Name;
use qhh_core::port::Port;
use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::network::{
    Feedback, Fluctuations, Method, Parameter, ParameterValues, Population, PortPlace, Precision, StartValue,
};
use qhh_net::{Network, Neurons};
use serde_yaml::{Mapping, Value};

use super::input::DataFile;
use super::resolve::{END, OFF, ONLY_INPUT, spell_neurons};
use super::schema::{COVARIANCE, HYSTERESIS, NOISE_BUDGET, SNAPSHOT};

mod source;
mod states;
mod waveguides;

/// Names of the papers' channels in their order, which a `circuit` goes with.
const PAPERS: [&str; 3] = ["potassium", "sodium", "chloride"];

/// The document; data files are referred to by the names they are kept under.
pub(crate) fn document(network: &Network, files: &BTreeMap<String, DataFile>) -> Value {
    let speller = Speller { network, units: network.units, files };
    let mut top = Map::new();
    top.put("name", network.name.as_str());
    top.put("description", network.description.as_str());
    if !network.caption.is_empty() {
        top.put("caption", network.caption.as_str());
    }
    top.put("units", network.units.name());
    top.put("simulation", speller.simulation());
    if let Some(quantum) = speller.quantum() {
        top.put("quantum", quantum);
    }
    let mut neurons = Map::new();
    for population in &network.populations {
        neurons.put(&population.name, speller.population(population));
    }
    top.put("neurons", neurons);
    if !network.sources.is_empty() {
        let mut sources = Map::new();
        for source in &network.sources {
            sources.put(&source.name, speller.source(source));
        }
        top.put("sources", sources);
    }
    if !network.states.is_empty() {
        let mut states = Map::new();
        for joint in &network.states {
            states.put(&joint.name, speller.joint(joint));
        }
        top.put("states", states);
    }
    if !network.modes.is_empty() {
        let mut modes = Map::new();
        for mode in &network.modes {
            modes.put(&mode.name, speller.output_mode(mode));
        }
        top.put("modes", modes);
    }
    if !network.waveguides.is_empty() {
        let mut waveguides = Map::new();
        for entry in &network.waveguides {
            waveguides.put(&entry.name, speller.waveguides(entry));
        }
        top.put("waveguides", waveguides);
    }
    top.put("record", speller.record());
    let mut document = top.into();
    without_signed_zeros(&mut document);
    document
}

/// The entry of each population by its name, values from data files written out.
pub(crate) fn populations(network: &Network) -> impl Iterator<Item = (&str, Value)> {
    let files = BTreeMap::new();
    network.populations.iter().map(move |population| {
        let speller = Speller { network, units: network.units, files: &files };
        let mut document = speller.population(population).into();
        without_signed_zeros(&mut document);
        (population.name.as_str(), document)
    })
}

/// Writes 0 for -0, which reads back as 0 and would make another text of equal settings.
fn without_signed_zeros(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_f64() == Some(0.0) => *value = 0.into(),
        Value::Sequence(list) => list.iter_mut().for_each(without_signed_zeros),
        Value::Mapping(map) => map.values_mut().for_each(without_signed_zeros),
        _ => {}
    }
}

/// A map that is filled in order.
struct Map(Mapping);

impl Map {
    fn new() -> Self {
        Self(Mapping::new())
    }

    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.into(), value.into());
    }

    /// A map of one entry.
    fn of(key: &str, value: impl Into<Value>) -> Self {
        let mut map = Self::new();
        map.put(key, value);
        map
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Mapping(map.0)
    }
}

struct Speller<'a> {
    network: &'a Network,
    units: UnitSystem,
    files: &'a BTreeMap<String, DataFile>,
}

/// How a channel's gates move, where its name does not say it.
fn gating(channel: &Channel, map: &mut Map) {
    let gating = &channel.gating;
    let by_name = match gating.origin() {
        Origin::Potassium => Some("potassium"),
        Origin::Sodium => Some("sodium"),
        Origin::Leak if channel.name == Name::CHLORIDE => Some("chloride"),
        Origin::Leak => Some("leak"),
        Origin::Library(name) => Some(name),
        Origin::Custom => None,
    };
    if let Some(name) = by_name.filter(|name| *name != channel.name.text()) {
        map.put("gating", name);
    }
    if gating.origin() == Origin::Custom {
        let mut gates = Map::new();
        for gate in gating.gates() {
            let mut of = Map::of("power", u64::from(gate.power));
            let mut put = |key: &str, formula: &Formula| match formula.text().parse::<f64>() {
                Ok(value) => of.put(key, value),
                Err(_) => of.put(key, formula.text()),
            };
            match &gate.law {
                Law::Rates { opening, closing } => {
                    put("opening", opening);
                    put("closing", closing);
                }
                Law::Relaxing { steady, time_constant } => {
                    put("steady", steady);
                    put("time_constant", time_constant);
                }
                Law::Instant { steady } => {
                    put("steady", steady);
                    of.put("time_constant", 0.0);
                }
                Law::HodgkinHuxley(_) => {}
            }
            if let Some(Q10 { factor, at }) = gate.q10 {
                let mut q10 = Map::of("factor", factor);
                q10.put("at", at);
                of.put("q10", q10);
            }
            gates.put(gate.name.text(), of);
        }
        map.put("gates", gates);
    }
    if !gating.parameters().is_empty() {
        let mut parameters = Map::new();
        gating.parameters().iter().for_each(|(name, value)| parameters.put(name, *value));
        map.put("parameters", parameters);
    }
}

/// Refers to a data file by the name it is kept under.
fn refer(map: &mut Map, file: &DataFile) {
    map.put("path", file.name.as_str());
    for (key, value) in &file.beside {
        map.put(key, value.as_str());
    }
}

impl Speller<'_> {
    /// A quantity with its unit; a bare number where there is none.
    fn quantity(&self, value: f64, dimension: Dimension) -> Value {
        if self.units.symbol(dimension).is_empty() {
            value.into()
        } else {
            // -0 becomes 0.
            self.units.display(value + 0.0, dimension).into()
        }
    }

    /// A number of events per time.
    fn rate(&self, value: f64) -> Value {
        if self.units == UnitSystem::Raw { value.into() } else { self.units.display_rate(value).into() }
    }

    /// A value for each of several, as the rule or list it is; `entry` names it among the data files.
    fn spread(&self, spread: &ParameterValues, dimension: Dimension, entry: &str) -> Value {
        let quantity = |value| self.quantity(value, dimension);
        if let Some(file) = self.files.get(entry) {
            let mut map = Map::new();
            refer(&mut map, file);
            return Map::of("file", map).into();
        }
        match *spread {
            ParameterValues::Same(value) => quantity(value),
            ParameterValues::Each(ref values) => values.iter().copied().map(quantity).collect::<Vec<_>>().into(),
            ParameterValues::Linear { from, to } => Map::of("linear", vec![quantity(from), quantity(to)]).into(),
            ParameterValues::Uniform { low, high } => {
                Map::of("uniform", vec![quantity(low), quantity(high)]).into()
            }
            ParameterValues::Normal { mean, deviation, low, high } => {
                let mut map = Map::of("mean", quantity(mean));
                map.put("deviation", quantity(deviation));
                for (key, bound) in [("low", low), ("high", high)] {
                    if bound.is_finite() {
                        map.put(key, quantity(bound));
                    }
                }
                Map::of("normal", map).into()
            }
        }
    }

    fn time(&self, value: f64) -> Value {
        if value == f64::INFINITY { END.into() } else { self.quantity(value, Dimension::TIME) }
    }

    fn simulation(&self) -> Map {
        let simulation = &self.network.simulation;
        let mut map = Map::new();
        map.put("duration", self.time(simulation.duration));
        map.put("step", self.time(simulation.step));
        let method = match simulation.method {
            Method::Langevin => "langevin",
            Method::Adiabatic => "adiabatic",
        };
        map.put("method", method);
        let baths = match simulation.baths {
            BathRule::Independent => "independent",
            BathRule::SharedMode => "shared-mode",
        };
        map.put("baths", baths);
        map.put("seed", simulation.seed);
        if let Some(seed) = simulation.structure_seed {
            map.put("structure_seed", seed);
        }
        // Without it the default depends on the population, which no one value says.
        if let Some(threshold) = simulation.spike_threshold {
            map.put("spike_threshold", self.quantity(threshold, Dimension::VOLTAGE));
        }
        let precision = match simulation.precision {
            Precision::F64 => "f64",
            Precision::F32 => "f32",
        };
        map.put("precision", precision);
        let sleep =
            if simulation.sleep == 0.0 { OFF.into() } else { self.quantity(simulation.sleep, Dimension::VOLTAGE) };
        map.put("sleep", sleep);
        map
    }

    fn quantum(&self) -> Option<Map> {
        let quantum = self.network.quantum?;
        let mut map = Map::new();
        map.put("hbar", self.quantity(quantum.hbar, Dimension::ACTION));
        map.put("temperature", self.quantity(quantum.thermal_energy, Dimension::ENERGY));
        map.put("cutoff", self.quantity(quantum.cutoff, Dimension::FREQUENCY));
        let fluctuations = match quantum.fluctuations {
            Fluctuations::None => "none",
            Fluctuations::Adiabatic => "adiabatic",
            Fluctuations::Heisenberg => "heisenberg",
            Fluctuations::Wigner => "wigner",
        };
        map.put("fluctuations", fluctuations);
        match quantum.modes {
            Some(modes) => map.put("modes", modes as u64),
            None => map.put("modes", "auto"),
        }
        map.put("samples", quantum.samples as u64);
        match quantum.feedback {
            Feedback::Mean => map.put("feedback", "mean"),
            // The adiabatic variance has no gates that respond.
            Feedback::Full if quantum.fluctuations == Fluctuations::Adiabatic => {}
            Feedback::Full => map.put("feedback", "full"),
        }
        Some(map)
    }

    fn population(&self, population: &Population) -> Map {
        let circuit = &population.circuit;
        let value = |parameter, base| self.parameter(population, parameter, base);
        let mut map = Map::new();
        map.put("count", population.count as u64);
        // Under other names the channels say it all.
        let named = circuit.channels.iter().zip(PAPERS).all(|(channel, name)| channel.name.text() == name);
        match circuit.papers().filter(|_| named) {
            Some(Papers::Three) => map.put("circuit", "three-channel"),
            Some(Papers::Single) => map.put("circuit", "single-channel"),
            None => {}
        }
        let temperature = circuit.channels.iter().find_map(|channel| channel.gating.temperature());
        if let Some(temperature) = temperature {
            map.put("temperature", temperature);
        }
        map.put("membrane", Map::of("capacitance", value(Parameter::Capacitance, circuit.capacitance)));
        let mut channels = Map::new();
        for (place, channel) in circuit.channels.iter().enumerate() {
            let mut map = Map::of("conductance", value(Parameter::Conductance(place), channel.conductance));
            if let Some(reversal) = channel.reversal {
                map.put("reversal", value(Parameter::Reversal(place), reversal));
            }
            gating(channel, &mut map);
            channels.put(channel.name.text(), map);
        }
        map.put("channels", channels);
        map.put("initial", self.initial(population));
        let port = |place, port: Port| {
            let mut map = Map::of("capacitance", value(Parameter::PortCapacitance(place), port.capacitance));
            map.put("impedance", value(Parameter::PortImpedance(place), port.impedance));
            map
        };
        if let Some(output) = circuit.output {
            map.put("output", port(PortPlace::Output, output));
        }
        let mut inputs = Map::new();
        for (place, (name, input)) in population.inputs.iter().zip(circuit.inputs.iter()).enumerate() {
            inputs.put(name, port(PortPlace::Input(place), input));
        }
        match population.inputs.as_slice() {
            [] => {}
            [only] if only == ONLY_INPUT => inputs.0.into_iter().for_each(|(_, port)| map.put(ONLY_INPUT, port)),
            _ => map.put("inputs", inputs),
        }
        if let Some(sense) = circuit.sense {
            let mut of = Map::of("impedance", self.quantity(sense.impedance, Dimension::IMPEDANCE));
            of.put("response_time", self.quantity(sense.response_time, Dimension::TIME));
            if let Some(reference) = sense.reference {
                of.put("reference", self.quantity(reference, Dimension::VOLTAGE));
            }
            if let Some(energy) = sense.thermal_energy {
                of.put("temperature", self.quantity(energy, Dimension::ENERGY));
            }
            map.put("sense", of);
        }
        map
    }

    /// A value of all neurons, or its rule where it is varied.
    fn parameter(&self, population: &Population, parameter: Parameter, base: f64) -> Value {
        let dimension = parameter.dimension();
        match population.varied.iter().find(|variation| variation.parameter == parameter) {
            Some(variation) => {
                let entry = format!("neurons.{}.{}", population.name, population.path_of(parameter));
                self.spread(&variation.values, dimension, &entry)
            }
            None => self.quantity(base, dimension),
        }
    }

    fn initial(&self, population: &Population) -> Value {
        let Initial::Given { voltage, gates } = &population.initial else { return "rest".into() };
        let mut map = Map::new();
        if let Some(base) = *voltage {
            map.put("voltage", self.parameter(population, Parameter::Initial(StartValue::Voltage), base));
        }
        let mut others: Vec<(&str, &str, Value)> = Vec::new();
        for (place, gate) in gates.iter().enumerate() {
            if let Some(base) = *gate {
                let value = self.parameter(population, Parameter::Initial(StartValue::Gate(place)), base);
                match (population.gate_name(place), population.gate_of(place)) {
                    (name @ ("n" | "m" | "h"), _) => map.put(name, value),
                    (_, Some((channel, gate))) => others.push((channel.text(), gate.text(), value)),
                    _ => {}
                }
            }
        }
        let mut gates = Map::new();
        for channel in population.circuit.channels.iter().map(|channel| channel.name.text()) {
            let own = others.iter().filter(|(of, ..)| *of == channel);
            let mut of_channel = Map::new();
            own.for_each(|(_, gate, value)| of_channel.put(gate, value.clone()));
            if !of_channel.0.is_empty() {
                gates.put(channel, of_channel);
            }
        }
        if !gates.0.is_empty() {
            map.put("gates", gates);
        }
        map.into()
    }

    fn neurons(&self, neurons: &Neurons) -> Value {
        let mut names = spell_neurons(self.network, neurons);
        if names.len() == 1 {
            names.remove(0).into()
        } else {
            Value::Sequence(names.into_iter().map(Value::from).collect())
        }
    }

    fn record(&self) -> Map {
        let record = &self.network.record;
        let mut map = Map::of("every", self.time(record.every));
        map.put("of", self.neurons(&record.neurons.iter().copied().collect()));
        let names = record.observables.iter().map(|observable| observable.name());
        let names = names.chain(record.hysteresis.then_some(HYSTERESIS));
        let names = names.chain(record.noise_budget.then_some(NOISE_BUDGET));
        let names = names.chain(record.covariance.then_some(COVARIANCE));
        let names = names.chain(record.snapshot.then_some(SNAPSHOT));
        map.put("quantities", names.map(Value::from).collect::<Vec<_>>());
        if record.trajectories > 0 {
            map.put("trajectories", record.trajectories as u64);
        }
        if !record.budget_of.is_empty() {
            let names = record.budget_of.iter().map(|figure| Value::from(self.network.figure_name(*figure)));
            map.put("budget_of", names.collect::<Vec<_>>());
        }
        map
    }
}
