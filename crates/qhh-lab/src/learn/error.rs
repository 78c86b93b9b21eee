//! What can go wrong with learning.

use qhh_net::RunError;

/// Why a task cannot be learned, or a model cannot predict.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum LearnError {
    #[error("stopped")]
    Stopped,
    #[error(
        "the {part} part would have {rows} rows: {needs} are the least; give it a larger share, more data, or a shorter `washout`"
    )]
    EmptyPart { part: &'static str, rows: usize, needs: usize },
    #[error("class `{class}` does not occur in the training part: more data, or fewer classes")]
    ClassNotTrained { class: String },
    #[error("{feature} cannot be sampled with shots: {reason}")]
    NoShots { feature: String, reason: &'static str },
    #[error("{what} takes {needs}, but the network has {has}")]
    Unsupported { what: String, needs: &'static str, has: String },
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
    #[error(
        "every target of the {part} part is the same: no score tells how well it is predicted; choose another `split`"
    )]
    ConstantPart { part: &'static str },
    #[error("a run of the network: {0}")]
    Run(#[from] RunError),
}
