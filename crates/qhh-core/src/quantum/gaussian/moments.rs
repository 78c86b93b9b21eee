//! Moments of the mode operators of a Gaussian state, back from its quadratures.

use nalgebra::DMatrix;
use num_complex::Complex64;

use super::Gaussian;

impl Gaussian {
    /// `n[(j, k)] = <a_j* a_k> - <a_j*><a_k>` and `m[(j, k)] = <a_j a_k> - <a_j><a_k>`: what
    /// [`Gaussian::from_moments`] takes.
    pub fn moments(&self) -> (DMatrix<Complex64>, DMatrix<Complex64>) {
        let sigma = self.covariance();
        let parts = |j: usize, k: usize| {
            let at = |a: usize, b: usize| sigma[(2 * j + a, 2 * k + b)];
            let delta = if j == k { 1.0 } else { 0.0 };
            let n = Complex64::new(at(0, 0) + at(1, 1) - delta, at(0, 1) - at(1, 0));
            let m = Complex64::new(at(0, 0) - at(1, 1), at(0, 1) + at(1, 0));
            (0.5 * n, 0.5 * m)
        };
        let modes = self.modes();
        (
            DMatrix::from_fn(modes, modes, |j, k| parts(j, k).0),
            DMatrix::from_fn(modes, modes, |j, k| parts(j, k).1),
        )
    }
}
