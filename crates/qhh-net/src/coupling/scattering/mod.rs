//! How outgoing waves become incoming ones: splitters, waveguides, combiners, as one sparse matrix.
//!
//! ```text
//! A_r(t) = sum over arms  sign(w) c s sqrt(G eta) sqrt(Z_r/Z_s)  B_s(t - tau)
//! s^2 = |w|/max(K_s, sum |w|),   c^2 = |w|/max(K_r, sum |w|)
//! ```
//!
//! with `K` the number of arms that leave port `s` or arrive at port `r`, `w` the arm's weight, `eta` its power
//! transmission and `G` the power gain of an amplifier at its start. Equal arms so take `1/sqrt K` each, and the power
//! an arm takes is in proportion to the size of its weight. In power waves (`A/sqrt Z`) the matrix is a contraction
//! unless an amplifier, or a transmission above 1, makes it grow; what it lacks to a unitary one is vacuum that enters
//! ([`Scattering::vacuum`]), what an amplifier adds is booked with it (Caves, Phys. Rev. D 26, 1817 (1982)).
//!
//! When a wave arrives is [`crate::engine`]'s business. Ours.

mod border;
mod drawing;
mod entry;
mod imagined;
mod joined;
mod plan;
mod rowing;
mod slopes;
mod tally;

use qhh_core::stop;

use crate::coupling::connections::{Connection, ConnectionValues};
use crate::coupling::layout::{Layout, index};
use crate::coupling::own::Own;
use crate::network::{Direction, Network, Population, PopulationFinder, Waveguides};
pub(crate) use border::{Border, Neighbour};
use joined::Arms;
pub(crate) use joined::{Delays, Joined, lag};
use plan::Plan;
pub use slopes::ArmSlopes;
pub(crate) use slopes::{OfArm, along_arms, of_arms};
use tally::Tally;

/// A port of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortAt {
    /// Number of the neuron.
    pub neuron: usize,
    /// Place among its ports, output first.
    pub slot: usize,
}

/// Ports that send or receive in one block, each with the row of its first lane; `None` where no arm ends.
pub(crate) type Rows = [Option<u32>; qhh_core::circuit::MAX_PORTS];

/// Number of ports that have rows.
pub(crate) fn n_ports(rows: &Rows) -> usize {
    rows.iter().flatten().count()
}

/// The compiled coupling of a rank's blocks, or of all of a network's.
#[derive(Debug, Clone)]
pub(crate) struct Scattering {
    /// Row of the first lane of each block's sending ports.
    pub(crate) senders: Vec<Rows>,
    /// Row of the first lane of each block's receiving ports.
    pub(crate) receivers: Vec<Rows>,
    /// Part of the power of each sending row's wave that its splitter hands to waveguides; 0 where no arm leaves.
    pub(crate) split: Vec<f64>,
    /// Number of receiving rows.
    pub(crate) n_receivers: usize,
    /// Receivers by senders, these by their rows of the delay lines: those of [`Scattering::border`].
    pub(crate) arms: Joined,
    /// Sending rows of other ranks that are heard, and own ones that others hear.
    pub(crate) border: Border,
    /// Of the arms of all ranks.
    pub(crate) facts: Facts,
}

/// What is known of the arms of all ranks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// Least and greatest delay in steps, as stepped.
    pub(crate) delays: (f64, f64),
    /// Whether any delay is no whole number of steps.
    pub(crate) between_steps: bool,
    /// Largest noise that amplifiers add at a port, in units of the vacuum's; 0 without amplifiers.
    pub(crate) amplifier_noise: f64,
    /// Largest power that an arm hands on of what it takes, amplifier and losses together.
    pub(crate) largest_power: f64,
    /// Number of arms, of two-way ones both ways.
    pub(crate) n_arms: usize,
}

impl Network {
    /// Entries of waveguides by name, so that their order in the file does not matter.
    pub(crate) fn waveguides_by_name(&self) -> Vec<&Waveguides> {
        let mut entries: Vec<_> = self.waveguides.iter().collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        entries
    }

