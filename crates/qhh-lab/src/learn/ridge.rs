//! Ridge regression: `min |y - x w - b|^2 + alpha |w|^2`, the intercept unpenalised.
//!
//! With `x' x = v s v'` of the centred features, `w = v (s + alpha)^-1 v' x' y`; with fewer rows than features,
//! `x x' = u s u'` and `w = x' u (s + alpha)^-1 u' y`. One decomposition serves every strength and every target. It squares the condition number, so strengths below about 1e-13 of the largest
//! eigenvalue (the number of rows, at most times that of the columns) drown in rounding.
//!
//! Hoerl and Kennard, Technometrics 12, 55 (1970). Words as in scikit-learn's `Ridge` and `RidgeCV`.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::scale::means;

/// Weights and intercepts of a linear map from features to targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Rows", try_from = "Rows")]
pub struct Linear {
    /// `[feature][target]`.
    pub weights: DMatrix<f64>,
    /// One for each target.
    pub intercept: DVector<f64>,
}

/// A linear map as a file holds it.
#[derive(Serialize, Deserialize)]
struct Rows {
    /// One list for each target.
    weights: Vec<Vec<f64>>,
    intercept: Vec<f64>,
}

impl From<Linear> for Rows {
    fn from(linear: Linear) -> Self {
        let weights = linear.weights.column_iter().map(|column| column.iter().copied().collect()).collect();
        Self { weights, intercept: linear.intercept.iter().copied().collect() }
    }
}

impl TryFrom<Rows> for Linear {
    type Error = &'static str;

    fn try_from(rows: Rows) -> Result<Self, Self::Error> {
        let n = rows.weights.first().map_or(0, Vec::len);
        if rows.weights.len() != rows.intercept.len() || rows.weights.iter().any(|column| column.len() != n) {
            return Err("weights and intercepts do not fit each other");
        }
        let weights = DMatrix::from_iterator(n, rows.weights.len(), rows.weights.into_iter().flatten());
        Ok(Self { weights, intercept: rows.intercept.into() })
    }
}

impl Linear {
    /// `x w + b`.
    #[must_use]
    pub fn predict(&self, x: &DMatrix<f64>) -> DMatrix<f64> {
        let mut y = x * &self.weights;
        for (target, mut column) in y.column_iter_mut().enumerate() {
            column.add_scalar_mut(self.intercept[target]);
        }
        y
    }
}

/// A decomposed set of features and targets, to be solved for any strength.
#[derive(Debug, Clone)]
pub struct Ridge {
    x_mean: DVector<f64>,
    y_mean: DVector<f64>,
    eigenvalues: DVector<f64>,
    /// `v`, or `x' u` where there are fewer rows than features.
    vectors: DMatrix<f64>,
    /// `v' x' y`, or `u' y`.
    projected: DMatrix<f64>,
}

impl Ridge {
    /// Takes in features `x` and targets `y`, row by row.
    pub fn new(x: &DMatrix<f64>, y: &DMatrix<f64>) -> Self {
        qhh_core::stop::check();
        let (x_mean, y_mean) = (means(x), means(y));
        let (x, y) = (centred(x, &x_mean), centred(y, &y_mean));
        if x.nrows() < x.ncols() {
            let decomposed = (&x * x.transpose()).symmetric_eigen();
            let projected = decomposed.eigenvectors.tr_mul(&y);
            let vectors = x.tr_mul(&decomposed.eigenvectors);
            return Self { x_mean, y_mean, eigenvalues: decomposed.eigenvalues, vectors, projected };
        }
        let decomposed = x.tr_mul(&x).symmetric_eigen();
        let projected = decomposed.eigenvectors.tr_mul(&x.tr_mul(&y));
        Self { x_mean, y_mean, eigenvalues: decomposed.eigenvalues, vectors: decomposed.eigenvectors, projected }
    }

    /// Weights for a strength `alpha`, above zero.
    #[must_use]
    pub fn fit(&self, alpha: f64) -> Linear {
        let mut shrunk = self.projected.clone();
        for (k, mut row) in shrunk.row_iter_mut().enumerate() {
            // Rounding makes eigenvalues of combinations that do not occur slightly negative.
            row /= self.eigenvalues[k].max(0.0) + alpha;
        }
        let weights = &self.vectors * shrunk;
        let intercept = &self.y_mean - weights.tr_mul(&self.x_mean);
        Linear { weights, intercept }
    }
}

fn centred(x: &DMatrix<f64>, mean: &DVector<f64>) -> DMatrix<f64> {
    let mut centred = x.clone();
    for (column, mut values) in centred.column_iter_mut().enumerate() {
        values.add_scalar_mut(-mean[column]);
    }
    centred
}

/// Strength of `alphas` with the smallest mean squared error over `folds` contiguous folds, each predicted from the
/// others; the larger of equals.
#[must_use]
pub fn cross_validated(x: &DMatrix<f64>, y: &DMatrix<f64>, alphas: &[f64], folds: usize) -> f64 {
    let mut errors = vec![0.0; alphas.len()];
    if alphas.len() > 1 {
        for (train, held) in folds_of(x.nrows(), folds) {
            let ridge = Ridge::new(&x.select_rows(&train), &y.select_rows(&train));
            let (held_x, held_y) = (x.select_rows(&held), y.select_rows(&held));
            for (error, &alpha) in errors.iter_mut().zip(alphas) {
                *error += (ridge.fit(alpha).predict(&held_x) - &held_y).norm_squared();
            }
        }
    }
    let best =
        (0..alphas.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b]).then(alphas[b].total_cmp(&alphas[a])));
    best.map_or(1.0, |best| alphas[best])
}

/// Rows to train on and rows held back, fold by fold; contiguous, as a series wants it.
pub(crate) fn folds_of(n_rows: usize, folds: usize) -> Vec<(Vec<usize>, Vec<usize>)> {
    let folds = folds.clamp(2, n_rows.max(2));
    let edge = |fold: usize| fold * n_rows / folds;
    (0..folds)
        .map(|fold| (0..n_rows).partition(|&row| row < edge(fold) || row >= edge(fold + 1)))
        .filter(|(train, held): &(Vec<usize>, Vec<usize>)| !train.is_empty() && !held.is_empty())
        .collect()
}
