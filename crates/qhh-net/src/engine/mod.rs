//! Running a network: windows of steps, blocks of neurons, threads.
//!
//! No neuron sees another sooner than the smallest delay, so within a window of that length each block goes alone, its
//! state in cache; what a block computes depends neither on the thread that computes it nor on the length of the
//! window. The engine cannot fail once the network is checked, except for a state that is no number, which it names.

pub(crate) mod adiabatic;
pub mod adjoint;
mod compile;
pub(crate) mod delay_lines;
mod divergence;
mod division;
mod drive;
mod exchange;
pub(crate) mod heisenberg;
mod inflow;
mod kept;
pub(crate) mod neuron_block;
mod outbox;
mod pages;
pub(crate) mod random_feed;
mod rehearsal;
mod share;
mod spikes;
mod state;
mod waves;
pub(crate) mod wigner;
mod workers;

use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::ThreadPool;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::coupling::scattering::{Facts, Scattering};
use crate::coupling::{Coupling, lanes};
use crate::network::Network;
use crate::outcome::{Finished, Outcome, Spike};
pub use crate::ranks::{Alone, Imagined, Ranks, Reach};
use crate::tasks;
use crate::validate::Checked;
use delay_lines::{History, SlabWriter};
pub use divergence::Divergence;
use division::Windows;
pub use division::{Division, RankLoad};
use drive::Drive;
use inflow::Inflow;
pub use rehearsal::Rehearsal;
use share::Share;
pub use state::{Checkpoint, Observer, State};

/// Steps a block makes before the next one has its turn, at most: its course stays in the second-level cache.
const LONGEST_WINDOW: u64 = 128;
/// Neuron-steps in a window, at most: some 0.2 s on two threads, so that a run can be stopped without delay. Shorter windows
/// cost large networks their speed, since each block is fetched from memory once a window: networks of more than two million
/// neurons, which take many threads or processes, have windows of 16 steps all the same.
const LARGEST_WINDOW: u64 = 32_000_000;
/// Steps that a window has where delays allow, at least.
const SHORTEST_WINDOW: u64 = 16;
/// Blocks that one thread goes through without offering some to others.
const GRAIN: usize = 4;

/// How far a run is; handed to the observer after each window of steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Steps made, or tasks done.
    pub done: u64,
    /// Steps or tasks in all.
    pub total: u64,
    /// Time reached, in the network's unit.
    pub time: f64,
}

/// The parts of a run, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The mean field, step by step.
    MeanField,
    /// Responses to field modes, task by task.
    Modes,
    /// Samples of the fields, some at a time.
    Samples,
    /// Back through the mean field, step by step.
    Backwards,
}

/// How a network is run; the result does not depend on any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunOptions {
    /// Worker threads, 0 for one per core.
    pub threads: usize,
    /// Steps in a window at most; 0 for as many as the delays and the cache allow.
    pub longest_window: u64,
}

/// Why a run ended before its time.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum RunError {
    #[error("stopped at t = {time}")]
    Stopped { time: f64 },
    #[error("{neuron} became infinite or not a number between t = {from} and t = {time}: {likely}")]
    NotFinite {
        neuron: String,
        from: f64,
        time: f64,
        likely: Divergence,
        /// What it had come to until `from`: the outcome of [`Network::until`]; none if that is the start.
        so_far: Option<Box<Outcome>>,
    },
    #[error("the network cannot run: {0}")]
    Invalid(String),
    #[error("the state to go on from is not one of this network")]
    StateMismatch,
    #[error("cannot start {threads} threads: {cause}")]
    Threads { threads: usize, cause: String },
}

/// What every block needs of a window.
pub(crate) struct WindowPlan<'a> {
    pub(crate) network: &'a Network,
    pub(crate) scattering: &'a Scattering,
    /// Number of the window's first step.
    pub(crate) first: u64,
    pub(crate) n_steps: usize,
    /// What sources feed.
    pub(crate) inflow: &'a Inflow<'a>,
}

/// Something that moves through windows: a block of neurons.
pub(crate) trait Stepper: Send {
    /// Working memory of a thread.
    type Scratch: Default + Send;
    /// Everything that changes along a run.
    type Saved: Serialize + DeserializeOwned;
    /// First row of the delay lines that it fills, and number of rows.
    fn rows(&self) -> (usize, usize);
    /// Goes through a window: state, spikes, recorders, and its rows of the delay lines.
    fn advance(
        &mut self,
        plan: &WindowPlan<'_>,
        history: History<'_>,
        fresh: SlabWriter<'_>,
        scratch: &mut Self::Scratch,
    );
    /// The first neuron whose state is no finite number.
    fn not_finite(&self) -> Option<usize>;
    /// A copy of everything that changes.
    fn kept(&self) -> Self::Saved;
    /// Goes on from what was kept when `done` steps were made; whether it is of this block.
    fn restore(&mut self, kept: Self::Saved, done: u64) -> bool;
    /// What it kept.
    fn finish(self, network: &Network) -> Finished;
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
    run_with(network, RunOptions { threads, ..RunOptions::default() }, observer)
}

