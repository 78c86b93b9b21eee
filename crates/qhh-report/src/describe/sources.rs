//! Sources in plain words.

use std::f64::consts::PI;

use num_complex::Complex64;
use qhh_core::quantum::State;
use qhh_core::source::mode::Envelope;
use qhh_core::source::{Current, Draws, ModeSource, Packet, Pulse, PulseTimes, Shape, Train};
use qhh_core::state::Parity;
use qhh_core::units::Dimension;
use qhh_net::network::{Drive, JointState, OutputEnvelope, OutputMode, PacketSource, Source};

use super::{DIGITS, Words};
use crate::figures::label;
use crate::figures::traces::listed;
use qhh_results::number::{count, counted, number};

impl Words<'_> {
    pub(super) fn source(&self, source: &Source) -> String {
        let fed = match source.targets.len() {
            0 => "no neuron".to_owned(),
            1 => label(self.0, source.targets.at(0)),
            2..=4 => listed(&source.targets.iter().map(|neuron| label(self.0, neuron)).collect::<Vec<_>>()),
            many => format!(
                "{} neurons, from {} to {}",
                count(many),
                label(self.0, source.targets.at(0)),
                label(self.0, source.targets.at(many - 1))
            ),
        };
        let drive = match &source.drive {
            Drive::Current(current) => self.current(current, source),
            Drive::Mode(mode) => self.mode(mode, source),
            Drive::Packet(packet) => self.packet(packet, source),
        };
        format!("{} feeds {fed}: {drive}.", source.name)
    }

    fn packet(&self, packet: &PacketSource, source: &Source) -> String {
        format!(
            "a wavepacket at its input port, {}, {}",
            self.envelope(&packet.packet),
            self.in_state(&packet.state, source)
        )
    }

    fn envelope(&self, packet: &Packet) -> String {
        format!(
            "of carrier {}, centred at {} and {} wide",
            self.frequency(packet.carrier),
            self.value(packet.centre, Dimension::TIME),
            self.value(packet.width, Dimension::TIME)
        )
    }

    /// `in vacuum (on average 0 photons)`, or the joint state it is part of.
    fn in_state(&self, own: &State, source: &Source) -> String {
        let sources = &self.0.sources;
        let part = |joint: &&JointState| {
            joint.sources.iter().any(|&k| sources.get(k).is_some_and(|s| s.name == source.name))
        };
        match self.0.states.iter().find(part) {
            None => format!("in {} (on average {} photons)", state(own), number(own.moments().photons(), 4)),
            Some(joint) if own.moments().mean.norm() == 0.0 => format!("in the joint state {}", joint.name),
            Some(joint) => {
                format!("in the joint state {}, displaced by {}", joint.name, amplitude(own.moments().mean))
            }
        }
    }

    /// A state of several sources, and how entangled they are.
    pub(super) fn joint(&self, joint: &JointState) -> String {
        let names: Vec<&str> =
            joint.sources.iter().filter_map(|&k| Some(self.0.sources.get(k)?.name.as_str())).collect();
        let photons: Vec<String> = (0..names.len())
            .map(|k| joint.state.photons(k).map_or_else(|_| "–".to_owned(), |n| number(n, 4)))
            .collect();
        let entangled: Vec<String> = (0..names.len())
            .filter(|&k| names.len() > 2 || k == 0)
            .filter_map(|k| {
                let value = number(joint.state.log_negativity(&[k]).ok()?, 4);
                let with = if names.len() > 2 { "all others" } else { names[1] };
                Some(format!("{} with {with} {value}", names[k]))
            })
            .collect();
        let mut told = format!(
            "{}: a joint Gaussian state of the modes of {}, on average {} photons",
            joint.name,
            listed(&names),
            listed(&photons)
        );
        if !entangled.is_empty() {
            told = format!("{told}; logarithmic negativity of {}\u{a0}nats", listed(&entangled));
        }
        told + "."
    }

    /// Where an output mode leaves, and its envelope.
    pub(super) fn output_mode(&self, mode: &OutputMode) -> String {
        let whose = label(self.0, mode.neuron);
        let what = match &mode.envelope {
            OutputEnvelope::Packet(packet) => self.envelope(packet),
            OutputEnvelope::Dominant(search) => format!(
                "the {} with most quanta on a carrier of {}, between {} and {}",
                counted(search.count, "mode"),
                self.value(search.carrier, Dimension::FREQUENCY),
                self.value(search.from, Dimension::TIME),
                self.value(search.to, Dimension::TIME)
            ),
        };
        format!("{}: what leaves the {} port of {whose}, {what}.", mode.name, mode.port.name())
    }

    fn current(&self, current: &Current, source: &Source) -> String {
        let ampere = |value: f64| self.value(value, Dimension::CURRENT);
        let amplitude = |value: f64| match &source.scale {
            Some(scale) => self.spread(scale, Dimension::CURRENT, "neuron"),
            None => ampere(value),
        };
        let (start, stop) = (current.start, current.stop);
        let shape = match &current.shape {
            Shape::Constant { amplitude: value } if stop < self.0.simulation.duration => {
                format!("a current pulse of {}", amplitude(*value))
            }
            Shape::Constant { amplitude: value } => format!("a constant current of {}", amplitude(*value)),
            Shape::Sine { amplitude: value, omega, phase } => {
                let phase = match *phase {
                    0.0 => String::new(),
                    phase => format!(" and phase {}", angle(phase)),
                };
                format!("a sine current of amplitude {} at {}{phase}", amplitude(*value), self.frequency(*omega))
            }
            Shape::Ramp { from, to } => format!("a current rising from {} to {}", ampere(*from), ampere(*to)),
            Shape::Noise { mean, deviation, interval, draws } => format!(
                "a noise current of mean {} and standard deviation {}, drawn anew every {}{}",
                ampere(*mean),
                ampere(*deviation),
                self.value(*interval, Dimension::TIME),
                together(*draws)
            ),
            Shape::Train(train) => self.train(train, &amplitude(train.amplitude)),
            Shape::Samples { points } => format!("a current through {}", counted(points.len(), "given sample")),
        };
        shape + &self.span(start, stop)
    }

    fn train(&self, train: &Train, amplitude: &str) -> String {
        let time = |t: f64| self.value(t, Dimension::TIME);
        let pulse = match train.pulse {
            Pulse::Rectangle { duration } => format!("pulses of {amplitude} and {}", time(duration)),
            Pulse::Exponential { decay } => format!("pulses of {amplitude} that decay within {}", time(decay)),
            Pulse::Alpha { peak } => format!("alpha functions of {amplitude}, {} from onset to peak", time(peak)),
        };
        let whose = if train.is_random() { together(train.draws) } else { "" };
        let moved = |jitter: f64| {
            if jitter > 0.0 { format!(", moved by {} or so", time(jitter)) } else { String::new() }
        };
        match &train.times {
            &PulseTimes::Regular { period, count, jitter } => {
                let number = count.map_or(String::new(), |count| format!("{count} "));
                format!("{number}{pulse}, one every {}{}{whose}", time(period), moved(jitter))
            }
            PulseTimes::Listed { times, jitter } => {
                format!("{} {pulse} at given times{}{whose}", times.len(), moved(*jitter))
            }
            &PulseTimes::Poisson { rate, dead_time } => {
                let dead =
                    if dead_time > 0.0 { format!(", at least {} apart", time(dead_time)) } else { String::new() };
                format!("{pulse} at random times, one in {} on average{dead}{whose}", time(1.0 / rate))
            }
        }
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

    fn mode(&self, mode: &ModeSource, source: &Source) -> String {
        let envelope = match mode.envelope {
            None => String::new(),
            Some(Envelope::Gaussian { centre, width }) => format!(
                " under a gaussian envelope around {} of width {}",
                self.value(centre, Dimension::TIME),
                self.value(width, Dimension::TIME)
            ),
        };
        format!(
            "a quantum current carried by one mode at {}, of zero-point current {}{envelope}, {}{}",
            self.frequency(mode.omega),
            self.value(mode.zero_point, Dimension::CURRENT),
            self.in_state(&mode.state, source),
            self.span(mode.start, mode.stop)
        )
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

fn together(draws: Draws) -> &'static str {
    match draws {
        Draws::Shared { .. } => " for all of them together",
        Draws::Own(_) => " for each of them alone",
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
