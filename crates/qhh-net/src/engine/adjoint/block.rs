//! A block of neurons that goes through windows forwards, keeping what it takes to go through them again, and then
//! backwards.
//!
//! Backwards, sensitivities travel as waves do, from receivers to senders after the delay: in delay lines whose steps are
//! counted from the end of the run.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]
#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]

use pulp::{Simd, WithSimd};
use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::adjoint::{Backwards, Incoming, Sensitivity, Slopes, Still};
use qhh_core::integrate::lanes::{LANES, Lanes};
use qhh_core::integrate::state::GroupState;
use qhh_core::integrate::window::DriveLanes;

use super::transposed::Transposed;
use crate::coupling::scattering::{OfArm, lag};
use crate::engine::delay_lines::{History, SlabWriter};
use crate::engine::neuron_block::{NeuronBlock, Scratch as Forwards};
use crate::engine::{WindowPlan, random_feed::RandomFeed};
use crate::network::Network;

/// What a block needs to go through a window again.
struct Before {
    state: GroupState,
    carried: Box<[f64]>,
}

/// A block of neurons, forwards and backwards.
pub(super) struct Block {
    pub(super) cells: NeuronBlock<LANES, f64>,
    /// First receiving row and number of rows.
    pub(super) arriving: (usize, usize),
    /// Place of the first arm that arrives here, and number of arms.
    arms: (usize, usize),
    /// At the start of every so many windows.
    kept: Vec<Before>,
    /// At the start of each window of the stretch that is gone through backwards.
    stretch: Vec<Before>,
    /// Voltages of the neurons that are looked at, with their lanes and their places among all of those.
    pub(super) watched: Vec<(usize, usize, Vec<f64>)>,
}

/// What a block knows while it goes backwards.
pub(super) struct Reverse {
    pub(super) sensitivity: Sensitivity,
    pub(super) slopes: Slopes,
    /// Sensitivity to the waves at the end of the window before, by receiving port.
    carried: Vec<Lanes>,
    /// By what the arms that arrive here do to waves; empty if that is not wanted.
    pub(super) of_arms: Vec<OfArm>,
    /// By the factor of each source into each lane: those of plain feeds, then those of random ones.
    pub(super) of_feeds: Vec<f64>,
    /// Sensitivity to the current of each source that feeds the block, mean and slope over each step of this window; to
    /// the power wave of a packet, at its start and after each step.
    pub(super) of_sources: Vec<(u32, Vec<[f64; 2]>)>,
}

/// What a window is one of.
#[derive(Clone, Copy)]
pub(super) enum Past<'a> {
    /// The run, with the parameters' part if `sloped`; gates respond in neurons whose place in `responding` is 1, in all
    /// without.
    Run { sloped: bool, responding: Option<Lanes> },
    /// The time before it, in which the block rests.
    Rest(&'a Still),
}

/// Working memory of one thread.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) forwards: Forwards<LANES, f64>,
    pub(super) incoming: Incoming,
    pub(super) leaving: [Vec<Lanes>; MAX_PORTS],
    row: Vec<f64>,
    of_lane: Vec<f64>,
    random: Vec<DriveLanes>,
    values: Vec<Lanes>,
    seeds: Vec<(usize, usize, f64)>,
}

/// What all blocks know of a window that is gone through backwards.
pub(super) struct WindowBack<'a> {
    pub(super) plan: &'a WindowPlan<'a>,
    /// Waves that were sent before it.
    pub(super) sent: History<'a>,
    /// Sensitivities to waves that arrived after it, steps counted from the end.
    pub(super) later: History<'a>,
    pub(super) transposed: &'a Transposed,
    /// Steps of a whole window.
    pub(super) width: usize,
    /// Place of the window in its stretch.
    pub(super) place: usize,
    /// The number's own slopes by the voltages of each neuron that is looked at, step by step from the start of the run.
    pub(super) slopes: &'a [Vec<f64>],
}

impl AsMut<Scratch> for Scratch {
    fn as_mut(&mut self) -> &mut Scratch {
        self
    }
}

impl Block {
    pub(super) fn new(
        cells: NeuronBlock<LANES, f64>,
        arms: &crate::coupling::scattering::Joined,
        arriving_first: usize,
        watched: &[usize],
    ) -> Self {
        let n_ports = cells.receivers.iter().flatten().count();
        let arriving = (arriving_first, n_ports * cells.neurons.len());
        let starts = |row: usize| if row == arriving_first { arms.of(row).start } else { arms.of(row - 1).end };
        let of_arms = match arriving.1 {
            0 => (0, 0),
            rows => (starts(arriving_first), arms.of(arriving_first + rows - 1).end - starts(arriving_first)),
        };
        let lanes = cells.neurons.iter().enumerate();
        let watched = lanes.filter_map(|(lane, neuron)| {
            let place = watched.binary_search(&(*neuron as usize)).ok()?;
            Some((lane, place, vec![cells.state.v.lane(lane)]))
        });
        let watched = watched.collect();
        Self { cells, arriving, arms: of_arms, kept: Vec::new(), stretch: Vec::new(), watched }
    }

