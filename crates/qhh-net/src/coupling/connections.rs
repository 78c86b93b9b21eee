//! The single waveguides ("arms") of a network, entry by entry: who is joined to whom, and each arm's own values.
//!
//! Arms are never stored here: every pass lays the pattern out anew, always in the same order, all of it or a part.

use qhh_core::stop;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::network::{Delay, Ends, Network, Neurons, ParameterValues, Part, Waveguides, random};

/// One waveguide between two neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Number of the sender.
    pub from: usize,
    /// Number of the receiver.
    pub to: usize,
    /// Place among the arms of its entry; lists of delays and the like count arms so.
    pub item: usize,
}

impl Network {
    /// Calls `see` with every arm of an entry of its waveguides. The pattern must fit ([`Network::check`]).
    pub fn for_each_connection(&self, entry: &Waveguides, see: impl FnMut(Connection)) {
        entry.for_each_connection(self.simulation.seed_of_structure(), see);
    }

    /// Number of arms of an entry of its waveguides.
    pub fn n_arms(&self, entry: &Waveguides) -> usize {
        entry.n_arms(self.simulation.seed_of_structure())
    }
}

impl Waveguides {
    /// The two lists of neurons it joins.
    pub fn ends(&self) -> Ends<'_> {
        Ends { from: &self.from, to: &self.to, allow_self: self.allow_self }
    }

    /// Calls `see` with every arm as drawn by this seed; [`Network::for_each_connection`] knows which it is.
    pub(crate) fn for_each_connection(&self, seed: u64, see: impl FnMut(Connection)) {
        self.for_each_of(seed, Part::ALL, see);
    }

    /// The same of a part of the arms; the number of all.
    pub(crate) fn for_each_of(&self, seed: u64, part: Part<'_>, mut see: impl FnMut(Connection)) -> usize {
        self.pattern.for_each_of(self.ends(), self.draws(seed), part, |i, j, item| {
            stop::check();
            see(Connection { from: self.from.at(i), to: self.to.at(j), item });
        })
    }

    /// [`Pattern::counts`](crate::network::Pattern::counts) as drawn by this seed.
    pub(crate) fn counts(&self, seed: u64, neurons: &Neurons) -> Vec<(usize, usize)> {
        self.pattern.counts(self.ends(), &self.draws(seed), neurons)
    }

    /// [`Waveguides::for_each_of`] for the receivers among these neurons, where it is known how many arms come before each
    /// stretch of [`Waveguides::counts`].
    pub(crate) fn for_each_counted(
        &self,
        seed: u64,
        counted: (&Neurons, &[usize]),
        mut see: impl FnMut(Connection),
    ) {
        self.pattern.for_each_counted(self.ends(), &self.draws(seed), counted, |i, j, item| {
            stop::check();
            see(Connection { from: self.from.at(i), to: self.to.at(j), item });
        });
    }

    /// Number of arms as drawn by this seed.
    pub fn n_arms(&self, seed: u64) -> usize {
        self.pattern.n_arms(self.ends(), self.draws(seed))
    }

    /// Random numbers of its pattern.
    fn draws(&self, seed: u64) -> ChaCha8Rng {
        random::stream(seed, &format!("waveguides.{}.pattern", self.name))
    }

    /// Number of arms; the expected number where they are drawn at random.
    pub fn expected_arms(&self) -> f64 {
        self.pattern.expected_arms(self.ends())
    }

    /// Least and greatest delay an arm can have.
    pub fn delay_range(&self) -> (f64, f64) {
        match &self.delay {
            Delay::Time(delay) => delay.range(),
            Delay::Length { length, velocity } => {
                let (low, high) = length.range();
                (low / velocity, high / velocity)
            }
        }
    }
}

/// Reads the values of an entry's arms one by one.
pub struct ConnectionValues<'a> {
    entry: &'a Waveguides,
    /// Number of arms; known only where something depends on it.
    count: usize,
    /// Streams of delay, transmission, weight and gain.
    streams: [ChaCha8Rng; 4],
}

impl<'a> ConnectionValues<'a> {
    /// The values of the arms of `entry`.
    pub fn new(network: &Network, entry: &'a Waveguides) -> Self {
        let spaced = |spread: &ParameterValues| matches!(spread, ParameterValues::Linear { .. });
        let values = [entry.delay.spread(), &entry.transmission, &entry.weight, &entry.gain];
        let counted = values.into_iter().any(spaced);
        Self::of_count(network, entry, if counted { network.n_arms(entry) } else { 0 })
    }

    /// The same where the number of arms is known.
    pub(crate) fn of_count(network: &Network, entry: &'a Waveguides, count: usize) -> Self {
        let seed = network.simulation.seed_of_structure();
        let stream = |what: &str| random::stream(seed, &format!("waveguides.{}.{what}", entry.name));
        Self { entry, count, streams: ["delay", "transmission", "weight", "gain"].map(stream) }
    }

    /// Time a wave takes through arm `item`.
    pub fn delay(&mut self, item: usize) -> f64 {
        match &self.entry.delay {
            Delay::Time(spread) => spread.value(item, self.count, &mut self.streams[0]),
            Delay::Length { length, velocity } => length.value(item, self.count, &mut self.streams[0]) / velocity,
        }
    }

    /// Power transmission of arm `item`.
    pub fn transmission(&mut self, item: usize) -> f64 {
        self.entry.transmission.value(item, self.count, &mut self.streams[1])
    }

    /// Weight of arm `item`.
    pub fn weight(&mut self, item: usize) -> f64 {
        self.entry.weight.value(item, self.count, &mut self.streams[2])
    }

    /// Power gain of arm `item`.
    pub fn gain(&mut self, item: usize) -> f64 {
        self.entry.gain.value(item, self.count, &mut self.streams[3])
    }
}
