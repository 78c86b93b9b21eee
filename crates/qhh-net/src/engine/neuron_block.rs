//! A block of the langevin method: neurons of one kind, stepped through a window together.
//!
//! Arriving waves are gathered from the delay lines row by row (steps side by side), turned to lanes for the kernel
//! (neurons side by side), and what leaves is turned back.

#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]
#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use std::sync::Arc;

use pulp::{Simd, WithSimd};
use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::group::Group;
use qhh_core::integrate::lanes::{Float, Lanes};
use qhh_core::integrate::langevin::Steps;
use qhh_core::integrate::state::GroupState;
use qhh_core::integrate::window::{Course, DriveLanes, Window};
use serde::{Deserialize, Serialize};

use super::delay_lines::{History, Sample, SlabWriter};
use super::random_feed::RandomFeed;
use super::{Stepper, WindowPlan, restored, spike};
use crate::coupling::scattering::{Rows, Scattering, lag};
use crate::network::Network;
use crate::outcome::invariant::{Detail, EnergyPoint};
use crate::outcome::{
    CoarseTrace, CourseKept, FinalState, Finished, MeanTrajectory, NeuronKept, NeuronRecorder, NeuronWindow,
    Spike, Waves,
};

/// Neurons stepped together.
pub(crate) struct NeuronBlock<const N: usize, T> {
    /// Numbers of the neurons, lane by lane.
    pub(crate) neurons: Box<[u32]>,
    /// Whether they have spikes.
    pub(crate) spiking: Box<[bool]>,
    /// Parameters; shared with other blocks of equal neurons.
    pub(crate) group: Arc<Group<N, T>>,
    pub(crate) state: GroupState<N, T>,
    /// What is injected into whom, currents with other random numbers for each neuron aside.
    pub(crate) feeds: Box<[Feed]>,
    /// Currents with other random numbers for each neuron.
    pub(crate) random: Box<[RandomFeed]>,
    /// Whether waveguides leave each sending port, lane by lane.
    pub(crate) joined: Box<[bool]>,
    /// Rows of the sending and receiving ports.
    pub(crate) senders: Rows,
    pub(crate) receivers: Rows,
    /// First sending row and number of rows.
    pub(crate) rows: (u32, u32),
    /// The waves that arrived last, port by port.
    pub(crate) carried: Box<[f64]>,
    /// Squares of the waves sent and received so far, port by port, times the step.
    pub(crate) sent: Box<[Lanes<N, f64>]>,
    pub(crate) arrived: Box<[Lanes<N, f64>]>,
    /// Waves smaller than this count as none.
    pub(crate) silence: f64,
    /// Recorders of the recorded neurons, with their lanes.
    pub(crate) recorders: Vec<(usize, NeuronRecorder)>,
    pub(crate) glimpses: Vec<(usize, CoarseTrace)>,
    /// Mean trajectories kept for fluctuations, with their lanes.
    pub(crate) courses: Vec<(usize, MeanTrajectory)>,
    /// Wavepackets that arrive.
    pub(crate) packets: Box<[PacketFeed]>,
    /// Spikes so far, in time order for each neuron.
    pub(crate) spikes: Vec<Spike>,
}

/// Everything of a block that changes along a run.
#[derive(Serialize, Deserialize)]
#[serde(bound = "T: Float")]
pub(crate) struct SavedNeurons<const N: usize, T: Float> {
    state: GroupState<N, T>,
    carried: Box<[f64]>,
    sent: Box<[Lanes<N, f64>]>,
    arrived: Box<[Lanes<N, f64>]>,
    recorders: Vec<NeuronKept>,
    glimpses: Vec<Vec<f32>>,
    courses: Vec<CourseKept>,
    spikes: Vec<Spike>,
}

/// A source into one lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Feed {
    pub(crate) lane: u32,
    pub(crate) source: u32,
    pub(crate) factor: f64,
}

/// A wavepacket into a port of one lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PacketFeed {
    pub(crate) lane: u32,
    pub(crate) slot: u32,
    pub(crate) source: u32,
    /// Root of the impedance of its line: turns the power wave into the line's voltage wave.
    pub(crate) root: f64,
}

/// Working memory of one thread.
pub(crate) struct Scratch<const N: usize, T> {
    /// Injected current: none, one entry if it is the same in all steps, or one each.
    pub(super) drive: Vec<DriveLanes<N, T>>,
    /// Values of a noise, cell by cell.
    noise: Vec<Lanes<N, T>>,
    /// Waves at each port, at the start of the window and after each step; none where nothing arrives.
    pub(crate) arriving: [Vec<Lanes<N, T>>; MAX_PORTS],
    rows: Vec<f64>,
    joined: Vec<f64>,
    pub(crate) course: Course<N, T>,
}

