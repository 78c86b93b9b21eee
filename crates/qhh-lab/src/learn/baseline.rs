//! What a network is measured against: the raw input with delays, and an echo state network.

use nalgebra::{DMatrix, DVector};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::dataset::Sequence;
use super::encode::InputRange;
use super::features::{Column, Family, Table};

/// The last `delays` inputs, symbol by symbol; before the start, the first.
#[must_use]
pub fn delayed(sequence: &Sequence, channels: &[String], delays: usize) -> Table {
    let width = sequence.ncols();
    let values = DMatrix::from_fn(sequence.nrows(), width * delays, |row, k| {
        sequence[(row.saturating_sub(k / width), k % width)]
    });
    let name = |k: usize| match k / width {
        0 => channels[k % width].clone(),
        ago => format!("{}, {ago} before", channels[k % width]),
    };
    table((0..width * delays).map(name), "input", values)
}

fn table(names: impl Iterator<Item = String>, quantity: &str, values: DMatrix<f64>) -> Table {
    let columns =
        names.map(|name| Column { name, quantity: quantity.to_owned(), family: Family::MeanField }).collect();
    let scatter = DMatrix::zeros(values.nrows(), values.ncols());
    Table { columns, values, scatter }
}

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
    /// Settings to choose from by cross-validation on the training part.
    pub const GRID: [Self; 12] = {
        const fn of(radius: f64, input: f64, leak: f64) -> EchoState {
            EchoState { radius, input, leak }
        }
        [
            of(0.8, 0.1, 1.0),
            of(0.8, 0.5, 1.0),
            of(0.8, 2.0, 1.0),
            of(0.95, 0.1, 1.0),
            of(0.95, 0.5, 1.0),
            of(0.95, 2.0, 1.0),
            of(0.99, 0.1, 1.0),
            of(0.99, 0.5, 1.0),
            of(0.99, 2.0, 1.0),
            of(0.95, 0.1, 0.3),
            of(0.95, 0.5, 0.3),
            of(0.95, 2.0, 0.3),
        ]
    };
    /// What is taken where there is nothing to choose by.
    pub const COMMON: Self = Self { radius: 0.95, input: 0.1, leak: 1.0 };
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
        let mut random = qhh_net::random::stream(seed, "learn.echo-state");
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