    fn before(&self) -> Before {
        Before { state: self.cells.state.clone(), carried: self.cells.carried.clone() }
    }

    /// Goes through a window, keeping where it started if `keep`.
    pub(super) fn forwards(
        &mut self,
        plan: &WindowPlan<'_>,
        keep: bool,
        history: History<'_>,
        fresh: SlabWriter<'_>,
        scratch: &mut Scratch,
    ) {
        if keep {
            self.kept.push(self.before());
        }
        let scratch = &mut scratch.forwards;
        self.cells.receive(plan, history, scratch);
        scratch.course.detailed = false;
        self.cells.step(plan, scratch);
        self.cells.emit(plan.n_steps, scratch, fresh);
        for (lane, _, voltages) in &mut self.watched {
            voltages.extend(scratch.course.v[1..].iter().map(|v| v.lane(*lane)));
        }
    }

    /// Puts the block back to the start of a stretch of windows, its `number`th.
    pub(super) fn begin_stretch(&mut self, number: usize) {
        let Before { state, carried } = &self.kept[number];
        (self.cells.state, self.cells.carried) = (state.clone(), carried.clone());
        self.stretch.clear();
        self.stretch.push(self.before());
    }

    /// Goes through a window of the stretch again, so that it is known where the next one starts.
    pub(super) fn again(&mut self, plan: &WindowPlan<'_>, sent: History<'_>, scratch: &mut Scratch) {
        let scratch = &mut scratch.forwards;
        self.cells.receive(plan, sent, scratch);
        scratch.course.detailed = false;
        self.cells.step(plan, scratch);
        self.stretch.push(self.before());
    }

    /// Insensitive to everything, as at the end of the run.
    pub(super) fn reverse(&self, of_arms: bool) -> Reverse {
        let cells = &self.cells;
        let random = cells.random.iter().map(|of| of.lanes.len()).sum::<usize>();
        let mut sources: Vec<u32> = cells.feeds.iter().map(|feed| feed.source).collect();
        sources.extend(cells.packets.iter().map(|packet| packet.source));
        sources.sort_unstable();
        sources.dedup();
        Reverse {
            sensitivity: cells.group.insensitive(),
            slopes: cells.group.level(),
            carried: vec![Lanes::default(); cells.receivers.iter().flatten().count()],
            of_arms: vec![OfArm::default(); if of_arms { self.arms.1 } else { 0 }],
            of_feeds: vec![0.0; cells.feeds.len() + random],
            of_sources: sources.into_iter().map(|source| (source, Vec::new())).collect(),
        }
    }

    /// Goes through a window backwards, to everything that the number may depend on. Its rows of `fresh` are those at which
    /// waves arrive.
    pub(super) fn backwards(
        &mut self,
        reverse: &mut Reverse,
        window: &WindowBack<'_>,
        fresh: SlabWriter<'_>,
        scratch: &mut Scratch,
    ) {
        reverse.of_sources.iter_mut().for_each(|(_, of)| of.clear());
        if self.through(reverse, window, fresh, Past::Run { sloped: true, responding: None }, scratch) {
            self.to_packets(reverse, window, scratch);
            self.to_feeds(reverse, window.plan, scratch);
        }
    }

