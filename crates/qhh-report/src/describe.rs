//! A network in plain words: what was simulated, from neurons to noise.

use std::f64::consts::TAU;

use qhh_core::circuit::{BathRule, Initial};
use qhh_core::gating::Origin;
use qhh_core::port::Port;
use qhh_core::units::Dimension;
use qhh_net::Network;
use qhh_net::network::{
    Feedback, Fluctuations, Method, Parameter, ParameterValues, Population, PortPlace, Precision, StartValue,
};

use super::figures::label;
use super::figures::traces::{in_words, listed};
use qhh_results::number::{counted, number, quantity};

mod sources;
mod waveguides;

/// Significant digits of settings: enough for those people type.
const DIGITS: usize = 7;
/// Most populations and sources told one by one.
const MOST_TOLD: usize = 12;

/// Topics of a network and what is to be said about each.
pub(crate) fn describe(network: &Network) -> Vec<(String, Vec<String>)> {
    let words = Words(network);
    let mut topics = vec![
        ("Neurons".to_owned(), told(&network.populations, |p| words.population(p), "population")),
        ("Sources".to_owned(), told(&network.sources, |s| words.source(s), "source")),
        ("Joint states".to_owned(), told(&network.states, |s| words.joint(s), "state")),
        ("Waveguides".to_owned(), told(&network.waveguides, |w| words.waveguides(w), "entry")),
        ("Solution".to_owned(), words.solution()),
        ("Fluctuations".to_owned(), words.fluctuations()),
        ("Output modes".to_owned(), told(&network.modes, |m| words.output_mode(m), "mode")),
        ("Recorded".to_owned(), vec![words.recorded()]),
    ];
    if network.sources.is_empty() {
        topics[1].1 = vec!["None: nothing is fed into any neuron.".to_owned()];
    }
    topics.retain(|(_, told)| !told.is_empty());
    topics
}

fn told<T>(items: &[T], tell: impl Fn(&T) -> String, noun: &str) -> Vec<String> {
    let mut lines: Vec<String> = items.iter().take(MOST_TOLD).map(tell).collect();
    let rest = items.len().saturating_sub(MOST_TOLD);
    if rest > 0 {
        lines.push(format!("… and {} more: see the resolved network below.", counted(rest, noun)));
    }
    lines
}

struct Words<'a>(&'a Network);

