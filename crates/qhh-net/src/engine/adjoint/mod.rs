//! Backwards through a run: how one number depends on every parameter, current and wave of the network at once.
//!
//! A [`Tape`] is a run of the mean field that keeps what it takes to go through it again: the waves that were sent, and the
//! state of each block of neurons every so many steps. A number that is worked out from its voltages, with its slope by
//! each of them, is then carried backwards, window by window: the blocks go through each window again and through the
//! transposed steps of [`qhh_core::integrate::adjoint`], and sensitivities to waves travel from receivers to senders after
//! the delay. It is the derivative of the run's own numbers, not of the equations they are near to. Ours.
//!
//! On tape no neuron sleeps and no wave is too small to count (`sleep`), since what sleeps answers to nothing: its numbers
//! are those of a run with `sleep: 0`, which others are as near to as `sleep` says.
//!
//! Forwards along one change of the network ([`Tape::tangent`]) goes the derivative that this is the transpose of.
//!
//! Backwards costs about two runs forwards and one backwards, of any number of parameters. Blocks that nothing leads to are not
//! gone through. Threads change nothing.

mod before;
mod block;
mod budget;
mod chain;
mod direction;
mod later;
mod returned;
mod reverse;
mod states;
mod tangent;
mod transposed;
mod walk;

use std::ops::ControlFlow;
use std::sync::Mutex;

use qhh_core::integrate::lanes::LANES;
use qhh_core::stop;
use rayon::ThreadPool;

use self::block::Block;
use self::later::{Later, Waves};
use self::reverse::{Own, Reverse, Scratch, WindowBack};
use self::transposed::Transposed;
use self::walk::{Walk, Walked};
use super::delay_lines::SlabWriter;
use super::inflow::Inflow;
use super::state::{Observer, stoppable};
use super::{Progress, RunError, RunOptions, Stage, WindowPlan, compile, for_each_block, pool, window};
use crate::coupling::Coupling;
pub use crate::coupling::scattering::ArmSlopes;
use crate::coupling::scattering::lag;
use crate::network::{Fluctuations, Method, Network, Precision, Record};
use crate::outcome::Spike;
use crate::ranks::Alone;
use crate::validate::Checked;
pub use budget::Functional;
use budget::GROUP;
pub(super) use budget::origins;
pub use chain::{Gradient, NeuronSlopes, SourceSlopes};
pub use direction::Direction;

/// Steps between two kept states, about: a state is then no larger than the waves of those steps.
const STRETCH: usize = 16;
/// The same where memory counts more than time: half of the memory for states is for these, half for those of a stretch.
const LONG_STRETCH: usize = 64;

/// Bytes of a waveguide: its place by sender, what it does to waves, what it is.
const ARM: f64 = 80.0;
/// Bytes of a neuron: its sensitivities and derivatives.
const NEURON: f64 = 600.0;
/// The same where no parameter is looked at.
const BUDGET_ARM: f64 = 24.0;
const BUDGET_NEURON: f64 = 550.0;

/// Why a network has no derivative of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum NoTape {
    #[error("`method: adiabatic` has no steps to go through backwards; use `method: langevin`")]
    Adiabatic,
    #[error("`precision: f32` is too coarse for derivatives; use `precision: f64`")]
    Single,
}

/// A run of the mean field that can be gone through backwards.
pub struct Tape {
    network: Network,
    coupling: Coupling,
    transposed: Transposed,
    blocks: Vec<Block>,
    waves: Waves,
    pool: Option<ThreadPool>,
    /// Steps in a window, and windows between two kept states.
    width: usize,
    stride: usize,
    n_steps: usize,
    watched: Vec<usize>,
}

/// Bytes that going backwards takes besides the run itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TapeMemory {
    /// Waves that were sent, kept for the whole run.
    pub waves: f64,
    /// States to start from again.
    pub states: f64,
    /// Voltages that are looked at, and slopes by them.
    pub voltages: f64,
    /// Derivatives by neurons and waveguides.
    pub slopes: f64,
}

impl TapeMemory {
    /// Of a network of which so many neurons are looked at, for derivatives.
    pub fn of(network: &Network, n_watched: usize) -> Self {
        Self::with(network, n_watched, (8.0, ARM, NEURON), STRETCH)
    }

    /// The same for variances by their origin ([`Tape::record_rounded`]).
    pub fn of_origins(network: &Network, n_watched: usize) -> Self {
        Self::with(network, n_watched, (4.0, BUDGET_ARM, BUDGET_NEURON), LONG_STRETCH)
    }

