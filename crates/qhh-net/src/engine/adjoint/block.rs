//! A block of neurons that goes through windows forwards, keeping what it takes to go through them again, and then
//! backwards.
//!
//! Backwards, sensitivities travel as waves do, from receivers to senders after the delay: in delay lines whose steps are
//! counted from the end of the run.

use qhh_core::integrate::adjoint::{Backwards, Still};
use qhh_core::integrate::lanes::{LANES, Lanes};
use qhh_core::integrate::state::GroupState;
use qhh_core::integrate::window::DriveLanes;

use super::returned::{Returned, ToWaves};
use super::reverse::{Followed, Reverse, Scratch, WindowBack};
use super::states::States;
use crate::coupling::scattering::OfArm;
use crate::engine::delay_lines::{History, SlabWriter};
use crate::engine::neuron_block::NeuronBlock;
use crate::engine::{WindowPlan, random_feed::RandomFeed};
use crate::network::Network;

/// A block of neurons, forwards and backwards.
pub(super) struct Block {
    pub(super) cells: NeuronBlock<LANES, f64>,
    /// First receiving row and number of rows.
    pub(super) arriving: (usize, usize),
    /// Place of the first arm that arrives here, and number of arms.
    arms: (usize, usize),
    /// At the start of every so many windows.
    kept: States,
    /// At the start of each window but the first of the stretch that is gone through backwards, as far as anything counts in it.
    stretch: States,
    /// At the start of the window that is gone through backwards.
    start: GroupState,
    /// Voltages of the neurons that are looked at, with their lanes and their places among all of those.
    pub(super) watched: Vec<(usize, usize, Vec<f64>)>,
}

