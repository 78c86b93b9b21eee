//! What was typed about waveguides: whom they join and what a wave meets on its way.

use schemars::JsonSchema;
use serde::Deserialize;

use super::spread::Spread;
use super::{Neurons, Quantity};

/// Waveguides from the output ports of some neurons to an input port of others, laid by one pattern. Values may
/// differ from waveguide to waveguide: `[1 ms, 2 ms]`, `{uniform: [1 ms, 2 ms]}` and so on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waveguides {
    /// Neurons whose output port they leave, in the order in which the pattern counts them.
    #[schemars(example = &"relay")]
    pub(crate) from: Neurons,
    /// Neurons at whose input port they arrive, likewise; those of `from` by default where the pattern joins the
    /// neurons of one list (chain, ring, feedforward, small-world, grid).
    pub(crate) to: Option<Neurons>,
    /// Name of the receivers' input port; may be left out where they have but one.
    pub(crate) port: Option<String>,
    /// Who is joined to whom: `chain` among the neurons of one list, `one-to-one` between two, and others.
    #[schemars(example = &"all-to-all")]
    pub(crate) pattern: Pattern,
    /// Time a wave takes. Give this, or `length` and `velocity`.
    #[schemars(example = &"1 ms")]
    pub(crate) delay: Option<Spread>,
    /// Length, beside `velocity`.
    #[schemars(example = &"1 m")]
    pub(crate) length: Option<Spread>,
    /// Velocity of a wave, beside `length`.
    #[schemars(example = &"1e8 m/s")]
    pub(crate) velocity: Option<Quantity>,
    /// Share of the power that is transmitted, between 0 and 1, or in per cent: 1 by default.
    pub(crate) transmission: Option<Spread>,
    /// Power lost on the way, in place of `transmission`: a share (`0.2`, `20 %`) or decibels (`3 dB`).
    #[schemars(example = &"20 %")]
    pub(crate) loss: Option<Spread>,
    /// What it counts beside the others in the splitter it leaves and in the combiner it arrives at: the power at either
    /// end is in proportion to its size, and below zero the wave is turned round. Any number, not in per cent: 1 by default.
    pub(crate) weight: Option<Spread>,
    /// Power gain of an amplifier at its start, 1 or above, with the noise that this takes: 1, no amplifier, by
    /// default.
    pub(crate) gain: Option<Spread>,
    /// Whether waves travel back: isolated by default.
    pub(crate) direction: Option<Direction>,
    /// Whether a neuron may be joined to itself: false by default.
    pub(crate) allow_self: Option<bool>,
}

/// Whether waves travel back.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Direction {
    /// As through an isolator: what returns is absorbed (default).
    Isolated,
    /// The wave that leaves the input port travels back to the output port.
    TwoWay,
}

/// Who is joined to whom: a word, or a rule with its values.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Pattern {
    Word(Word),
    Rule(Rule),
}

/// A pattern that needs no values.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    /// Each neuron to the next of the same list.
    Chain,
    /// A chain whose last neuron is joined to the first.
    Ring,
    /// Each sender to the receiver of the same place.
    OneToOne,
    /// Every sender to every receiver.
    AllToAll,
    /// Each entry of `from` is a layer, joined to the next one; the last to `to`, if that is given.
    Feedforward,
}

/// A pattern with its values.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rule {
    /// Each layer to the next.
    Feedforward(Feedforward),
    /// Every receiver from as many senders, drawn at random.
    FixedFanIn(FixedFanIn),
    /// Every pair with the same probability.
    Random(Random),
    /// A closed row in which each neuron is joined to its neighbours, and some of these waveguides are led elsewhere
    /// at random.
    SmallWorld(SmallWorld),
    /// Rows of a grid, each neuron joined to its neighbours.
    Grid(Grid),
    /// As listed: place of the sender in `from`, place of the receiver in `to`, both counted from 0.
    Pairs(#[schemars(example = &"[[0, 1]]")] Vec<[u32; 2]>),
    /// As a CSV, Matrix Market or SONATA file lists.
    File(File),
}

/// Layers that feed each other in turn.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = &"{layers: 2}")]
pub(crate) struct Feedforward {
    /// Number of layers, all of one size, or the size of each; by default each entry of `from` is one.
    pub(crate) layers: Option<Layers>,
    /// Receivers of each sender, neighbours in the next layer, which is closed to a ring: all by default.
    pub(crate) fan_out: Option<usize>,
}

/// Number of layers, or their sizes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Layers {
    Equal(usize),
    Sizes(Vec<usize>),
}

/// Every receiver from as many senders.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FixedFanIn {
    /// Senders of each receiver, each at most once.
    #[schemars(example = &"1")]
    pub(crate) k: usize,
}

/// Every pair with the same probability.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Random {
    /// Probability of a pair, between 0 and 1, or in per cent.
    #[schemars(example = &"0.1")]
    pub(crate) probability: Quantity,
}

/// A small world.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SmallWorld {
    /// Nearest neighbours that each is joined to, half of them on either side: an even number.
    #[schemars(example = &"2")]
    pub(crate) neighbours: usize,
    /// Probability that a waveguide is led elsewhere, between 0 and 1, or in per cent.
    #[schemars(example = &"0.1")]
    pub(crate) rewire: Quantity,
}

/// A grid.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grid {
    /// Neurons in a row, a number that divides that of all neurons.
    #[schemars(example = &"1")]
    pub(crate) width: usize,
    /// Neighbours: 4, or 8 with the diagonal ones; 4 by default.
    pub(crate) neighbours: Option<usize>,
    /// Whether opposite edges meet: false by default.
    pub(crate) wrap: Option<bool>,
}

/// A file of pairs: its name, or that and what is taken of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(example = &"pairs.csv")]
pub(crate) enum File {
    Name(String),
    Described(DescribedFile),
}

/// A file of pairs: CSV with the columns `from` and `to` (places counted from 0) and, if you like, `delay`,
/// `transmission` and `weight`; Matrix Market (`.mtx`; row: sender, column: receiver, value: weight); or edges of a SONATA
/// circuit (`.h5`; node ids are places, delays in ms).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DescribedFile {
    /// The file, relative to the folder of the network file and within it.
    #[schemars(example = &"pairs.csv")]
    pub(crate) path: String,
    /// Which population of a SONATA file; may be left out where it has but one.
    pub(crate) population: Option<String>,
    /// Table of the edge types of a SONATA file, which may have what its edges have not.
    pub(crate) edge_types: Option<String>,
}
