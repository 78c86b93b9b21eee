//! The readout: what is trained. A linear map of scaled features, by ridge regression or logistic regression.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use super::LearnError;
use super::dataset::{Targets, differ};
use super::ridge::{Linear, Ridge, cross_validated, folds_of};
use super::scale::Scaler;
use super::{logistic, scores};

/// How weights are found.
#[derive(Debug, Clone, PartialEq)]
pub enum Method {
    /// Ridge regression; of classes, the largest of one target for each (scikit-learn's `RidgeClassifier`).
    Ridge {
        /// Strengths to choose from by cross-validation.
        alphas: Vec<f64>,
        /// Folds of the cross-validation.
        folds: usize,
    },
    /// Multinomial logistic regression, for classes.
    Logistic {
        /// Inverse strengths to choose from by cross-validation.
        c: Vec<f64>,
        /// Folds of the cross-validation.
        folds: usize,
    },
}

impl Default for Method {
    /// Ridge, its strength one of the powers of ten from 1e-6 to 1e4, by five folds.
    fn default() -> Self {
        Self::Ridge { alphas: ALPHAS.to_vec(), folds: FOLDS }
    }
}

/// Folds of the cross-validation by default.
pub const FOLDS: usize = 5;
/// Strengths of ridge regression by default: from none to speak of to one that lets nothing through, features being of size 1.
pub const ALPHAS: [f64; 11] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1e3, 1e4];

/// A trained readout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Readout {
    /// Scaling of the features.
    pub scaler: Scaler,
    /// The map from scaled features to targets, or to scores of the classes.
    pub linear: Linear,
    /// The strength chosen: alpha of ridge, C of logistic regression.
    pub strength: f64,
}

impl Method {
    /// Trains on the given rows of features and targets.
    ///
    /// # Errors
    /// [`LearnError`] where there is nothing to learn: features or targets that do not differ, a class without rows.
    pub fn fit(&self, features: &DMatrix<f64>, targets: &Targets, rows: &[usize]) -> Result<Readout, LearnError> {
        let x = features.select_rows(rows);
        let scaler = Scaler::fit(&x);
        if scaler.n_varying() == 0 {
            return Err(LearnError::NoFeatures);
        }
        let x = scaler.transform(&x);
        check(targets, rows)?;
        let (linear, strength) = match (self, targets) {
            (Self::Logistic { c, folds }, Targets::Classes { of, names }) => {
                let classes: Vec<usize> = rows.iter().map(|&row| of[row]).collect();
                let c = choose_c(&x, &classes, names.len(), c, *folds);
                (logistic::fit(&x, &classes, names.len(), c), c)
            }
            (Self::Ridge { alphas, folds }, _) => {
                let y = numbers(targets).select_rows(rows);
                let alpha = cross_validated(&x, &y, alphas, *folds);
                (Ridge::new(&x, &y).fit(alpha), alpha)
            }
            (Self::Logistic { .. }, Targets::Series(_)) => {
                let (what, has) = ("logistic regression".to_owned(), "numbers to predict".to_owned());
                return Err(LearnError::Unsupported { entry: "readout", what, needs: "classes", has });
            }
        };
        Ok(Readout { scaler, linear, strength })
    }

    /// How good features are at best: trained on the rows `fit` with every strength, scored on the rows `held`, more
    /// being better. For choosing between many settings, each with the strength that suits it.
    ///
    /// Of logistic regression, the ridge of default strengths: what it chooses is as good, at a fraction of the time.
    pub(crate) fn judge(&self, features: &DMatrix<f64>, targets: &Targets, fit: &[usize], held: &[usize]) -> f64 {
        let strengths = match self {
            Self::Ridge { alphas, .. } => alphas.clone(),
            Self::Logistic { .. } => ALPHAS.to_vec(),
        };
        let x = features.select_rows(fit);
        let scaler = Scaler::fit(&x);
        let ridge = Ridge::new(&scaler.transform(&x), &numbers(targets).select_rows(fit));
        let of = |&alpha: &f64| {
            let readout = Readout { scaler: scaler.clone(), linear: ridge.fit(alpha), strength: alpha };
            goodness(targets, readout.score(features, targets, held))
        };
        strengths.iter().map(of).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The same with one strength, the one that was chosen.
    #[must_use]
    pub fn with(&self, strength: f64) -> Self {
        match self {
            Self::Ridge { folds, .. } => Self::Ridge { alphas: vec![strength], folds: *folds },
            Self::Logistic { folds, .. } => Self::Logistic { c: vec![strength], folds: *folds },
        }
    }
}

impl Readout {
    /// Targets, or scores of the classes, of some rows of features.
    #[must_use]
    pub fn predict(&self, features: &DMatrix<f64>) -> DMatrix<f64> {
        self.linear.predict(&self.scaler.transform(features))
    }

    /// How good it is on the given rows: NRMSE of a series, accuracy of classes.
    #[must_use]
    pub fn score(&self, features: &DMatrix<f64>, targets: &Targets, rows: &[usize]) -> f64 {
        let prediction = self.predict(&features.select_rows(rows));
        match targets {
            Targets::Series(truth) => scores::nrmse(&truth.select_rows(rows), &prediction),
            Targets::Classes { of, .. } => {
                let truth: Vec<usize> = rows.iter().map(|&row| of[row]).collect();
                scores::accuracy(&truth, &scores::largest(&prediction))
            }
        }
    }
}

/// The score, turned so that more is better.
fn goodness(targets: &Targets, score: f64) -> f64 {
    match targets {
        Targets::Series(_) => -score,
        Targets::Classes { .. } => score,
    }
}

/// Targets as numbers: of classes, 1 for the row's own and -1 for every other.
fn numbers(targets: &Targets) -> DMatrix<f64> {
    match targets {
        Targets::Series(values) => values.clone(),
        Targets::Classes { names, of } => {
            DMatrix::from_fn(of.len(), names.len(), |row, class| if of[row] == class { 1.0 } else { -1.0 })
        }
    }
}

fn check(targets: &Targets, rows: &[usize]) -> Result<(), LearnError> {
    match targets {
        Targets::Series(values) => {
            if differ(values, rows) {
                Ok(())
            } else {
                Err(LearnError::ConstantTarget)
            }
        }
        Targets::Classes { names, of } => {
            let lacking = (0..names.len()).find(|class| rows.iter().all(|&row| of[row] != *class));
            match lacking {
                Some(class) => Err(LearnError::ClassNotTrained { class: names[class].clone() }),
                None if names.len() < 2 => Err(LearnError::ConstantTarget),
                None => Ok(()),
            }
        }
    }
}

/// Inverse strength with the most right classes over the folds; the smaller, which is the stronger, of equals.
fn choose_c(x: &DMatrix<f64>, classes: &[usize], n_classes: usize, c: &[f64], folds: usize) -> f64 {
    if c.len() == 1 {
        return c[0];
    }
    let mut right = vec![0; c.len()];
    for (train, held) in folds_of(x.nrows(), folds) {
        let (train_x, held_x) = (x.select_rows(&train), x.select_rows(&held));
        let of: Vec<usize> = train.iter().map(|&row| classes[row]).collect();
        for (right, &c) in right.iter_mut().zip(c) {
            let found = scores::largest(&logistic::fit(&train_x, &of, n_classes, c).predict(&held_x));
            *right += found.iter().zip(&held).filter(|(found, row)| **found == classes[**row]).count();
        }
    }
    let best = (0..c.len()).max_by(|&a, &b| right[a].cmp(&right[b]).then(c[b].total_cmp(&c[a])));
    best.map_or(1.0, |best| c[best])
}