impl<const N: usize, T> Default for Scratch<N, T> {
    fn default() -> Self {
        Self {
            drive: Vec::new(),
            noise: Vec::new(),
            arriving: std::array::from_fn(|_| Vec::new()),
            rows: Vec::new(),
            joined: Vec::new(),
            course: Course::default(),
        }
    }
}

impl<const N: usize, T: Float> Stepper for NeuronBlock<N, T>
where
    Group<N, T>: Steps<N, T>,
{
    type Scratch = Scratch<N, T>;
    type Saved = SavedNeurons<N, T>;

    fn rows(&self) -> (usize, usize) {
        (self.rows.0 as usize, self.rows.1 as usize)
    }

    fn advance(
        &mut self,
        plan: &WindowPlan<'_>,
        history: History<'_>,
        fresh: SlabWriter<'_>,
        scratch: &mut Scratch<N, T>,
    ) {
        let simulation = &plan.network.simulation;
        let (dt, threshold) = (simulation.step, simulation.spike_threshold.unwrap_or(0.0));
        let (n_steps, units) = (plan.n_steps, plan.network.rate_units());
        let comes_in = self.receive(plan, history, scratch);
        if self.state.asleep && !comes_in && self.recorders.is_empty() && self.courses.is_empty() {
            for (lane, glimpse) in &mut self.glimpses {
                let v = self.state.v.lane(*lane);
                glimpse.window(plan.first, n_steps, |_| v);
            }
            fresh.silence();
            return;
        }
        scratch.course.detailed = !self.recorders.is_empty() || !self.courses.is_empty();
        self.step(plan, scratch);
        self.emit(n_steps, scratch, fresh);
        let Scratch { drive, arriving, course, .. } = scratch;
        for &step in &course.crossings {
            for (lane, &neuron) in self.neurons.iter().enumerate().filter(|(lane, _)| self.spiking[*lane]) {
                let v = (course.v[step].lane(lane), course.v[step + 1].lane(lane));
                self.spikes.extend(spike(neuron as usize, plan.first + step as u64, dt, threshold, v));
            }
        }
        for (lane, glimpse) in &mut self.glimpses {
            glimpse.window(plan.first, n_steps, |step| course.v[step].lane(*lane));
        }
        for (lane, kept) in &mut self.courses {
            let lane = *lane;
            let n_gates = self.group.n_gates();
            let gates = |k: usize| self.group.gates(&course.gates[k * n_gates..], lane);
            let out = |slot: usize, k: usize| {
                let arrived = arriving[slot].get(k).map_or(0.0, |wave| wave.lane(lane));
                course.v[k].lane(lane) - course.u[slot][k].lane(lane) - arrived
            };
            let record = |k: usize| course.records.get(k).unwrap_or(&course.v[k]).lane(lane);
            let voltages = (|k: usize| course.v[k].lane(lane), |k: usize| course.staged[k].lane(lane), record);
            kept.window(n_steps, voltages, gates, out);
        }
        for (lane, recorder) in &mut self.recorders {
            let lane = *lane;
            let injected = |k: usize| match drive.as_slice() {
                [] => 0.0,
                [steady] => steady.mean.lane(lane),
                each => each[k].mean.lane(lane),
            };
            let n_gates = self.group.n_gates();
            // Half a step earlier.
            let gates = |k: usize| self.group.gates(&course.gates[k * n_gates..], lane);
            let at = |of: &[Vec<Lanes<N, T>>; MAX_PORTS], k: usize| {
                std::array::from_fn(|p| of[p].get(k).map_or(0.0, |x| x.lane(lane)))
            };
            recorder.window(&NeuronWindow {
                first: plan.first,
                n_steps,
                v: &|k| course.v[k].lane(lane),
                detail: &|k| {
                    let followed = course.records.get(k).unwrap_or(&course.v[k]);
                    Some(Detail {
                        gates: self.group.relaxed(&gates(k), followed.lane(lane), 0.5 * dt, units),
                        ports: at(&course.u, k),
                        arriving: at(arriving, k),
                        wave_out: None,
                        measured: course.records.get(k).map(|record| record.lane(lane)),
                    })
                },
                energy: Some(&|k| EnergyPoint {
                    gates: gates(k),
                    ports: at(&course.u, k),
                    arriving: at(arriving, k),
                    injected: k.checked_sub(1).map(injected),
                }),
            });
        }
    }

    fn not_finite(&self) -> Option<usize> {
        // Asleep, it is at rest to the bit.
        if self.state.asleep {
            return None;
        }
        (0..self.neurons.len()).find(|&lane| !self.state.is_finite(lane)).map(|lane| self.neurons[lane] as usize)
    }

    fn kept(&self) -> SavedNeurons<N, T> {
        SavedNeurons {
            state: self.state.clone(),
            carried: self.carried.clone(),
            sent: self.sent.clone(),
            arrived: self.arrived.clone(),
            recorders: self.recorders.iter().map(|(_, recorder)| recorder.kept()).collect(),
            glimpses: self.glimpses.iter().map(|(_, glimpse)| glimpse.kept()).collect(),
            courses: self.courses.iter().map(|(_, course)| course.kept()).collect(),
            spikes: self.spikes.clone(),
        }
    }

    fn restore(&mut self, kept: SavedNeurons<N, T>, done: u64) -> bool {
        let fits = self.state.fits(&kept.state)
            && [&kept.sent, &kept.arrived].map(|one| one.len())
                == [&self.sent, &self.arrived].map(|one| one.len())
            && kept.carried.len() == self.carried.len()
            && kept.spikes.iter().all(|spike| self.neurons.iter().any(|neuron| *neuron as usize == spike.neuron));
        (self.state, self.carried, self.spikes) = (kept.state, kept.carried, kept.spikes);
        (self.sent, self.arrived) = (kept.sent, kept.arrived);
        fits && restored(&mut self.recorders, kept.recorders, |recorder, kept| recorder.restore(kept, done))
            && restored(&mut self.glimpses, kept.glimpses, |glimpse, kept| glimpse.restore(kept, done))
            && restored(&mut self.courses, kept.courses, |course, kept| course.restore(kept, done))
    }

    fn finish(self, network: &Network) -> Finished {
        let ends = if network.record.snapshot { self.ends(network) } else { Vec::new() };
        let neurons = self.neurons;
        let lanes = neurons.len();
        // Squares over the impedance of each port, lane by lane.
        let energy = |rows: &Rows, squares: &[Lanes<N, f64>], counts: &dyn Fn(usize, usize) -> bool| -> f64 {
            let slots = rows.iter().enumerate().filter(|(_, row)| row.is_some());
            let ports = slots.zip(squares).enumerate();
            let each = ports.flat_map(|(port, ((slot, _), squares))| {
                (0..lanes).filter(move |lane| counts(port, *lane)).map(move |lane| (slot, lane, squares.0[lane]))
            });
            each.map(|(slot, lane, square)| square / self.group.impedance(slot, lane)).sum()
        };
        // A port that no waveguide leaves sends into none, though the same port of its neighbours may.
        let sent = energy(&self.senders, &self.sent, &|port, lane| self.joined[port * lanes + lane]);
        let arrived = energy(&self.receivers, &self.arrived, &|_, _| true);
        let number = |lane: usize| neurons[lane] as usize;
        Finished {
            spikes: self.spikes,
            records: self.recorders.into_iter().map(|(lane, r)| (number(lane), r.finish())).collect(),
            glimpses: self.glimpses.into_iter().map(|(lane, g)| (number(lane), g)).collect(),
            courses: self.courses.into_iter().map(|(_, course)| course).collect(),
            ends,
            waves: Waves { sent, arrived, in_flight: 0.0 },
        }
    }
}