/// [`run`] with options.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    network: &Network,
    options: RunOptions,
    observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Outcome, RunError> {
    Simulation::new(network, options)?.run(observer)
}

/// A network that is sound, ready to be compiled to flat arrays and run.
pub struct Simulation<'a> {
    network: &'a Network,
    options: RunOptions,
}

impl<'a> Simulation<'a> {
    /// Checks a network.
    ///
    /// # Errors
    /// [`RunError::Invalid`] if it fails [`Network::check`].
    pub fn new(network: &'a Network, options: RunOptions) -> Result<Self, RunError> {
        let mistakes = network.check();
        if !mistakes.is_empty() {
            let lines: Vec<_> = mistakes.into_iter().map(|m| format!("{}: {}", m.path, m.message)).collect();
            return Err(RunError::Invalid(lines.join("; ")));
        }
        Ok(Self { network, options })
    }

    /// Takes a network that is known to be sound, without checking it again.
    pub fn from_checked(network: &'a Checked, options: RunOptions) -> Self {
        Self { network, options }
    }

    /// Takes a network that rank 0 of several has checked. Of one that fails [`Network::check`], what comes of it means
    /// nothing, and it may panic.
    pub fn checked_elsewhere(network: &'a Network, options: RunOptions) -> Self {
        Self { network, options }
    }

    /// Runs to the end; `observer` is called before the first window and after each, and ends the run by returning
    /// [`ControlFlow::Break`].
    ///
    /// # Errors
    /// As [`run`].
    pub fn run(self, mut observer: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<Outcome, RunError> {
        self.resume(Checkpoint::default(), &mut observer)
    }

    /// Goes on from where a run of the same network stood; the end is the same to the bit. `observer` may ask for the
    /// state on the way.
    ///
    /// # Errors
    /// As [`run`], and [`RunError::StateMismatch`] if the state is none of this network.
    pub fn resume(self, kept: Checkpoint, observer: &mut dyn Observer) -> Result<Outcome, RunError> {
        let outcome = state::stoppable(observer, |observer| self.resume_among(&Alone, kept, observer))?;
        Ok(outcome.unwrap_or_else(|| unreachable!("who runs alone gets the outcome")))
    }

    /// [`Simulation::resume`] together with other processes, which call this, too, for the same network with the same
    /// options. The outcome is that of one process, to the bit, and goes to rank 0 alone; states and observers are that
    /// rank's, too.
    ///
    /// Every process builds its own neurons and the waveguides that end at them. Tasks of field modes, samples of the
    /// fields and numbers of `budget_of` are shared out one by one, beside the whole mean field. A stop that unwinds
    /// ([`qhh_core::stop`]) unwinds through this, and leaves the other ranks waiting.
    ///
    /// # Errors
    /// As [`Simulation::resume`], on rank 0; the others end without an outcome or with an error of no meaning.
    pub fn resume_among(
        self,
        ranks: &dyn Ranks,
        kept: Checkpoint,
        observer: &mut dyn Observer,
    ) -> Result<Option<Outcome>, RunError> {
        let Self { network, options, .. } = self;
        let outcome = self.step_through(ranks, kept, observer)?;
        if network.record.budget_of.is_empty() {
            return Ok(outcome);
        }
        let origins = adjoint::origins(network, options, ranks, observer)?;
        Ok(outcome.map(|outcome| outcome.with_origins(network, origins)))
    }

    fn step_through(
        self,
        ranks: &dyn Ranks,
        kept: Checkpoint,
        observer: &mut dyn Observer,
    ) -> Result<Option<Outcome>, RunError> {
        let Self { network, options } = self;
        let coupling = Coupling::among(network, lanes(network), ranks);
        let drive = Drive { network, options, ranks, share: Share::new(coupling.clone(), ranks) };
        compile::compiled(network, &coupling, Running { drive, kept, observer })
    }
}

/// A run before its blocks are there.
struct Running<'a> {
    drive: Drive<'a>,
    kept: Checkpoint,
    observer: &'a mut dyn Observer,
}

impl OnBlocks for Running<'_> {
    type Made = Result<Option<Outcome>, RunError>;

    fn on<B: Stepper>(self, blocks: Vec<B>) -> Self::Made {
        self.drive.run(blocks, self.kept, self.observer)
    }
}

/// Something that is done with the blocks of a network, of whatever form.
trait OnBlocks {
    /// What comes of it.
    type Made;

