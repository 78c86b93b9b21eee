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
pub(crate) mod heisenberg;
mod inflow;
pub(crate) mod neuron_block;
pub(crate) mod random_feed;
mod state;
pub(crate) mod wigner;

use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use qhh_core::integrate::lanes::{LANES, LANES_BARE, LANES_F32};
use rayon::ThreadPool;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::coupling::layout::Layout;
use crate::coupling::scattering::{Delays, PortAt, Scattering, lag};
use crate::coupling::{Coupling, lanes};
use crate::network::{Fluctuations, Method, Network, Precision};
use crate::outcome::{Finished, Fluctuated, MeanTrajectory, Outcome, Spike, Wiring};
use crate::tasks;
use crate::validate::Checked;
use compile::Compiled;
use delay_lines::{DelayLines, History, SlabWriter};
pub use divergence::Divergence;
use inflow::Inflow;
pub use state::{Checkpoint, Observer, State};
use state::{StateMismatch, StateReader, StateWriter};

/// Steps a block makes before the next one has its turn, at most: its course stays in the second-level cache.
const LONGEST_WINDOW: u64 = 128;
/// Neuron-steps in a window, at most: a tenth of a second or so, so that a run can be stopped without delay.
const LARGEST_WINDOW: u64 = 16_000_000;
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
    coupling: Option<Coupling>,
}

impl<'a> Simulation<'a> {
    /// Checks a network.
    ///
    /// # Errors
    /// [`RunError::Invalid`] if it fails [`Network::check`].
    pub fn new(network: &'a Network, options: RunOptions) -> Result<Self, RunError> {
        let (mistakes, coupling) = network.validate();
        if !mistakes.is_empty() {
            let lines: Vec<_> = mistakes.into_iter().map(|m| format!("{}: {}", m.path, m.message)).collect();
            return Err(RunError::Invalid(lines.join("; ")));
        }
        Ok(Self { network, options, coupling })
    }

    /// Takes a network that is known to be sound, without checking it again.
    pub fn from_checked(network: &'a Checked, options: RunOptions) -> Self {
        Self { network, options, coupling: network.coupling() }
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
        state::stoppable(observer, |observer| self.compile_and_run(kept, observer))
    }

    fn compile_and_run(self, kept: Checkpoint, observer: &mut dyn Observer) -> Result<Outcome, RunError> {
        let Self { network, options, .. } = self;
        let outcome = self.step_through(kept, observer)?;
        if network.record.budget_of.is_empty() {
            return Ok(outcome);
        }
        let origins = adjoint::origins(network, options, observer)?;
        Ok(outcome.with_origins(network, origins))
    }

    fn step_through(self, kept: Checkpoint, observer: &mut dyn Observer) -> Result<Outcome, RunError> {
        let Self { network, options, coupling } = self;
        let coupling = coupling.unwrap_or_else(|| Coupling::new(network, lanes(network)));
        // Matched once, outside every loop.
        match (network.simulation.method, network.simulation.precision) {
            (Method::Adiabatic, _) => {
                drive(network, compile::adiabatic(network, coupling), options, kept, observer)
            }
            (Method::Langevin, Precision::F64) if network.has_ports() => {
                drive(network, compile::cells::<LANES, f64>(network, coupling), options, kept, observer)
            }
            (Method::Langevin, Precision::F64) => {
                drive(network, compile::cells::<LANES_BARE, f64>(network, coupling), options, kept, observer)
            }
            (Method::Langevin, Precision::F32) => {
                drive(network, compile::cells::<LANES_F32, f32>(network, coupling), options, kept, observer)
            }
        }
    }
}

