//! A network in plain words: what was simulated, from neurons to noise.

use std::f64::consts::{PI, TAU};

use num_complex::Complex64;
use qhh_core::circuit::{BathRule, Channels, Initial};
use qhh_core::quantum::State;
use qhh_core::quantum::state::Parity;
use qhh_core::source::mode::Envelope;
use qhh_core::source::{Current, ModeSource, Shape};
use qhh_core::units::Dimension;
use qhh_net::Network;
use qhh_net::network::{Drive, Fluctuations, Method, Population, Source};

use super::figures::label;
use super::figures::traces::{in_words, listed};
use super::number::{count, counted, number, quantity};

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
        ("Solution".to_owned(), words.solution()),
        ("Fluctuations".to_owned(), words.fluctuations()),
        ("Recorded".to_owned(), vec![words.recorded()]),
    ];
    if network.sources.is_empty() {
        topics[1].1 = vec!["None: nothing is fed into any neuron.".to_owned()];
    }
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

    fn population(&self, population: &Population) -> String {
        let circuit = &population.circuit;
        let kind = match circuit.channels {
            Channels::Three { .. } => "three-channel",
            Channels::Single { .. } => "single-channel",
        };
        let channels = [
            ("potassium", Some(circuit.potassium())),
            ("sodium", circuit.sodium()),
            ("chloride", circuit.chloride()),
        ];
        let channels: Vec<String> = channels
            .into_iter()
            .filter_map(|(name, channel)| channel.map(|channel| (name, channel)))
            .map(|(name, channel)| {
                let conductance = self.value(channel.conductance, Dimension::CONDUCTANCE);
                match channel.reversal {
                    Some(e) => {
                        format!("{name} {conductance} with a battery of {}", self.value(e, Dimension::VOLTAGE))
                    }
                    None => format!("{name} {conductance}"),
                }
            })
            .collect();
        let batteries = if circuit.has_batteries() { "" } else { ", none with a battery" };
        let ports: Vec<String> = [("output", circuit.output), ("input", circuit.inputs.iter().next())]
            .into_iter()
            .filter_map(|(name, port)| {
                let port = port?;
                Some(format!(
                    "an {name} port ({}, {})",
                    self.value(port.capacitance, Dimension::CAPACITANCE),
                    self.value(port.impedance, Dimension::IMPEDANCE)
                ))
            })
            .collect();
        let ports = if ports.is_empty() { "no port".to_owned() } else { listed(&ports) };
        format!(
            "{}: {} of membrane capacitance {}; {} {}{batteries}; {ports}. {}",
            population.name,
            counted(population.count, &format!("{kind} neuron")),
            self.value(circuit.capacitance, Dimension::CAPACITANCE),
            if channels.len() == 1 { "one channel," } else { "channels" },
            listed(&channels),
            self.initial(population.initial, if population.count == 1 { "It starts" } else { "They start" })
        )
    }

    fn initial(&self, initial: Initial, they_start: &str) -> String {
        match initial {
            Initial::Rest => format!("{they_start} at rest."),
            Initial::Given { voltage, n, m, h } => {
                let mut given: Vec<String> = Vec::new();
                given.extend(voltage.map(|v| self.value(v, Dimension::VOLTAGE)));
                for (name, gate) in [("n", n), ("m", m), ("h", h)] {
                    given.extend(gate.map(|x| format!("{name} = {}", number(x, DIGITS))));
                }
                if given.is_empty() {
                    format!("{they_start} at rest.")
                } else {
                    format!("{they_start} from {}.", listed(&given))
                }
            }
        }
    }

    fn source(&self, source: &Source) -> String {
        let fed = match source.targets.as_slice() {
            [] => "no neuron".to_owned(),
            [one] => label(self.0, *one),
            many if many.len() <= 4 => {
                listed(&many.iter().map(|&neuron| label(self.0, neuron)).collect::<Vec<_>>())
            }
            many => format!(
                "{} neurons, from {} to {}",
                count(many.len()),
                label(self.0, many[0]),
                label(self.0, many[many.len() - 1])
            ),
        };
        let drive = match &source.drive {
            Drive::Current(current) => self.current(current),
            Drive::Mode(mode) => self.mode(mode),
        };
        format!("{} feeds {fed}: {drive}.", source.name)
    }

    fn current(&self, current: &Current) -> String {
        let ampere = |value: f64| self.value(value, Dimension::CURRENT);
        let (start, stop) = (current.start, current.stop);
        let shape = match &current.shape {
            Shape::Constant { amplitude } if stop < self.0.simulation.duration => {
                format!("a current pulse of {}", ampere(*amplitude))
            }
            Shape::Constant { amplitude } => format!("a constant current of {}", ampere(*amplitude)),
            Shape::Sine { amplitude, omega, phase } => {
                let phase = match *phase {
                    0.0 => String::new(),
                    phase => format!(" and phase {}", angle(phase)),
                };
                format!("a sine current of amplitude {} at {}{phase}", ampere(*amplitude), self.frequency(*omega))
            }
            Shape::Ramp { from, to } => format!("a current rising from {} to {}", ampere(*from), ampere(*to)),
            Shape::Noise { mean, deviation, interval, .. } => format!(
                "a noise current of mean {} and standard deviation {}, drawn anew every {}",
                ampere(*mean),
                ampere(*deviation),
                self.value(*interval, Dimension::TIME)
            ),
            Shape::Samples { points } => format!("a current through {}", counted(points.len(), "given sample")),
        };
        shape + &self.span(start, stop)
    }

    fn span(&self, start: f64, stop: f64) -> String {
        let time = |t: f64| self.value(t, Dimension::TIME);
        match (start <= 0.0, stop >= self.0.simulation.duration) {
            (true, true) => ", throughout".to_owned(),
            (true, false) => format!(", until {}", time(stop)),
            (false, true) => format!(", from {} to the end", time(start)),
            (false, false) => format!(", from {} to {}", time(start), time(stop)),
        }
    }

    fn mode(&self, mode: &ModeSource) -> String {
        let envelope = match mode.envelope {
            None => String::new(),
            Some(Envelope::Gaussian { centre, width }) => format!(
                " under a gaussian envelope around {} of width {}",
                self.value(centre, Dimension::TIME),
                self.value(width, Dimension::TIME)
            ),
        };
        let photons = mode.state.moments().photons();
        format!(
            "a quantum current carried by one mode at {}, of zero-point current {}{envelope}, in {} (on average {} \
             photons){}",
            self.frequency(mode.omega),
            self.value(mode.zero_point, Dimension::CURRENT),
            state(&mode.state),
            number(photons, 4),
            self.span(mode.start, mode.stop)
        )
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
        vec![
            format!(
                "{method}, for {} in steps of {}; {baths}.",
                self.value(simulation.duration, Dimension::TIME),
                self.value(simulation.step, Dimension::TIME)
            ),
            format!(
                "A spike is an upward crossing of {}. Seed of the random streams: {}. Units: {}.",
                self.value(simulation.spike_threshold, Dimension::VOLTAGE),
                simulation.seed,
                match self.0.units.name() {
                    "raw" => "bare numbers (raw)",
                    name => name,
                }
            ),
        ]
    }

    fn fluctuations(&self) -> Vec<String> {
        let Some(quantum) = self.0.quantum.filter(|q| q.fluctuations != Fluctuations::None) else {
            return vec!["None: the mean field alone.".to_owned()];
        };
        let how = match quantum.fluctuations {
            Fluctuations::Adiabatic => "from the conductances of the instant (fluctuations adiabatic)",
            Fluctuations::None => "not at all",
        };
        let temperature = if quantum.thermal_energy == 0.0 {
            "at zero temperature".to_owned()
        } else {
            format!("at a thermal energy kT of {}", self.value(quantum.thermal_energy, Dimension::ENERGY))
        };
        vec![format!(
            "The variance of the voltage is computed {how}, with ħ = {}, {temperature}, and noise up to a cutoff of {}.",
            self.value(quantum.hbar, Dimension::ACTION),
            self.frequency(quantum.cutoff)
        )]
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

/// A state of a mode in words.
fn state(state: &State) -> String {
    match state {
        State::Vacuum => "vacuum".to_owned(),
        State::Coherent(alpha) => format!("a coherent state of {}", amplitude(*alpha)),
        State::Squeezed { r, phase, displacement } => {
            let displaced = if displacement.norm() == 0.0 {
                String::new()
            } else {
                format!(", displaced by {}", amplitude(*displacement))
            };
            format!("a squeezed state of r = {} and phase {}{displaced}", number(*r, DIGITS), angle(*phase))
        }
        State::Thermal { .. } => "a thermal state".to_owned(),
        State::Fock { n } => format!("the number state of {}", counted(*n as usize, "photon")),
        State::Cat { amplitude: alpha, parity } => {
            let parity = match parity {
                Parity::Even => "even",
                Parity::Odd => "odd",
            };
            format!("an {parity} cat state of {}", amplitude(*alpha))
        }
        State::Superposition(terms) => {
            let numbers: Vec<String> = terms.iter().map(|(n, _)| n.to_string()).collect();
            format!("a superposition of the number states {}", listed(&numbers))
        }
    }
}

fn amplitude(alpha: Complex64) -> String {
    let size = number(alpha.norm(), 5);
    if alpha.im == 0.0 && alpha.re >= 0.0 {
        format!("amplitude {size}")
    } else {
        format!("amplitude {size} at phase {}", angle(alpha.arg()))
    }
}

/// An angle in radians, as a share of pi where it is a simple one.
fn angle(radians: f64) -> String {
    let simple = [(1.0, "π"), (0.5, "π/2"), (0.25, "π/4"), (1.0 / 3.0, "π/3"), (2.0, "2π")];
    let found = simple.iter().find(|(share, _)| (radians.abs() - share * PI).abs() < 1e-9);
    match found {
        Some((_, text)) => format!("{}{text}", if radians < 0.0 { "−" } else { "" }),
        None => format!("{}\u{a0}rad", number(radians, 5)),
    }
}
