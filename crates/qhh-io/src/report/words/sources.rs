//! Sources in plain words.

use std::f64::consts::PI;

use num_complex::Complex64;
use qhh_core::quantum::State;
use qhh_core::quantum::state::Parity;
use qhh_core::source::mode::Envelope;
use qhh_core::source::{Current, ModeSource, Shape};
use qhh_core::units::Dimension;
use qhh_net::network::{Drive, PacketSource, Source};

use super::{DIGITS, Words};
use crate::report::figures::label;
use crate::report::figures::traces::listed;
use crate::report::number::{count, counted, number};

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
            Drive::Mode(mode) => self.mode(mode),
            Drive::Packet(packet) => self.packet(packet),
        };
        format!("{} feeds {fed}: {drive}.", source.name)
    }

    fn packet(&self, source: &PacketSource) -> String {
        let packet = source.packet;
        format!(
            "a wavepacket at its input port, of carrier {}, centred at {} and {} wide, in {} (on average {} photons)",
            self.frequency(packet.carrier),
            self.value(packet.centre, Dimension::TIME),
            self.value(packet.width, Dimension::TIME),
            state(&source.state),
            number(source.state.moments().photons(), 4)
        )
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
