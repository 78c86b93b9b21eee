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

mod joined;
mod slopes;

use qhh_core::stop;

use crate::coupling::connections::{Connection, ConnectionValues};
use crate::coupling::layout::{Layout, index};
use crate::network::{Direction, Network, ParameterValues, Waveguides};
use joined::Arms;
pub(crate) use joined::{Delays, Joined, in_steps, lag};
pub use slopes::ArmSlopes;
pub(crate) use slopes::{OfArm, along_arms, of_arms};

/// Steps of the power iteration at most: it converges from below, to a part in a thousand or better.
const ITERATIONS: usize = 40;

/// Part of itself by which the singular value still changes when it has converged.
const SETTLED: f64 = 1e-13;

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

/// The compiled coupling of a network.
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
    /// Receivers by senders.
    pub(crate) arms: Joined,
    /// Least and greatest delay in steps, as stepped.
    pub(crate) delays: (f64, f64),
    /// Largest noise that amplifiers add at a port, in units of the vacuum's; 0 without amplifiers.
    pub(crate) amplifier_noise: f64,
    /// Number of arms.
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
        let first = usize::from(population.circuit.output.is_some());
        let place = match port {
            Some(name) => population.inputs.iter().position(|input| input == name)?,
            None if population.inputs.len() == 1 => 0,
            None => return None,
        };
        Some(first + place)
    }
}

/// Finds the population of a neuron again and again.
struct PopulationFinder<'a> {
    network: &'a Network,
    ends: Vec<usize>,
}

impl<'a> PopulationFinder<'a> {
    fn new(network: &'a Network) -> Self {
        let mut end = 0;
        let ends = network.populations.iter().map(|population| {
            end += population.count;
            end
        });
        Self { network, ends: ends.collect() }
    }

    fn input_slot(&self, neuron: usize, port: Option<&str>) -> usize {
        let population = &self.network.populations[self.ends.partition_point(|end| *end <= neuron)];
        let place = port.and_then(|name| population.inputs.iter().position(|input| input == name)).unwrap_or(0);
        usize::from(population.circuit.output.is_some()) + place
    }
}

/// What the arms at one port come to.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    arms: u32,
    weight: f64,
}

impl Tally {
    fn add(&mut self, weight: f64) {
        self.arms += 1;
        self.weight += weight.abs();
    }

    /// Square of the amplitude of an arm.
    fn share(self, weight: f64) -> f64 {
        let whole = f64::from(self.arms).max(self.weight);
        if whole > 0.0 { weight.abs() / whole } else { 0.0 }
    }

    /// Part of a change of the weights' sum by which [`Tally::share`] changes the other way: the shares of all arms are of
    /// their number up to there, of their weight beyond, and of either by half between.
    fn follows_weight(self) -> f64 {
        match self.weight.total_cmp(&f64::from(self.arms)) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 1.0,
        }
    }

    /// Sum of [`Tally::share`] over the arms.
    fn shared(self) -> f64 {
        self.share(self.weight)
    }
}

/// Ports of the blocks, numbered through: those at which arms end get rows.
struct Rowing {
    rows: Vec<Rows>,
    tallies: Vec<Tally>,
}

impl Rowing {
    /// Rows for the ports that `used` (indexed by block and slot) names.
    fn new(layout: &Layout, used: &[[bool; qhh_core::circuit::MAX_PORTS]]) -> Self {
        let mut next = 0;
        let rows = layout.blocks.iter().zip(used).map(|(block, used)| {
            let mut rows = Rows::default();
            for (row, _) in rows.iter_mut().zip(used).filter(|(_, used)| **used) {
                *row = Some(index(next));
                next += block.len();
            }
            rows
        });
        let rows = rows.collect();
        Self { rows, tallies: vec![Tally::default(); next] }
    }

    fn row(&self, layout: &Layout, port: PortAt) -> usize {
        let (block, lane) = layout.place(port.neuron);
        self.rows[block][port.slot].map_or(0, |first| first as usize + lane)
    }

    /// Impedance of the port of each row.
    fn impedances(&self, network: &Network, layout: &Layout) -> Vec<f64> {
        let impedances = Impedances::new(network);
        let mut of = vec![1.0; self.tallies.len()];
        for_each_row(&self.rows, layout, |row, port| of[row] = impedances.at(port));
        of
    }
}

