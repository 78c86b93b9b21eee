//! The arms of an entry of waveguides that end at a rank's own ports, laid out once.

use super::PortAt;
use super::drawing::Drawing;
use super::joined::in_steps;
use crate::coupling::connections::{Connection, ConnectionValues};
use crate::coupling::layout::index;
use crate::coupling::own::Own;
use crate::network::{Direction, Network, ParameterValues, PopulationFinder, Waveguides};

/// Receiving row of an arm that ends at a port of another rank.
pub(super) const ELSEWHERE: u32 = u32::MAX;

/// The arms: ends, and what differs from arm to arm and is needed again.
pub(super) struct EntryConnections<'a> {
    entry: &'a Waveguides,
    values: ConnectionValues<'a>,
    /// Number of each arm among all of the entry's; empty if these are all, or none of their values differ.
    items: Vec<usize>,
    /// Sender and receiver of each arm: first their numbers, then their rows.
    pub(super) ends: Vec<[u32; 2]>,
    /// The rows the other way, of two-way arms.
    pub(super) back: Vec<[u32; 2]>,
    delays: Column,
    pub(super) weights: Column,
}

/// A value for each arm.
pub(super) enum Column {
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

    pub(super) fn get(&self, place: usize) -> f64 {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => values[place],
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

/// The number among all of the entry's arms of one at a place among those that were kept.
fn item(items: &[usize], place: usize) -> usize {
    items.get(place).copied().unwrap_or(place)
}

impl<'a> EntryConnections<'a> {
    /// Draws the arms, numbers for ends.
    pub(super) fn out(network: &Network, entry: &'a Waveguides, own: Own<'_>) -> Self {
        let spreads = [entry.delay.spread(), &entry.transmission, &entry.weight, &entry.gain];
        let numbered = spreads.into_iter().any(|spread| spread.same().is_none());
        let all = own.are_all();
        let part = own.blocks().len() as f64 / own.layout.n_blocks().max(1) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "room, no more")]
        let mut ends = Vec::with_capacity((part * entry.expected_arms()).min(1e9) as usize);
        let mut items = Vec::new();
        let drawing = Drawing { entry, own, seed: network.simulation.seed_of_structure(), numbered };
        let count = drawing.for_each(|Connection { from, to, item }| {
            ends.push([index(from), index(to)]);
            if numbered && !all {
                items.push(item);
            }
        });
        let mut values = ConnectionValues::of_count(network, entry, count);
        let delays = Column::new(entry.delay.spread(), ends.len(), |place| values.delay(item(&items, place)));
        let weights = Column::new(&entry.weight, ends.len(), |place| values.weight(item(&items, place)));
        Self { entry, values, items, ends, back: Vec::new(), delays, weights }
    }

    /// Ports of the sender and the receiver of an arm, and of a two-way one those of the way back, as long as its ends are
    /// numbers.
    pub(super) fn ports(
        &self,
        network: &Network,
        finder: &PopulationFinder,
        place: usize,
    ) -> impl Iterator<Item = [PortAt; 2]> + use<> {
        let [from, to] = self.ends[place].map(|end| end as usize);
        let slot = network.populations[finder.of(to)].input_slot(self.entry.port.as_deref());
        let [a, b] = [PortAt { neuron: from, slot: 0 }, PortAt { neuron: to, slot }];
        std::iter::once([a, b]).chain(self.is_two_way().then_some([b, a]))
    }

    pub(super) fn is_two_way(&self) -> bool {
        self.entry.direction == Direction::TwoWay
    }

    /// The entry.
    pub(super) fn entry(&self) -> &'a Waveguides {
        self.entry
    }

    /// Number of arms, those of which only the way back ends at an own port among them.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Number of an arm among all of the entry's, where values differ.
    pub(super) fn item(&self, place: usize) -> usize {
        item(&self.items, place)
    }

    /// Number and weight of an arm, where weights differ.
    pub(super) fn own_weight(&self, place: usize) -> Option<(usize, f64)> {
        match &self.weights {
            Column::Same(_) => None,
            Column::Each(weights) => Some((self.item(place), weights[place])),
        }
    }

    /// Least and greatest delay; of no arms, neither.
    pub(super) fn delays(&self) -> (f64, f64) {
        self.delays.range()
    }

    /// Sending and receiving row of an arm, and of a two-way one those of the way back, where these are own.
    pub(super) fn ways(&self, place: usize) -> impl Iterator<Item = [u32; 2]> {
        let ways = std::iter::once(self.ends[place]).chain(self.back.get(place).copied());
        ways.filter(|[_, to]| *to != ELSEWHERE)
    }

    /// Delay of an arm in steps, power transmission and gain.
    pub(super) fn delay_and_powers(&mut self, place: usize, step: f64) -> (f64, f64, f64) {
        let item = self.item(place);
        (in_steps(self.delays.get(place), step), self.values.transmission(item), self.values.gain(item))
    }
}
