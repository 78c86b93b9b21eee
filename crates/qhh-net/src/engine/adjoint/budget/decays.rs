//! The correlation of a line's noise at long distances as a sum of exponentials.
//!
//! Below its cutoff the spectrum is smooth, so that the correlation falls off as the square of the time, or sooner where it
//! is warm; the cutoff's edge adds a turn at the cutoff that falls off as the time. Both are integrals over decays of all
//! rates, `1/t = int e^{-st} ds`, and so sums over rates that are evenly spaced in their logarithm, whose weights follow by
//! least squares.

use nalgebra::{DMatrix, DVector};
use qhh_core::num_complex::Complex64;

use super::spectrum::Spectrum;

/// From one rate to the next.
const RATIO: f64 = 2.0;
/// Distances that weights are fitted at, for each rate.
const SAMPLES: usize = 8;

/// An exponential of the distance in steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decay {
    pub(super) rate: f64,
    pub(super) weight: f64,
}

/// One that turns as it decays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turning {
    rate: Complex64,
    pub(super) weight: Complex64,
}

impl Turning {
    /// Over so many steps.
    pub(super) fn power(&self, steps: f64) -> Complex64 {
        (-self.rate * steps).exp()
    }
}

#[derive(Debug, Clone)]
pub(super) struct Decays {
    pub(super) real: Vec<Decay>,
    pub(super) turning: Vec<Turning>,
    /// The largest error, relative to `T(first) (first/k)^2`, which it falls off with.
    pub(super) error: f64,
}

impl Decays {
    /// Of distances of `first` to `last` steps.
    pub(super) fn new(spectrum: &Spectrum, first: usize, last: usize) -> Self {
        if last < first {
            return Self { real: Vec::new(), turning: Vec::new(), error: 0.0 };
        }
        let mut rates = vec![8.0 / first as f64];
        while rates[rates.len() - 1] * last as f64 > 0.3 {
            rates.push(rates[rates.len() - 1] / RATIO);
        }
        let n = rates.len();
        let samples = distances(first, last, SAMPLES * n);
        // A run of neighbours at each, of which one integral has all.
        let mut rows: Vec<(f64, f64)> = Vec::new();
        for &k in &samples {
            rows.extend(spectrum.pairs(k, 4).into_iter().enumerate().map(|(more, t)| ((k + more) as f64, t)));
        }
        let size = |k: f64| k.powf(1.5);
        let turn = spectrum.highest();
        let column = |at: usize, k: f64| match at.checked_sub(n) {
            None => (-rates[at] * k).exp(),
            Some(at) => {
                let decay = (-rates[at / 2] * k).exp();
                decay * if at % 2 == 0 { (turn * k).cos() } else { (turn * k).sin() }
            }
        };
        let matrix = DMatrix::from_fn(rows.len(), 3 * n, |row, at| size(rows[row].0) * column(at, rows[row].0));
        let target = DVector::from_fn(rows.len(), |row, _| size(rows[row].0) * rows[row].1);
        // Columns of size 1, or the slowest would be all that counts.
        let norms: Vec<f64> = (0..3 * n).map(|at| matrix.column(at).norm().max(f64::MIN_POSITIVE)).collect();
        let scaled = DMatrix::from_fn(rows.len(), 3 * n, |row, at| matrix[(row, at)] / norms[at]);
        let found = scaled.svd(true, true).solve(&target, 1e-12).unwrap_or_else(|_| DVector::zeros(3 * n));
        let weight = |at: usize| found[at] / norms[at];
        let real = (0..n).map(|at| Decay { rate: rates[at], weight: weight(at) }).collect();
        let turning = (0..n).map(|at| Turning {
            rate: Complex64::new(rates[at], -turn),
            weight: Complex64::new(weight(n + 2 * at), -weight(n + 2 * at + 1)),
        });
        let largest = rows.iter().map(|(k, t)| t.abs() * k * k).fold(f64::MIN_POSITIVE, f64::max);
        let off = |(k, t): &(f64, f64)| {
            let sum: f64 = (0..3 * n).map(|at| weight(at) * column(at, *k)).sum();
            (sum - t).abs() * k * k / largest
        };
        let error = rows.iter().map(off).fold(0.0, f64::max);
        Self { real, turning: turning.collect(), error }
    }
}

/// So many distances or fewer, evenly spaced in their logarithm.
fn distances(first: usize, last: usize, n: usize) -> Vec<usize> {
    let ratio = (last as f64 / first as f64).powf(1.0 / n.max(1) as f64);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between first and last")]
    let mut all: Vec<usize> = (0..=n).map(|k| (first as f64 * ratio.powf(k as f64)).round() as usize).collect();
    all.dedup();
    all
}
