//! How many neurons are active in a run, and how many spikes they leave: an expectation, from the description alone.

use qhh_core::circuit::Initial;
use serde::{Deserialize, Serialize};

use crate::network::{Drive, Network, Parameter, Population, Source};

/// Milliseconds between two spikes of a neuron that a current keeps firing.
const PERIOD: f64 = 12.0;

/// A number that depends on which neurons are active.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Extent {
    /// If only those are that a source feeds or that do not start at rest.
    pub driven: f64,
    /// If all are.
    pub most: f64,
}

impl Extent {
    /// The same of what both numbers stand for.
    #[must_use]
    pub fn map(self, of: impl Fn(f64) -> f64) -> Self {
        Self { driven: of(self.driven), most: of(self.most) }
    }
}

impl Network {
    /// The share of the neurons that a source feeds or that do not start at rest.
    pub(super) fn driven_share(&self) -> f64 {
        let starts = |population: &&Population| {
            population.initial != Initial::Rest
                || population.varied.iter().any(|varied| matches!(varied.parameter, Parameter::Initial(_)))
        };
        let moving: usize = self.populations.iter().filter(starts).map(|population| population.count).sum();
        let fed: usize = self.sources.iter().map(|source| source.targets.len()).sum();
        ((moving + fed) as f64 / self.n_neurons() as f64).min(1.0)
    }

    /// Spikes that a run leaves: one every 12 ms of each neuron while a source feeds it, and at most one more of each
    /// neuron that waves can reach. Neurons without batteries have none.
    pub fn expected_spikes(&self) -> Extent {
        let milliseconds = self.rate_units().milliseconds;
        let excitable =
            |population: &&Population| population.circuit.has_batteries() && population.circuit.channels.len() > 1;
        let neurons = self.populations.iter().filter(excitable).map(|population| population.count).sum::<usize>();
        let of_each = |source: &Source| {
            let (start, stop) = match &source.drive {
                Drive::Current(current) => (current.start, current.stop),
                Drive::Mode(mode) => (mode.start, mode.stop),
                Drive::Packet(_) => (0.0, 0.0),
            };
            let length = stop.min(self.simulation.duration) - start.max(0.0);
            if length > 0.0 { 1.0 + length * milliseconds / PERIOD } else { 0.0 }
        };
        let fed: f64 = self.sources.iter().map(|source| source.targets.len() as f64 * of_each(source)).sum();
        let reached = if self.waveguides.is_empty() || fed == 0.0 { 0.0 } else { neurons as f64 };
        let limit = neurons as f64 * (1.0 + self.simulation.duration * milliseconds / PERIOD);
        Extent { driven: fed, most: fed + reached }.map(|spikes| spikes.min(limit))
    }
}
