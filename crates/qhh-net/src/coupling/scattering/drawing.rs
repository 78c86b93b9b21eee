//! The arms of an entry with an end among a rank's own neurons.
//!
//! Where arithmetic says who is joined to whom, a rank lays them out by itself. Where arms are drawn for one of their ends, each
//! rank draws those of its own neurons and gives the others what ends at theirs, so that nobody draws all. Of arms drawn with a
//! probability the ranks say how many each has, and so the number of each among all.

use crate::coupling::connections::Connection;
use crate::coupling::own::Own;
use crate::network::{Direction, Neurons, Part, Pattern, Side, Waveguides};

/// The arms of an entry, about to be laid out.
#[derive(Clone, Copy)]
pub(super) struct Drawing<'a> {
    pub(super) entry: &'a Waveguides,
    pub(super) own: Own<'a>,
    pub(super) seed: u64,
    /// Whether the numbers of arms mean anything.
    pub(super) numbered: bool,
}

impl Drawing<'_> {
    /// Calls `see` with the arms that end at own neurons, of two-way ones also those that leave them, by number; the number of
    /// all. Every rank takes part.
    pub(super) fn for_each(self, see: impl FnMut(Connection)) -> usize {
        let Self { entry, own, seed, numbered } = self;
        let neurons = own.neurons();
        match entry.pattern.drawn_for() {
            // A rank alone among imagined ones goes through all.
            Some(home) if !own.are_all() && own.ranks.imagined().is_none() => self.drawn(home, &neurons, see),
            _ => {
                let side = if self.is_two_way() { Side::Either } else { Side::Receiver };
                let part = Part { of: (!own.are_all()).then_some((&neurons, side)), numbered };
                entry.for_each_of(seed, part, see)
            }
        }
    }

    fn is_two_way(self) -> bool {
        self.entry.direction == Direction::TwoWay
    }

    /// The same where arms are drawn for the neurons at one end.
    fn drawn(self, home: Side, neurons: &Neurons, mut see: impl FnMut(Connection)) -> usize {
        if home == Side::Receiver && !self.is_two_way() {
            return self.of_own(home, neurons, see);
        }
        let Own { ranks, .. } = self.own;
        let mut here: Vec<Connection> = Vec::new();
        let mut away: Vec<Vec<Connection>> = vec![Vec::new(); ranks.size()];
        let count = self.of_own(home, neurons, |arm| {
            let other = if home == Side::Sender { arm.to } else { arm.from };
            let is_own = self.own.place(other).is_some();
            if !is_own {
                away[self.own.rank_of(other)].push(arm);
            }
            if is_own || self.is_two_way() {
                here.push(arm);
            }
        });
        ranks.swap(|rank| std::mem::take(&mut away[rank]), |_, arms: Vec<Connection>| here.extend(arms));
        here.sort_unstable_by_key(|arm| arm.item);
        here.into_iter().for_each(&mut see);
        count
    }

    /// Calls `see` with the arms whose end that they are drawn for is an own neuron; the number of all.
    fn of_own(self, home: Side, neurons: &Neurons, see: impl FnMut(Connection)) -> usize {
        let Self { entry, seed, numbered, .. } = self;
        if numbered && matches!(entry.pattern, Pattern::Random { .. }) {
            let (before, count) = self.counted(neurons);
            entry.for_each_counted(seed, (neurons, &before), see);
            return count;
        }
        entry.for_each_of(seed, Part { of: Some((neurons, home)), numbered }, see)
    }

    /// How many arms of all ranks come before each own stretch of receivers, and how many there are.
    fn counted(self, neurons: &Neurons) -> (Vec<usize>, usize) {
        let own = self.entry.counts(self.seed, neurons);
        let mut all = self.own.ranks.along(Vec::new(), |mut below: Vec<(usize, usize)>| {
            below.extend(&own);
            below
        });
        all.sort_unstable();
        let mut count = 0;
        for (_, arms) in &mut all {
            (*arms, count) = (count, count + *arms);
        }
        let before = |(place, _): &(usize, usize)| all[all.partition_point(|(first, _)| first < place)].1;
        (own.iter().map(before).collect(), count)
    }
}
