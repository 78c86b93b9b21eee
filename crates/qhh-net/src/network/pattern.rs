//! Who is joined to whom: pairs of places in two lists of neurons, from a rule and a random stream.
//!
//! Random rules draw for each receiver (or, in a small world, each sender) from a place of the stream of its own, so
//! that any part of a network can be laid out alone. What travels along the pairs is not known here.

use std::sync::Arc;

use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::neurons::{Neurons, Places};
use super::random;

/// A rule that joins senders to receivers.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// Each neuron to the next of the same list.
    Chain,
    /// A chain whose last neuron is joined to the first.
    Ring,
    /// Each sender to the receiver of the same place.
    OneToOne,
    /// Every sender to every receiver.
    AllToAll,
    /// Each layer to the one after it, within one list of neurons.
    Feedforward {
        /// Number of neurons in each layer; together the whole list.
        layers: Vec<usize>,
        /// Receivers of each sender, neighbours in the next layer, which is closed to a ring; all if none.
        fan_out: Option<usize>,
    },
    /// Every receiver from `k` senders drawn at random, each at most once.
    FixedFanIn {
        /// Number of senders of each receiver.
        k: usize,
    },
    /// Every pair with the same probability.
    Random {
        /// Probability of a pair.
        probability: f64,
    },
    /// A closed row in which each neuron is joined to its nearest neighbours on either side, and each of these arms
    /// led to a receiver drawn at random with some probability (Watts and Strogatz, Nature 393, 440 (1998); directed).
    SmallWorld {
        /// Neighbours, half of them on either side.
        neighbours: usize,
        /// Probability that an arm is led elsewhere.
        rewire: f64,
    },
    /// Rows of a grid, each neuron joined to its neighbours.
    Grid {
        /// Neurons in a row.
        width: usize,
        /// 4 neighbours, or 8 with the diagonal ones.
        neighbours: usize,
        /// Whether the opposite edges meet.
        wrap: bool,
    },
    /// As listed: place of the sender, place of the receiver.
    Pairs(Arc<[(u32, u32)]>),
}

/// Something a pattern cannot do with the neurons it is given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum PatternError {
    #[error("it joins the neurons of one list among themselves: give `from` and `to` the same neurons")]
    TwoLists,
    #[error("it needs as many receivers as senders, and there are {from} senders and {to} receivers")]
    Unequal { from: usize, to: usize },
    #[error("a receiver cannot have {k} senders: only {senders} are there to choose from")]
    FanInTooLarge { k: usize, senders: usize },
    #[error("a probability lies between 0 and 1, got {0}")]
    Probability(f64),
    #[error("the layers hold {layers} neurons, and `from` names {neurons}")]
    Layers { layers: usize, neurons: usize },
    #[error("a sender cannot have {fan_out} receivers: its next layer has {next}")]
    FanOutTooLarge { fan_out: usize, next: usize },
    #[error("the number of neighbours must be even, above 0 and below the {neurons} neurons, got {neighbours}")]
    Neighbours { neighbours: usize, neurons: usize },
    #[error("a neuron of a grid has 4 or 8 neighbours, got {0}")]
    GridNeighbours(usize),
    #[error("rows of {width} do not divide {neurons} neurons")]
    Rows { width: usize, neurons: usize },
    #[error("pair {pair} names {what} {index}, and there are {count}, counted from 0")]
    NoSuch { pair: usize, what: &'static str, index: u32, count: usize },
    #[error("pair {pair} joins a neuron to itself: leave it out, or write `allow_self: true`")]
    SelfLoop { pair: usize },
}

/// The two lists a pattern joins.
#[derive(Debug, Clone, Copy)]
pub struct Ends<'a> {
    /// Senders.
    pub from: &'a Neurons,
    /// Receivers.
    pub to: &'a Neurons,
    /// Whether a neuron may be joined to itself.
    pub allow_self: bool,
}

