//! The arms of a pattern laid out: all of them, or those with an end among some neurons.
//!
//! Where arithmetic says who is joined to a neuron, only the arms that are wanted are gone through, and a part of a network
//! takes time by its own size. What is drawn for one end of an arm may have the other anywhere: to find the arms with such an
//! end among some neurons, all are gone through. So are lists of pairs.

mod by_sender;

use std::ops::Range;

use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::neurons::Neurons;
use super::pattern::{Ends, Pattern};
use super::random;
use by_sender::BySender;

/// Which arms of a pattern are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    /// Neurons, ascending, and which end of an arm is to be among them; none if all arms are wanted.
    pub(crate) of: Option<(&'a Neurons, Side)>,
    /// Whether numbers of arms mean anything; where they do not, what is not wanted need not be counted.
    pub(crate) numbered: bool,
}

/// An end of an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Sender,
    Receiver,
    Either,
}

impl Part<'_> {
    /// All arms.
    pub(crate) const ALL: Self = Self { of: None, numbered: true };
}

/// Places at both ends whose arms are wanted.
struct Wanted {
    senders: Vec<Range<usize>>,
    receivers: Vec<Range<usize>>,
}

impl Wanted {
    fn new(of: Option<(&Neurons, Side)>, ends: Ends<'_>) -> Self {
        let Some((neurons, side)) = of else {
            return Self { senders: Vec::new(), receivers: merged(std::iter::once(0..ends.to.len()).collect()) };
        };
        let places = |list: &Neurons, not: Side| if side == not { Vec::new() } else { list.places_of(neurons) };
        Self { senders: places(ends.from, Side::Receiver), receivers: places(ends.to, Side::Sender) }
    }

    #[inline]
    fn has(&self, sender: usize, receiver: usize) -> bool {
        within(&self.receivers, receiver) || within(&self.senders, sender)
    }

    /// Receivers to go through, of `count`, where nothing says which have a certain sender.
    fn receivers(&self, count: usize) -> impl Iterator<Item = usize> {
        let all = (!self.senders.is_empty()).then_some(0..count);
        let some = if all.is_some() { &[] } else { self.receivers.as_slice() };
        all.into_iter().flatten().chain(some.iter().cloned().flatten())
    }
}

/// Whether a place is in one of some stretches, which ascend.
#[inline]
fn within(stretches: &[Range<usize>], place: usize) -> bool {
    match stretches {
        [only] => only.contains(&place),
        several => {
            let next = several.partition_point(|stretch| stretch.start <= place);
            next > 0 && place < several[next - 1].end
        }
    }
}

/// Stretches in ascending order, none empty, each place once.
fn merged(mut stretches: Vec<Range<usize>>) -> Vec<Range<usize>> {
    stretches.retain(|stretch| !stretch.is_empty());
    stretches.sort_unstable_by_key(|stretch| stretch.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        match merged.last_mut() {
            Some(last) if stretch.start <= last.end => last.end = last.end.max(stretch.end),
            _ => merged.push(stretch),
        }
    }
    merged
}

impl Pattern {
    /// Calls `join` with the place of sender and receiver of every arm, in the order in which lists of delays and the
    /// like count them: pairs as listed, random and all-to-all patterns receiver by receiver, others sender by sender.
    ///
    /// The pattern must have passed [`Pattern::check`].
    pub fn for_each(&self, ends: Ends<'_>, random: ChaCha8Rng, mut join: impl FnMut(usize, usize)) {
        self.for_each_of(ends, random, Part::ALL, |i, j, _| join(i, j));
    }

    /// The same of a part of the arms, each with its number among all of them; the number of all.
    pub(crate) fn for_each_of(
        &self,
        ends: Ends<'_>,
        mut random: ChaCha8Rng,
        Part { of, numbered }: Part<'_>,
        mut join: impl FnMut(usize, usize, usize),
    ) -> usize {
        let wanted = Wanted::new(of, ends);
        let mut joined = |i: usize, j: usize, item: usize| {
            if wanted.has(i, j) {
                join(i, j, item);
            }
        };
        let (from, to) = (ends.from.len(), ends.to.len());
        match *self {
            Self::FixedFanIn { k } => {
                fixed_fan_in(k, ends, random, wanted.receivers(to), joined);
                k * to
            }
            Self::AllToAll => all_to_all(ends, &wanted, joined),
            Self::Random { probability } if numbered => {
                // How many are drawn is known once they are drawn.
                at_random(probability, ends, random, 0..to, joined)
            }
            Self::Random { probability } => at_random(probability, ends, random, wanted.receivers(to), joined),
            Self::Pairs(ref pairs) => {
                pairs.iter().enumerate().for_each(|(item, &(i, j))| joined(i as usize, j as usize, item));
                pairs.len()
            }
            Self::Chain
            | Self::Ring
            | Self::OneToOne
            | Self::Feedforward { .. }
            | Self::SmallWorld { .. }
            | Self::Grid { .. } => {
                let rule = BySender::new(self, ends);
                let mut senders = wanted.senders.clone();
                wanted.receivers.iter().for_each(|receivers| rule.reach(receivers, &mut senders));
                let mut scratch = Vec::new();
                for stretch in merged(senders) {
                    let mut item = rule.arms_before(stretch.start);
                    for i in stretch {
                        rule.receivers(i, &mut random, &mut scratch, |j| {
                            joined(i, j, item);
                            item += 1;
                        });
                    }
                }
                rule.arms_before(from)
            }
        }
    }

