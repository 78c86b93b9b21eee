//! Numbers of a run whose variance is split by where the noise comes from.

use qhh_core::units::Dimension;
use serde::{Deserialize, Serialize};

/// A number of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Figure {
    /// The voltage of a neuron at a time.
    Voltage {
        /// Number of the neuron.
        neuron: usize,
        /// The time.
        time: f64,
    },
    /// The time of a spike of a neuron.
    Spike {
        /// Number of the neuron.
        neuron: usize,
        /// Which of its spikes, from 0.
        number: usize,
    },
}

impl Figure {
    /// The neuron that it is read from.
    pub fn neuron(self) -> usize {
        match self {
            Self::Voltage { neuron, .. } | Self::Spike { neuron, .. } => neuron,
        }
    }

    /// What it is a number of.
    pub fn dimension(self) -> Dimension {
        match self {
            Self::Voltage { .. } => Dimension::VOLTAGE,
            Self::Spike { .. } => Dimension::TIME,
        }
    }
}