    fn on<B: Stepper>(self, blocks: Vec<B>) -> Self::Made;
}

/// Hands each part of a block what was kept of it; whether all are there and fit.
fn restored<P, K>(parts: &mut [(usize, P)], kept: Vec<K>, restore: impl Fn(&mut P, K) -> bool) -> bool {
    parts.len() == kept.len() && parts.iter_mut().zip(kept).all(|((_, part), kept)| restore(part, kept))
}

/// A pool costs more than a small run: one piece of work is done where we stand.
fn pool(threads: usize, n_pieces: usize) -> Result<Option<ThreadPool>, RunError> {
    if threads == 1 || n_pieces <= 1 {
        return Ok(None);
    }
    let built = tasks::pool(threads);
    built.map(Some).map_err(|error| RunError::Threads { threads, cause: error.to_string() })
}

/// Steps in a window: no more than the smallest delay, so that no block needs what another has not sent yet.
pub(crate) fn window(n_neurons: usize, facts: &Facts, longest: u64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a delay is at least a step")]
    let delay = if facts.n_arms == 0 { u64::MAX } else { facts.delays.0.floor() as u64 };
    let longest = if longest == 0 { u64::MAX } else { longest };
    longest_window(n_neurons).min(delay).min(longest).max(1)
}

/// Steps in a window of so many neurons, delays aside.
pub(crate) fn longest_window(n_neurons: usize) -> u64 {
    // Whole fours, because the adiabatic method takes four steps at once.
    let fours = LARGEST_WINDOW / (4 * n_neurons.max(1) as u64);
    (4 * fours).clamp(SHORTEST_WINDOW, LONGEST_WINDOW)
}

/// Moves the blocks that `goes` names through a window, halves in parallel. The first neuron whose state is then no finite number.
fn advance<B: Stepper>(
    blocks: &mut [B],
    plan: &WindowPlan<'_>,
    history: History<'_>,
    fresh: SlabWriter<'_>,
    scratch: &[Mutex<B::Scratch>],
    goes: &(impl Fn(&B) -> bool + Sync),
) -> Option<usize> {
    let each = |block: &mut B, mine: SlabWriter<'_>, scratch: &mut B::Scratch| {
        if !goes(block) {
            return None;
        }
        block.advance(plan, history, mine, scratch);
        // Now, while it is in cache.
        block.not_finite()
    };
    for_each_block(blocks, &B::rows, fresh, scratch, &each)
}

/// Does the same with each block and its rows of a slab, halves in parallel; the first answer in the order of blocks.
fn for_each_block<B: Send, S: Send, A: Send>(
    mut blocks: &mut [B],
    rows: &(impl Fn(&B) -> (usize, usize) + Sync),
    fresh: SlabWriter<'_>,
    scratch: &[Mutex<S>],
    each: &(impl Fn(&mut B, SlabWriter<'_>, &mut S) -> Option<A> + Sync),
) -> Option<A> {
    if blocks.len() <= GRAIN || scratch.len() == 1 {
        let mut scratch = own(scratch);
        let (mut rest, mut first) = (fresh, None);
        while let Some((block, after)) = blocks.split_first_mut() {
            // The next one comes from memory while this one computes.
            pages::prefetch(&after[..after.len().min(1)]);
            let (mine, more) = rest.split(rows(block).1);
            let answer = each(block, mine, &mut scratch);
            first = first.or(answer);
            (rest, blocks) = (more, after);
        }
        return first;
    }
    let (left, right) = blocks.split_at_mut(blocks.len() / 2);
    let (fresh_left, fresh_right) = fresh.split(rows(&right[0]).0 - rows(&left[0]).0);
    let answers = rayon::join(
        || for_each_block(left, rows, fresh_left, scratch, each),
        || for_each_block(right, rows, fresh_right, scratch, each),
    );
    answers.0.or(answers.1)
}

/// What belongs to the thread we are on, of one for each of the run's: never waited for. A run without threads of its
/// own may be on any of somebody else's.
fn own<T>(of_threads: &[Mutex<T>]) -> MutexGuard<'_, T> {
    let thread = rayon::current_thread_index().unwrap_or(0) % of_threads.len();
    of_threads[thread].lock().unwrap_or_else(PoisonError::into_inner)
}

/// The spike of a neuron in a step from and to these voltages, interpolated, if they cross the threshold upwards.
#[inline]
fn spike(neuron: usize, step: u64, dt: f64, threshold: f64, (before, after): (f64, f64)) -> Option<Spike> {
    let crosses = before < threshold && after >= threshold;
    crosses.then(|| Spike { neuron, time: (step as f64 + (threshold - before) / (after - before)) * dt })
}
