//! Running a network.

use std::ops::ControlFlow;

use crate::network::Network;
use crate::record::Outcome;

/// How far a run is; handed to the observer after each block of steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Steps made.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
    /// Time reached, in the network's unit.
    pub time: f64,
}

/// Why a run ended before its time.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum RunError {
    #[error("stopped at t = {time}")]
    Stopped { time: f64 },
    #[error("{neuron} became infinite or not a number near t = {time}: a smaller step may help")]
    NotFinite { neuron: String, time: f64 },
    #[error("the network cannot run: {0}")]
    Invalid(String),
    #[error("cannot start {threads} threads: {cause}")]
    Threads { threads: usize, cause: String },
}

/// Runs a network to its end.
///
/// `threads` is the number of worker threads, 0 for one per core; the result does not depend on it. `observer` is
/// called after each block of steps and ends the run by returning [`ControlFlow::Break`].
///
/// # Errors
/// [`RunError`]: stopped by the observer, a state that is no number, or a network that fails [`Network::check`].
pub fn run(
    network: &Network,
    threads: usize,
    observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Outcome, RunError> {
    let _ = (network, threads, observer);
    unimplemented!()
}
