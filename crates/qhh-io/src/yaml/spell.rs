//! The resolved network as a document that gives the same network again: every default and every unit written out.

use std::collections::BTreeMap;

use num_complex::Complex64;
use qhh_core::channel::Channel;
use qhh_core::circuit::{BathRule, Initial};
use qhh_core::port::Port;
use qhh_core::quantum::{Parity, State};
use qhh_core::source::{Current, Envelope, ModeSource, Shape};
use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::Network;
use qhh_net::network::{Drive, Fluctuations, Method, Population, Source};
use serde_yaml::{Mapping, Value};

use super::resolve::samples::DataFile;
use super::resolve::{END, spell_neurons};
use super::schema::HYSTERESIS;

/// The document; data files are referred to by the names they are kept under.
pub(crate) fn document(network: &Network, files: &BTreeMap<String, DataFile>) -> Value {
    let speller = Speller { network, units: network.units };
    let mut top = Map::new();
    top.put("name", network.name.as_str());
    top.put("description", network.description.as_str());
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
            sources.put(&source.name, speller.source(source, files.get(&source.name)));
        }
        top.put("sources", sources);
    }
    top.put("record", speller.record());
    top.into()
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
}

impl Speller<'_> {
    /// A quantity with its unit; a bare number where there is none.
    fn quantity(&self, value: f64, dimension: Dimension) -> Value {
        if self.units.symbol(dimension).is_empty() {
            value.into()
        } else {
            self.units.display(value, dimension).into()
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
        map.put("spike_threshold", self.quantity(simulation.spike_threshold, Dimension::VOLTAGE));
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
        };
        map.put("fluctuations", fluctuations);
        Some(map)
    }

    fn population(&self, population: &Population) -> Map {
        let circuit = &population.circuit;
        let three = circuit.sodium().is_some();
        let mut map = Map::new();
        map.put("count", population.count as u64);
        map.put("circuit", if three { "three-channel" } else { "single-channel" });
        map.put("membrane", Map::of("capacitance", self.quantity(circuit.capacitance, Dimension::CAPACITANCE)));
        let mut channels = Map::of("potassium", self.channel(circuit.potassium()));
        for (key, channel) in [("sodium", circuit.sodium()), ("chloride", circuit.chloride())] {
            if let Some(channel) = channel {
                channels.put(key, self.channel(channel));
            }
        }
        map.put("channels", channels);
        map.put("initial", self.initial(population.initial));
        for (key, port) in [("output", circuit.output), ("input", circuit.inputs.iter().next())] {
            if let Some(port) = port {
                map.put(key, self.port(port));
            }
        }
        map
    }

    fn channel(&self, channel: Channel) -> Map {
        let mut map = Map::of("conductance", self.quantity(channel.conductance, Dimension::CONDUCTANCE));
        if let Some(reversal) = channel.reversal {
            map.put("reversal", self.quantity(reversal, Dimension::VOLTAGE));
        }
        map
    }

    fn port(&self, port: Port) -> Map {
        let mut map = Map::of("capacitance", self.quantity(port.capacitance, Dimension::CAPACITANCE));
        map.put("impedance", self.quantity(port.impedance, Dimension::IMPEDANCE));
        map
    }

    fn initial(&self, initial: Initial) -> Value {
        let Initial::Given { voltage, n, m, h } = initial else { return "rest".into() };
        let mut map = Map::new();
        if let Some(voltage) = voltage {
            map.put("voltage", self.quantity(voltage, Dimension::VOLTAGE));
        }
        for (key, gate) in [("n", n), ("m", m), ("h", h)] {
            if let Some(gate) = gate {
                map.put(key, gate);
            }
        }
        map.into()
    }

    fn source(&self, source: &Source, file: Option<&DataFile>) -> Map {
        let mut map = Map::of("into", self.neurons(&source.targets));
        match &source.drive {
            Drive::Current(current) => map.put("current", self.current(current, file)),
            Drive::Mode(mode) => {
                map.put("current", self.mode(mode));
                map.put("state", state(&mode.state));
            }
        }
        map
    }

    fn current(&self, current: &Current, file: Option<&DataFile>) -> Map {
        let ampere = |value| self.quantity(value, Dimension::CURRENT);
        let mut map = Map::new();
        match &current.shape {
            Shape::Constant { amplitude } => {
                map.put("shape", "constant");
                map.put("amplitude", ampere(*amplitude));
            }
            Shape::Sine { amplitude, omega, phase } => {
                map.put("shape", "sine");
                map.put("amplitude", ampere(*amplitude));
                map.put("frequency", self.quantity(*omega, Dimension::FREQUENCY));
                map.put("phase", *phase);
            }
            Shape::Ramp { from, to } => {
                map.put("shape", "ramp");
                map.put("from", ampere(*from));
                map.put("to", ampere(*to));
            }
            Shape::Noise { mean, deviation, interval, .. } => {
                map.put("shape", "noise");
                map.put("amplitude", ampere(*deviation));
                map.put("mean", ampere(*mean));
                map.put("interval", self.time(*interval));
            }
            Shape::Samples { .. } => {
                map.put("shape", "file");
                if let Some(file) = file {
                    map.put("path", file.name.as_str());
                    map.put("column", file.column.as_str());
                    map.put("time_column", file.time_column.as_str());
                }
            }
        }
        map.put("start", self.time(current.start));
        map.put("stop", self.time(current.stop));
        map
    }

    fn mode(&self, mode: &ModeSource) -> Map {
        let mut map = Map::of("shape", "mode");
        map.put("zero_point", self.quantity(mode.zero_point, Dimension::CURRENT));
        map.put("frequency", self.quantity(mode.omega, Dimension::FREQUENCY));
        map.put("start", self.time(mode.start));
        map.put("stop", self.time(mode.stop));
        if let Some(Envelope::Gaussian { centre, width }) = mode.envelope {
            let mut gaussian = Map::of("centre", self.time(centre));
            gaussian.put("width", self.time(width));
            map.put("envelope", Map::of("gaussian", gaussian));
        }
        map
    }

    fn neurons(&self, neurons: &[usize]) -> Value {
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
        map.put("of", self.neurons(&record.neurons));
        let names = record.observables.iter().map(|observable| observable.name());
        let names = names.chain(record.hysteresis.then_some(HYSTERESIS));
        map.put("quantities", names.map(Value::from).collect::<Vec<_>>());
        map
    }
}

