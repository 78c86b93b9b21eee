//! Logistic regression: `min C sum_i -log p(class_i | x_i) + |w|^2/2`, the intercepts unpenalised.
//!
//! `p(c | x)` is the softmax of `x w_c + b_c`. Of two classes only the difference `w = w_1 - w_0` counts, and it is what
//! the penalty is of, as in scikit-learn: `|w|^2/2`. With a set of weights for each class `w_1 = -w_0 = w/2` at the
//! minimum and their own penalty is half of that, so the same minimum is reached with half of C. The loss is convex and is minimised by L-BFGS (Nocedal, Math. Comp. 35,
//! 773 (1980)) until the largest component of its gradient, per row, is below 1e-8. Words as in scikit-learn's
//! `LogisticRegression`; its default solver minimises the same loss.

use std::collections::VecDeque;

use nalgebra::{DMatrix, DVector};

use super::ridge::Linear;

/// Pairs of steps and changes of the gradient that the curvature is taken from.
const MEMORY: usize = 12;
const MOST_STEPS: usize = 1000;
/// Gradient per row at which a minimum is reached.
const FLAT: f64 = 1e-8;

/// Weights for features `x`, the class of each row, the number of classes and the inverse strength `c`, above zero.
#[must_use]
pub fn fit(x: &DMatrix<f64>, classes: &[usize], n_classes: usize, c: f64) -> Linear {
    let c = if n_classes == 2 { 0.5 * c } else { c };
    let loss = Loss { x, classes, n_classes, c };
    let mut at = DVector::zeros((x.ncols() + 1) * n_classes);
    let (mut value, mut gradient) = loss.at(&at);
    let mut past: VecDeque<(DVector<f64>, DVector<f64>)> = VecDeque::new();
    let flat = FLAT * c * x.nrows() as f64;
    for _ in 0..MOST_STEPS {
        qhh_core::stop::check();
        if gradient.amax() <= flat {
            break;
        }
        let mut direction = -turned(&gradient, &past);
        if direction.dot(&gradient) >= 0.0 {
            past.clear();
            direction = -&gradient;
        }
        let slope = direction.dot(&gradient);
        // The first step has no curvature to go by.
        let mut length = if past.is_empty() { 1.0 / gradient.norm().max(1.0) } else { 1.0 };
        let (next, next_value, next_gradient) = loop {
            let next = &at + &direction * length;
            let (next_value, next_gradient) = loss.at(&next);
            if next_value <= value + 1e-4 * length * slope || length < 1e-14 {
                break (next, next_value, next_gradient);
            }
            length *= 0.5;
        };
        let (step, change) = (&next - &at, &next_gradient - &gradient);
        let stuck = next_value >= value;
        if step.dot(&change) > 1e-14 * step.norm_squared() {
            past.push_back((step, change));
            if past.len() > MEMORY {
                past.pop_front();
            }
        }
        (at, value, gradient) = (next, next_value, next_gradient);
        if stuck {
            break;
        }
    }
    loss.linear(&at)
}

/// The inverse curvature of the past steps times the gradient.
fn turned(gradient: &DVector<f64>, past: &VecDeque<(DVector<f64>, DVector<f64>)>) -> DVector<f64> {
    let mut q = gradient.clone();
    let mut shares = Vec::with_capacity(past.len());
    for (step, change) in past.iter().rev() {
        let share = step.dot(&q) / step.dot(change);
        q.axpy(-share, change, 1.0);
        shares.push(share);
    }
    if let Some((step, change)) = past.back() {
        q *= step.dot(change) / change.norm_squared();
    }
    for ((step, change), share) in past.iter().zip(shares.into_iter().rev()) {
        let back = change.dot(&q) / step.dot(change);
        q.axpy(share - back, step, 1.0);
    }
    q
}

struct Loss<'a> {
    x: &'a DMatrix<f64>,
    classes: &'a [usize],
    n_classes: usize,
    c: f64,
}

impl Loss<'_> {
    /// Weights `[feature][class]`, then intercepts.
    fn linear(&self, at: &DVector<f64>) -> Linear {
        let n = self.x.ncols() * self.n_classes;
        Linear {
            weights: DMatrix::from_column_slice(self.x.ncols(), self.n_classes, &at.as_slice()[..n]),
            intercept: DVector::from_column_slice(&at.as_slice()[n..]),
        }
    }

    fn at(&self, at: &DVector<f64>) -> (f64, DVector<f64>) {
        let linear = self.linear(at);
        let mut scores = linear.predict(self.x);
        let mut value = 0.5 * linear.weights.norm_squared();
        for (row, &class) in self.classes.iter().enumerate() {
            let mut row = scores.row_mut(row);
            let own = row[class];
            let log_sum = softmax(&mut row);
            value += self.c * (log_sum - own);
            row[class] -= 1.0;
        }
        let weights = self.x.tr_mul(&scores) * self.c + linear.weights;
        let intercept = scores.row_sum().transpose() * self.c;
        let gradient = weights.iter().chain(intercept.iter()).copied();
        (value, DVector::from_iterator(at.len(), gradient))
    }
}

/// Scores to probabilities in place; the logarithm of the sum of their exponentials.
fn softmax<S: nalgebra::storage::StorageMut<f64, nalgebra::U1, nalgebra::Dyn>>(
    row: &mut nalgebra::Matrix<f64, nalgebra::U1, nalgebra::Dyn, S>,
) -> f64 {
    let largest = row.max();
    let mut sum = 0.0;
    for score in row.iter_mut() {
        *score = (*score - largest).exp();
        sum += *score;
    }
    row.iter_mut().for_each(|score| *score /= sum);
    largest + sum.ln()
}

/// Probabilities of the classes, row by row.
#[must_use]
pub fn probabilities(linear: &Linear, x: &DMatrix<f64>) -> DMatrix<f64> {
    let mut scores = linear.predict(x);
    for mut row in scores.row_iter_mut() {
        softmax(&mut row);
    }
    scores
}
