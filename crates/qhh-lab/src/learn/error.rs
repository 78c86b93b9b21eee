//! What can go wrong with learning.

use qhh_net::RunError;

/// The part of a series by which capacities are measured.
pub(crate) const MEASURED: &str = "measured";

/// Why a task cannot be learned, or a model cannot predict.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum LearnError {
    #[error("stopped")]
    Stopped,
    #[error("the {part} part would have {rows} rows: {needs} are the least")]
    EmptyPart { part: &'static str, rows: usize, needs: usize },
    #[error("class `{class}` does not occur in the training part")]
    ClassNotTrained { class: String },
    #[error("{feature} cannot be sampled with shots: {reason}")]
    NoShots { feature: String, reason: &'static str },
    /// `entry` is the key of a task that is at fault.
    #[error("{what} takes {needs}, not {has}")]
    Unsupported { entry: &'static str, what: String, needs: &'static str, has: String },
    #[error("the encoding into `{source_name}` has {inlets} places for {channels} inputs")]
    OneToOne { source_name: String, inlets: usize, channels: usize },
    #[error("{feature} was not kept by the run: {reason}")]
    NotKept { feature: String, reason: &'static str },
    #[error(
        "NARMA-{order} of seed {seed} grows without bound at symbol {symbol}: choose another seed, or an order up to 10"
    )]
    RunsAway { order: usize, seed: u64, symbol: usize },
    #[error(
        "the data have {rows} rows, and the model predicts nothing from the first {washout} (`washout`): give at least {} rows",
        washout + 1
    )]
    WithinWashout { rows: usize, washout: usize },
    #[error("the data have {got} inputs, and the model was trained with {expected}")]
    Channels { got: usize, expected: usize },
    #[error("no feature differs between examples: there is nothing to learn from")]
    NoFeatures,
    #[error("every target of the training part is the same: there is nothing to predict")]
    ConstantTarget,
    #[error("every target of the {part} part is the same: no score tells how well it is predicted")]
    ConstantPart { part: &'static str },
    #[error("a run of the network: {0}")]
    Run(#[from] RunError),
}

impl LearnError {
    /// The key of the task at which it can be mended; none where that is not in the task.
    pub fn entry(&self) -> Option<&'static str> {
        match self {
            Self::EmptyPart { .. }
            | Self::ClassNotTrained { .. }
            | Self::ConstantTarget
            | Self::RunsAway { .. } => Some("task"),
            Self::Unsupported { entry, .. } => Some(entry),
            Self::NoShots { .. } => Some("shots"),
            Self::OneToOne { .. } => Some("encode"),
            Self::NotKept { .. } | Self::NoFeatures => Some("features"),
            Self::ConstantPart { .. } => Some("split"),
            Self::Stopped | Self::WithinWashout { .. } | Self::Channels { .. } | Self::Run(_) => None,
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::EmptyPart { part: MEASURED, .. } => "give more `steps`, or shorter delays",
            Self::EmptyPart { .. } => "give it a larger share, more data, or a shorter `washout`",
            Self::ClassNotTrained { .. } => "give more data, or fewer classes",
            Self::NoShots { .. } => "leave `shots` out, or read voltages, variances, covariances or modes",
            Self::Unsupported { entry, .. } => match *entry {
                "encode" => "choose another `as` or another source, or change the source in the network file",
                "network" => "change it in the network file",
                "over" => "write `over: mean` or `over: last`",
                "readout" => "write `readout: {ridge: {}}`",
                "task" => "shorten the delays of the higher degrees",
                _ => "leave it out, or change how inputs enter",
            },
            Self::OneToOne { .. } => "name as many `inputs`, or write `mixing: random`",
            Self::NotKept { .. } => "leave it out, or change the network file",
            Self::RunsAway { .. } => "change `seeds` or `order`",
            Self::Channels { .. } => "give the columns that the model was trained with",
            Self::NoFeatures => "read other `features`, or let the inputs change the sources more",
            Self::ConstantTarget => "give targets that differ",
            Self::ConstantPart { .. } => "choose another `split`",
            Self::Stopped | Self::WithinWashout { .. } | Self::Run(_) => return None,
        })
    }
}
