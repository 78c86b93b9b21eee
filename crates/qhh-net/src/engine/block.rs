//! A block: a few neurons of one population, stepped through a window together, with what is recorded of them.

use qhh_core::circuit::MAX_PORTS;
use qhh_core::gates::Gates;
use qhh_core::integrate::adiabatic::{Adiabatic, AdiabaticCourse, AdiabaticState};
use qhh_core::integrate::lanes::LANES;
use qhh_core::integrate::langevin::{Course, DriveLanes, Group, GroupState, Window};
use qhh_core::source::Segment;

use crate::network::Network;
use crate::record::{Detail, NeuronRecorder, NeuronWindow, Spike};

/// Neurons stepped together.
pub(crate) struct Block {
    /// Number of the first neuron.
    pub(crate) first: usize,
    /// Number of neurons, at most [`LANES`].
    pub(crate) size: usize,
    /// Parameters and state.
    pub(crate) motion: Motion,
    /// Recorders of the recorded neurons, with their places in the block.
    pub(crate) recorders: Vec<(usize, NeuronRecorder)>,
    /// Spikes so far, in time order for each neuron.
    pub(crate) spikes: Vec<Spike>,
}

/// How a block moves.
pub(crate) enum Motion {
    /// Step by step; `feeds` are pairs of place in the block and source.
    Langevin { group: Box<Group>, state: Box<GroupState>, feeds: Vec<(usize, usize)> },
    /// In closed form, neuron by neuron.
    Adiabatic(Vec<(Adiabatic, AdiabaticState)>),
}

/// What every block is told about a window.
pub(crate) struct WindowPlan<'a> {
    pub(crate) network: &'a Network,
    /// Number of the window's first step.
    pub(crate) first: u64,
    pub(crate) n_steps: u64,
    /// Current of each source over each step.
    pub(crate) segments: &'a [Vec<Segment>],
}

/// Working memory of one thread.
#[derive(Default)]
pub(crate) struct Scratch {
    drive: Vec<DriveLanes>,
    course: Course,
    adiabatic: AdiabaticCourse,
}

impl Block {
    /// Goes through a window: state, spikes, recorders.
    pub(crate) fn advance(&mut self, plan: &WindowPlan<'_>, scratch: &mut Scratch) {
        let simulation = &plan.network.simulation;
        let (dt, threshold) = (simulation.step, simulation.spike_threshold);
        #[expect(clippy::cast_possible_truncation, reason = "a window has a few hundred steps")]
        let n_steps = plan.n_steps as usize;
        match &mut self.motion {
            Motion::Langevin { group, state, feeds } => {
                let Scratch { drive, course, .. } = scratch;
                drive.clear();
                if !feeds.is_empty() {
                    drive.resize(n_steps, DriveLanes::default());
                    for &(lane, source) in &*feeds {
                        for (step, segment) in drive.iter_mut().zip(&plan.segments[source]) {
                            step.add(lane, *segment);
                        }
                    }
                }
                course.detailed = !self.recorders.is_empty();
                let units = plan.network.rate_units();
                let window = Window { dt, units, drive, arriving: [&[]; MAX_PORTS], threshold, course };
                group.advance(state, n_steps, window);
                for &step in &course.crossings {
                    for lane in 0..self.size {
                        let v = (course.v[step].0[lane], course.v[step + 1].0[lane]);
                        self.spikes.extend(spike(self.first + lane, plan.first + step as u64, dt, threshold, v));
                    }
                }
                for (lane, recorder) in &mut self.recorders {
                    let lane = *lane;
                    let injected = |k: usize| drive.get(k).map_or(0.0, |d| d.mean.0[lane]);
                    let gates = |k: usize| {
                        let gates = &course.gates[k];
                        Gates { n: gates.n.0[lane], m: gates.m.0[lane], h: gates.h.0[lane] }
                    };
                    let u = |k: usize| std::array::from_fn(|p| course.u[p].get(k).map_or(0.0, |u| u.0[lane]));
                    recorder.window(&NeuronWindow {
                        first: plan.first,
                        n_steps,
                        v: &|k| course.v[k].0[lane],
                        detail: &|k| Some(Detail { gates: gates(k), ports: u(k), wave_out: None }),
                        injected: Some(&injected),
                    });
                }
            }
            Motion::Adiabatic(neurons) => {
                let course = &mut scratch.adiabatic;
                for (lane, (neuron, state)) in neurons.iter_mut().enumerate() {
                    let recorder =
                        self.recorders.iter_mut().find(|(place, _)| *place == lane).map(|(_, recorder)| recorder);
                    course.detail_every = recorder.as_ref().map_or(0, |recorder| recorder.detail_every());
                    course.detail_first = first_multiple(plan.first, course.detail_every);
                    neuron.advance(state, plan.first, n_steps, course);
                    let number = self.first + lane;
                    for (step, v) in course.v.windows(2).enumerate() {
                        self.spikes.extend(spike(number, plan.first + step as u64, dt, threshold, (v[0], v[1])));
                    }
                    if let Some(recorder) = recorder {
                        let detail = |k: usize| {
                            let since = k.checked_sub(course.detail_first)?;
                            let due = since.is_multiple_of(course.detail_every);
                            let &(gates, wave) =
                                course.details.get(since / course.detail_every).filter(|_| due)?;
                            Some(Detail { gates, ports: [0.0; MAX_PORTS], wave_out: Some(wave) })
                        };
                        recorder.window(&NeuronWindow {
                            first: plan.first,
                            n_steps,
                            v: &|k| course.v[k],
                            detail: &detail,
                            injected: None,
                        });
                    }
                }
            }
        }
    }

    /// The first neuron whose state is no finite number.
    pub(crate) fn not_finite(&self) -> Option<usize> {
        let lane = match &self.motion {
            Motion::Langevin { state, .. } => (0..LANES.min(self.size)).find(|&k| !state.is_finite(k)),
            Motion::Adiabatic(neurons) => neurons.iter().position(|(_, state)| !state.is_finite()),
        };
        lane.map(|lane| self.first + lane)
    }
}

/// Place in the window of its first step whose number is a multiple of `every`.
#[expect(clippy::cast_possible_truncation, reason = "below `every`, which fits")]
fn first_multiple(first: u64, every: usize) -> usize {
    if every == 0 { 0 } else { (first.next_multiple_of(every as u64) - first) as usize }
}

/// The spike of a neuron in a step from and to these voltages, interpolated, if they cross the threshold upwards.
#[inline]
fn spike(neuron: usize, step: u64, dt: f64, threshold: f64, (before, after): (f64, f64)) -> Option<Spike> {
    let crosses = before < threshold && after >= threshold;
    crosses.then(|| Spike { neuron, time: (step as f64 + (threshold - before) / (after - before)) * dt })
}
