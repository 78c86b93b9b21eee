//! Populations: neurons of one circuit, and what differs between them.

use qhh_core::circuit::{Circuit, Initial};
use qhh_core::name::Name;

use super::Network;
use super::observable::Observable;
use super::parameter::{Parameter, PortPlace, StartValue};
use super::random;
use super::stepping::TimeStepping;
use super::values::ParameterValues;

/// One parameter and its values, neuron by neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct Variation {
    /// What differs.
    pub parameter: Parameter,
    /// Its value for each neuron of the population.
    pub values: ParameterValues,
}

/// Neurons of one circuit.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Name.
    pub name: String,
    /// Number of neurons.
    pub count: usize,
    /// Their circuit, but for what is varied.
    pub circuit: Circuit,
    /// Names of the input ports, one for each of the circuit's.
    pub inputs: Vec<String>,
    /// State they start from, but for what is varied.
    pub initial: Initial,
    /// What differs from neuron to neuron.
    pub varied: Vec<Variation>,
}

impl Population {
    /// `count` equal neurons that start at rest. Their input ports are named `input`, `input2` and so on.
    pub fn new(name: &str, count: usize, circuit: Circuit) -> Self {
        let name_of = |k: usize| if k == 0 { "input".to_owned() } else { format!("input{}", k + 1) };
        let inputs = (0..circuit.inputs.len()).map(name_of).collect();
        Self { name: name.to_owned(), count, circuit, inputs, initial: Initial::Rest, varied: Vec::new() }
    }

    /// Name of a gate in files, by its place among the circuit's.
    pub fn gate_name(&self, gate: usize) -> &'static str {
        self.gate_of(gate).map_or("?", |(channel, gate)| Observable::Gate(channel, gate).name())
    }

    /// Names of channel and gate, by the gate's place among the circuit's.
    pub fn gate_of(&self, gate: usize) -> Option<(Name, Name)> {
        let (channel, of) = self.circuit.gates().nth(gate)?;
        Some((self.circuit.channels[channel].name, of.name))
    }

    /// Path of a parameter below the population's entry in the network file.
    pub fn path_of(&self, parameter: Parameter) -> String {
        let inputs = &self.inputs;
        let channel = |place: usize| self.circuit.channels.get(place).map_or("?", |channel| channel.name.text());
        let port = |place: PortPlace| match place {
            PortPlace::Output => "output".to_owned(),
            // One port may be written as `input` alone, and is then named so.
            PortPlace::Input(0) if inputs.len() == 1 && inputs[0] == "input" => "input".to_owned(),
            PortPlace::Input(k) => format!("inputs.{}", inputs.get(k).map_or("?", String::as_str)),
        };
        match parameter {
            Parameter::Capacitance => "membrane.capacitance".to_owned(),
            Parameter::Conductance(place) => format!("channels.{}.conductance", channel(place)),
            Parameter::Reversal(place) => format!("channels.{}.reversal", channel(place)),
            Parameter::PortCapacitance(place) => format!("{}.capacitance", port(place)),
            Parameter::PortImpedance(place) => format!("{}.impedance", port(place)),
            Parameter::Initial(StartValue::Voltage) => "initial.voltage".to_owned(),
            Parameter::Initial(StartValue::Gate(place)) => match self.gate_name(place) {
                own @ ("n" | "m" | "h") => format!("initial.{own}"),
                other => format!("initial.gates.{other}"),
            },
        }
    }

    /// Puts what differs in neuron `index` in its place, drawn by this seed.
    pub(crate) fn vary(&self, seed: u64, index: usize, circuit: &mut Circuit, initial: &mut Initial) {
        for Variation { parameter, values } in &self.varied {
            let mut random = match values {
                ParameterValues::Uniform { .. } | ParameterValues::Normal { .. } => {
                    random::stream(seed, &format!("neurons.{}.{}", self.name, self.path_of(*parameter)))
                }
                _ => random::stream(0, ""),
            };
            parameter.set(values.value(index, self.count, &mut random), circuit, initial);
        }
    }

    /// Voltage whose upward crossing is a spike of these neurons; none if they have no spikes.
    ///
    /// Neurons without batteries are driven, passive circuits that rest at 0: their voltage crosses 0 in every period of
    /// what drives them, so they have a threshold only if the run gives one. Ours.
    pub fn spike_threshold(&self, simulation: &TimeStepping) -> Option<f64> {
        simulation.spike_threshold.or(self.circuit.has_batteries().then_some(0.0))
    }
}

/// Finds the population of a neuron again and again.
#[derive(Debug, Clone)]
pub(crate) struct PopulationFinder {
    /// One beyond the last neuron of each population.
    ends: Vec<usize>,
}

impl PopulationFinder {
    pub(crate) fn new(network: &Network) -> Self {
        let mut end = 0;
        let ends = network.populations.iter().map(|population| {
            end += population.count;
            end
        });
        Self { ends: ends.collect() }
    }

    /// Place of its population in the order of the file; that of a neuron beyond the last is one beyond all.
    #[inline]
    pub(crate) fn of(&self, neuron: usize) -> usize {
        self.ends.partition_point(|end| *end <= neuron)
    }
}
