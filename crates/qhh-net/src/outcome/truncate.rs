//! What a run that broke down had come to until the window in which it did.

use super::finished::{Finished, Wiring};
use super::neuron::NeuronRecord;
use super::{Extremes, Fluctuated, Outcome, Spike};
use crate::network::{Fluctuations, Network};

impl Network {
    /// The network, to be run until `time` only, and without fluctuations that come after the mean field.
    #[must_use]
    pub fn until(&self, time: f64) -> Self {
        let mut network = self.clone();
        network.simulation.duration = time;
        network.quantum = network.quantum.filter(|quantum| quantum.fluctuations == Fluctuations::Adiabatic);
        network
    }
}

impl Outcome {
    /// The outcome of the first `steps` steps, from blocks that have gone on to numbers that are none. What was added up
    /// step by step cannot be told any more: energies and loops.
    pub(crate) fn until(
        network: &Network,
        (mut finished, mut spikes): (Finished, Vec<Spike>),
        wiring: &Wiring,
        steps: u64,
    ) -> Self {
        let time = steps as f64 * network.simulation.step;
        let network = network.until(time);
        let n_samples = usize::try_from(steps / network.steps_per_sample() + 1).unwrap_or(usize::MAX);
        spikes.retain(|spike| spike.time <= time);
        finished.records.iter_mut().for_each(|(neuron, record)| cut(*neuron, record, n_samples, &network));
        finished.ends.clear();
        finished.glimpses.iter_mut().for_each(|(_, glimpse)| glimpse.cut(steps));
        Self::gather(&network, finished, spikes, Fluctuated::default(), wiring, false)
    }
}

fn cut(neuron: usize, record: &mut NeuronRecord, n_samples: usize, network: &Network) {
    record.samples.truncate(n_samples);
    record.loops.clear();
    record.energy = None;
    let mut extremes = Extremes { neuron, highest: (f64::NEG_INFINITY, 0.0), lowest: (f64::INFINITY, 0.0) };
    for (k, sample) in record.samples.iter().enumerate() {
        let time = (k as u64 * network.steps_per_sample()) as f64 * network.simulation.step;
        if sample.v > extremes.highest.0 {
            extremes.highest = (sample.v, time);
        }
        if sample.v < extremes.lowest.0 {
            extremes.lowest = (sample.v, time);
        }
    }
    record.extremes = extremes;
}
