//! What a run keeps besides the spikes.

use super::figure::Figure;
use super::observable::Observable;

impl Record {
    /// Samples of some quantities of some neurons, which ascend, every so often; no tables besides.
    pub fn new(every: f64, neurons: Vec<usize>, observables: Vec<Observable>) -> Self {
        Self {
            every,
            neurons,
            observables,
            hysteresis: false,
            noise_budget: false,
            covariance: false,
            trajectories: 0,
            snapshot: false,
            budget_of: Vec::new(),
        }
    }
}

/// What a run keeps besides the spikes.
#[expect(clippy::struct_excessive_bools, reason = "each table is a choice of its own")]
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Time between samples; a whole number of steps.
    pub every: f64,
    /// Neurons recorded, ascending.
    pub neurons: Vec<usize>,
    /// Quantities recorded, in the order given.
    pub observables: Vec<Observable>,
    /// Whether I-V loops of the memristors are kept.
    pub hysteresis: bool,
    /// Whether the variance is kept by where it comes from, line by line of every neuron (heisenberg).
    pub noise_budget: bool,
    /// Whether covariances of the recorded voltages and waves are kept, of every pair (heisenberg).
    pub covariance: bool,
    /// Samples that are kept whole, the first ones: their voltages, and records of those where gates measure them (wigner).
    pub trajectories: usize,
    /// Whether the state of every neuron at the end is kept (langevin).
    pub snapshot: bool,
    /// Numbers whose variance is split by where the noise comes from, each by one run backwards (langevin).
    pub budget_of: Vec<Figure>,
}