impl<const N: usize, T: Float> NeuronBlock<N, T>
where
    Group<N, T>: Steps<N, T>,
{
    /// Brings what comes into the block in a window, currents and waves; whether there is anything.
    pub(super) fn receive<H: Sample>(
        &mut self,
        plan: &WindowPlan<'_>,
        history: History<'_, H>,
        scratch: &mut Scratch<N, T>,
    ) -> bool {
        self.drive(plan, &mut scratch.drive, &mut scratch.noise);
        if self.receivers.iter().any(Option::is_some) {
            let Scratch { arriving, rows, joined, .. } = scratch;
            let (scattering, n_steps) = (plan.scattering, plan.n_steps);
            let sent = plan.first + n_steps as u64;
            let gather = Gather { cells: self, scattering, history, sent, n_steps, rows, joined, arriving };
            pulp::Arch::new().dispatch(gather);
        } else {
            scratch.arriving.iter_mut().for_each(Vec::clear);
        }
        self.receive_packets(plan, &mut scratch.arriving);
        !(scratch.drive.is_empty() && scratch.arriving.iter().all(Vec::is_empty))
    }

    /// Steps the neurons through a window of which is known what comes in.
    pub(super) fn step(&mut self, plan: &WindowPlan<'_>, scratch: &mut Scratch<N, T>) {
        let simulation = &plan.network.simulation;
        let Scratch { drive, arriving, course, .. } = scratch;
        course.emitting = self.senders.map(|row| row.is_some());
        let window = Window {
            noise: &[],
            given: &[],
            drift: &[],
            sensed: [&[]; 2],
            dt: simulation.step,
            first: plan.first,
            units: plan.network.rate_units(),
            drive,
            arriving: std::array::from_fn(|p| arriving[p].as_slice()),
            threshold: simulation.spike_threshold.unwrap_or(0.0),
            course,
        };
        self.group.advance(&mut self.state, plan.n_steps, window);
    }

    /// Puts what left the block in a window into its rows.
    pub(super) fn emit(&mut self, n_steps: usize, scratch: &Scratch<N, T>, fresh: SlabWriter<'_>) {
        if self.rows.1 > 0 {
            pulp::Arch::new().dispatch(Emit { cells: self, n_steps, course: &scratch.course, fresh });
        }
    }

    /// Where its neurons are: gates, kept half a step earlier, moved on to the time of the voltage.
    fn ends(&self, network: &Network) -> Vec<FinalState> {
        let (half, units) = (0.5 * network.simulation.step, network.rate_units());
        let end = |(lane, &neuron): (usize, &u32)| {
            let (voltage, gates) = (self.state.v.lane(lane), self.group.gates(&self.state.gates, lane));
            let followed = self.state.record.map_or(voltage, |record| record.lane(lane));
            FinalState {
                neuron: neuron as usize,
                voltage,
                gates: self.group.relaxed(&gates, followed, half, units),
            }
        };
        self.neurons.iter().enumerate().map(end).collect()
    }

    /// Adds the mean waves of wavepackets to what arrives; no waveguide ends at their ports.
    fn receive_packets(&self, plan: &WindowPlan<'_>, arriving: &mut [Vec<Lanes<N, T>>; MAX_PORTS]) {
        for packet in &self.packets {
            let waves = &plan.inflow.packets[packet.source as usize];
            let arriving = &mut arriving[packet.slot as usize];
            if waves.iter().all(|wave| *wave == 0.0) {
                continue;
            }
            arriving.resize(plan.n_steps + 1, Lanes::default());
            for (sum, &wave) in arriving.iter_mut().zip(waves) {
                let lane = packet.lane as usize;
                sum.0[lane] = sum.0[lane] + T::of(packet.root * wave);
            }
        }
    }

    /// The injected current of each step: none, one entry if it is the same throughout, or one each.
    fn drive(&self, plan: &WindowPlan<'_>, drive: &mut Vec<DriveLanes<N, T>>, values: &mut Vec<Lanes<N, T>>) {
        drive.clear();
        let currents = |feed: &Feed| &plan.inflow.currents[feed.source as usize];
        let random = |of: &RandomFeed| &plan.inflow.currents[of.source as usize];
        let quiet = self.random.iter().all(|of| !random(of).differs);
        let silent = self.feeds.iter().all(|feed| currents(feed).is_silent());
        if quiet && silent {
            return;
        }
        let steady = quiet && self.feeds.iter().all(|feed| currents(feed).steady.is_some());
        drive.resize(if steady { 1 } else { plan.n_steps }, DriveLanes::default());
        for feed in &self.feeds {
            for (step, segment) in drive.iter_mut().zip(&currents(feed).segments) {
                step.add(feed.lane as usize, *segment, feed.factor);
            }
        }
        let (start, mut any) = ((plan.network.grid(), plan.first), !silent);
        for of in &self.random {
            let source = &plan.network.sources[of.source as usize];
            any |= of.add_to(source, start, &random(of).noise, drive, values);
        }
        if !any {
            drive.clear();
        }
    }
}

