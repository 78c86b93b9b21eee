//! What fluctuations leave: jitter, budgets, covariances, responses.

use qhh_core::num_complex::Complex64;

use super::ensemble::Ensemble;
use super::states::OutputStates;
use super::{Check, NeuronVariance};
use crate::network::Observable;

/// Spread of the time of one spike, from linear response: the standard deviation of V over its slope at the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpikeJitter {
    /// Number of the neuron.
    pub neuron: usize,
    /// Mean time of the spike.
    pub time: f64,
    /// Variance of V then, of all lines and sources.
    pub variance: f64,
    /// Standard deviation of its time.
    pub deviation: f64,
}

/// The variance of a recorded quantity by where its noise comes from; states of sources are no part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseBudget {
    /// Number of the neuron.
    pub neuron: usize,
    /// The voltage, or a wave.
    pub observable: Observable,
    /// By origin.
    pub shares: Vec<NoiseShare>,
}

/// What one origin of noise contributes to a variance at [`super::Traces::times`].
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseShare {
    /// Number of the neuron it belongs to.
    pub neuron: usize,
    /// Its name: `relay[0] sodium`, `relay[1] input loss`.
    pub origin: String,
    /// The contribution.
    pub values: Vec<f64>,
}

/// Covariance of two recorded quantities at [`super::Traces::times`]; the variance, of one with itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    /// Number of the neuron and quantity.
    pub a: (usize, Observable),
    /// The other's.
    pub b: (usize, Observable),
    /// In units of voltage squared.
    pub values: Vec<f64>,
}

/// Response of a voltage to the mode of a source: the coefficient of `a` at [`super::Traces::times`].
#[derive(Debug, Clone, PartialEq)]
pub struct ModeResponse {
    /// Name of the source.
    pub source: String,
    /// Number of the neuron.
    pub neuron: usize,
    /// The coefficient, in units of voltage.
    pub values: Vec<Complex64>,
}

/// Everything that the engine of field modes hands over.
#[derive(Debug, Default)]
pub(crate) struct Fluctuated {
    pub(crate) variances: Vec<NeuronVariance>,
    pub(crate) jitter: Vec<SpikeJitter>,
    pub(crate) budget: Vec<NoiseBudget>,
    pub(crate) covariances: Vec<Covariance>,
    pub(crate) responses: Vec<ModeResponse>,
    pub(crate) states: Option<OutputStates>,
    pub(crate) ensemble: Option<Ensemble>,
    pub(crate) checks: Vec<Check>,
    /// Frequencies of every line.
    pub(crate) n_modes: usize,
    /// Relative error of the moments that so many leave.
    pub(crate) modes_error: f64,
    /// Where gates respond without a measurement, the relative defect of `[phi, V]` at the start and the largest at any
    /// sample.
    pub(crate) missing: Option<(f64, f64)>,
    /// Neurons whose gates are held until the run begins because departures from where they start grow, of so many.
    pub(crate) held: (usize, usize),
    /// Whether waves come back and nothing moves, and the voltages' moments are exact.
    pub(crate) exact_rest: bool,
    /// Steps that samples ran before the run, and the part of a variance at the start that older waves may add, where that
    /// is more than it should be.
    pub(crate) before: Option<(usize, f64)>,
}
