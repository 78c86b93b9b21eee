//! Running a network: windows of steps, blocks of neurons, threads.
//!
//! Within a window no neuron sees another, so each block goes through it alone, its state in cache; what a block
//! computes does not depend on the thread that computes it. The engine cannot fail once the network is checked,
//! except for a state that is no number, which it names.

pub(crate) mod block;

use std::ops::ControlFlow;

use qhh_core::source::Segment;
use rayon::prelude::*;

use crate::compile;
use crate::network::{Drive, Method, Network};
use crate::record::Outcome;
use block::{Block, Scratch, WindowPlan};

/// Steps a block makes before the next one has its turn, at most: its course stays in the second-level cache.
const LONGEST_WINDOW: u64 = 256;
/// Neuron-steps in a window, at most: a fraction of a second, so that a run can be stopped without delay.
const LARGEST_WINDOW: u64 = 16_000_000;

/// How far a run is; handed to the observer after each window of steps.
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
    #[error("{neuron} became infinite or not a number near t = {time}: a smaller step or amplitude may help")]
    NotFinite { neuron: String, time: f64 },
    #[error("the network cannot run: {0}")]
    Invalid(String),
    #[error("cannot start {threads} threads: {cause}")]
    Threads { threads: usize, cause: String },
}

/// Runs a network to its end.
///
/// `threads` is the number of worker threads, 0 for one per core; the result does not depend on it. `observer` is
/// called after each window of steps and ends the run by returning [`ControlFlow::Break`].
///
/// # Errors
/// [`RunError`]: stopped by the observer, a state that is no number, or a network that fails [`Network::check`].
pub fn run(
    network: &Network,
    threads: usize,
    observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Outcome, RunError> {
    let mistakes = network.check();
    if !mistakes.is_empty() {
        let lines: Vec<_> = mistakes.into_iter().map(|m| format!("{}: {}", m.path, m.message)).collect();
        return Err(RunError::Invalid(lines.join("; ")));
    }
    let mut blocks = compile::blocks(network);
    // A pool costs more than a small run: one block is stepped where we stand.
    let pool = if threads == 1 || blocks.len() == 1 {
        None
    } else {
        let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        Some(built.map_err(|error| RunError::Threads { threads, cause: error.to_string() })?)
    };
    let (total, dt) = (network.n_steps(), network.simulation.step);
    let mut scratch = Scratch::default();
    let mut segments: Vec<Vec<Segment>> = vec![Vec::new(); network.sources.len()];
    // The adiabatic method answers each source in closed form and needs no current step by step.
    let stepped = network.simulation.method == Method::Langevin;
    // Whole fours, because the adiabatic method takes four steps at once.
    let fours = LARGEST_WINDOW / (4 * network.n_neurons() as u64);
    let window = (4 * fours).clamp(4, LONGEST_WINDOW);
    let mut done = 0;
    while done < total {
        let n_steps = window.min(total - done);
        for (source, segments) in network.sources.iter().zip(&mut segments).filter(|_| stepped) {
            fill_segments(&source.drive, done, n_steps, dt, segments);
        }
        let plan = WindowPlan { network, first: done, n_steps, segments: &segments };
        match &pool {
            None => blocks.iter_mut().for_each(|block| block.advance(&plan, &mut scratch)),
            Some(pool) => pool.install(|| {
                blocks
                    .par_iter_mut()
                    .for_each_init(Scratch::default, |scratch, block| block.advance(&plan, scratch));
            }),
        }
        done += n_steps;
        let time = done as f64 * dt;
        if let Some(neuron) = blocks.iter().find_map(Block::not_finite) {
            return Err(RunError::NotFinite { neuron: network.neuron_name(neuron), time });
        }
        if observer(Progress { done, total, time }).is_break() {
            return Err(RunError::Stopped { time });
        }
    }
    Ok(match &pool {
        None => Outcome::gather(network, blocks, false),
        Some(pool) => pool.install(|| Outcome::gather(network, blocks, true)),
    })
}

fn fill_segments(drive: &Drive, first: u64, n_steps: u64, dt: f64, segments: &mut Vec<Segment>) {
    segments.clear();
    segments.extend((first..first + n_steps).map(|step| {
        let t = step as f64 * dt;
        match drive {
            Drive::Current(current) => current.segment(t, dt),
            Drive::Mode(mode) => mode.segment(t, dt),
        }
    }));
}