    /// Of arms drawn with a probability, how many each stretch of receivers has that are these neurons, and its first place. The
    /// arms of other patterns are numbered by arithmetic.
    pub(crate) fn counts(&self, ends: Ends<'_>, random: &ChaCha8Rng, neurons: &Neurons) -> Vec<(usize, usize)> {
        let Self::Random { probability } = *self else { return Vec::new() };
        let count = |places: Range<usize>| {
            (places.start, at_random(probability, ends, random.clone(), places, |_, _, _| {}))
        };
        ends.to.places_of(neurons).into_iter().map(count).collect()
    }

    /// [`Pattern::for_each_of`] for the receivers among these neurons, where it is known how many arms come before each stretch of
    /// [`Pattern::counts`].
    pub(crate) fn for_each_counted(
        &self,
        ends: Ends<'_>,
        random: &ChaCha8Rng,
        (neurons, before): (&Neurons, &[usize]),
        mut join: impl FnMut(usize, usize, usize),
    ) {
        let Self::Random { probability } = *self else { return };
        for (places, before) in ends.to.places_of(neurons).into_iter().zip(before) {
            at_random(probability, ends, random.clone(), places, |i, j, item| join(i, j, before + item));
        }
    }

    /// Number of arms; those drawn with a probability are drawn for it.
    pub(crate) fn n_arms(&self, ends: Ends<'_>, random: ChaCha8Rng) -> usize {
        let nobody = Neurons::default();
        self.for_each_of(ends, random, Part { of: Some((&nobody, Side::Receiver)), numbered: true }, |_, _, _| {})
    }

    /// The end whose neurons arms are drawn for; none where arithmetic says who is joined to whom.
    pub(crate) fn drawn_for(&self) -> Option<Side> {
        match self {
            Self::FixedFanIn { .. } | Self::Random { .. } => Some(Side::Receiver),
            Self::SmallWorld { .. } => Some(Side::Sender),
            _ => None,
        }
    }

    /// Whether the senders of each receiver are drawn, so that only going through all receivers says who hears a sender.
    pub(crate) fn draws_senders(&self) -> bool {
        matches!(self, Self::FixedFanIn { .. } | Self::Random { .. } | Self::AllToAll)
    }
}

/// Joins `k` senders to each of these receivers.
fn fixed_fan_in(
    k: usize,
    ends: Ends<'_>,
    mut random: ChaCha8Rng,
    receivers: impl Iterator<Item = usize>,
    mut join: impl FnMut(usize, usize, usize),
) {
    let mut chosen = Vec::new();
    let places = ends.places();
    for j in receivers {
        let excluded = places.of(ends.to.at(j));
        random::seek(&mut random, j as u64);
        let pool = ends.from.len() - usize::from(excluded.is_some());
        chosen.clear();
        chosen.extend(index::sample(&mut random, pool, k));
        chosen.sort_unstable();
        for (place, &i) in chosen.iter().enumerate() {
            join(i + usize::from(excluded.is_some_and(|e| i >= e)), j, j * k + place);
        }
    }
}

/// Joins the senders and receivers that are wanted to all others; the number of all arms.
fn all_to_all(ends: Ends<'_>, wanted: &Wanted, mut join: impl FnMut(usize, usize, usize)) -> usize {
    let (from, mut item) = (ends.from.len(), 0);
    let places = ends.places();
    for j in 0..ends.to.len() {
        let neuron = ends.to.at(j);
        let itself = if ends.allow_self { 0 } else { ends.from.count(neuron) };
        // Of a neuron that is there several times, the senders before one are counted one by one.
        if itself <= 1 && !within(&wanted.receivers, j) {
            let itself_at = places.of(neuron).filter(|_| itself == 1);
            for i in wanted.senders.iter().cloned().flatten().filter(|i| Some(*i) != itself_at) {
                join(i, j, item + i - usize::from(itself_at.is_some_and(|place| place < i)));
            }
            item += from - itself;
            continue;
        }
        for i in (0..from).filter(|&i| !ends.joins_itself(i, j)) {
            join(i, j, item);
            item += 1;
        }
    }
    item
}

