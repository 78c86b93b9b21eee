//! A block of the langevin method: neurons of one kind, stepped through a window together.
//!
//! What arrives is gathered by [`super::waves`], the steps are those of [`qhh_core::integrate::langevin`].

use std::sync::Arc;

use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::group::Group;
use qhh_core::integrate::lanes::{Float, Lanes};
use qhh_core::integrate::langevin::Steps;
use qhh_core::integrate::state::GroupState;
use qhh_core::integrate::window::{Course, DriveLanes, Window};
use serde::{Deserialize, Serialize};

use super::delay_lines::{History, Sample, SlabWriter};
use super::pages::prefetch;
use super::random_feed::RandomFeed;
use super::waves::{Arrivals, PortWaves, WaveScratch};
use super::{Stepper, WindowPlan, restored, spike};
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
    pub(crate) waves: PortWaves<N>,
    /// First sending row and number of rows.
    pub(crate) rows: (u32, u32),
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
    waves: WaveScratch,
    pub(crate) course: Course<N, T>,
}

impl<const N: usize, T> Default for Scratch<N, T> {
    fn default() -> Self {
        Self {
            drive: Vec::new(),
            noise: Vec::new(),
            arriving: std::array::from_fn(|_| Vec::new()),
            waves: WaveScratch::default(),
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
        if history.is_distant() {
            self.prefetch();
        }
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
            carried: self.waves.carried.clone(),
            sent: self.waves.sent.clone(),
            arrived: self.waves.arrived.clone(),
            recorders: self.recorders.iter().map(|(_, recorder)| recorder.kept()).collect(),
            glimpses: self.glimpses.iter().map(|(_, glimpse)| glimpse.kept()).collect(),
            courses: self.courses.iter().map(|(_, course)| course.kept()).collect(),
            spikes: self.spikes.clone(),
        }
    }

    fn restore(&mut self, kept: SavedNeurons<N, T>, done: u64) -> bool {
        let waves = &mut self.waves;
        let fits = self.state.fits(&kept.state)
            && [&kept.sent, &kept.arrived].map(|one| one.len())
                == [&waves.sent, &waves.arrived].map(|one| one.len())
            && kept.carried.len() == waves.carried.len()
            && kept.spikes.iter().all(|spike| self.neurons.iter().any(|neuron| *neuron as usize == spike.neuron));
        (waves.carried, waves.sent, waves.arrived) = (kept.carried, kept.sent, kept.arrived);
        (self.state, self.spikes) = (kept.state, kept.spikes);
        fits && restored(&mut self.recorders, kept.recorders, |recorder, kept| recorder.restore(kept, done))
            && restored(&mut self.glimpses, kept.glimpses, |glimpse, kept| glimpse.restore(kept, done))
            && restored(&mut self.courses, kept.courses, |course, kept| course.restore(kept, done))
    }

    fn finish(self, network: &Network) -> Finished {
        let ends = if network.record.snapshot { self.ends(network) } else { Vec::new() };
        let neurons = self.neurons;
        let (sent, arrived) = self.waves.energies(|slot, lane| self.group.impedance(slot, lane));
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
    /// Prefetches what the steps begin with: it comes while waves are gathered.
    fn prefetch(&self) {
        prefetch(&self.state.u);
        prefetch(&self.state.gates);
        self.waves.prefetch();
    }

    /// Brings what comes into the block in a window, currents and waves; whether there is anything.
    pub(super) fn receive<H: Sample>(
        &mut self,
        plan: &WindowPlan<'_>,
        history: History<'_, H>,
        scratch: &mut Scratch<N, T>,
    ) -> bool {
        self.drive(plan, &mut scratch.drive, &mut scratch.noise);
        let sent = plan.first + plan.n_steps as u64;
        let arrivals = Arrivals { scattering: plan.scattering, history, sent, n_steps: plan.n_steps };
        self.waves.gather(arrivals, &mut scratch.waves, &mut scratch.arriving);
        self.receive_packets(plan, &mut scratch.arriving);
        !(scratch.drive.is_empty() && scratch.arriving.iter().all(Vec::is_empty))
    }

    /// Steps the neurons through a window of which is known what comes in.
    pub(super) fn step(&mut self, plan: &WindowPlan<'_>, scratch: &mut Scratch<N, T>) {
        let simulation = &plan.network.simulation;
        let Scratch { drive, arriving, course, .. } = scratch;
        course.emitting = self.waves.senders.map(|row| row.is_some());
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
            self.waves.emit(n_steps, &scratch.course, fresh);
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
