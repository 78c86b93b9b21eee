//! Columns brought to mean 0 and standard deviation 1 over the training rows (scikit-learn's `StandardScaler`).

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// Standard deviations below this part of the largest absolute value count as rounding: such values are all the same.
const CONSTANT: f64 = 1e-12;

/// Mean and standard deviation of each column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    /// Means.
    pub mean: Vec<f64>,
    /// Standard deviations, with all rows counted (no Bessel correction); 0 of columns that are constant.
    pub deviation: Vec<f64>,
}

impl Scaler {
    /// Of the columns of `x`.
    pub fn fit(x: &DMatrix<f64>) -> Self {
        let (mean, deviation) = x.column_iter().map(|column| moments(column.iter().copied())).unzip();
        Self { mean, deviation }
    }

    /// The columns of `x`, scaled; constant ones become 0.
    #[must_use]
    pub fn transform(&self, x: &DMatrix<f64>) -> DMatrix<f64> {
        let mut scaled = x.clone();
        for (column, mut values) in scaled.column_iter_mut().enumerate() {
            let (mean, deviation) = (self.mean[column], self.deviation[column]);
            values.iter_mut().for_each(|v| *v = if deviation > 0.0 { (*v - mean) / deviation } else { 0.0 });
        }
        scaled
    }

    /// Number of columns that differ between rows.
    pub fn n_varying(&self) -> usize {
        self.deviation.iter().filter(|deviation| **deviation > 0.0).count()
    }
}

/// Mean and standard deviation of some values, all counted (no Bessel correction); the deviation is 0 where they differ
/// by rounding alone.
pub(super) fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.clone().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    let size = values.fold(0.0_f64, |size, v| size.max(v.abs()));
    let deviation = variance.sqrt();
    (mean, if deviation > CONSTANT * size { deviation } else { 0.0 })
}

/// Means of the columns.
pub(crate) fn means(y: &DMatrix<f64>) -> DVector<f64> {
    y.row_mean().transpose()
}
