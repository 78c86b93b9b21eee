//! How close two Gaussian states are.
//!
//! The fidelity is `F = (Tr sqrt(sqrt(rho_1) rho_2 sqrt(rho_1)))^2`, Uhlmann's transition probability, squared: the
//! overlap `|<psi|phi>|^2` of pure states. The operator under the root is Gaussian up to its trace
//! `Tr(rho_1 rho_2) = exp(-d^T (sigma_1 + sigma_2)^{-1} d/2)/sqrt(det(sigma_1 + sigma_2))`; with symplectic
//! eigenvalues `w_k/2`, `F = Tr(rho_1 rho_2) prod_k (w_k + sqrt(w_k^2 - 1))`.
//!
//! Source: L. Banchi, S. L. Braunstein, S. Pirandola, Phys. Rev. Lett. 115, 260501 (2015), whose `F` is the root of
//! this one and whose `w_aux` are these `w_k`. The covariance that has them is formed in Williamson's basis of one of
//! the states, `D - sqrt(D^2 - 1/4) (D + sigma_2')^{-1} sqrt(D^2 - 1/4)` (K. P. Seshadreesan, L. Lami, M. M. Wilde, J.
//! Math. Phys. 59, 072204 (2018)): symmetric, where theirs is the spectrum of a matrix that is not.

use nalgebra::{DMatrix, DVector};

use super::{Gaussian, spectrum};
use crate::quantum::QuantumError;

/// How far from 1/2 a symplectic eigenvalue of a pure state is for rounding, relative to the largest variance.
///
/// The fidelity of a pure and a mixed state changes with the root of the impurity: without this, rounding of 1e-16
/// would cost eight of the sixteen digits.
const PURE: f64 = 1e-13;

impl Gaussian {
    /// Fidelity with another state of as many modes, between 0 and 1; Uhlmann's, squared.
    ///
    /// A state whose symplectic eigenvalues are 1/2 to within rounding counts as pure.
    ///
    /// # Errors
    /// [`QuantumError::WrongSize`], and [`QuantumError::NotPositive`] where squeezing has outrun double precision.
    ///
    /// # Examples
    /// ```
    /// use qhh_core::num_complex::Complex64;
    /// use qhh_core::quantum::Gaussian;
    ///
    /// let vacuum = Gaussian::vacuum(1);
    /// let coherent = vacuum.displace(0, Complex64::new(0.6, 0.8))?;
    /// assert!((vacuum.fidelity(&coherent)? - (-1.0f64).exp()).abs() < 1e-12);
    /// # Ok::<(), qhh_core::quantum::QuantumError>(())
    /// ```
    pub fn fidelity(&self, other: &Self) -> Result<f64, QuantumError> {
        if other.modes() != self.modes() {
            let (expected, got) = (self.mean().len(), other.mean().len());
            return Err(QuantumError::WrongSize { what: "the mean of the other state", expected, got });
        }
        let mut log = self.log_overlap(other)?;
        let (first, second) = (self.symplectic_eigenvalues()?, other.symplectic_eigenvalues()?);
        if !self.is_pure(&first) && !other.is_pure(&second) {
            for nu in spectrum::symplectic(&self.sandwich(other)?, &vec![false; self.modes()])? {
                let w = (2.0 * nu).max(1.0);
                log += (w + ((w - 1.0) * (w + 1.0)).sqrt()).ln();
            }
        }
        Ok(log.exp().min(1.0))
    }

    /// `Tr(rho_1 rho_2)`: the fidelity if one of them is pure.
    ///
    /// # Errors
    /// As [`Gaussian::fidelity`].
    pub fn overlap(&self, other: &Self) -> Result<f64, QuantumError> {
        if other.modes() != self.modes() {
            let (expected, got) = (self.mean().len(), other.mean().len());
            return Err(QuantumError::WrongSize { what: "the mean of the other state", expected, got });
        }
        Ok(self.log_overlap(other)?.exp())
    }

    fn log_overlap(&self, other: &Self) -> Result<f64, QuantumError> {
        let factor = spectrum::factor(&(self.covariance() + other.covariance()))?;
        let mut gap: DVector<f64> = self.mean() - other.mean();
        factor.solve_lower_triangular_mut(&mut gap);
        Ok(-0.5 * gap.norm_squared() - factor.diagonal().iter().map(|l| l.ln()).sum::<f64>())
    }

    fn is_pure(&self, eigenvalues: &[f64]) -> bool {
        eigenvalues.iter().all(|nu| *nu < 0.5 + PURE * self.covariance().amax().max(1.0))
    }

    /// Covariance of the normalised `sqrt(rho_1) rho_2 sqrt(rho_1)` in Williamson's basis of `rho_1`.
    fn sandwich(&self, other: &Self) -> Result<DMatrix<f64>, QuantumError> {
        let (basis, eigenvalues) = self.williamson()?;
        let n = 2 * eigenvalues.len();
        // S^{-1} = Omega^T S^T Omega needs no solution of equations.
        let inverse = DMatrix::from_fn(n, n, |i, k| {
            let entry = basis[(k ^ 1, i ^ 1)];
            if i % 2 == k % 2 { entry } else { -entry }
        });
        let seen = &inverse * other.covariance() * inverse.transpose();
        let nu = |i: usize| eigenvalues[i / 2].max(0.5);
        let root = |i: usize| ((nu(i) - 0.5) * (nu(i) + 0.5)).sqrt();
        let sum =
            DMatrix::from_fn(n, n, |i, k| 0.5 * (seen[(i, k)] + seen[(k, i)]) + if i == k { nu(i) } else { 0.0 });
        // L^{-1} sqrt(D^2 - 1/4), whose square is what is taken off.
        let mut half = DMatrix::from_fn(n, n, |i, k| if i == k { root(i) } else { 0.0 });
        spectrum::factor(&sum)?.solve_lower_triangular_mut(&mut half);
        let taken = half.transpose() * &half;
        Ok(DMatrix::from_fn(n, n, |i, k| if i == k { nu(i) } else { 0.0 } - taken[(i, k)]))
    }
}