impl Words<'_> {
    fn value(&self, value: f64, dimension: Dimension) -> String {
        quantity(self.0.units, value, dimension, DIGITS)
    }

    /// An angular frequency with the cycles it means; bare in `raw`.
    fn frequency(&self, omega: f64) -> String {
        let angular = self.value(omega, Dimension::FREQUENCY);
        let cycles = number(omega / TAU, 4);
        match self.0.units.name() {
            "hodgkin-huxley" => format!("{angular} ({cycles}\u{a0}kHz)"),
            "si" => format!("{angular} ({cycles}\u{a0}Hz)"),
            _ => angular,
        }
    }

    /// Values of several in words: `36 mS to 40 mS (evenly spaced)`.
    fn spread(&self, spread: &ParameterValues, dimension: Dimension, noun: &str) -> String {
        let value = |x: f64| self.value(x, dimension);
        match *spread {
            ParameterValues::Same(x) => value(x),
            ParameterValues::Each(ref values) if values.len() == 1 => value(values[0]),
            ParameterValues::Each(_) => {
                let (low, high) = spread.range();
                format!("{} to {} (each {noun} its own)", value(low), value(high))
            }
            ParameterValues::Linear { from, to } => format!("{} to {} (evenly spaced)", value(from), value(to)),
            ParameterValues::Uniform { low, high } => format!("{} to {} (drawn evenly)", value(low), value(high)),
            ParameterValues::Normal { mean, deviation, .. } => {
                format!("{} ± {} (drawn normally)", value(mean), value(deviation))
            }
        }
    }

    /// A value of all neurons of a population, or theirs where they differ.
    fn parameter(&self, population: &Population, parameter: Parameter, base: f64) -> String {
        let dimension = parameter.dimension();
        match population.varied.iter().find(|variation| variation.parameter == parameter) {
            Some(variation) => self.spread(&variation.values, dimension, "neuron"),
            None => self.value(base, dimension),
        }
    }

    fn population(&self, population: &Population) -> String {
        let circuit = &population.circuit;
        let value = |parameter, base| self.parameter(population, parameter, base);
        let kind = match circuit.channels.len() {
            1 => "single-channel".to_owned(),
            3 => "three-channel".to_owned(),
            n => format!("{n}-channel"),
        };
        let channels: Vec<String> = circuit
            .channels
            .iter()
            .enumerate()
            .map(|(place, channel)| {
                let name = match channel.gating.origin() {
                    Origin::Library(library) => format!("{} ({library})", channel.name),
                    _ => channel.name.text().to_owned(),
                };
                let conductance = value(Parameter::Conductance(place), channel.conductance);
                match channel.reversal {
                    Some(e) => {
                        format!("{name} {conductance} reversing at {}", value(Parameter::Reversal(place), e))
                    }
                    None => format!("{name} {conductance}"),
                }
            })
            .collect();
        let reversals = if circuit.has_batteries() { "" } else { ", none with a reversal potential" };
        format!(
            "{}: {} of membrane capacitance {}; {} {}{reversals}; {}. {}",
            population.name,
            counted(population.count, &format!("{kind} neuron")),
            value(Parameter::Capacitance, circuit.capacitance),
            if channels.len() == 1 { "one channel," } else { "channels" },
            listed(&channels),
            self.ports(population),
            self.initial(population, if population.count == 1 { "It starts" } else { "They start" })
        )
    }

    fn ports(&self, population: &Population) -> String {
        let circuit = &population.circuit;
        let port = |name: &str, place, port: Port| {
            format!(
                "an {name} port ({}, {})",
                self.parameter(population, Parameter::PortCapacitance(place), port.capacitance),
                self.parameter(population, Parameter::PortImpedance(place), port.impedance)
            )
        };
        let mut ports: Vec<String> =
            circuit.output.iter().map(|p| port("output", PortPlace::Output, *p)).collect();
        for (k, (input, name)) in circuit.inputs.iter().zip(&population.inputs).enumerate() {
            let told = port("input", PortPlace::Input(k), input);
            ports.push(if name == "input" { told } else { format!("{told} named {name}") });
        }
        if ports.is_empty() { "no port".to_owned() } else { listed(&ports) }
    }

    fn initial(&self, population: &Population, they_start: &str) -> String {
        let Initial::Given { voltage, gates } = &population.initial else {
            return format!("{they_start} at rest.");
        };
        let value = |which, base| self.parameter(population, Parameter::Initial(which), base);
        let mut given: Vec<String> = Vec::new();
        given.extend(voltage.map(|v| value(StartValue::Voltage, v)));
        for (place, gate) in gates.iter().enumerate() {
            let named = |x| format!("{} = {}", population.gate_name(place), value(StartValue::Gate(place), x));
            given.extend(gate.map(named));
        }
        if given.is_empty() {
            format!("{they_start} at rest.")
        } else {
            format!("{they_start} from {}.", listed(&given))
        }
    }

    fn solution(&self) -> Vec<String> {
        let simulation = &self.0.simulation;
        let method = match simulation.method {
            Method::Langevin => "The circuit equations are solved step by step (method langevin)",
            Method::Adiabatic => {
                "At every instant the voltage is the stationary response to the drive (method adiabatic)"
            }
        };
        let baths = match simulation.baths {
            BathRule::Independent => {
                "each channel has a bath of its own, so that conductances add (baths independent)"
            }
            BathRule::SharedMode => {
                "the channels share one set of modes, the rule of the paper (baths shared-mode)"
            }
        };
        let mut told = vec![
            format!(
                "{method}, for {} in steps of {}; {baths}.",
                self.value(simulation.duration, Dimension::TIME),
                self.value(simulation.step, Dimension::TIME)
            ),
            format!(
                "{} Seed of the random streams: {}{}. Units: {}.",
                self.threshold(),
                simulation.seed,
                simulation.structure_seed.map_or_else(String::new, |seed| format!(", of the structure {seed}")),
                match self.0.units.name() {
                    "raw" => "bare numbers (raw)",
                    name => name,
                }
            ),
        ];
        if simulation.precision == Precision::F32 {
            told.push("The neurons are stepped in single precision.".to_owned());
        }
        told
    }

    /// What counts as a spike, and of whom.
    fn threshold(&self) -> String {
        let given = self.0.simulation.spike_threshold;
        let crossing =
            format!("A spike is an upward crossing of {}", self.value(given.unwrap_or(0.0), Dimension::VOLTAGE));
        let without =
            "Neurons without reversal potentials have no spikes unless `simulation.spike_threshold` is given";
        match (given, self.0.has_spikes(), self.0.populations.iter().all(|p| p.circuit.has_batteries())) {
            (Some(_), ..) | (None, true, true) => format!("{crossing}."),
            (None, true, false) => format!("{crossing}. {without}."),
            (None, false, _) => format!("{without}: none is counted here."),
        }
    }

    fn fluctuations(&self) -> Vec<String> {
        let Some(quantum) = self.0.quantum.filter(|q| q.fluctuations != Fluctuations::None) else {
            return vec!["None: the mean field alone.".to_owned()];
        };
        let how = match quantum.fluctuations {
            Fluctuations::Adiabatic => "from the conductances of the instant (fluctuations adiabatic)",
            Fluctuations::Heisenberg => "by field modes through the network (fluctuations heisenberg)",
            Fluctuations::Wigner => {
                &format!("from {} of the fields (fluctuations wigner)", counted(quantum.samples, "sample"))
            }
            Fluctuations::None => "not at all",
        };
        let temperature = if quantum.thermal_energy == 0.0 {
            "at zero temperature".to_owned()
        } else {
            format!("at a thermal energy kT of {}", self.value(quantum.thermal_energy, Dimension::ENERGY))
        };
        let mut told = vec![format!(
            "The variance of the voltage is computed {how}, with ħ = {}, {temperature}, and noise up to a cutoff of {}.",
            self.value(quantum.hbar, Dimension::ACTION),
            self.frequency(quantum.cutoff)
        )];
        for population in &self.0.populations {
            if let Some(energy) = population.circuit.sense_thermal_energy() {
                let energy = self.value(energy, Dimension::ENERGY);
                told.push(format!("The sense lines of {} are at kT = {energy}.", population.name));
            }
        }
        if quantum.fluctuations.in_tasks() {
            told.push(match quantum.feedback {
                Feedback::Mean => "Gates follow the mean voltage (feedback mean).".to_owned(),
                Feedback::Full => "Gates respond to the fluctuations (feedback full).".to_owned(),
            });
        }
        told
    }

    fn recorded(&self) -> String {
        let record = &self.0.record;
        let mut what: Vec<&str> = record.observables.iter().map(|&o| in_words(o)).collect();
        if record.hysteresis {
            what.push("I–V loops");
        }
        let whose = match record.neurons.as_slice() {
            [one] => label(self.0, *one),
            many => counted(many.len(), "neuron"),
        };
        if what.is_empty() {
            return "Spikes alone.".to_owned();
        }
        format!("Every {}, of {whose}: {}.", self.value(record.every, Dimension::TIME), listed(&what))
    }
}