/// Which arms of a pattern are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<W> {
    /// Whether those into a neuron are.
    pub(crate) wanted: W,
    /// Whether numbers of arms mean anything; where they do not, what is not wanted need not be counted.
    pub(crate) numbered: bool,
}

impl Ends<'_> {
    fn joins_itself(&self, from: usize, to: usize) -> bool {
        !self.allow_self && self.from.at(from) == self.to.at(to)
    }

    /// Where among the senders each neuron is that must not be joined to itself.
    fn places(&self) -> Places {
        if self.allow_self { Neurons::default().places() } else { self.from.places() }
    }
}

impl Pattern {
    /// Name in files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Ring => "ring",
            Self::OneToOne => "one-to-one",
            Self::AllToAll => "all-to-all",
            Self::Feedforward { .. } => "feedforward",
            Self::FixedFanIn { .. } => "fixed-fan-in",
            Self::Random { .. } => "random",
            Self::SmallWorld { .. } => "small-world",
            Self::Grid { .. } => "grid",
            Self::Pairs(_) => "pairs",
        }
    }

    /// Checks that the rule fits the neurons.
    ///
    /// # Errors
    /// The first [`PatternError`] found.
    pub fn check(&self, ends: Ends<'_>) -> Result<(), PatternError> {
        let (from, to) = (ends.from.len(), ends.to.len());
        let within_one = !matches!(
            self,
            Self::OneToOne | Self::AllToAll | Self::FixedFanIn { .. } | Self::Random { .. } | Self::Pairs(_)
        );
        if within_one && ends.from != ends.to {
            return Err(PatternError::TwoLists);
        }
        match *self {
            Self::Chain | Self::Ring | Self::AllToAll => Ok(()),
            Self::OneToOne if from == to => Ok(()),
            Self::OneToOne => Err(PatternError::Unequal { from, to }),
            Self::Feedforward { ref layers, fan_out } => {
                let sum = layers.iter().sum();
                if sum != from {
                    return Err(PatternError::Layers { layers: sum, neurons: from });
                }
                let smallest = layers.iter().skip(1).copied().min().unwrap_or(usize::MAX);
                match fan_out {
                    Some(fan_out) if fan_out > smallest => {
                        Err(PatternError::FanOutTooLarge { fan_out, next: smallest })
                    }
                    _ => Ok(()),
                }
            }
            Self::FixedFanIn { k } => {
                // Whoever is among the senders itself has one fewer to choose from.
                let itself = !ends.allow_self && (ends.from == ends.to || overlap(ends));
                let senders = from - usize::from(itself && from > 0);
                if k <= senders { Ok(()) } else { Err(PatternError::FanInTooLarge { k, senders }) }
            }
            Self::Random { probability } if (0.0..=1.0).contains(&probability) => Ok(()),
            Self::Random { probability } => Err(PatternError::Probability(probability)),
            Self::SmallWorld { neighbours, rewire } => {
                if !(0.0..=1.0).contains(&rewire) {
                    return Err(PatternError::Probability(rewire));
                }
                if neighbours == 0 || neighbours % 2 == 1 || neighbours >= from {
                    return Err(PatternError::Neighbours { neighbours, neurons: from });
                }
                Ok(())
            }
            Self::Grid { width, neighbours, .. } => {
                if neighbours != 4 && neighbours != 8 {
                    return Err(PatternError::GridNeighbours(neighbours));
                }
                if width == 0 || from % width != 0 {
                    return Err(PatternError::Rows { width, neurons: from });
                }
                Ok(())
            }
            Self::Pairs(ref pairs) => pairs.iter().enumerate().try_for_each(|(pair, &(i, j))| {
                let beyond = |what, index: u32, count: usize| PatternError::NoSuch { pair, what, index, count };
                if i as usize >= from {
                    return Err(beyond("sender", i, from));
                }
                if j as usize >= to {
                    return Err(beyond("receiver", j, to));
                }
                if ends.joins_itself(i as usize, j as usize) {
                    return Err(PatternError::SelfLoop { pair });
                }
                Ok(())
            }),
        }
    }

    /// Number of arms; that to be expected where it is drawn.
    pub fn expected_arms(&self, ends: Ends<'_>) -> f64 {
        let (from, to) = (ends.from.len() as f64, ends.to.len() as f64);
        let own = if ends.from == ends.to && !ends.allow_self { from } else { 0.0 };
        match *self {
            Self::Chain => (from - 1.0).max(0.0),
            Self::Ring | Self::OneToOne => from,
            Self::AllToAll => from * to - own,
            Self::Feedforward { ref layers, fan_out } => {
                let pair = |l: &[usize]| l[0] as f64 * fan_out.unwrap_or(l[1]) as f64;
                layers.windows(2).map(pair).sum()
            }
            Self::FixedFanIn { k } => k as f64 * to,
            Self::Random { probability } => probability * (from * to - own),
            Self::SmallWorld { neighbours, .. } | Self::Grid { neighbours, .. } => neighbours as f64 * from,
            Self::Pairs(ref pairs) => pairs.len() as f64,
        }
    }

    /// Calls `join` with the place of sender and receiver of every arm, in the order in which lists of delays and the
    /// like count them: pairs as listed, random and all-to-all patterns receiver by receiver, others sender by sender.
    ///
    /// The pattern must have passed [`Pattern::check`].
    pub fn for_each(&self, ends: Ends<'_>, random: ChaCha8Rng, mut join: impl FnMut(usize, usize)) {
        self.for_each_into(ends, random, Part { wanted: |_| true, numbered: true }, |i, j, _| join(i, j));
    }

    /// The same of a part of the arms, each with its number among all of them; the number of all. What a pattern joins
    /// receiver by receiver, it passes over where it is not wanted.
    pub(crate) fn for_each_into(
        &self,
        ends: Ends<'_>,
        mut random: ChaCha8Rng,
        part: Part<impl Fn(usize) -> bool>,
        mut joined: impl FnMut(usize, usize, usize),
    ) -> usize {
        let (from, to) = (ends.from.len(), ends.to.len());
        let Part { wanted, numbered } = part;
        let wanted = |j: usize| wanted(ends.to.at(j));
        let mut item = 0;
        let mut join = |i: usize, j: usize| {
            if wanted(j) {
                joined(i, j, item);
            }
            item += 1;
        };
        match *self {
            Self::FixedFanIn { k } => return fixed_fan_in(k, ends, random, wanted, joined),
            Self::AllToAll => return all_to_all(ends, wanted, joined),
            Self::Chain => (1..from).for_each(|k| join(k - 1, k)),
            Self::Ring => {
                let alone = from == 1 && !ends.allow_self;
                (0..from).filter(|_| !alone).for_each(|k| join(k, (k + 1) % from));
            }
            Self::OneToOne => (0..from).filter(|&k| !ends.joins_itself(k, k)).for_each(|k| join(k, k)),
            Self::Feedforward { ref layers, fan_out } => {
                let mut first = 0;
                for pair in layers.windows(2) {
                    let (here, next) = (pair[0], pair[1]);
                    for i in 0..here {
                        let fan_out = fan_out.unwrap_or(next);
                        let start = if fan_out == next { 0 } else { i * next / here };
                        (0..fan_out).for_each(|step| join(first + i, first + here + (start + step) % next));
                    }
                    first += here;
                }
            }
            Self::Random { probability } => {
                // How many are drawn is known once they are drawn.
                for j in (0..to).filter(|&j| numbered || wanted(j)) {
                    random::seek(&mut random, j as u64);
                    let mut next = skip(probability, &mut random);
                    while next < from as f64 {
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            reason = "below `from`"
                        )]
                        let i = next as usize;
                        if !ends.joins_itself(i, j) {
                            join(i, j);
                        }
                        next += 1.0 + skip(probability, &mut random);
                    }
                }
            }
            Self::SmallWorld { neighbours, rewire } => {
                let mut taken = Vec::new();
                for i in 0..from {
                    random::seek(&mut random, i as u64);
                    let half = neighbours / 2;
                    taken.clear();
                    taken.extend((1..=half).flat_map(|d| [(i + from - d) % from, (i + d) % from]));
                    for k in 0..taken.len() {
                        if random::uniform(&mut random) < rewire && neighbours + 1 < from {
                            while {
                                let drawn = index::sample(&mut random, from, 1).index(0);
                                let free = drawn != i && !taken.contains(&drawn);
                                if free {
                                    taken[k] = drawn;
                                }
                                !free
                            } {}
                        }
                    }
                    for &j in &taken {
                        join(i, j);
                    }
                }
            }
            Self::Grid { width, neighbours, wrap } => grid(from, width, neighbours, wrap, join),
            Self::Pairs(ref pairs) => pairs.iter().for_each(|&(i, j)| join(i as usize, j as usize)),
        }
        item
    }
}