fn drive<B: Stepper>(
    network: &Network,
    compiled: Compiled<B>,
    options: RunOptions,
    Checkpoint { mean_field, fluctuations: kept }: Checkpoint,
    observer: &mut dyn Observer,
) -> Result<Outcome, RunError> {
    let Compiled { mut blocks, coupling: Coupling { layout, scattering } } = compiled;
    // Blocks of neurons share the threads, and so do field modes and samples, of which there are always many.
    let fluctuates = network.quantum.is_some_and(|quantum| quantum.fluctuations.in_tasks());
    let pool = pool(options.threads, if fluctuates { usize::MAX } else { blocks.len() })?;
    let stepping = pool.as_ref().filter(|_| blocks.len() > 1);
    let threads = pool.as_ref().map_or(1, ThreadPool::current_num_threads);
    let scratch: Vec<Mutex<B::Scratch>> = (0..threads).map(|_| Mutex::default()).collect();
    let (total, dt) = (network.n_steps(), network.simulation.step);
    let mut inflow = Inflow::new(network);
    let window = window(network.n_neurons(), &scattering, options.longest_window);
    let width = usize::try_from(window).unwrap_or(usize::MAX);
    // What is under way for longer than the run never arrives.
    let longest: Vec<usize> = scattering
        .arms
        .longest_lags(scattering.n_senders())
        .into_iter()
        .map(|lag| usize::try_from(total.min(lag.into())).unwrap_or(usize::MAX))
        .collect();
    let mut lines = DelayLines::new(&longest, width);
    drop(longest);
    let mut done = 0;
    if let Some(bytes) = mean_field {
        done = restore(&bytes, (window, total), &mut blocks, &mut lines)?;
    }
    let mut number = done / window;
    let time = done as f64 * dt;
    if observer.progress(Progress { stage: Stage::MeanField, done, total, time }).is_break() {
        return Err(RunError::Stopped { time });
    }
    while done < total {
        let n_steps = usize::try_from(window.min(total - done)).unwrap_or(width);
        inflow.fill(done, n_steps);
        let plan = WindowPlan { network, scattering: &scattering, first: done, n_steps, inflow: &inflow };
        let mut slab = lines.take(number, stepping);
        let history = lines.history();
        let mut all = || advance(&mut blocks, &plan, history, slab.fresh(width), &scratch);
        let lost = match stepping {
            None => all(),
            Some(pool) => pool.install(all),
        };
        lines.put(slab);
        done += n_steps as u64;
        number += 1;
        let time = done as f64 * dt;
        if let Some(neuron) = lost {
            let from = (done - n_steps as u64) as f64 * dt;
            let coupling = Coupling { layout, scattering };
            let likely = Divergence::of(network, &coupling, neuron, (from, time));
            let Coupling { layout, scattering } = coupling;
            let wiring = Wiring { layout, scattering, in_flight: None };
            let finished = blocks.into_iter().map(|block| block.finish(network)).collect();
            let steps = done - n_steps as u64;
            let so_far = (steps > 0).then(|| Box::new(Outcome::until(network, finished, &wiring, steps)));
            return Err(RunError::NotFinite { neuron: network.neuron_name(neuron), from, time, likely, so_far });
        }
        let progress = Progress { stage: Stage::MeanField, done, total, time };
        state::tell(observer, progress, &|sink| save(sink, (window, done), &blocks, &lines))?;
    }
    let in_flight = Some(in_flight(network, &layout, &scattering, &lines, total));
    drop(lines);
    let mut finished: Vec<Finished> = blocks.into_iter().map(|block| block.finish(network)).collect();
    let wiring = Wiring { layout, scattering, in_flight };
    let mut courses: Vec<MeanTrajectory> =
        finished.iter_mut().flat_map(|f| std::mem::take(&mut f.courses)).collect();
    courses.sort_by_key(|course| course.neuron);
    let spikes = crate::outcome::in_order(&mut finished);
    let fluctuated = match network.quantum.map(|quantum| (quantum.fluctuations, quantum)) {
        Some((Fluctuations::Heisenberg, quantum)) => {
            heisenberg::run(network, &quantum, courses, &spikes, pool.as_ref(), kept.as_deref(), observer)?
        }
        Some((Fluctuations::Wigner, quantum)) => {
            wigner::run(network, &quantum, &courses, &spikes, pool.as_ref(), kept.as_deref(), observer)?
        }
        _ => Fluctuated::default(),
    };
    Ok(match &pool {
        None => Outcome::gather(network, finished, spikes, fluctuated, &wiring, false),
        Some(pool) => pool.install(|| Outcome::gather(network, finished, spikes, fluctuated, &wiring, true)),
    })
}

/// What comes before the blocks in the state of a mean field.
#[derive(Serialize, Deserialize)]
struct Head {
    /// Steps in a window, steps made, blocks.
    window: u64,
    done: u64,
    blocks: usize,
}

/// Writes the state of the mean field.
fn save<B: Stepper>(
    sink: &mut StateWriter<'_>,
    (window, done): (u64, u64),
    blocks: &[B],
    lines: &DelayLines,
) -> io::Result<()> {
    sink.put(&Head { window, done, blocks: blocks.len() })?;
    for block in blocks {
        sink.put(&block.kept())?;
    }
    lines.save(sink)
}