    fn with(network: &Network, n_watched: usize, (wave, arm, neuron): (f64, f64, f64), stretch: usize) -> Self {
        let steps = network.n_steps() as f64;
        let (mut waves, mut state) = (0.0, 0.0);
        for population in &network.populations {
            let of = &population.circuit;
            let (count, ports) = (population.count as f64, of.ports().count() as f64);
            // Voltage, capacitors, gates, conductance and battery current, and what arrived last.
            state += count * 8.0 * (3.0 + 2.0 * ports + of.n_gates() as f64);
            waves += if network.waveguides.is_empty() { 0.0 } else { count * wave * steps };
        }
        let least = network.waveguides.iter().map(|entry| entry.delay_range().0).fold(f64::INFINITY, f64::min);
        let width = (least / network.simulation.step).clamp(1.0, super::LONGEST_WINDOW as f64);
        let stride = (stretch as f64 / width).ceil().max(1.0);
        let states = state * (steps / (width * stride) + stride);
        let arms: f64 = network.waveguides.iter().map(crate::network::Waveguides::expected_arms).sum();
        let slopes = arm * arms + neuron * network.n_neurons() as f64;
        Self { waves, states, voltages: 16.0 * steps * n_watched as f64, slopes }
    }

    /// All together.
    pub fn total(self) -> f64 {
        self.waves + self.states + self.voltages + self.slopes
    }
}

impl Tape {
    /// Whether a network can be gone through backwards.
    ///
    /// # Errors
    /// [`NoTape`].
    pub fn check(network: &Network) -> Result<(), NoTape> {
        match (network.simulation.method, network.simulation.precision) {
            (Method::Adiabatic, _) => Err(NoTape::Adiabatic),
            (_, Precision::F32) => Err(NoTape::Single),
            _ => Ok(()),
        }
    }