/// The arms of one entry, laid out once: ends, and what differs from arm to arm and is needed again.
struct EntryConnections<'a> {
    entry: &'a Waveguides,
    values: ConnectionValues<'a>,
    /// Sender and receiver of each arm: first their numbers, then their rows.
    ends: Vec<[u32; 2]>,
    /// The rows the other way, of two-way arms.
    back: Vec<[u32; 2]>,
    delays: Column,
    weights: Column,
}

/// A value for each arm.
enum Column {
    Same(f64),
    Each(Vec<f64>),
}

impl Column {
    /// What `value` says of each of `count` arms, asked once if `spread` is the same for all.
    fn new(spread: &ParameterValues, count: usize, mut value: impl FnMut(usize) -> f64) -> Self {
        match spread.same() {
            Some(_) => Self::Same(value(0)),
            None => Self::Each((0..count).map(value).collect()),
        }
    }

    fn get(&self, item: usize) -> f64 {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => values[item],
        }
    }

    /// Least and greatest value; of no arms, neither.
    fn range(&self) -> (f64, f64) {
        match self {
            Self::Same(value) => (*value, *value),
            Self::Each(values) => values
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), x| (least.min(*x), most.max(*x))),
        }
    }
}

impl<'a> EntryConnections<'a> {
    /// Draws the arms, numbers for ends.
    fn out(network: &Network, entry: &'a Waveguides) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "room, no more")]
        let mut ends = Vec::with_capacity(entry.pattern.expected_arms(entry.ends()).min(1e9) as usize);
        network.for_each_connection(entry, |Connection { from, to, .. }| {
            ends.push([index(from), index(to)]);
        });
        let mut values = ConnectionValues::of_count(network, entry, ends.len());
        let delays = Column::new(entry.delay.spread(), ends.len(), |item| values.delay(item));
        let weights = Column::new(&entry.weight, ends.len(), |item| values.weight(item));
        Self { entry, values, ends, back: Vec::new(), delays, weights }
    }

    /// Ports of the sender and the receiver of an arm, as long as its ends are numbers.
    fn ports(&self, finder: &PopulationFinder<'_>, item: usize) -> [PortAt; 2] {
        let [from, to] = self.ends[item].map(|end| end as usize);
        let slot = finder.input_slot(to, self.entry.port.as_deref());
        [PortAt { neuron: from, slot: 0 }, PortAt { neuron: to, slot }]
    }

    fn is_two_way(&self) -> bool {
        self.entry.direction == Direction::TwoWay
    }
}

/// All arms laid out, and what those at each port come to.
struct Plan<'a> {
    entries: Vec<EntryConnections<'a>>,
    from: Rowing,
    to: Rowing,
    /// Least and greatest delay in steps.
    delays: (f64, f64),
    n_arms: usize,
}

impl<'a> Plan<'a> {
    fn new(network: &'a Network, layout: &Layout) -> Self {
        let none = [false; qhh_core::circuit::MAX_PORTS];
        let (mut sending, mut receiving) = (vec![none; layout.blocks.len()], vec![none; layout.blocks.len()]);
        let (finder, step) = (PopulationFinder::new(network), network.simulation.step);
        let mut entries: Vec<_> =
            network.waveguides_by_name().into_iter().map(|entry| EntryConnections::out(network, entry)).collect();
        let (mut least, mut most, mut n_arms) = (f64::INFINITY, 0.0f64, 0);
        for laid in entries.iter().filter(|laid| !laid.ends.is_empty()) {
            let delays = laid.delays.range();
            (least, most) = (least.min(in_steps(delays.0, step)), most.max(in_steps(delays.1, step)));
            n_arms += laid.ends.len() * if laid.is_two_way() { 2 } else { 1 };
            let mut mark = |from: PortAt, to: PortAt| {
                sending[layout.place(from.neuron).0][from.slot] = true;
                receiving[layout.place(to.neuron).0][to.slot] = true;
            };
            for item in 0..laid.ends.len() {
                stop::check();
                let [from, to] = laid.ports(&finder, item);
                mark(from, to);
                if laid.is_two_way() {
                    mark(to, from);
                }
            }
        }
        let (mut from, mut to) = (Rowing::new(layout, &sending), Rowing::new(layout, &receiving));
        for laid in &mut entries {
            let mut row = |[a, b]: [PortAt; 2], weight: f64| {
                let (s, r) = (from.row(layout, a), to.row(layout, b));
                from.tallies[s].add(weight);
                to.tallies[r].add(weight);
                [index(s), index(r)]
            };
            let two_way = laid.is_two_way();
            let mut rows = Vec::with_capacity(if two_way { laid.ends.len() } else { 0 });
            for item in 0..laid.ends.len() {
                stop::check();
                let [a, b] = laid.ports(&finder, item);
                let weight = laid.weights.get(item);
                laid.ends[item] = row([a, b], weight);
                if two_way {
                    rows.push(row([b, a], weight));
                }
            }
            laid.back = rows;
        }
        Self { entries, from, to, delays: (least, most), n_arms }
    }
}