/// Reads it. Steps made.
fn restore<B: Stepper>(
    bytes: &[u8],
    (window, total): (u64, u64),
    blocks: &mut [B],
    lines: &mut DelayLines,
) -> Result<u64, StateMismatch> {
    let mut pieces = StateReader::new(bytes);
    let is_border = |done: u64| done == total || (done < total && done.is_multiple_of(window));
    let Head { done, .. } =
        pieces.take(|head: &Head| head.window == window && head.blocks == blocks.len() && is_border(head.done))?;
    for block in blocks {
        let kept = pieces.take(|_: &B::Saved| true)?;
        if !block.restore(kept, done) {
            return Err(StateMismatch);
        }
    }
    lines.restore(&mut pieces, done.div_ceil(window))?;
    pieces.end()?;
    Ok(done)
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
pub(crate) fn window(n_neurons: usize, scattering: &Scattering, longest: u64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a delay is at least a step")]
    let delay = if scattering.n_arms == 0 { u64::MAX } else { scattering.delays.0.floor() as u64 };
    let longest = if longest == 0 { u64::MAX } else { longest };
    longest_window(n_neurons).min(delay).min(longest).max(1)
}

/// Steps in a window of so many neurons, delays aside.
pub(crate) fn longest_window(n_neurons: usize) -> u64 {
    // Whole fours, because the adiabatic method takes four steps at once.
    let fours = LARGEST_WINDOW / (4 * n_neurons.max(1) as u64);
    (4 * fours).clamp(4, LONGEST_WINDOW)
}

/// Moves all blocks through a window, halves in parallel. The first neuron whose state is then no finite number.
fn advance<B: Stepper>(
    blocks: &mut [B],
    plan: &WindowPlan<'_>,
    history: History<'_>,
    fresh: SlabWriter<'_>,
    scratch: &[Mutex<B::Scratch>],
) -> Option<usize> {
    let each = |block: &mut B, mine: SlabWriter<'_>, scratch: &mut B::Scratch| {
        block.advance(plan, history, mine, scratch);
        // Now, while it is in cache.
        block.not_finite()
    };
    for_each_block(blocks, &B::rows, fresh, scratch, &each)
}

/// Does the same with each block and its rows of a slab, halves in parallel; the first answer in the order of blocks.
fn for_each_block<B: Send, S: Send, A: Send>(
    blocks: &mut [B],
    rows: &(impl Fn(&B) -> (usize, usize) + Sync),
    fresh: SlabWriter<'_>,
    scratch: &[Mutex<S>],
    each: &(impl Fn(&mut B, SlabWriter<'_>, &mut S) -> Option<A> + Sync),
) -> Option<A> {
    if blocks.len() <= GRAIN || scratch.len() == 1 {
        let mut scratch = own(scratch);
        let (mut rest, mut first) = (fresh, None);
        for block in blocks {
            let (mine, more) = rest.split(rows(block).1);
            let answer = each(block, mine, &mut scratch);
            first = first.or(answer);
            rest = more;
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

/// Arms whose waves under way are added up one by one, at most; of more, a port's arms count with their mean delay.
const MOST_ARMS: usize = 2_000_000;

/// See [`Wiring::in_flight`]. Arms of one port are taken for equal parts of what it hands to waveguides.
fn in_flight(network: &Network, layout: &Layout, scattering: &Scattering, lines: &DelayLines, done: u64) -> f64 {
    let arms = &scattering.arms;
    let impedances = crate::coupling::scattering::Impedances::new(network);
    let mut each: Vec<(u32, f64)> = Vec::new();
    if let (Delays::Each(delays), ..=MOST_ARMS) = (&arms.delays, arms.len()) {
        each = arms.senders().iter().copied().zip(delays.iter().copied()).collect();
        each.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    }
    let mut mean = vec![(0_u32, 0.0); if each.is_empty() { scattering.n_senders() } else { 0 }];
    for (arm, &sender) in arms.senders().iter().enumerate().filter(|_| each.is_empty()) {
        let (count, sum) = &mut mean[sender as usize];
        (*count, *sum) = (*count + 1, *sum + arms.delays.get(arm));
    }
    // Energy over the last steps of a row; what left between two steps is on its way in part.
    let under_way = |row: usize, delay: f64| {
        let (whole, part) = lag(delay);
        let of = |steps: u32| lines.energy(row, done, steps.into());
        if part == 0.0 { of(whole) } else { (1.0 - part) * of(whole) + part * of(whole + 1) }
    };
    let mut energy = 0.0;
    crate::coupling::scattering::for_each_row(&scattering.senders, layout, |row, port: PortAt| {
        let own =
            each.partition_point(|arm| (arm.0 as usize) < row)..each.partition_point(|arm| arm.0 as usize <= row);
        let sum = match each[own].chunk_by(|a, b| a.1 == b.1) {
            of_delays if !each.is_empty() => {
                let (sum, count) = of_delays.fold((0.0, 0), |(sum, count), arms| {
                    (sum + arms.len() as f64 * under_way(row, arms[0].1), count + arms.len())
                });
                if count == 0 { 0.0 } else { sum / count as f64 }
            }
            _ if mean[row].0 == 0 => 0.0,
            _ => under_way(row, mean[row].1 / f64::from(mean[row].0)),
        };
        energy += scattering.split[row] * sum / impedances.at(port);
    });
    energy
}

/// The spike of a neuron in a step from and to these voltages, interpolated, if they cross the threshold upwards.
#[inline]
fn spike(neuron: usize, step: u64, dt: f64, threshold: f64, (before, after): (f64, f64)) -> Option<Spike> {
    let crosses = before < threshold && after >= threshold;
    crosses.then(|| Spike { neuron, time: (step as f64 + (threshold - before) / (after - before)) * dt })
}