    /// Runs the mean field of a network and keeps it. The voltages of the `watched` neurons, which ascend, can then be read,
    /// and numbers be made of them. `observer` as in [`crate::run`].
    ///
    /// # Errors
    /// [`RunError::Invalid`] where [`Tape::check`] fails, else as [`crate::run`].
    pub fn record(
        network: &Checked,
        watched: &[usize],
        options: RunOptions,
        observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, RunError> {
        stoppable(&mut { observer }, |observer| Self::recorded(network, watched, (options, false), observer))
    }

    /// The same for [`Tape::origins`]: the waves that were sent are kept in half of the memory, rounded to seven digits, and
    /// the steps between kept states are made again from those. The voltages are those of the run.
    ///
    /// # Errors
    /// As [`Tape::record`].
    pub fn record_rounded(
        network: &Checked,
        watched: &[usize],
        options: RunOptions,
        observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, RunError> {
        stoppable(&mut { observer }, |observer| Self::recorded(network, watched, (options, true), observer))
    }

    /// A run of a network that is known to be sound, its waves kept rounded or as they are.
    fn recorded(
        network: &Network,
        watched: &[usize],
        options: (RunOptions, bool),
        observer: &mut dyn Observer,
    ) -> Result<Self, RunError> {
        let mut tape = Self::blank(network, watched, options)?;
        tape.forwards(observer)?;
        Ok(tape)
    }

    /// Before its run.
    fn blank(
        network: &Network,
        watched: &[usize],
        (options, rounded): (RunOptions, bool),
    ) -> Result<Self, RunError> {
        Self::check(network).map_err(|error| RunError::Invalid(error.to_string()))?;
        let mut bare = Network::clone(network);
        bare.record = Record::new(bare.record.every, Vec::new(), Vec::new());
        bare.modes.clear();
        // Asleep, a neuron answers to nothing.
        bare.simulation.sleep = 0.0;
        if let Some(quantum) = &mut bare.quantum {
            quantum.fluctuations = Fluctuations::None;
        }
        let coupling = Coupling::new(&bare, LANES);
        let blocks = compile::cells::<LANES, f64>(&bare, &coupling);
        let scattering = &coupling.scattering;
        let width = window(bare.n_neurons(), &scattering.facts, options.longest_window);
        let width = usize::try_from(width).unwrap_or(usize::MAX);
        // Of whole groups for variances, so that no group is kept from one to the next.
        let width = if rounded && width >= GROUP { width - width % GROUP } else { width };
        let n_steps = usize::try_from(bare.n_steps()).unwrap_or(usize::MAX);
        let stride = if rounded { LONG_STRETCH } else { STRETCH }.div_ceil(width);
        let n_kept = n_steps.div_ceil(width * stride);
        let mut first = 0;
        let blocks = blocks.into_iter().map(|cells| {
            let block = Block::new(cells, &scattering.arms, first, (watched, n_steps), n_kept);
            first += block.arriving.1;
            block
        });
        let blocks: Vec<Block> = blocks.collect();
        let transposed = Transposed::new(&scattering.arms, scattering.n_senders(), scattering.n_receivers);
        let pool = pool(options.threads, blocks.len())?;
        let watched = watched.to_vec();
        let lags = scattering.arms.longest_lags(scattering.n_senders()).into_iter();
        let lags: Vec<usize> = lags.map(|lag| (lag as usize).min(n_steps + width)).collect();
        let waves = Waves::new(rounded, &lags, (n_steps, width));
        Ok(Self { network: bare, coupling, transposed, blocks, waves, pool, width, stride, n_steps, watched })
    }

    /// First step and number of steps of each window.
    fn windows(&self) -> Vec<(u64, usize)> {
        let first = (0..self.n_steps).step_by(self.width);
        first.map(|first| (first as u64, self.width.min(self.n_steps - first))).collect()
    }

    fn scratch(&self) -> Vec<Mutex<Scratch>> {
        let threads = self.pool.as_ref().map_or(1, ThreadPool::current_num_threads);
        (0..threads).map(|_| Mutex::default()).collect()
    }

    fn forwards(&mut self, observer: &mut dyn Observer) -> Result<(), RunError> {
        let (scratch, windows, total) = (self.scratch(), self.windows(), self.n_steps as u64);
        let Self { network, coupling, blocks, waves, pool, width, stride, .. } = self;
        let (network, scattering, width) = (&*network, &coupling.scattering, *width);
        let mut inflow = Inflow::new(network);
        let dt = network.simulation.step;
        for (number, (first, n_steps)) in windows.into_iter().enumerate() {
            stop::check();
            inflow.fill(first, n_steps);
            let plan = WindowPlan { network, scattering, first, n_steps, inflow: &inflow };
            let keep = number.is_multiple_of(*stride);
            let lines = waves.lines();
            let mut slab = lines.take(number as u64, pool.as_ref());
            let history = lines.history();
            let all = || {
                for_each_block(blocks, &sending, slab.fresh(width), &scratch, &|block, fresh, scratch| {
                    block.forwards(&plan, keep, history, fresh, scratch);
                    super::Stepper::not_finite(&block.cells)
                })
            };
            let lost = within(pool.as_ref(), all);
            waves.put(slab, (number, width), pool.as_ref());
            let done = first + n_steps as u64;
            let time = done as f64 * dt;
            if let Some(neuron) = lost {
                let from = first as f64 * dt;
                let growth = network.has_amplifiers().then(|| coupling.largest_singular_value(network, &Alone).0);
                let likely = super::Divergence::of(network, growth, neuron, (from, time));
                let neuron = network.neuron_name(neuron);
                return Err(RunError::NotFinite { neuron, from, time, likely, so_far: None });
            }
            let progress = Progress { stage: Stage::MeanField, done, total, time };
            if observer.progress(progress).is_break() {
                return Err(RunError::Stopped { time });
            }
        }
        waves.end();
        Ok(())
    }

    /// Neurons whose voltages are kept, ascending.
    pub fn watched(&self) -> &[usize] {
        &self.watched
    }

    /// Voltage of a watched neuron at the start and after each step; nothing of others.
    pub fn voltages(&self, neuron: usize) -> &[f64] {
        let Ok(place) = self.watched.binary_search(&neuron) else { return &[] };
        let mut all = self.blocks.iter().flat_map(|block| &block.watched);
        all.find(|(_, of, _)| *of == place).map_or(&[], |(.., voltages)| voltages)
    }

    /// Spikes of a watched neuron, in time order, as a run reports them.
    pub fn spikes(&self, neuron: usize) -> Vec<Spike> {
        let simulation = &self.network.simulation;
        let spiking = self.network.locate(neuron).is_some_and(|(of, _)| of.spike_threshold(simulation).is_some());
        let threshold = simulation.spike_threshold.unwrap_or(0.0);
        let steps = self.voltages(neuron).windows(2).enumerate().filter(|_| spiking);
        let spike =
            |(k, v): (usize, &[f64])| super::spike(neuron, k as u64, simulation.step, threshold, (v[0], v[1]));
        steps.filter_map(spike).collect()
    }

    /// The step of a watched neuron's spike, and the slopes of its time by the voltages before and after that step.
    pub fn crossing(&self, spike: &Spike) -> Option<(usize, [f64; 2])> {
        let simulation = &self.network.simulation;
        let (dt, threshold) = (simulation.step, simulation.spike_threshold.unwrap_or(0.0));
        let voltages = self.voltages(spike.neuron);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a step of the run")]
        let near = (spike.time / dt) as usize;
        let crosses = |k: &usize| voltages.get(k + 1).is_some_and(|v| voltages[*k] < threshold && *v >= threshold);
        // A time on a step may have been rounded to either side.
        let k = [near, near + 1, near.saturating_sub(1)].into_iter().find(crosses)?;
        Some((k, crossing_slopes(dt, threshold, [voltages[k], voltages[k + 1]])))
    }

    /// The derivative by everything of a number whose slopes by the watched voltages are given: a list for each watched
    /// neuron, in their order, with as many entries as [`Tape::voltages`]. With `arms`, by what each waveguide is, too.
    ///
    /// # Errors
    /// [`RunError::Stopped`] by the observer.
    pub fn backwards(
        &mut self,
        slopes: &[Vec<f64>],
        arms: bool,
        observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Gradient, RunError> {
        stoppable(&mut { observer }, |observer| self.all_backwards(slopes, arms, observer))
    }

    fn all_backwards(
        &mut self,
        slopes: &[Vec<f64>],
        arms: bool,
        observer: &mut dyn Observer,
    ) -> Result<Gradient, RunError> {
        let (scratch, windows) = (self.scratch(), self.windows());
        let mut reverses: Vec<Reverse> = self.blocks.iter().map(|block| block.reverse(arms)).collect();
        let mut later = Later::new(&self.longest_lags(self.n_steps + self.width), self.width);
        let Self { network, coupling, transposed, blocks, waves, pool, width, stride, n_steps, .. } = self;
        let (network, width, stride, scattering) = (&*network, *width, *stride, &coupling.scattering);
        let own = Own::of_all(slopes);
        let mut sources = SourceSlopes::of_all(network, *n_steps);
        let mut pairs: Vec<_> = blocks.iter_mut().zip(&mut reverses).collect();
        let pool = pool.as_ref();
        let walk = Walk {
            network,
            scattering,
            transposed,
            sent: waves,
            pool,
            windows: &windows,
            stride,
            width,
            slopes: &own,
        };
        let through = |(block, reverse): &mut Pair<'_>,
                       window: &WindowBack<'_>,
                       fresh: SlabWriter<'_>,
                       room: &mut Scratch| {
            block.backwards(reverse, window, fresh, room);
        };
        // In the order of blocks, whatever thread went through them.
        let mut ended = |pairs: &[Pair<'_>], number: usize| {
            for (_, reverse) in pairs {
                chain::add_window(&mut sources, &reverse.of_sources, number * width);
            }
            0.0
        };
        walk.back((&mut pairs, &scratch), &mut later, &through, &mut ended, observer)?;
        drop(pairs);
        drop(later);
        Ok(chain::gradient(network, coupling, blocks, reverses, (slopes, arms), sources))
    }

    /// How many steps a sensitivity may be under way, by receiving row; `most` if it is more.
    fn longest_lags(&self, most: usize) -> Vec<usize> {
        let scattering = &self.coupling.scattering;
        let of = |row: usize| {
            let steps = scattering.arms.of(row).map(|arm| {
                let (whole, part) = lag(scattering.arms.delays.get(arm));
                whole as usize + usize::from(part > 0.0)
            });
            steps.max().unwrap_or(0).min(most)
        };
        (0..scattering.n_receivers).map(of).collect()
    }
}

/// Slopes of the time at which a voltage crosses a threshold, on the straight line through a step of length `dt`, by the
/// voltages before and after it.
pub fn crossing_slopes(dt: f64, threshold: f64, [before, after]: [f64; 2]) -> [f64; 2] {
    let rise = (after - before).powi(2);
    [-dt * (after - threshold) / rise, -dt * (threshold - before) / rise]
}

/// Rows of a block's sending ports.
fn sending(block: &Block) -> (usize, usize) {
    super::Stepper::rows(&block.cells)
}

/// A block and its way back.
type Pair<'a> = (&'a mut Block, &'a mut Reverse);

impl Walked for Pair<'_> {
    fn block(&mut self) -> &mut Block {
        self.0
    }

    fn arriving(&self) -> (usize, usize) {
        self.0.arriving
    }
}

/// On the threads of a pool, or here.
fn within<A: Send>(pool: Option<&ThreadPool>, all: impl FnOnce() -> A + Send) -> A {
    match pool {
        Some(pool) => pool.install(all),
        None => all(),
    }
}