impl Scattering {
    /// Compiles the waveguides of a checked network for the given layout.
    pub(crate) fn new(network: &Network, layout: &Layout) -> Self {
        let Plan { entries, from, to, delays: (least, most), n_arms } = Plan::new(network, layout);
        let step = network.simulation.step;
        let counts = to.tallies.iter().map(|tally| tally.arms);
        let mut arms = Arms::new(counts, (least == most).then_some(least));
        let (leaving, arriving) = (from.impedances(network, layout), to.impedances(network, layout));
        let mut amplified = vec![0.0; if network.has_amplifiers() { to.tallies.len() } else { 0 }];
        for laid in entries {
            let EntryConnections { mut values, ends, back, delays, weights, .. } = laid;
            for (item, &forth) in ends.iter().enumerate() {
                stop::check();
                let (weight, delay) = (weights.get(item), in_steps(delays.get(item), step));
                let (transmission, gain) = (values.transmission(item), values.gain(item));
                for [s, r] in std::iter::once(forth).chain(back.get(item).copied()) {
                    let (s, r) = (s as usize, r as usize);
                    let c2 = to.tallies[r].share(weight);
                    let power = from.tallies[s].share(weight) * c2 * gain * transmission;
                    arms.add(r, index(s), amplitude(weight, power, arriving[r], leaving[s]), delay);
                    if let Some(noise) = amplified.get_mut(r) {
                        *noise += c2 * transmission * (gain - 1.0);
                    }
                }
            }
        }
        Self {
            split: from.tallies.iter().map(|tally| tally.shared()).collect(),
            n_receivers: to.tallies.len(),
            senders: from.rows,
            receivers: to.rows,
            arms: arms.joined(from.tallies.len()),
            delays: (least, most),
            amplifier_noise: amplified.into_iter().fold(0.0, f64::max),
            n_arms,
        }
    }

    /// The same without any row: what is known of all arms.
    pub(crate) fn without_rows(&self) -> Self {
        Self {
            senders: Vec::new(),
            receivers: Vec::new(),
            split: Vec::new(),
            n_receivers: 0,
            arms: self.arms.part(&(0..0), 0, |row| row),
            ..*self
        }
    }

    /// Number of sending rows.
    pub(crate) fn n_senders(&self) -> usize {
        self.split.len()
    }