    /// Goes through a window backwards. Whether anything counts.
    pub(super) fn through(
        &mut self,
        reverse: &mut Reverse,
        window: &WindowBack<'_>,
        fresh: SlabWriter<'_>,
        past: Past<'_>,
        scratch: &mut Scratch,
    ) -> bool {
        let (plan, n_steps) = (window.plan, window.plan.n_steps);
        #[expect(clippy::cast_possible_truncation, reason = "steps of a run fit into memory")]
        let first = plan.first as usize;
        scratch.seeds.clear();
        for k in 1..=if matches!(past, Past::Rest(_)) { 0 } else { n_steps } {
            for (lane, place, _) in &self.watched {
                let slope = window.slopes[*place][first + k];
                if slope != 0.0 {
                    scratch.seeds.push((k, *lane, slope));
                }
            }
        }
        let returns = pulp::Arch::new().dispatch(Returned { block: self, window, scratch });
        let counts = returns || !scratch.seeds.is_empty() || !reverse.sensitivity.is_zero();
        if !counts && reverse.carried.iter().all(|carried| carried.is_zero()) {
            fresh.silence();
            return false;
        }
        let Reverse { sensitivity, slopes, .. } = reverse;
        match past {
            Past::Rest(still) => still.reverse(sensitivity, &mut scratch.incoming, &scratch.leaving, n_steps),
            Past::Run { sloped, responding } => {
                let Before { state, carried } = &self.stretch[window.place];
                (self.cells.state, self.cells.carried) = (state.clone(), carried.clone());
                self.cells.receive(plan, window.sent, &mut scratch.forwards);
                scratch.forwards.course.detailed = true;
                self.cells.step(plan, &mut scratch.forwards);
                let arriving = &scratch.forwards.arriving;
                let back = Backwards {
                    dt: plan.network.simulation.step,
                    units: plan.network.rate_units(),
                    start: state,
                    course: &scratch.forwards.course,
                    arriving: std::array::from_fn(|p| arriving[p].as_slice()),
                    voltages: &scratch.seeds,
                    leaving: std::array::from_fn(|p| scratch.leaving[p].as_slice()),
                    responding,
                };
                self.cells.group.reverse(sensitivity, sloped.then_some(slopes), &mut scratch.incoming, back);
            }
        }
        pulp::Arch::new().dispatch(ToWaves { block: self, reverse, window, fresh, scratch });
        true
    }

    /// State at the start of the run.
    pub(super) fn at_start(&self) -> Option<&GroupState> {
        self.kept.first().map(|kept| &kept.state)
    }

    /// What the arms that arrive at a row were worth in a window, given the sensitivity to the wave after each step.
    #[inline(always)]
    fn to_arms(&self, receiver: usize, of_arms: &mut [OfArm], window: &WindowBack<'_>, waves: &[f64]) {
        let arms = &window.plan.scattering.arms;
        let until = window.plan.first + window.plan.n_steps as u64;
        for arm in arms.of(receiver) {
            let (whole, part) = lag(arms.delays.get(arm));
            // Nothing of it has arrived, nor would have a step earlier.
            if u64::from(whole) > until {
                continue;
            }
            let at = |lag: u32| window.sent.dot(arms.senders()[arm], lag, waves);
            let (now, after) = (at(whole), at(whole + 1));
            // Between two steps a wave is a straight line; at a step the slope is the mean of those before and after.
            let later = if part == 0.0 { 0.5 * (after - at(whole - 1)) } else { after - now };
            let of = &mut of_arms[arm - self.arms.0];
            of.amplitude += (1.0 - part) * now + part * after;
            of.delay += arms.amplitudes()[arm] * later;
        }
    }

    /// Sensitivity to packets that arrived, and to the impedance of their lines.
    fn to_packets(&self, reverse: &mut Reverse, window: &WindowBack<'_>, scratch: &Scratch) {
        for packet in &self.cells.packets {
            let (slot, lane) = (packet.slot as usize, packet.lane as usize);
            let waves = &window.plan.inflow.packets[packet.source as usize];
            let Some((_, of)) = reverse.of_sources.iter_mut().find(|(source, _)| *source == packet.source) else {
                continue;
            };
            of.resize(waves.len(), [0.0; 2]);
            let mut sum = 0.0;
            for ((sensitivity, wave), of) in scratch.incoming.waves[slot].iter().zip(waves).zip(of) {
                of[0] += packet.root * sensitivity.0[lane];
                sum += sensitivity.0[lane] * wave;
            }
            // The root of the impedance times a power wave.
            reverse.slopes.ports[slot].1.0[lane] += 0.5 * sum / packet.root;
        }
    }

    /// Sensitivity to the currents that were injected.
    fn to_feeds(&self, reverse: &mut Reverse, plan: &WindowPlan<'_>, scratch: &mut Scratch) {
        let currents = &scratch.incoming.currents;
        let mut of_feeds = reverse.of_feeds.iter_mut();
        for (feed, of_feed) in self.cells.feeds.iter().zip(&mut of_feeds) {
            let lane = feed.lane as usize;
            let segments = &plan.inflow.currents[feed.source as usize].segments;
            for (current, segment) in currents.iter().zip(segments) {
                *of_feed += current.mean.0[lane] * segment.mean + current.slope.0[lane] * segment.slope;
            }
            if let Some((_, of)) = reverse.of_sources.iter_mut().find(|(source, _)| *source == feed.source) {
                of.resize(currents.len(), [0.0; 2]);
                for (current, of) in currents.iter().zip(of) {
                    of[0] += feed.factor * current.mean.0[lane];
                    of[1] += feed.factor * current.slope.0[lane];
                }
            }
        }
        for random in &self.cells.random {
            let Scratch { random: alone, values, .. } = scratch;
            injected(random, plan, alone, values);
            for (&(lane, factor, _), of_feed) in random.lanes.iter().zip(&mut of_feeds) {
                let lane = lane as usize;
                let sum = currents.iter().zip(&*alone).fold(0.0, |sum, (current, own)| {
                    sum + current.mean.0[lane] * own.mean.0[lane] + current.slope.0[lane] * own.slope.0[lane]
                });
                // A factor of 0 shows no current.
                if factor != 0.0 {
                    *of_feed += sum / factor;
                }
            }
        }
    }

