//! A coarse look at the voltage of one neuron, for a picture.

use crate::network::Network;

/// Times of the coarse look at most: its columns.
const MOST_TIMES: u64 = 512;

/// The voltage of one neuron, now and then.
#[derive(Debug, Clone)]
pub(crate) struct CoarseTrace {
    pub(super) stride: u64,
    pub(super) voltages: Vec<f32>,
}

impl CoarseTrace {
    pub(crate) fn new(network: &Network) -> Self {
        Self { stride: network.n_steps().div_ceil(MOST_TIMES).max(1), voltages: Vec::new() }
    }

    /// One that has looked at these voltages.
    pub(super) fn of(network: &Network, voltages: Vec<f32>) -> Self {
        Self { voltages, ..Self::new(network) }
    }

    /// Takes in a window of `n_steps` from step number `first`; `v` is the voltage at the start of a step.
    pub(crate) fn window(&mut self, first: u64, n_steps: usize, v: impl Fn(usize) -> f64) {
        let mut step = first.next_multiple_of(self.stride);
        while step < first + n_steps as u64 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a place in the window; a picture needs no more digits"
            )]
            self.voltages.push(v((step - first) as usize) as f32);
            step += self.stride;
        }
    }

    /// What is kept so far.
    pub(crate) fn kept(&self) -> Vec<f32> {
        self.voltages.clone()
    }

    /// Forgets what came after so many steps.
    pub(super) fn cut(&mut self, steps: u64) {
        self.voltages.truncate(usize::try_from(steps.div_ceil(self.stride)).unwrap_or(usize::MAX));
    }

    /// Goes on from what was kept when `done` steps were made; whether it can be.
    pub(crate) fn restore(&mut self, kept: Vec<f32>, done: u64) -> bool {
        let fits = kept.len() as u64 == done.div_ceil(self.stride);
        self.voltages = kept;
        fits
    }
}
