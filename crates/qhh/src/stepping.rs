//! How long the steps of neurons and waveguides take, about.

use qhh_net::Network;
use qhh_net::network::{Pattern, Waveguides};

/// Steps of neurons that a thread makes in a second, about; a neuron at rest that nothing arrives at makes none.
const NEURON_STEPS_PER_SECOND: f64 = 9e7;
/// Steps of waveguides that a thread makes in a second, about: half of that where each has a delay of its own.
const WAVEGUIDE_STEPS_PER_SECOND: f64 = 1e9;
/// Seconds in which what a port sent in a window comes from memory, fetched beside that of others, where it is in no cache: 32 ns
/// were measured on a fast machine.
const FROM_MEMORY: f64 = 4e-8;
/// Bytes of waves under way beyond which they are in no cache.
const CACHED: f64 = 16e6;

/// Times of one network, all of its neurons active.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stepping {
    n_steps: f64,
    /// Neurons stepped for each there is: a block takes as long as a full one.
    filled: f64,
    /// Seconds of a waveguide's step where waves are in a cache.
    waveguide: f64,
    /// What it takes more where they are not.
    far: f64,
}

impl Stepping {
    pub(crate) fn of(network: &Network) -> Self {
        let (window, differ) = network.strides();
        let arms = |far: bool| {
            let entries = network.waveguides.iter().filter(|entry| !far || is_far(entry));
            entries.map(Waveguides::expected_arms).sum::<f64>()
        };
        let far = arms(true) / arms(false).max(1.0);
        Self {
            n_steps: network.n_steps() as f64,
            filled: network.stepped_neurons() as f64 / network.n_neurons().max(1) as f64,
            waveguide: if differ { 2.0 } else { 1.0 } / WAVEGUIDE_STEPS_PER_SECOND,
            far: far * FROM_MEMORY / window,
        }
    }

    /// Seconds in which a thread makes all steps of so many neurons and waveguides, with so many bytes of waves under way.
    pub(crate) fn seconds(self, neurons: f64, waveguides: f64, under_way: f64) -> f64 {
        let waveguide = self.waveguide + if under_way > CACHED { self.far } else { 0.0 };
        self.n_steps * (self.filled * neurons / NEURON_STEPS_PER_SECOND + waveguides * waveguide)
    }
}

/// Whether neurons that are joined need not be side by side.
pub(crate) fn is_far(entry: &Waveguides) -> bool {
    !matches!(entry.pattern, Pattern::Chain | Pattern::Ring | Pattern::Grid { .. })
}