fn overlap(ends: Ends<'_>) -> bool {
    let (from, to) = (ends.from.ascending(), ends.to.ascending());
    let mut to = to.stretches().peekable();
    from.stretches().any(|stretch| {
        while to.next_if(|other| other.end <= stretch.start).is_some() {}
        to.peek().is_some_and(|other| other.start < stretch.end)
    })
}

/// Joins `k` senders to each receiver that is wanted; the number of all arms.
fn fixed_fan_in(
    k: usize,
    ends: Ends<'_>,
    mut random: ChaCha8Rng,
    wanted: impl Fn(usize) -> bool,
    mut join: impl FnMut(usize, usize, usize),
) -> usize {
    let (from, to) = (ends.from.len(), ends.to.len());
    let mut chosen = Vec::new();
    let places = ends.places();
    for j in (0..to).filter(|&j| wanted(j)) {
        let excluded = places.of(ends.to.at(j));
        random::seek(&mut random, j as u64);
        let pool = from - usize::from(excluded.is_some());
        chosen.clear();
        chosen.extend(index::sample(&mut random, pool, k));
        chosen.sort_unstable();
        for (place, &i) in chosen.iter().enumerate() {
            join(i + usize::from(excluded.is_some_and(|e| i >= e)), j, j * k + place);
        }
    }
    to * k
}