    /// Place among its ports of a neuron's input port of the given name, or of its only one.
    pub(crate) fn input_slot(&self, neuron: usize, port: Option<&str>) -> Option<usize> {
        let (population, _) = self.locate(neuron)?;
        let known =
            port.map_or(population.inputs.len() == 1, |name| population.inputs.iter().any(|of| of == name));
        known.then(|| population.input_slot(port))
    }
}

impl Population {
    /// Place among all ports of the input port of the given name, or of the first.
    fn input_slot(&self, port: Option<&str>) -> usize {
        let place = port.and_then(|name| self.inputs.iter().position(|input| input == name)).unwrap_or(0);
        usize::from(self.circuit.output.is_some()) + place
    }
}

impl Scattering {
    /// Compiles the waveguides that end at a rank's blocks, of a checked network; every rank takes part.
    pub(crate) fn new(network: &Network, own: Own<'_>) -> Self {
        let plan = Plan::new(network, own);
        let (leaving, arriving) = (plan.sending_impedances(network, own), plan.to.impedances(network, own));
        let Plan { entries, from, to, leaving: senders, arriving: receivers, delays, n_arms, border, .. } = plan;
        let (step, (least, most)) = (network.simulation.step, delays);
        let mut arms = Arms::new(receivers.iter().map(|tally| tally.arms), (least == most).then_some(least));
        let mut amplified = vec![0.0; if network.has_amplifiers() { to.count } else { 0 }];
        let mut largest_power = 0.0f64;
        for mut laid in entries {
            for place in 0..laid.len() {
                stop::check();
                let weight = laid.weights.get(place);
                let (delay, transmission, gain) = laid.delay_and_powers(place, step);
                largest_power = largest_power.max(gain * transmission);
                for [s, r] in laid.ways(place) {
                    let (s, r) = (s as usize, r as usize);
                    let c2 = receivers[r].share(weight);
                    let power = senders[s].share(weight) * c2 * gain * transmission;
                    arms.add(r, index(s), amplitude(weight, power, arriving[r], leaving[s]), delay);
                    if let Some(noise) = amplified.get_mut(r) {
                        *noise += c2 * transmission * (gain - 1.0);
                    }
                }
            }
        }
        let arms = arms.joined(border.n_rows());
        let ranks = own.ranks;
        // Numbers that are not below zero are in the order of their bits.
        let most_of = |value: f64| f64::from_bits(ranks.greatest(value.to_bits()));
        let facts = Facts {
            delays,
            n_arms,
            largest_power: most_of(largest_power),
            amplifier_noise: most_of(amplified.into_iter().fold(0.0, f64::max)),
            between_steps: ranks.greatest(arms.between_steps().into()) == 1,
        };
        Self {
            split: senders[border.own_rows()].iter().map(|tally| tally.shared()).collect(),
            n_receivers: to.count,
            senders: from.rows,
            receivers: to.rows,
            arms,
            border,
            facts,
        }
    }

    /// Number of sending rows of its own blocks.
    pub(crate) fn n_senders(&self) -> usize {
        self.split.len()
    }
}

/// Calls `see` with each row of the blocks from `first` on, and its port.
pub(crate) fn for_each_row(rows: &[Rows], layout: &Layout, first: usize, mut see: impl FnMut(usize, PortAt)) {
    for (block, rows) in (first..).zip(rows) {
        for (slot, row) in rows.iter().enumerate().filter_map(|(slot, row)| Some((slot, (*row)?))) {
            for (lane, neuron) in layout.neurons(block).enumerate() {
                see(row as usize + lane, PortAt { neuron, slot });
            }
        }
    }
}

/// Impedances of the ports of every neuron.
pub(crate) struct Impedances<'a> {
    network: &'a Network,
    finder: PopulationFinder,
    /// Whether the impedances of a population's ports differ.
    varied: Vec<bool>,
}

impl<'a> Impedances<'a> {
    pub(crate) fn new(network: &'a Network) -> Self {
        use crate::network::Parameter;
        let differ = |population: &crate::network::Population| {
            population.varied.iter().any(|v| matches!(v.parameter, Parameter::PortImpedance(_)))
        };
        let varied = network.populations.iter().map(differ).collect();
        Self { network, finder: PopulationFinder::new(network), varied }
    }

