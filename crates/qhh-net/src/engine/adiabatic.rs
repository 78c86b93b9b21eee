//! A block of the adiabatic method: a few neurons, each in closed form.

use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::adiabatic::{Adiabatic, AdiabaticCourse, AdiabaticState};
use serde::{Deserialize, Serialize};

use super::delay_lines::{History, SlabWriter};
use super::{Stepper, WindowPlan, restored, spike};
use crate::network::Network;
use crate::outcome::invariant::Detail;
use crate::outcome::{CoarseTrace, Finished, NeuronKept, NeuronRecorder, NeuronWindow, Spike, Waves};

/// A few neurons.
pub(crate) struct AdiabaticBlock {
    /// Number of each neuron, how it moves, where it is.
    pub(crate) neurons: Vec<(usize, Adiabatic, AdiabaticState)>,
    /// Recorders of the recorded neurons, with their places in the block.
    pub(crate) recorders: Vec<(usize, NeuronRecorder)>,
    pub(crate) glimpses: Vec<(usize, CoarseTrace)>,
    pub(crate) spikes: Vec<Spike>,
}

/// Everything of a block that changes along a run.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedAdiabatic {
    states: Vec<AdiabaticState>,
    recorders: Vec<NeuronKept>,
    glimpses: Vec<Vec<f32>>,
    spikes: Vec<Spike>,
}

impl Stepper for AdiabaticBlock {
    type Scratch = AdiabaticCourse;
    type Saved = SavedAdiabatic;

    fn rows(&self) -> (usize, usize) {
        (0, 0)
    }

    fn advance(&mut self, plan: &WindowPlan<'_>, _: History<'_>, _: SlabWriter<'_>, course: &mut AdiabaticCourse) {
        let simulation = &plan.network.simulation;
        // Its neurons have no batteries.
        let (dt, threshold) = (simulation.step, simulation.spike_threshold.unwrap_or(f64::INFINITY));
        for (place, (number, neuron, state)) in self.neurons.iter_mut().enumerate() {
            let recorder = self.recorders.iter_mut().find(|(at, _)| *at == place).map(|(_, recorder)| recorder);
            course.detail_every = recorder.as_ref().map_or(0, |recorder| recorder.detail_every());
            course.detail_first = first_multiple(plan.first, course.detail_every);
            neuron.advance(state, plan.first, plan.n_steps, course);
            for (step, v) in course.v.windows(2).enumerate() {
                self.spikes.extend(spike(*number, plan.first + step as u64, dt, threshold, (v[0], v[1])));
            }
            for (_, glimpse) in self.glimpses.iter_mut().filter(|(at, _)| *at == place) {
                glimpse.window(plan.first, plan.n_steps, |step| course.v[step]);
            }
            if let Some(recorder) = recorder {
                let detail = |k: usize| {
                    let since = k.checked_sub(course.detail_first)?;
                    let due = since.is_multiple_of(course.detail_every);
                    let (gates, wave) = course.details.get(since / course.detail_every).filter(|_| due)?;
                    let none = [0.0; MAX_PORTS];
                    Some(Detail {
                        gates: gates.clone(),
                        ports: none,
                        arriving: none,
                        wave_out: Some(*wave),
                        measured: None,
                    })
                };
                recorder.window(&NeuronWindow {
                    first: plan.first,
                    n_steps: plan.n_steps,
                    v: &|k| course.v[k],
                    detail: &detail,
                    energy: None,
                });
            }
        }
    }

    fn not_finite(&self) -> Option<usize> {
        self.neurons.iter().find(|(.., state)| !state.is_finite()).map(|(number, ..)| *number)
    }

    fn kept(&self) -> SavedAdiabatic {
        SavedAdiabatic {
            states: self.neurons.iter().map(|(.., state)| state.clone()).collect(),
            recorders: self.recorders.iter().map(|(_, recorder)| recorder.kept()).collect(),
            glimpses: self.glimpses.iter().map(|(_, glimpse)| glimpse.kept()).collect(),
            spikes: self.spikes.clone(),
        }
    }

    fn restore(&mut self, kept: SavedAdiabatic, done: u64) -> bool {
        let fits = kept.states.len() == self.neurons.len()
            && kept.spikes.iter().all(|spike| self.neurons.iter().any(|(neuron, ..)| *neuron == spike.neuron));
        self.neurons.iter_mut().zip(kept.states).for_each(|((.., state), kept)| *state = kept);
        self.spikes = kept.spikes;
        fits && restored(&mut self.recorders, kept.recorders, |recorder, kept| recorder.restore(kept, done))
            && restored(&mut self.glimpses, kept.glimpses, |glimpse, kept| glimpse.restore(kept, done))
    }

    fn finish(self, _: &Network) -> Finished {
        let number = |place: usize| self.neurons[place].0;
        Finished {
            spikes: self.spikes,
            records: self.recorders.into_iter().map(|(place, r)| (number(place), r.finish())).collect(),
            glimpses: self.glimpses.into_iter().map(|(place, g)| (number(place), g)).collect(),
            courses: Vec::new(),
            ends: Vec::new(),
            waves: Waves::default(),
        }
    }
}

/// Place in the window of its first step whose number is a multiple of `every`.
#[expect(clippy::cast_possible_truncation, reason = "below `every`, which fits")]
fn first_multiple(first: u64, every: usize) -> usize {
    if every == 0 { 0 } else { (first.next_multiple_of(every as u64) - first) as usize }
}
