//! The noise lines of a block of neurons: what a unit of each drives, and how strong it is.
//!
//! As field modes have them ([`crate::engine::heisenberg`]): channels, what enters at ports by where it comes from, what
//! the outputs of splitters share, sense lines and the idlers behind them.

use std::f64::consts::PI;

use qhh_core::circuit::{Circuit, MAX_PORTS};
use qhh_core::integrate::lanes::{LANES, Lanes};
use qhh_core::name::Name;
use qhh_core::quantum::bath::Bath;

use crate::coupling::scattering::links;
use crate::engine::heisenberg::graph::PortNoise;
use crate::network::{Feedback, Network, Quantum};

/// What a unit of a line does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Drive {
    /// A current, `sqrt g` of the channel of this place, or of all together.
    Channel(usize),
    /// A wave of size 1 that arrives at this port.
    Port(usize),
    /// A wave of size 1 that leaves through this port, past the neuron.
    Splitter(usize),
    /// A wave of size 1 on the sense line: a current of this size for one, and what the record lacks.
    Sense(Lanes),
    /// A wave of size 1 that is added to the record of the voltage.
    Idler,
}

/// One line of each neuron of a block.
#[derive(Debug, Clone)]
pub(super) struct BlockLine {
    pub(super) drive: Drive,
    /// Place of its spectrum.
    pub(super) form: usize,
    /// Square of the drive at the strength of the field, 0 for neurons that have no such line.
    pub(super) strengths: Lanes,
}

/// The noise that enters at every port of a network, and the spectra of its lines.
pub(super) struct Noises {
    /// Of the ports of each neuron, output first: `[neuron][port]`, where the neuron's begin in `first`.
    ports: Vec<(PortNoise, bool)>,
    first: Vec<u32>,
    /// Of all lines, then of sense lines with temperatures of their own.
    pub(super) baths: Vec<Bath>,
    responds: bool,
    one_bath: bool,
}

impl Noises {
    pub(super) fn new(network: &Network, quantum: &Quantum) -> Self {
        let common = Bath { hbar: quantum.hbar, thermal_energy: quantum.thermal_energy, cutoff: quantum.cutoff };
        let mut baths = vec![common];
        let mut first = Vec::with_capacity(network.n_neurons() + 1);
        first.push(0);
        let mut n_ports = 0;
        for population in &network.populations {
            let count = u32::try_from(population.circuit.ports().count()).unwrap_or(u32::MAX);
            for _ in 0..population.count {
                n_ports += count;
                first.push(n_ports);
            }
            let own = common.of_line(population.circuit.sense_thermal_energy());
            if !baths.contains(&own) {
                baths.push(own);
            }
        }
        let mut ports = vec![(PortNoise::OPEN, false); n_ports as usize];
        let place = |neuron: usize, slot: usize| first[neuron] as usize + slot;
        for link in links(network) {
            ports[place(link.to.neuron, link.to.slot)].0.add(&link);
            ports[place(link.from.neuron, link.from.slot)].1 |= link.is_split;
        }
        let responds = quantum.feedback == Feedback::Full;
        let one_bath = network.populations.iter().any(|of| network.simulation.baths.is_one_bath(&of.circuit));
        Self { ports, first, baths, responds, one_bath }
    }

    /// What enters at a port of a neuron.
    pub(super) fn at(&self, neuron: usize, slot: usize) -> PortNoise {
        self.ports[self.first[neuron] as usize + slot].0
    }

    fn splits(&self, neuron: usize, slot: usize) -> bool {
        self.ports[self.first[neuron] as usize + slot].1
    }

    /// Lines of the neurons of a block, of which circuits are given.
    pub(super) fn of_block(&self, neurons: &[u32], circuits: &[Circuit]) -> Vec<BlockLine> {
        let circuit = &circuits[0];
        let each = |of: &dyn Fn(usize, &Circuit) -> f64| {
            Lanes::<LANES>::from_fn(|lane| {
                circuits.get(lane).map_or(0.0, |of_lane| of(neurons[lane] as usize, of_lane))
            })
        };
        let mut lines = Vec::new();
        let n_channels = if self.one_bath { 1 } else { circuit.channels.len() };
        for channel in 0..n_channels {
            lines.push(BlockLine { drive: Drive::Channel(channel), form: 0, strengths: each(&|_, _| 1.0 / PI) });
        }
        let unit = |circuit: &Circuit, slot: usize| {
            circuit.ports().nth(slot).map_or(0.0, |(_, port)| port.impedance / (4.0 * PI))
        };
        for slot in 0..circuit.ports().count().min(MAX_PORTS) {
            // A lossless waveguide lets nothing in but what it carries.
            let enters = each(&|neuron, circuit| {
                let noise = self.at(neuron, slot).total();
                if noise > 1e-12 { unit(circuit, slot) * noise } else { 0.0 }
            });
            let shared =
                each(&|neuron, circuit| if self.splits(neuron, slot) { -unit(circuit, slot) } else { 0.0 });
            for (drive, strengths) in [(Drive::Port(slot), enters), (Drive::Splitter(slot), shared)] {
                if !strengths.is_zero() {
                    lines.push(BlockLine { drive, form: 0, strengths });
                }
            }
        }
        if circuit.sense.is_some() {
            let impedance = |circuit: &Circuit| circuit.sense.map_or(1.0, |sense| sense.impedance);
            let current = each(&|_, circuit| 2.0 / impedance(circuit));
            for (form, bath) in self.baths.iter().enumerate() {
                let of_form = |circuit: &Circuit| self.baths[0].of_line(circuit.sense_thermal_energy()) == *bath;
                let unit = |_: usize, circuit: &Circuit| {
                    if of_form(circuit) { impedance(circuit) / (4.0 * PI) } else { 0.0 }
                };
                let strengths = each(&unit);
                if strengths.is_zero() {
                    continue;
                }
                lines.push(BlockLine { drive: Drive::Sense(current), form, strengths });
                // It moves nothing but gates.
                if self.responds {
                    lines.push(BlockLine { drive: Drive::Idler, form, strengths });
                }
            }
        }
        lines
    }

    /// Parts of a line of a neuron by where its noise comes from, by name; they add up to 1.
    pub(super) fn parts(&self, drive: Drive, neuron: usize, circuit: &Circuit) -> Vec<(String, f64)> {
        let role = |slot: usize| circuit.ports().nth(slot).map(|(role, _)| role.name()).unwrap_or_default();
        let whole = |name: &str| vec![(name.to_owned(), 1.0)];
        match drive {
            Drive::Channel(_) if self.one_bath => whole("channels"),
            Drive::Channel(place) => whole(circuit.channels.get(place).map_or("", |of| Name::text(of.name))),
            Drive::Splitter(slot) => whole(&format!("{} splitter", role(slot))),
            Drive::Sense(_) => whole("sense"),
            Drive::Idler => whole("idler"),
            Drive::Port(slot) => {
                let noise = self.at(neuron, slot);
                let each = [
                    ("", noise.open),
                    (" loss", noise.loss),
                    (" splitter", noise.splitter),
                    (" amplifier", noise.amplifier),
                ];
                let entering = each.into_iter().filter(|(_, part)| *part > 1e-12);
                entering.map(|(what, part)| (format!("{}{what}", role(slot)), part / noise.total())).collect()
            }
        }
    }
}
