//! Who is joined to whom: pairs of places in two lists of neurons, from a rule and a random stream.
//!
//! Random rules draw for each receiver (or, in a small world, each sender) from a place of the stream of its own, so
//! that any part of a network can be laid out alone ([`super::arms`]). What travels along the pairs is not known here.

use std::sync::Arc;

use super::neurons::{Neurons, Places};

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
    #[error(
        "it needs as many receivers as senders, and there are {from} senders and {to} receivers: name as many neurons in \
         `to` as in `from`, or write `pattern: all-to-all`"
    )]
    Unequal { from: usize, to: usize },
    #[error("a receiver cannot have {k} senders: there are {senders} to choose from{}", at_most("k", *senders))]
    FanInTooLarge { k: usize, senders: usize },
    #[error("a probability lies between 0 and 1, got {0}")]
    Probability(f64),
    #[error("the layers hold {layers} neurons, and `from` names {neurons}: write sizes that add up to {neurons}")]
    Layers { layers: usize, neurons: usize },
    #[error("a sender cannot have {fan_out} receivers: its next layer has {next}{}", at_most("fan_out", *next))]
    FanOutTooLarge { fan_out: usize, next: usize },
    #[error(
        "the number of neighbours must be even, above 0 and below the {neurons} neurons, got {neighbours}{}",
        possible("neighbours", (2..*neurons).step_by(2))
    )]
    Neighbours { neighbours: usize, neurons: usize },
    #[error("a neuron of a grid has 4 or 8 neighbours, got {0}: write `neighbours: 4` or `neighbours: 8`")]
    GridNeighbours(usize),
    #[error(
        "rows of {width} do not divide {neurons} neurons{}",
        possible("width", (1..=*neurons).filter(|width| neurons.is_multiple_of(*width)))
    )]
    Rows { width: usize, neurons: usize },
    #[error("pair {pair} names {what} {index}, and there are {count}, counted from 0: {}", places(*count))]
    NoSuch { pair: usize, what: &'static str, index: u32, count: usize },
    #[error("pair {pair} joins a neuron to itself: leave it out, or write `allow_self: true`")]
    SelfLoop { pair: usize },
}

/// Sizes that a message lists, at most.
const MOST_LISTED: usize = 8;

/// What to do where a number of neurons is too large, for the end of a sentence.
fn at_most(key: &str, most: usize) -> String {
    match most {
        0 => String::new(),
        most => format!(": write `{key}: {most}` or less"),
    }
}

/// Values that fit, for the end of a sentence.
fn possible(key: &str, values: impl Iterator<Item = usize>) -> String {
    let mut values = values.map(|value| value.to_string());
    let mut shown: Vec<String> = values.by_ref().take(MOST_LISTED).collect();
    shown.extend(values.next().map(|_| "..".to_owned()));
    match shown.as_slice() {
        [] => ": name more neurons".to_owned(),
        [one] => format!(": write `{key}: {one}`"),
        values => format!(": `{key}` can be {}", values.join(", ")),
    }
}

/// The places in a list.
fn places(count: usize) -> String {
    match count {
        0 | 1 => "write 0".to_owned(),
        count => format!("write 0 to {}", count - 1),
    }
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

impl Ends<'_> {
    pub(super) fn joins_itself(&self, from: usize, to: usize) -> bool {
        !self.allow_self && self.from.at(from) == self.to.at(to)
    }

    /// Where among the senders each neuron is that must not be joined to itself.
    pub(super) fn places(&self) -> Places {
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
}

fn overlap(ends: Ends<'_>) -> bool {
    let (from, to) = (ends.from.ascending(), ends.to.ascending());
    let mut to = to.stretches().peekable();
    from.stretches().any(|stretch| {
        while to.next_if(|other| other.end <= stretch.start).is_some() {}
        to.peek().is_some_and(|other| other.start < stretch.end)
    })
}