/// Joins every sender to each receiver that is wanted; the number of all arms.
fn all_to_all(ends: Ends<'_>, wanted: impl Fn(usize) -> bool, mut join: impl FnMut(usize, usize, usize)) -> usize {
    let (from, mut item) = (ends.from.len(), 0);
    for j in 0..ends.to.len() {
        if !wanted(j) {
            let itself = if ends.allow_self { 0 } else { ends.from.count(ends.to.at(j)) };
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

/// Joins each of `count` places in rows of `width` to its neighbours.
fn grid(count: usize, width: usize, neighbours: usize, wrap: bool, mut join: impl FnMut(usize, usize)) {
    const STEPS: [(isize, isize); 8] = [(0, -1), (-1, 0), (1, 0), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)];
    for i in 0..count {
        for &(dx, dy) in STEPS.iter().take(neighbours) {
            let (x, y) = (moved(i % width, dx, width, wrap), moved(i / width, dy, count / width, wrap));
            if let (Some(x), Some(y)) = (x, y)
                && y * width + x != i
            {
                join(i, y * width + x);
            }
        }
    }
}

/// How many pairs are passed over before the next that is joined: geometrically distributed.
fn skip(probability: f64, random: &mut ChaCha8Rng) -> f64 {
    if probability >= 1.0 { 0.0 } else { (random::uniform(random).ln() / (-probability).ln_1p()).floor() }
}

/// A place one step along an axis of `n`; `None` beyond its edge.
fn moved(place: usize, step: isize, n: usize, wrap: bool) -> Option<usize> {
    match place.checked_add_signed(step) {
        Some(moved) if moved < n => Some(moved),
        _ if !wrap => None,
        None => Some(n - 1),
        Some(_) => Some(0),
    }
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
}
