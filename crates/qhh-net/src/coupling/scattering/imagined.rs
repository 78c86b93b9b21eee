//! What ranks that are only imagined hear of this one.
//!
//! Where a rule says who hears a neuron, that is gone through. Where the senders of each receiver are drawn, only going through
//! all receivers would tell: a rank is then taken to hear of this one what this one hears of the rank as far away on the other
//! side, which is so on the average.

use super::entry::{Column, EntryConnections};
use super::rowing::{Ports, Rowing};
use super::tally::{Leaving, Tally};
use crate::coupling::connections::{Connection, ConnectionValues};
use crate::coupling::layout::index;
use crate::coupling::own::{Own, rank_of, stretch};
use crate::network::{Network, Part, Pattern, PopulationFinder, Side};
use crate::ranks::Reach;

/// What the others would say.
pub(super) struct Hearing {
    /// By rank: numbers of the own ports that it hears, ascending.
    pub(super) asked: Vec<Vec<u64>>,
    /// By rank: which of its arms leave these.
    pub(super) reported: Vec<Vec<Leaving>>,
    /// What this rank hears of them.
    pub(super) reach: Reach,
}

/// An arm from an own port to another rank's: the port, the place of the entry, and number and weight where weights differ.
type Outward = (u64, usize, Option<(usize, f64)>);

impl Hearing {
    pub(super) fn new(
        network: &Network,
        own: Own<'_>,
        entries: &[EntryConnections<'_>],
        mirror: &Mirror<'_>,
    ) -> Self {
        let (rank, size) = (own.ranks.rank(), own.ranks.size());
        let finder = PopulationFinder::new(network);
        let mut outward: Vec<Vec<Outward>> = vec![Vec::new(); size];
        let (mut ruled, mut drawn_arms) = (Vec::new(), 0);
        for (number, laid) in entries.iter().enumerate() {
            let draws = laid.entry().pattern.draws_senders();
            let mut by_rule = Vec::new();
            for place in 0..laid.len() {
                for [from, to] in laid.ports(network, &finder, place) {
                    let port = own.layout.port_number(from.neuron, from.slot);
                    let [is_from, is_to] = [from, to].map(|end| own.place(end.neuron).is_some());
                    drawn_arms += usize::from(is_to && draws);
                    match (is_from, is_to) {
                        (true, false) => {
                            outward[own.rank_of(to.neuron)].push((port, number, laid.own_weight(place)));
                        }
                        (false, true) if draws && !laid.is_two_way() => {
                            let other = (2 * rank + size - own.rank_of(from.neuron)) % size;
                            let mirrored = mirror.port(port);
                            outward[other].extend(mirrored.map(|port| (port, number, laid.own_weight(place))));
                        }
                        (false, true) if !draws => by_rule.push(port),
                        _ => {}
                    }
                }
            }
            if !draws && !laid.is_two_way() {
                go_through_senders(network, own, (number, laid), &mut outward);
            }
            if let Pattern::SmallWorld { rewire, .. } = laid.entry().pattern {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a count")]
                let led_elsewhere = (rewire * laid.len() as f64) as usize;
                drawn_arms += led_elsewhere;
                // Neighbours are of the ranks beside this one; the rest is led anywhere.
                let beside = |port: &u64| {
                    let away = own.rank_of_port(*port).abs_diff(rank);
                    away == 1 || away == size - 1
                };
                by_rule.retain(beside);
            }
            ruled.append(&mut by_rule);
        }
        ruled.sort_unstable();
        ruled.dedup();
        let mut ranks: Vec<usize> = ruled.iter().map(|port| own.rank_of_port(*port)).collect();
        ranks.dedup();
        let reach = Reach { ruled_rows: ruled.len(), ruled_ranks: ranks.len(), drawn_arms };
        let (asked, reported) = outward.into_iter().map(told).unzip();
        Self { asked, reported, reach }
    }
}

/// Adds the arms that leave own ports by a rule.
fn go_through_senders(
    network: &Network,
    own: Own<'_>,
    (number, laid): (usize, &EntryConnections<'_>),
    outward: &mut [Vec<Outward>],
) {
    let entry = laid.entry();
    let differ = matches!(laid.weights, Column::Each(_));
    let count = if differ { network.n_arms(entry) } else { 0 };
    let mut values = ConnectionValues::of_count(network, entry, count);
    let neurons = own.neurons();
    let part = Part { of: Some((&neurons, Side::Sender)), numbered: differ };
    entry.for_each_of(network.simulation.seed_of_structure(), part, |Connection { from, to, item }| {
        if own.place(to).is_none() {
            let weight = differ.then(|| (item, values.weight(item)));
            outward[own.rank_of(to)].push((own.layout.port_number(from, 0), number, weight));
        }
    });
}

/// The ports that a rank's arms leave, each once, and the arms.
fn told(arms: Vec<Outward>) -> (Vec<u64>, Vec<Leaving>) {
    let mut ports: Vec<u64> = arms.iter().map(|arm| arm.0).collect();
    ports.sort_unstable();
    ports.dedup();
    let mut leaving = Vec::new();
    for (port, entry, weight) in arms {
        let place = ports.binary_search(&port).expect("it is one of them");
        Leaving::add(&mut leaving, entry, index(place), weight);
    }
    (ports, leaving)
}

/// The own port that stands for one of another rank: that at the same place, or the next from which arms leave.
pub(super) struct Mirror<'a> {
    own: Own<'a>,
    /// By slot and own block: the first block from there on, around to the start, from whose ports of this slot arms leave;
    /// empty if there is none.
    next: [Vec<usize>; qhh_core::circuit::MAX_PORTS],
}

impl<'a> Mirror<'a> {
    /// `sending` says by own block and slot whether arms leave.
    pub(super) fn new(own: Own<'a>, sending: &[Ports]) -> Self {
        let next = std::array::from_fn(|slot| {
            let Some(mut next) = sending.iter().position(|ports| ports[slot]) else { return Vec::new() };
            let mut all = vec![next; sending.len()];
            for (block, ports) in sending.iter().enumerate().rev() {
                next = if ports[slot] { block } else { next };
                all[block] = next;
            }
            all
        });
        Self { own, next }
    }

    /// Own block, slot and lane.
    fn place(&self, port: u64) -> Option<(usize, usize, usize)> {
        let Own { layout, ranks, .. } = self.own;
        let (block, slot, lane) = layout.port(port);
        let of = stretch(layout.n_blocks(), self.own.rank_of_port(port), ranks.size());
        let next = &self.next[slot];
        let own = *next.get((block - of.start).min(next.len().checked_sub(1)?))?;
        Some((own, slot, lane % layout.len(self.own.blocks().start + own)))
    }

    fn port(&self, port: u64) -> Option<u64> {
        let (block, slot, lane) = self.place(port)?;
        Some(self.own.layout.port_at(self.own.blocks().start + block, slot, lane))
    }

    /// What leaves the port that stands for another: a single arm where none does.
    pub(super) fn tally(&self, port: u64, from: &Rowing, leaving: &[Tally]) -> Tally {
        let place = self.place(port).filter(|(block, slot, _)| from.rows[*block][*slot].is_some());
        let tally = place.map(|(block, slot, lane)| leaving[from.row((block, lane), slot)]);
        tally.filter(|tally| tally.arms > 0).unwrap_or(Tally { arms: 1, weight: 1.0 })
    }
}

impl Own<'_> {
    /// The rank of a port by its number.
    fn rank_of_port(self, port: u64) -> usize {
        let (block, ..) = self.layout.port(port);
        rank_of(block, self.layout.n_blocks(), self.ranks.size())
    }
}