    /// Largest singular value of the matrix in power waves, to about a part in a thousand, from below; and the sending
    /// row that a wave of the largest growth leaves through most.
    ///
    /// `impedance` is that of a sending or receiving port. Matrix-free: power iteration on `S^T S`.
    pub(crate) fn largest_singular_value(&self, network: &Network, layout: &Layout) -> (f64, Option<PortAt>) {
        if self.n_arms == 0 {
            return (0.0, None);
        }
        let impedances = Impedances::new(network);
        let root = |rows: &[Rows], count: usize| {
            let mut of = vec![1.0; count];
            for_each_row(rows, layout, |row, port| of[row] = impedances.at(port).sqrt());
            of
        };
        let (out, into) = (root(&self.senders, self.n_senders()), root(&self.receivers, self.n_receivers));
        // The first vector has something of every port, and no symmetry that could hide the largest one.
        let mut wave: Vec<f64> =
            (0..self.n_senders()).map(|row| 1.0 + 0.1 * ((row * 7919) % 101) as f64 / 101.0).collect();
        let mut value = 0.0;
        for _ in 0..ITERATIONS {
            let size = wave.iter().map(|x| x * x).sum::<f64>().sqrt();
            if size == 0.0 {
                return (0.0, None);
            }
            for x in &mut wave {
                *x /= size;
            }
            let mut arrived = vec![0.0; self.n_receivers];
            let mut back = vec![0.0; self.n_senders()];
            for (r, arrived) in arrived.iter_mut().enumerate() {
                stop::check();
                let arm = |k: usize| {
                    let s = self.arms.senders()[k] as usize;
                    self.arms.amplitudes()[k] * wave[s] * out[s]
                };
                *arrived = self.arms.of(r).map(arm).sum::<f64>() / into[r];
            }
            for (r, arrived) in arrived.iter().enumerate() {
                stop::check();
                for k in self.arms.of(r) {
                    let s = self.arms.senders()[k] as usize;
                    back[s] += self.arms.amplitudes()[k] * arrived * out[s] / into[r];
                }
            }
            let before = std::mem::replace(&mut value, arrived.iter().map(|x| x * x).sum::<f64>().sqrt());
            wave = back;
            if (value - before).abs() <= SETTLED * value {
                break;
            }
        }
        let most = (0..wave.len()).max_by(|&a, &b| wave[a].abs().total_cmp(&wave[b].abs()));
        let mut port = None;
        for_each_row(&self.senders, layout, |row, at| {
            if Some(row) == most {
                port = Some(at);
            }
        });
        (value, port)
    }
}

/// Calls `see` with each row and its port.
pub(crate) fn for_each_row(rows: &[Rows], layout: &Layout, mut see: impl FnMut(usize, PortAt)) {
    for (rows, block) in rows.iter().zip(&layout.blocks) {
        for (slot, first) in rows.iter().enumerate().filter_map(|(slot, row)| Some((slot, (*row)?))) {
            for (lane, &neuron) in block.iter().enumerate() {
                see(first as usize + lane, PortAt { neuron: neuron as usize, slot });
            }
        }
    }
}

/// Impedances of the ports of every neuron.
pub(crate) struct Impedances<'a> {
    network: &'a Network,
    finder: PopulationFinder<'a>,
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
        let population = self.finder.ends.partition_point(|end| *end <= port.neuron);
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
    let ports = qhh_core::circuit::MAX_PORTS;
    let place = |port: PortAt| port.neuron * ports + port.slot;
    let none = vec![Tally::default(); network.n_neurons() * ports];
    let (mut from, mut to) = (none.clone(), none);
    let finder = PopulationFinder::new(network);
    // Ports first, with the weight in the amplitude's place: shares need all arms of a port.
    let mut links: Vec<Link> = Vec::new();
    for entry in network.waveguides_by_name() {
        let mut values = ConnectionValues::new(network, entry);
        network.for_each_connection(entry, |Connection { from: sender, to: receiver, item }| {
            let slot = finder.input_slot(receiver, entry.port.as_deref());
            let (output, input) = (PortAt { neuron: sender, slot: 0 }, PortAt { neuron: receiver, slot });
            let link = Link {
                from: output,
                to: input,
                delay: values.delay(item),
                transmission: values.transmission(item),
                amplitude: values.weight(item),
                gain: values.gain(item),
                splitter: 0.0,
                combiner: 0.0,
                is_split: false,
            };
            links.push(link);
            if entry.direction == Direction::TwoWay {
                links.push(Link { from: input, to: output, ..link });
            }
        });
    }
    for link in &links {
        from[place(link.from)].add(link.amplitude);
        to[place(link.to)].add(link.amplitude);
    }
    let impedances = Impedances::new(network);
    for link in &mut links {
        let (weight, sender) = (link.amplitude, from[place(link.from)]);
        (link.splitter, link.combiner) = (sender.share(weight), to[place(link.to)].share(weight));
        link.is_split = sender.arms > 1;
        let power = link.splitter * link.combiner * link.gain * link.transmission;
        link.amplitude = amplitude(weight, power, impedances.at(link.to), impedances.at(link.from));
    }
    links
}
