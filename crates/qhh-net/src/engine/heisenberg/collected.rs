//! What a task hands over.

use serde::{Deserialize, Serialize};

use super::modes::ModeMoments;

/// What a task hands over: `[recorded node in reach][line][look]`.
#[derive(Serialize, Deserialize)]
pub(super) struct Collected {
    pub(super) reached: Vec<usize>,
    pub(super) vacuum: Vec<f64>,
    pub(super) thermal: Vec<f64>,
    /// `[recorded node in reach][look]`: `[phi, V]/i hbar`.
    pub(super) commutator: Vec<f64>,
    /// The same of the variance: sums that tell what the frequencies miss.
    pub(super) null: Vec<[f64; 2]>,
    pub(super) defect: f64,
    pub(super) modes: ModeMoments,
    /// Quantities that the task reaches, their covariances, and the sums that tell what the frequencies miss of these.
    pub(super) pairs: (Vec<usize>, Vec<f64>, Vec<[f64; 2]>),
    /// Waves that the task reaches, and their variances, line by line.
    pub(super) waves: (Vec<usize>, Vec<SampledVariance>),
}

/// Vacuum and thermal part at each look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SampledVariance {
    pub(super) vacuum: Vec<f64>,
    pub(super) thermal: Vec<f64>,
}

impl SampledVariance {
    pub(super) fn zero(n: usize) -> Self {
        Self { vacuum: vec![0.0; n], thermal: vec![0.0; n] }
    }

    pub(super) fn scale(&mut self, factor: f64) {
        self.vacuum.iter_mut().chain(&mut self.thermal).for_each(|part| *part *= factor);
    }

    pub(super) fn add(&mut self, vacuum: &[f64], thermal: &[f64]) {
        self.vacuum.iter_mut().zip(vacuum).for_each(|(sum, x)| *sum += x);
        self.thermal.iter_mut().zip(thermal).for_each(|(sum, x)| *sum += x);
    }
}
