//! Columns brought to mean 0 and standard deviation 1 over the training rows (scikit-learn's `StandardScaler`).

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// Standard deviations below this part of a column's size count as rounding: such a column says nothing.
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
        let n = x.nrows().max(1) as f64;
        let of = |column: usize| {
            let values = x.column(column);
            let mean = values.sum() / n;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
            let size = values.iter().fold(0.0_f64, |size, v| size.max(v.abs()));
            let deviation = variance.sqrt();
            (mean, if deviation > CONSTANT * size { deviation } else { 0.0 })
        };
        let (mean, deviation) = (0..x.ncols()).map(of).unzip();
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

/// Means of the columns.
pub(crate) fn means(y: &DMatrix<f64>) -> DVector<f64> {
    y.row_mean().transpose()
}
