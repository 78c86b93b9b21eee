//! Spikes, counted.

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
    /// Voltage whose upward crossing is a spike; null where none is counted, as in neurons without batteries unless
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
        let mut counts = vec![(0, None); network.n_neurons()];
        for spike in &outcome.spikes {
            let (count, first) = &mut counts[spike.neuron];
            *count += 1;
            first.get_or_insert(spike.time);
        }
        let mut rest = counts.as_slice();
        let populations = network.populations.iter().map(|population| {
            let (own, others) = rest.split_at(population.count);
            rest = others;
            PopulationSpikes {
                population: population.name.clone(),
                threshold: population.spike_threshold(&network.simulation),
                count: own.iter().map(|(count, _)| count).sum(),
                neurons_fired: own.iter().filter(|(count, _)| *count > 0).count(),
            }
        });
        let populations = populations.collect();
        let listed = counts.iter().take(MOST_LISTED).enumerate();
        let first = outcome.spikes.first();
        Self {
            total: outcome.spikes.len(),
            first_neuron: first.map(|spike| network.neuron_name(spike.neuron)),
            first_time: first.map(|spike| spike.time),
            populations,
            neurons: listed
                .map(|(neuron, &(count, first_time))| NeuronSpikes {
                    neuron: network.neuron_name(neuron),
                    count,
                    first_time,
                })
                .collect(),
        }
    }
}
