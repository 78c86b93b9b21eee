//! What fluctuations leave, and the mean trajectory they are computed beside.

use qhh_core::channel::Conductances;
use qhh_core::circuit::Circuit;
use qhh_core::gates::Gates;
use qhh_core::num_complex::Complex64;

use super::{Check, NeuronVariance};

/// Spread of the time of one spike, from linear response: the standard deviation of V over its slope at the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpikeJitter {
    /// Number of the neuron.
    pub neuron: usize,
    /// Mean time of the spike.
    pub time: f64,
    /// Standard deviation of its time.
    pub deviation: f64,
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
    pub(crate) budget: Vec<(usize, Vec<NoiseShare>)>,
    pub(crate) responses: Vec<ModeResponse>,
    pub(crate) checks: Vec<Check>,
    /// Frequencies of every line.
    pub(crate) n_modes: usize,
    /// Relative error of the stationary variance that so many leave.
    pub(crate) modes_error: f64,
}

/// Mean trajectory of one neuron, every step of it.
#[derive(Debug, Clone)]
pub(crate) struct MeanCourse {
    pub(crate) neuron: usize,
    circuit: Circuit,
    /// At the start of each step and at the end.
    pub(crate) voltages: Vec<f64>,
    /// Conductances of potassium and sodium half a step before the start, then in the middle of each step.
    open: Vec<[f64; 2]>,
}

impl MeanCourse {
    pub(crate) fn new(neuron: usize, circuit: Circuit) -> Self {
        Self { neuron, circuit, voltages: Vec::new(), open: Vec::new() }
    }

    /// Takes in a window of `n_steps`: voltages at the start of each step, gates half a step before.
    pub(crate) fn window(&mut self, n_steps: usize, v: impl Fn(usize) -> f64, gates: impl Fn(usize) -> Gates) {
        // The end of a window is the start of the next.
        let from = usize::from(!self.voltages.is_empty());
        for k in from..=n_steps {
            self.voltages.push(v(k));
            let g = self.circuit.conductances(gates(k));
            self.open.push([g.potassium, g.sodium]);
        }
    }

    /// Conductances half a step before the end of step `half`.
    pub(crate) fn conductances(&self, half: usize) -> Conductances {
        let [potassium, sodium] = self.open[half];
        Conductances { potassium, sodium, chloride: self.circuit.chloride().map_or(0.0, |c| c.conductance) }
    }

    /// Bytes kept for a run of so many steps.
    pub(crate) const BYTES_PER_STEP: usize = 24;
}