    /// What each neuron of the block started from, given the sensitivity to it; adds the parameters' part.
    pub(super) fn started(
        &self,
        reverse: &mut Reverse,
        slopes: &[Vec<f64>],
        start: &[(f64, qhh_core::gates::Gates)],
        network: &Network,
    ) -> Vec<qhh_core::integrate::adjoint::StartSlopes> {
        for (lane, place, _) in &self.watched {
            reverse.sensitivity.v.0[*lane] += slopes[*place][0];
        }
        let Reverse { sensitivity, slopes, .. } = reverse;
        self.cells.group.started(sensitivity, slopes, start, network.simulation.step, network.rate_units())
    }
}

/// The current of one random source alone.
pub(super) fn injected(
    of: &RandomFeed,
    plan: &WindowPlan<'_>,
    alone: &mut Vec<DriveLanes>,
    values: &mut Vec<Lanes>,
) {
    alone.clear();
    alone.resize(plan.n_steps, DriveLanes::default());
    let source = &plan.network.sources[of.source as usize];
    let noise = &plan.inflow.currents[of.source as usize].noise;
    of.add_to(source, (plan.network.grid(), plan.first), noise, alone, values);
}

/// Gathers the sensitivity to each wave that left in a window; whether there is any. A type of its own, as below, so that it is
/// compiled for the machine's vectors.
struct Returned<'a, 'w> {
    block: &'a Block,
    window: &'a WindowBack<'w>,
    scratch: &'a mut Scratch,
}

impl WithSimd for Returned<'_, '_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let Self { block, window, scratch } = self;
        let lanes = block.cells.neurons.len();
        let scattering = window.plan.scattering;
        let amplitudes = scattering.arms.amplitudes();
        let (width, n_steps) = (window.width, window.plan.n_steps);
        let mut all = false;
        for (slot, leaving) in scratch.leaving.iter_mut().enumerate() {
            leaving.clear();
            let Some(first) = block.cells.senders[slot] else { continue };
            let mut any = false;
            for lane in 0..lanes {
                scratch.row.resize(width, 0.0);
                let mut of_lane = false;
                for &(receiver, arm) in window.transposed.of(first as usize + lane) {
                    let (whole, part) = lag(scattering.arms.delays.get(arm as usize));
                    let x = amplitudes[arm as usize];
                    window.later.add(receiver, whole, x * (1.0 - part), &mut scratch.row, &mut of_lane);
                    if part != 0.0 {
                        window.later.add(receiver, whole + 1, x * part, &mut scratch.row, &mut of_lane);
                    }
                }
                if !of_lane {
                    continue;
                }
                any = true;
                leaving.resize(n_steps, Lanes::default());
                for k in 0..n_steps {
                    leaving[k].0[lane] = scratch.row[width - 1 - k];
                }
            }
            all |= any;
        }
        all
    }
}

/// Sensitivities to the waves that arrived, into the block's rows; those to arms.
struct ToWaves<'a, 'w> {
    block: &'a Block,
    reverse: &'a mut Reverse,
    window: &'a WindowBack<'w>,
    fresh: SlabWriter<'a>,
    scratch: &'a mut Scratch,
}

impl WithSimd for ToWaves<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { block, reverse, window, mut fresh, scratch } = self;
        let lanes = block.cells.neurons.len();
        let (width, n_steps) = (window.width, window.plan.n_steps);
        let mut port = 0;
        for slot in 0..MAX_PORTS {
            let Some(first) = block.cells.receivers[slot] else { continue };
            let waves = &mut scratch.incoming.waves[slot];
            waves[n_steps] = waves[n_steps] + reverse.carried[port];
            reverse.carried[port] = waves[0];
            for lane in 0..lanes {
                let (row, active) = fresh.row(port * lanes + lane);
                *active = waves[1..].iter().any(|wave| wave.0[lane] != 0.0);
                if !*active {
                    continue;
                }
                row.fill(0.0);
                for k in 0..n_steps {
                    row[width - 1 - k] = waves[k + 1].0[lane];
                }
                if !reverse.of_arms.is_empty() {
                    scratch.of_lane.clear();
                    scratch.of_lane.extend(waves[1..].iter().map(|wave| wave.0[lane]));
                    block.to_arms(first as usize + lane, &mut reverse.of_arms, window, &scratch.of_lane);
                }
            }
            port += 1;
        }
    }
}