impl Block {
    pub(super) fn new(
        cells: NeuronBlock<LANES, f64>,
        arms: &crate::coupling::scattering::Joined,
        arriving_first: usize,
        (watched, n_steps): (&[usize], usize),
        n_kept: usize,
    ) -> Self {
        let n_ports = cells.waves.arrived.len();
        let arriving = (arriving_first, n_ports * cells.neurons.len());
        let starts = |row: usize| if row == arriving_first { arms.of(row).start } else { arms.of(row - 1).end };
        let of_arms = match arriving.1 {
            0 => (0, 0),
            rows => (starts(arriving_first), arms.of(arriving_first + rows - 1).end - starts(arriving_first)),
        };
        let lanes = cells.neurons.iter().enumerate();
        let watched = lanes.filter_map(|(lane, neuron)| {
            let place = watched.binary_search(&(*neuron as usize)).ok()?;
            let mut voltages = Vec::with_capacity(n_steps + 1);
            voltages.push(cells.state.v.lane(lane));
            Some((lane, place, voltages))
        });
        let watched = watched.collect();
        let (kept, start) = (States::with_room(n_kept, &cells), cells.state.clone());
        Self { cells, arriving, arms: of_arms, kept, stretch: States::default(), start, watched }
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
            self.kept.push(&self.cells);
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

    /// Puts the block back to the start of the run.
    pub(super) fn restart(&mut self) {
        self.kept.restore(0, &mut self.cells);
    }

    /// Forgets the stretch of windows gone through so far.
    pub(super) fn end_stretch(&mut self) {
        self.stretch.clear();
    }

    /// Goes through the windows of the stretch before this one again, so that it is known where each of them starts.
    fn again(&mut self, window: &WindowBack<'_>, scratch: &mut Scratch) {
        let scratch = &mut scratch.forwards;
        self.kept.restore(window.number, &mut self.cells);
        for (plan, sent) in window.stretch {
            sent.received(&mut self.cells, plan, scratch);
            scratch.course.detailed = false;
            self.cells.step(plan, scratch);
            self.stretch.push(&self.cells);
        }
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
            carried: vec![Lanes::default(); cells.waves.arrived.len()],
            followed: Followed::default(),
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
        if self.hears(reverse, window, scratch) {
            self.through(reverse, window, fresh, (true, None), scratch);
            self.to_packets(reverse, window, scratch);
            self.to_feeds(reverse, window.plan, scratch);
        } else {
            fresh.silence();
        }
    }

    /// Gathers what the number's sensitivity to a window begins with; whether anything counts.
    pub(super) fn hears(&self, reverse: &mut Reverse, window: &WindowBack<'_>, scratch: &mut Scratch) -> bool {
        #[expect(clippy::cast_possible_truncation, reason = "steps of a run fit into memory")]
        let first = window.plan.first as usize;
        scratch.seeds.clear();
        for (lane, place, _) in if window.slopes.is_empty() { &[][..] } else { &self.watched[..] } {
            let own = window.slopes[*place].within(first + 1, window.plan.n_steps);
            scratch.seeds.extend(own.map(|(k, slope)| (k + 1, *lane, slope)));
        }
        scratch.seeds.sort_by_key(|(step, ..)| *step);
        let returns = pulp::Arch::new().dispatch(Returned {
            cells: &self.cells,
            followed: &mut reverse.followed,
            window,
            scratch,
        });
        let counts = returns || !scratch.seeds.is_empty() || !reverse.sensitivity.is_zero();
        counts || reverse.carried.iter().any(|carried| !carried.is_zero())
    }

    /// Goes through a window of the run backwards, with the parameters' part if `sloped`; gates respond in neurons whose place
    /// in `responding` is 1, in all without.
    pub(super) fn through(
        &mut self,
        reverse: &mut Reverse,
        window: &WindowBack<'_>,
        fresh: SlabWriter<'_>,
        (sloped, responding): (bool, Option<Lanes>),
        scratch: &mut Scratch,
    ) {
        let (plan, place) = (window.plan, window.stretch.len());
        if self.stretch.len() < place {
            self.again(window, scratch);
        }
        let Reverse { sensitivity, slopes, .. } = reverse;
        let (states, number) =
            place.checked_sub(1).map_or((&self.kept, window.number), |place| (&self.stretch, place));
        states.restore(number, &mut self.cells);
        states.read(number, &mut self.start);
        window.sent.received(&mut self.cells, plan, &mut scratch.forwards);
        scratch.forwards.course.detailed = true;
        self.cells.step(plan, &mut scratch.forwards);
        let arriving = &scratch.forwards.arriving;
        let back = Backwards {
            dt: plan.network.simulation.step,
            units: plan.network.rate_units(),
            start: &self.start,
            course: &scratch.forwards.course,
            arriving: std::array::from_fn(|p| arriving[p].as_slice()),
            voltages: &scratch.seeds,
            leaving: std::array::from_fn(|p| scratch.leaving[p].as_slice()),
            responding,
        };
        self.cells.group.reverse(sensitivity, sloped.then_some(slopes), &mut scratch.incoming, back);
        pulp::Arch::new().dispatch(ToWaves { of: (&self.cells, self.arms.0), reverse, window, fresh, scratch });
    }

    /// Goes through a window of the time before the run backwards, in which the block rests.
    pub(super) fn at_rest(
        &self,
        reverse: &mut Reverse,
        window: &WindowBack<'_>,
        fresh: SlabWriter<'_>,
        still: &Still,
        scratch: &mut Scratch,
    ) {
        still.reverse(&mut reverse.sensitivity, &mut scratch.incoming, &scratch.leaving, window.plan.n_steps);
        pulp::Arch::new().dispatch(ToWaves { of: (&self.cells, self.arms.0), reverse, window, fresh, scratch });
    }

    /// State at the start of the run.
    pub(super) fn at_start(&self) -> GroupState {
        let mut state = self.cells.state.clone();
        if self.kept.len() > 0 {
            self.kept.read(0, &mut state);
        }
        state
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
            let Some((_, of)) = reverse.of_sources.iter_mut().find(|(source, _)| *source == feed.source) else {
                continue;
            };
            of.resize(currents.len(), [0.0; 2]);
            let mut sum = 0.0;
            for ((current, segment), of) in currents.iter().zip(segments).zip(of) {
                let (mean, slope) = (current.mean.0[lane], current.slope.0[lane]);
                sum += mean * segment.mean + slope * segment.slope;
                of[0] += feed.factor * mean;
                of[1] += feed.factor * slope;
            }
            *of_feed += sum;
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
