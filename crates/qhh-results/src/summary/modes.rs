//! What field modes tell, summed up.

use qhh_net::Network;
use qhh_net::outcome::Outcome;
use serde::{Deserialize, Serialize};

/// Spread of the times of one neuron's spikes, from linear response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JitterSummary {
    /// Name of the neuron.
    pub neuron: String,
    /// Number of its spikes.
    pub count: usize,
    /// Smallest standard deviation of a spike's time.
    pub smallest: f64,
    /// Their mean.
    pub mean: f64,
    /// Largest.
    pub largest: f64,
}

impl JitterSummary {
    /// One for each neuron that has any, in their order.
    pub(super) fn of(network: &Network, outcome: &Outcome) -> Vec<Self> {
        let mut by_neuron: Vec<(usize, f64)> = outcome.jitter.iter().map(|j| (j.neuron, j.deviation)).collect();
        by_neuron.sort_by_key(|(neuron, _)| *neuron);
        let of_neuron = |own: &[(usize, f64)]| {
            let deviations = || own.iter().map(|(_, deviation)| *deviation);
            Self {
                neuron: network.neuron_name(own[0].0),
                count: own.len(),
                smallest: deviations().fold(f64::INFINITY, f64::min),
                mean: deviations().sum::<f64>() / own.len() as f64,
                largest: deviations().fold(0.0, f64::max),
            }
        };
        by_neuron.chunk_by(|a, b| a.0 == b.0).map(of_neuron).collect()
    }
}
