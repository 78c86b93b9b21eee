//! One Gaussian mode by vectors whose squares add up to its covariance, so that strong squeezing keeps its digits.
//!
//! `sigma = sum v v^T`. A covariance of `e^{2r}/2` and `e^{-2r}/2` has lost the smaller of the two from `r = 9` on, where they
//! are not along the axes; the vectors have not. The determinant is a sum of squares, `sum_{i<j} (v_i x v_j)^2` (Cauchy and
//! Binet), in which nothing cancels, and purity, the quietest quadrature and overlaps follow from it.

use nalgebra::{Matrix2, Vector2};

use super::measures::Squeezing;
use crate::quantum::State;

/// A Gaussian state of one mode.
#[derive(Debug, Clone, PartialEq)]
pub struct OneMode {
    mean: Vector2<f64>,
    spread: Vec<Vector2<f64>>,
}

impl OneMode {
    /// With this mean of `(x, p)` and these vectors.
    pub fn new(mean: Vector2<f64>, spread: Vec<Vector2<f64>>) -> Self {
        Self { mean, spread }
    }

    /// The Gaussian state with the mean and covariance of this one.
    pub fn of(state: &State) -> Self {
        let mean = state.moments().mean;
        Self::new(Vector2::new(mean.re, mean.im) * std::f64::consts::SQRT_2, state.spread().to_vec())
    }

    /// The vectors after a linear map of the quadratures, and those of noise with this covariance; what is negative in the
    /// noise counts as 0.
    #[must_use]
    pub fn through(&self, mean: Vector2<f64>, matrix: &Matrix2<f64>, noise: &Matrix2<f64>) -> Self {
        let eigen = ((noise + noise.transpose()) * 0.5).symmetric_eigen();
        let noise = (0..2).map(|k| eigen.eigenvectors.column(k) * eigen.eigenvalues[k].max(0.0).sqrt());
        Self::new(mean, self.spread.iter().map(|v| matrix * v).chain(noise).collect())
    }

    /// With the vectors of another added to its own.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.spread.extend(other.spread);
        self
    }

    /// Covariance, rounded.
    pub fn covariance(&self) -> Matrix2<f64> {
        self.spread.iter().map(|v| v * v.transpose()).sum()
    }

    /// Determinant of the covariance; 1/4 in pure states.
    pub fn determinant(&self) -> f64 {
        let pairs = self.spread.iter().enumerate().flat_map(|(k, v)| self.spread[..k].iter().map(move |w| (v, w)));
        pairs.map(|(v, w)| v.perp(w).powi(2)).sum()
    }

    /// Inverse of the covariance.
    pub fn precision(&self) -> Matrix2<f64> {
        let sigma = self.covariance();
        Matrix2::new(sigma.m22, -sigma.m12, -sigma.m21, sigma.m11) / self.determinant()
    }

    /// The quietest quadrature.
    pub fn squeezing(&self) -> Squeezing {
        Squeezing::new(&self.covariance(), self.determinant())
    }

    /// Purity `Tr rho^2`, 1 in pure states.
    pub fn purity(&self) -> f64 {
        // Of a state below the uncertainty relation by rounding: as pure as can be.
        (0.5 / self.determinant().sqrt()).min(1.0)
    }

    /// `Tr rho_1 rho_2`: the fidelity, where one of them is pure.
    pub fn overlap(&self, other: &Self) -> f64 {
        let apart = self.mean - other.mean;
        let both = self.clone().and(other.clone());
        let determinant = both.determinant();
        // d^T sigma^{-1} d with the adjugate written as squares.
        let square: f64 = both.spread.iter().map(|v| v.perp(&apart).powi(2)).sum();
        ((-0.5 * square / determinant).exp() / determinant.sqrt()).min(1.0)
    }
}