/// Joins each sender to each of these receivers with the same probability; the number of arms.
fn at_random(
    probability: f64,
    ends: Ends<'_>,
    mut random: ChaCha8Rng,
    receivers: impl Iterator<Item = usize>,
    mut join: impl FnMut(usize, usize, usize),
) -> usize {
    let (from, mut item) = (ends.from.len(), 0);
    for j in receivers {
        random::seek(&mut random, j as u64);
        let mut next = skip(probability, &mut random);
        while next < from as f64 {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below `from`")]
            let i = next as usize;
            if !ends.joins_itself(i, j) {
                join(i, j, item);
                item += 1;
            }
            next += 1.0 + skip(probability, &mut random);
        }
    }
    item
}

/// How many pairs are passed over before the next that is joined: geometrically distributed.
fn skip(probability: f64, random: &mut ChaCha8Rng) -> f64 {
    if probability >= 1.0 { 0.0 } else { (random::uniform(random).ln() / (-probability).ln_1p()).floor() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pattern: &Pattern, n: usize) -> Vec<(usize, usize)> {
        let neurons = Neurons::from(0..n);
        let ends = Ends { from: &neurons, to: &neurons, allow_self: false };
        pattern.check(ends).unwrap();
        let mut pairs = Vec::new();
        pattern.for_each(ends, random::stream(7, "test"), |i, j| pairs.push((i, j)));
        pairs
    }

    #[test]
    fn regular_patterns_join_whom_they_say() {
        assert_eq!(pairs(&Pattern::Chain, 4), [(0, 1), (1, 2), (2, 3)]);
        assert_eq!(pairs(&Pattern::Ring, 3), [(0, 1), (1, 2), (2, 0)]);
        assert_eq!(pairs(&Pattern::AllToAll, 2), [(1, 0), (0, 1)]);
        let layers = Pattern::Feedforward { layers: vec![2, 3], fan_out: None };
        assert_eq!(pairs(&layers, 5), [(0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4)]);
        let layers = Pattern::Feedforward { layers: vec![3, 3], fan_out: Some(2) };
        assert_eq!(pairs(&layers, 6), [(0, 3), (0, 4), (1, 4), (1, 5), (2, 5), (2, 3)]);
        let grid = Pattern::Grid { width: 2, neighbours: 4, wrap: false };
        assert_eq!(pairs(&grid, 4), [(0, 1), (0, 2), (1, 0), (1, 3), (2, 0), (2, 3), (3, 1), (3, 2)]);
        let torus = Pattern::Grid { width: 4, neighbours: 8, wrap: true };
        assert_eq!(pairs(&torus, 16).len(), 128);
    }

    #[test]
    fn drawn_patterns_have_the_right_numbers_and_no_loops() {
        let fan_in = pairs(&Pattern::FixedFanIn { k: 5 }, 40);
        for j in 0..40 {
            let mut senders: Vec<_> = fan_in.iter().filter(|p| p.1 == j).map(|p| p.0).collect();
            senders.dedup();
            assert_eq!(senders.len(), 5);
            assert!(!senders.contains(&j));
        }
        let random = pairs(&Pattern::Random { probability: 0.1 }, 300).len() as f64;
        let expected = 0.1 * 300.0 * 299.0;
        assert!((random - expected).abs() < 5.0 * (0.9 * expected).sqrt(), "{random} arms, {expected} expected");
        assert_eq!(pairs(&Pattern::Random { probability: 1.0 }, 5).len(), 20);
        assert_eq!(pairs(&Pattern::Random { probability: 0.0 }, 5).len(), 0);
        let world = pairs(&Pattern::SmallWorld { neighbours: 4, rewire: 0.3 }, 50);
        let moved = world.iter().filter(|(i, j)| (i + 50 - j) % 50 > 2 && (j + 50 - i) % 50 > 2).count();
        assert_eq!(world.len(), 200);
        assert!((30..90).contains(&moved), "{moved} of 200 arms were led elsewhere");
        let mut distinct = world.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 200);
    }

    /// What a rank lays out for its own neurons is what all arms are, one by one, with their numbers.
    #[test]
    fn parts_are_those_of_the_whole() {
        let mut lists = vec![Neurons::from(0..12), [3..9, 20..24, 9..11].into_iter().collect()];
        lists.push([5, 2, 7, 8, 9, 1, 0, 30, 31, 32, 33, 34].into_iter().collect());
        let feedforward = |layers: &[usize], fan_out| Pattern::Feedforward { layers: layers.to_vec(), fan_out };
        let grid = |width, neighbours, wrap| Pattern::Grid { width, neighbours, wrap };
        let mut rules = vec![
            Pattern::Chain,
            Pattern::Ring,
            Pattern::OneToOne,
            Pattern::AllToAll,
            Pattern::FixedFanIn { k: 3 },
            Pattern::Random { probability: 0.3 },
            Pattern::SmallWorld { neighbours: 4, rewire: 0.4 },
            Pattern::Pairs([(0, 3), (7, 7), (4, 1), (11, 0), (4, 1)].into()),
        ];
        rules.extend([None, Some(1), Some(2), Some(3)].map(|fan_out| feedforward(&[5, 4, 3], fan_out)));
        rules.push(feedforward(&[12], None));
        rules.extend([None, Some(2)].map(|fan_out| feedforward(&[2, 7, 3], fan_out)));
        for width in [1, 2, 3, 4, 6, 12] {
            rules.extend([(4, false), (8, false), (4, true), (8, true)].map(|(n, wrap)| grid(width, n, wrap)));
        }
        let parts: [&[(usize, usize)]; 6] =
            [&[], &[(0, 1)], &[(0, 5)], &[(4, 9)], &[(2, 4), (7, 8), (31, 40)], &[(0, 99)]];
        for (rule, from) in rules.iter().flat_map(|rule| lists.iter().map(move |from| (rule, from))) {
            for (to, allow_self) in lists.iter().flat_map(|to| [(to, false), (to, true)]) {
                let ends = Ends { from, to, allow_self };
                if rule.check(ends).is_err() {
                    continue;
                }
                let random = || random::stream(7, "test");
                let laid = |part: Part<'_>| {
                    let mut arms = Vec::new();
                    let all = rule.for_each_of(ends, random(), part, |i, j, item| arms.push((i, j, item)));
                    (arms, all)
                };
                let (all, count) = laid(Part::ALL);
                let context = format!("{rule:?} {from:?} {to:?} {allow_self}");
                assert_eq!((all.len(), rule.n_arms(ends, random())), (count, count), "{context}");
                assert!(all.iter().enumerate().all(|(item, arm)| arm.2 == item), "{context}: {all:?}");
                for neurons in parts.map(|part| part.iter().map(|(start, end)| *start..*end).collect::<Neurons>())
                {
                    for side in [Side::Sender, Side::Receiver, Side::Either] {
                        let is = |(i, j, _): &(usize, usize, usize)| {
                            let [sender, receiver] = [from.at(*i), to.at(*j)].map(|n| neurons.contains(n));
                            match side {
                                Side::Sender => sender,
                                Side::Receiver => receiver,
                                Side::Either => sender || receiver,
                            }
                        };
                        let expected: Vec<_> = all.iter().filter(|arm| is(arm)).copied().collect();
                        let part = Part { of: Some((&neurons, side)), numbered: true };
                        assert_eq!(laid(part), (expected.clone(), count), "{context} {side:?} {neurons:?}");
                        let unnumbered = laid(Part { numbered: false, ..part }).0;
                        let ends_of = |arms: &[(usize, usize, usize)]| {
                            arms.iter().map(|arm| (arm.0, arm.1)).collect::<Vec<_>>()
                        };
                        assert_eq!(ends_of(&unnumbered), ends_of(&expected), "{context} {side:?}");
                        if side == Side::Receiver && matches!(rule, Pattern::Random { .. }) {
                            let first =
                                |(place, _): &(usize, usize)| all.iter().filter(|arm| arm.1 < *place).count();
                            let counts = rule.counts(ends, &random(), &neurons);
                            let before: Vec<usize> = counts.iter().map(first).collect();
                            let mut counted = Vec::new();
                            let join = |i, j, item| counted.push((i, j, item));
                            rule.for_each_counted(ends, &random(), (&neurons, &before), join);
                            assert_eq!(counted, expected, "{context} {neurons:?}");
                            assert_eq!(counts.iter().map(|of| of.1).sum::<usize>(), expected.len());
                        }
                    }
                }
            }
        }
    }
}
