//! How good a prediction is.

use nalgebra::DMatrix;

/// Root mean squared error over the standard deviation of the truth, all targets together: 0 is perfect, 1 is as good
/// as the mean.
#[must_use]
pub fn nrmse(truth: &DMatrix<f64>, prediction: &DMatrix<f64>) -> f64 {
    let (mut error, mut spread) = (0.0, 0.0);
    for (truth, prediction) in truth.column_iter().zip(prediction.column_iter()) {
        let mean = truth.mean();
        error += (truth - prediction).norm_squared();
        spread += truth.iter().map(|y| (y - mean).powi(2)).sum::<f64>();
    }
    (error / spread).sqrt()
}

/// Share of equal classes.
#[must_use]
pub fn accuracy(truth: &[usize], prediction: &[usize]) -> f64 {
    let right = truth.iter().zip(prediction).filter(|(a, b)| a == b).count();
    right as f64 / truth.len().max(1) as f64
}

/// Counts `[true class][predicted class]`.
#[must_use]
pub fn confusion(truth: &[usize], prediction: &[usize], n_classes: usize) -> Vec<Vec<usize>> {
    let mut counts = vec![vec![0; n_classes]; n_classes];
    for (&truth, &prediction) in truth.iter().zip(prediction) {
        counts[truth][prediction] += 1;
    }
    counts
}

/// Number of the largest column of each row; the first of equals.
#[must_use]
pub fn largest(scores: &DMatrix<f64>) -> Vec<usize> {
    let of = |row: usize| {
        let row = scores.row(row);
        (0..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best })
    };
    (0..scores.nrows()).map(of).collect()
}

/// Mean of several seeds' scores and its standard error; none of a single one.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Mean {
    /// Mean.
    pub mean: f64,
    /// Standard error of the mean.
    pub error: Option<f64>,
}

impl Mean {
    /// Of some values, at least one.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let error = (values.len() > 1)
            .then(|| (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt());
        Self { mean, error }
    }

    /// Of `one` minus `other`, seed by seed: what both share, such as easy data, drops out of the error.
    #[must_use]
    pub fn difference(one: &[f64], other: &[f64]) -> Self {
        Self::of(&one.iter().zip(other).map(|(one, other)| one - other).collect::<Vec<_>>())
    }
}
