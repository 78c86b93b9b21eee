//! An echo state network of as many features as the network has.

use nalgebra::{DMatrix, DVector};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::table;
use crate::learn::dataset::Sequence;
use crate::learn::encode::InputRange;
use crate::learn::features::Table;

/// An echo state network: `x(t+1) = (1 - leak) x(t) + leak tanh(W x(t) + W_in u(t+1) + b)`, W sparse and random.
///
/// Jaeger, GMD report 148 (2001).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EchoState {
    /// Largest eigenvalue of W.
    pub radius: f64,
    /// Size of the input's weights.
    pub input: f64,
    /// Share of the new in each state.
    pub leak: f64,
}

impl EchoState {
    /// Settings to choose from on the training part: every radius with every size of the input's weights and every leak.
    /// Small inputs keep the units linear, which is what memory takes.
    pub fn grid() -> Vec<Self> {
        const RADII: [f64; 6] = [0.3, 0.6, 0.8, 0.95, 0.99, 1.1];
        const INPUTS: [f64; 4] = [0.02, 0.1, 0.5, 2.0];
        const LEAKS: [f64; 3] = [1.0, 0.6, 0.3];
        let of = |radius| INPUTS.into_iter().flat_map(move |input| LEAKS.map(|leak| Self { radius, input, leak }));
        RADII.into_iter().flat_map(of).collect()
    }
}

/// An echo state network with its weights drawn.
#[derive(Debug, Clone)]
pub struct EchoNetwork {
    recurrent: Vec<Vec<(usize, f64)>>,
    input: DMatrix<f64>,
    bias: DVector<f64>,
    leak: f64,
}

/// Units that each unit hears.
const FAN_IN: usize = 10;

impl EchoNetwork {
    /// Draws one of `units` units for `n_channels` inputs.
    #[must_use]
    pub fn new(settings: EchoState, units: usize, n_channels: usize, seed: u64) -> Self {
        let mut random = qhh_net::network::random::stream(seed, "learn.echo-state");
        let even = |random: &mut ChaCha8Rng| 2.0 * random.random::<f64>() - 1.0;
        let mut recurrent: Vec<Vec<(usize, f64)>> = (0..units)
            .map(|_| (0..FAN_IN.min(units)).map(|_| (random.random_range(0..units), even(&mut random))).collect())
            .collect();
        let scale = settings.radius / radius(&recurrent).max(1e-12);
        recurrent.iter_mut().flatten().for_each(|entry| entry.1 *= scale);
        let size = settings.input / (n_channels as f64).sqrt();
        let input = DMatrix::from_fn(units, n_channels, |_, _| size * even(&mut random));
        let bias = DVector::from_fn(units, |_, _| 0.2 * even(&mut random));
        Self { recurrent, input, bias, leak: settings.leak }
    }

    /// Its states over a sequence, inputs brought to -1..1.
    #[must_use]
    pub fn respond(&self, sequence: &Sequence, range: &InputRange) -> Table {
        let units = self.bias.len();
        let mut states = DMatrix::zeros(sequence.nrows(), units);
        let mut x = vec![0.0; units];
        for symbol in 0..sequence.nrows() {
            qhh_core::stop::check();
            let inputs = sequence.row(symbol);
            let scaled: Vec<f64> =
                inputs.iter().enumerate().map(|(channel, &u)| 2.0 * range.scaled(channel, u) - 1.0).collect();
            let next: Vec<f64> = (0..units)
                .map(|unit| {
                    let heard: f64 = self.recurrent[unit].iter().map(|&(from, weight)| weight * x[from]).sum();
                    let told: f64 = scaled.iter().enumerate().map(|(k, u)| self.input[(unit, k)] * u).sum();
                    (1.0 - self.leak) * x[unit] + self.leak * (heard + told + self.bias[unit]).tanh()
                })
                .collect();
            x = next;
            states.row_mut(symbol).iter_mut().zip(&x).for_each(|(state, x)| *state = *x);
        }
        table((0..units).map(|unit| format!("unit {unit}")), "state", states)
    }
}

/// Size of the largest eigenvalue: the mean growth of a vector over many products, which a pair of complex ones only
/// makes swing.
fn radius(rows: &[Vec<(usize, f64)>]) -> f64 {
    const WARM: usize = 100;
    const COUNTED: usize = 400;
    let mut x: Vec<f64> = (0..rows.len()).map(|k| ((k * 7919 + 13) % 1009) as f64 / 1009.0 - 0.5).collect();
    let mut growth = 0.0;
    for step in 0..WARM + COUNTED {
        let next: Vec<f64> =
            rows.iter().map(|row| row.iter().map(|&(from, weight)| weight * x[from]).sum()).collect();
        let size = next.iter().map(|v: &f64| v * v).sum::<f64>().sqrt();
        if size == 0.0 {
            return 0.0;
        }
        if step >= WARM {
            growth += size.ln();
        }
        x = next.into_iter().map(|v| v / size).collect();
    }
    (growth / COUNTED as f64).exp()
}