fn state(state: &State) -> Value {
    match state {
        State::Vacuum => "vacuum".into(),
        State::Coherent(alpha) => Map::of("coherent", complex(Map::new(), *alpha)).into(),
        State::Squeezed { r, phase, displacement } => {
            let mut map = Map::of("r", *r);
            map.put("phase", *phase);
            map.put("displacement", complex(Map::new(), *displacement));
            Map::of("squeezed", map).into()
        }
        State::Thermal { photons } => Map::of("thermal", Map::of("photons", *photons)).into(),
        State::Fock { n } => Map::of("fock", Map::of("n", *n)).into(),
        State::Cat { amplitude, parity } => {
            let mut map = complex(Map::new(), *amplitude);
            let parity = match parity {
                Parity::Even => "even",
                Parity::Odd => "odd",
            };
            map.put("parity", parity);
            Map::of("cat", map).into()
        }
        State::Superposition(terms) => {
            let term = |(n, c): &(u32, Complex64)| Value::from(complex(Map::of("n", *n), *c));
            Map::of("superposition", terms.iter().map(term).collect::<Vec<_>>()).into()
        }
    }
}

/// Adds a complex number: modulus and argument where they give the very same number back, else its two parts.
fn complex(mut map: Map, z: Complex64) -> Map {
    let (modulus, argument) = z.to_polar();
    if Complex64::from_polar(modulus, argument) == z {
        map.put("amplitude", modulus);
        map.put("phase", argument);
    } else {
        map.put("real", z.re);
        map.put("imaginary", z.im);
    }
    map
}