    pub(crate) fn at(&self, port: PortAt) -> f64 {
        let population = self.finder.of(port.neuron);
        let of = |circuit: &qhh_core::circuit::Circuit| {
            circuit.ports().nth(port.slot).map_or(1.0, |(_, p)| p.impedance)
        };
        if self.varied[population] {
            self.network.neuron(port.neuron).map_or(1.0, |(circuit, _)| of(&circuit))
        } else {
            of(&self.network.populations[population].circuit)
        }
    }
}

/// Amplitude of a voltage wave through an arm of this weight that passes the part `power` of its power, to a line of
/// impedance `to` from one of impedance `from`.
fn amplitude(weight: f64, power: f64, to: f64, from: f64) -> f64 {
    weight.signum() * (power * (to / from)).sqrt()
}

/// One arm of a waveguide in one direction, with what it does to waves.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// Port that the wave leaves.
    pub from: PortAt,
    /// Port at which it arrives.
    pub to: PortAt,
    /// Factor on the voltage wave.
    pub amplitude: f64,
    /// Delay, in units of time.
    pub delay: f64,
    /// Power share of the splitter it leaves.
    pub splitter: f64,
    /// Power share of the combiner it enters.
    pub combiner: f64,
    /// Power transmission of the line.
    pub transmission: f64,
    /// Power gain of the amplifier at its start.
    pub gain: f64,
    /// Whether other arms leave the same port.
    pub is_split: bool,
}

/// Every arm in each of its directions, with the factor on its wave; for networks small enough to list.
pub fn links(network: &Network) -> Vec<Link> {
    links_where(network, |_, _| true)
}

/// Those from and to neurons for which `is_wanted`.
pub(crate) fn links_where(network: &Network, is_wanted: impl Fn(usize, usize) -> bool) -> Vec<Link> {
    let ports = qhh_core::circuit::MAX_PORTS;
    let place = |port: PortAt| port.neuron * ports + port.slot;
    let none = vec![Tally::default(); network.n_neurons() * ports];
    let (mut from, mut to) = (none.clone(), none);
    // Shares need all arms of a port.
    for_each_way(network, |ports, item, values| {
        let weight = values.weight(item);
        from[place(ports.0)].add(weight);
        to[place(ports.1)].add(weight);
    });
    let impedances = Impedances::new(network);
    let mut links = Vec::new();
    for_each_way(network, |ports, item, values| {
        if !is_wanted(ports.0.neuron, ports.1.neuron) {
            return;
        }
        let (weight, sender) = (values.weight(item), from[place(ports.0)]);
        let (splitter, combiner) = (sender.share(weight), to[place(ports.1)].share(weight));
        let (transmission, gain) = (values.transmission(item), values.gain(item));
        let power = splitter * combiner * gain * transmission;
        links.push(Link {
            from: ports.0,
            to: ports.1,
            amplitude: amplitude(weight, power, impedances.at(ports.1), impedances.at(ports.0)),
            delay: values.delay(item),
            splitter,
            combiner,
            transmission,
            gain,
            is_split: sender.arms > 1,
        });
    });
    links
}

/// Calls `see` with the ports of every arm, of two-way ones both ways, its number and the values of its entry.
fn for_each_way(network: &Network, mut see: impl FnMut((PortAt, PortAt), usize, &mut ConnectionValues<'_>)) {
    let finder = PopulationFinder::new(network);
    for entry in network.waveguides_by_name() {
        let mut values = ConnectionValues::new(network, entry);
        network.for_each_connection(entry, |Connection { from, to, item }| {
            let slot = network.populations[finder.of(to)].input_slot(entry.port.as_deref());
            let (output, input) = (PortAt { neuron: from, slot: 0 }, PortAt { neuron: to, slot });
            see((output, input), item, &mut values);
            if entry.direction == Direction::TwoWay {
                see((input, output), item, &mut values);
            }
        });
    }
}