/// Waveguides whose waves are fetched from memory side by side: as many as fit into the nearest cache.
const FETCHED: usize = 128;

/// Brings what arrives in a window, at its start and after each step; ports at which nothing arrives stay empty.
struct Gather<'a, const N: usize, T, H: Sample> {
    cells: &'a mut NeuronBlock<N, T>,
    scattering: &'a Scattering,
    history: History<'a, H>,
    /// Steps of the run up to the end of the window: what takes longer has not left yet.
    sent: u64,
    n_steps: usize,
    /// Working memory, `[lane][step]`.
    rows: &'a mut Vec<f64>,
    joined: &'a mut Vec<f64>,
    arriving: &'a mut [Vec<Lanes<N, T>>; MAX_PORTS],
}

impl<const N: usize, T: Float, H: Sample> WithSimd for Gather<'_, N, T, H> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { cells, scattering, history, sent, n_steps, rows, joined, arriving } = self;
        let lanes = cells.neurons.len();
        let arms = &scattering.arms;
        let (senders, amplitudes) = (arms.senders(), arms.amplitudes());
        let (mut port, distant) = (0, history.is_distant());
        for slot in 0..MAX_PORTS {
            arriving[slot].clear();
            let Some(first) = cells.receivers[slot] else { continue };
            let carried = &mut cells.carried[port * lanes..(port + 1) * lanes];
            rows.resize(N * n_steps, 0.0);
            // Rows at which something arrives are cleared when it does, the others only if something arrives at any.
            let (mut any, mut begun) = (false, [false; N]);
            let of_block = arms.of_all(&(first as usize..first as usize + lanes));
            let mut fetched = of_block.start;
            for lane in 0..lanes {
                let (row, begun) = (&mut rows[lane * n_steps..(lane + 1) * n_steps], &mut begun[lane]);
                any |= carried[lane] != 0.0;
                let own = arms.of(first as usize + lane);
                if distant && own.end > fetched {
                    let next = fetched..own.end.max((fetched + FETCHED).min(of_block.end));
                    fetched = next.end;
                    history.fetch(arms, next, (sent, n_steps));
                }
                for arm in own {
                    let lag = lag(arms.delays.get(arm));
                    if u64::from(lag.0) < sent {
                        history.add(senders[arm], lag, amplitudes[arm], row, (begun, joined));
                    }
                }
                any |= *begun;
            }
            if any {
                for lane in (0..N).filter(|lane| !begun[*lane]) {
                    rows[lane * n_steps..(lane + 1) * n_steps].fill(0.0);
                }
                let mut waves = Lanes::default();
                for lane in 0..lanes {
                    waves.0[lane] = T::of(carried[lane]);
                }
                arriving[slot].push(waves);
                for k in 0..n_steps {
                    let mut waves = [T::default(); N];
                    for lane in 0..N {
                        waves[lane] = T::of(rows[lane * n_steps + k]);
                    }
                    arriving[slot].push(Lanes(waves));
                }
                for lane in 0..lanes {
                    carried[lane] = rows[lane * n_steps + n_steps - 1];
                }
            }
            let mut squares = cells.arrived[port];
            for waves in arriving[slot].iter().skip(1) {
                for lane in 0..N {
                    let wave = waves.0[lane].double();
                    squares.0[lane] += wave * wave;
                }
            }
            cells.arrived[port] = squares;
            port += 1;
        }
    }
}

