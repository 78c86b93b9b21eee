//! A neuron as tables name it.

use qhh_net::Network;

/// A neuron in words, and in numbers that need no parsing: every column that names a neuron has both beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Its name: `relay[3]`.
    pub neuron: String,
    /// Number of its population in the order of the file, from 0.
    pub population: u64,
    /// Its number within its population, from 0.
    pub index: u64,
}

impl Who {
    /// The neuron of this number.
    pub fn of(network: &Network, neuron: usize) -> Self {
        let (population, index) = network.place_of(neuron).unwrap_or((network.populations.len(), neuron));
        Self { neuron: network.neuron_name(neuron), population: population as u64, index: index as u64 }
    }
}
