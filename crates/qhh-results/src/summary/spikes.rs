//! Spikes, counted.

use std::ops::Range;

use qhh_net::Network;
use qhh_net::outcome::Outcome;
use serde::{Deserialize, Serialize};

/// Spikes of a run, counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpikesSummary {
    /// All together.
    pub total: usize,
    /// Neuron of the first spike.
    pub first_neuron: Option<String>,
    /// Its time.
    pub first_time: Option<f64>,
    /// Population by population.
    pub populations: Vec<PopulationSpikes>,
    /// Neuron by neuron, the first [`MOST_LISTED`] of the network; `spikes.csv` has them all.
    pub neurons: Vec<NeuronSpikes>,
}

/// Neurons whose spikes the summary lists one by one, at most.
pub const MOST_LISTED: usize = 1000;

/// Spikes of one population.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PopulationSpikes {
    /// Its name.
    pub population: String,
    /// Voltage whose upward crossing is a spike; null where none is counted, as in neurons without reversal potentials unless
    /// `simulation.spike_threshold` is given.
    #[serde(default)]
    pub threshold: Option<f64>,
    /// How many its neurons fired together.
    pub count: usize,
    /// How many of its neurons fired at all.
    pub neurons_fired: usize,
}

/// Spikes of one neuron.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeuronSpikes {
    /// Its name.
    pub neuron: String,
    /// How many.
    pub count: usize,
    /// Time of the first.
    pub first_time: Option<f64>,
}

impl SpikesSummary {
    pub(super) fn new(network: &Network, outcome: &Outcome) -> Self {
        // Neuron by neuron, each one's in time order as all are.
        let mut spikes: Vec<(usize, f64)> =
            outcome.spikes.iter().map(|spike| (spike.neuron, spike.time)).collect();
        spikes.sort_by_key(|(neuron, _)| *neuron);
        let of = |neurons: Range<usize>| {
            let place = |neuron: usize| spikes.partition_point(|spike| spike.0 < neuron);
            &spikes[place(neurons.start)..place(neurons.end)]
        };
        let mut end = 0;
        let populations = network.populations.iter().map(|population| {
            let own = of(end..end + population.count);
            end += population.count;
            PopulationSpikes {
                population: population.name.clone(),
                threshold: population.spike_threshold(&network.simulation),
                count: own.len(),
                neurons_fired: own.chunk_by(|a, b| a.0 == b.0).count(),
            }
        });
        let populations = populations.collect();
        let listed = 0..network.n_neurons().min(MOST_LISTED);
        let first = outcome.spikes.first();
        Self {
            total: outcome.spikes.len(),
            first_neuron: first.map(|spike| network.neuron_name(spike.neuron)),
            first_time: first.map(|spike| spike.time),
            populations,
            neurons: listed
                .map(|neuron| {
                    let own = of(neuron..neuron + 1);
                    let first_time = own.first().map(|spike| spike.1);
                    NeuronSpikes { neuron: network.neuron_name(neuron), count: own.len(), first_time }
                })
                .collect(),
        }
    }
}