/// Puts what left in a window into its slab.
struct Emit<'a, const N: usize, T> {
    cells: &'a mut NeuronBlock<N, T>,
    n_steps: usize,
    course: &'a Course<N, T>,
    fresh: SlabWriter<'a>,
}

impl<const N: usize, T: Float> WithSimd for Emit<'_, N, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { cells, n_steps, course, mut fresh } = self;
        let lanes = cells.neurons.len();
        let mut port = 0;
        for slot in 0..MAX_PORTS {
            if cells.senders[slot].is_none() {
                continue;
            }
            let leaving = &course.leaving[slot][..n_steps];
            let mut squares = cells.sent[port];
            let mut largest = [0.0f64; N];
            for waves in leaving {
                for lane in 0..N {
                    let wave = waves.0[lane].double();
                    squares.0[lane] += wave * wave;
                    largest[lane] = largest[lane].max(wave.abs());
                }
            }
            cells.sent[port] = squares;
            for lane in 0..lanes {
                let (row, active) = fresh.row(port * lanes + lane);
                *active = largest[lane] > cells.silence;
                // A silent row is never read; left alone, its memory is never touched.
                if !*active {
                    continue;
                }
                for k in 0..n_steps {
                    let wave = leaving[k].0[lane].double();
                    row[k] = if wave.abs() > cells.silence { wave } else { 0.0 };
                }
            }
            port += 1;
        }
    }
}
