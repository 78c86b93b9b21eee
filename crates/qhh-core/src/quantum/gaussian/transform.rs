//! What can be done to a Gaussian state without leaving the family: lossless devices, loss, noise of a bath.
//!
//! Lossless devices are symplectic matrices `S` (`S Omega S^T = Omega`): `r -> S r`, `sigma -> S sigma S^T`. They are
//! small, acting on named modes; the rest of the state is multiplied, not rebuilt.

use nalgebra::{DMatrix, Matrix2};
use num_complex::Complex64;

use super::Gaussian;
use crate::CircuitError;
use crate::error::{finite, not_negative};
use crate::quantum::QuantumError;

impl Gaussian {
    /// Applies a symplectic matrix to the named modes, in the order given (`x`, `p` of the first, then the next).
    ///
    /// # Errors
    /// [`QuantumError::NotSymplectic`] if `S Omega S^T` is off by more than `1e-9` of the largest entry of `S`
    /// squared; modes that do not exist or are named twice.
    pub fn transformed(&self, modes: &[usize], symplectic: &DMatrix<f64>) -> Result<Self, QuantumError> {
        self.membership(modes)?;
        let n = 2 * modes.len();
        for got in [symplectic.nrows(), symplectic.ncols()] {
            if got != n {
                return Err(QuantumError::WrongSize { what: "a side of the symplectic matrix", expected: n, got });
            }
        }
        let defect = symplectic_defect(symplectic);
        let size = symplectic.amax().max(1.0);
        if defect.is_nan() || defect > super::ROUNDING * size * size {
            return Err(QuantumError::NotSymplectic { defect });
        }
        Ok(self.mapped(modes, symplectic, None))
    }

    /// Loses all but the part `eta` of a mode's energy: mixes it with vacuum, `a -> sqrt(eta) a + sqrt(1 - eta) v`.
    ///
    /// # Errors
    /// [`CircuitError::OutOfRange`] if `eta` is not between 0 and 1, [`QuantumError::NoSuchMode`].
    pub fn loss(&self, mode: usize, eta: f64) -> Result<Self, QuantumError> {
        self.thermal_loss(mode, eta, 0.0)
    }

    /// [`Gaussian::loss`] into a bath of `photons` mean photons: `sigma -> eta sigma + (1 - eta)(photons + 1/2)`.
    ///
    /// # Errors
    /// As [`Gaussian::loss`], and if `photons` is negative.
    pub fn thermal_loss(&self, mode: usize, eta: f64, photons: f64) -> Result<Self, QuantumError> {
        if !(0.0..=1.0).contains(&eta) {
            return Err(CircuitError::OutOfRange { quantity: "eta", low: 0.0, high: 1.0, value: eta }.into());
        }
        not_negative("photons", photons)?;
        self.membership(&[mode])?;
        let map = DMatrix::identity(2, 2) * eta.sqrt();
        Ok(self.mapped(&[mode], &map, Some(Matrix2::identity() * ((1.0 - eta) * (photons + 0.5)))))
    }

    /// Beam splitter of transmission `eta` (of power): `a -> sqrt(eta) a + sqrt(1 - eta) b`,
    /// `b -> sqrt(eta) b - sqrt(1 - eta) a`.
    ///
    /// # Errors
    /// As [`Gaussian::loss`], and if both modes are the same.
    pub fn beam_splitter(&self, a: usize, b: usize, eta: f64) -> Result<Self, QuantumError> {
        if !(0.0..=1.0).contains(&eta) {
            return Err(CircuitError::OutOfRange { quantity: "eta", low: 0.0, high: 1.0, value: eta }.into());
        }
        self.membership(&[a, b])?;
        let (t, r) = (eta.sqrt(), (1.0 - eta).sqrt());
        let mut map = DMatrix::identity(4, 4) * t;
        map.fixed_view_mut::<2, 2>(0, 2).copy_from(&(Matrix2::identity() * r));
        map.fixed_view_mut::<2, 2>(2, 0).copy_from(&(Matrix2::identity() * -r));
        Ok(self.mapped(&[a, b], &map, None))
    }

    /// Turns a mode: `a -> e^{i angle} a`.
    ///
    /// # Errors
    /// If the angle is not finite, or [`QuantumError::NoSuchMode`].
    pub fn rotate(&self, mode: usize, angle: f64) -> Result<Self, QuantumError> {
        finite("angle", angle)?;
        self.membership(&[mode])?;
        let (sin, cos) = angle.sin_cos();
        Ok(self.mapped(&[mode], &DMatrix::from_row_slice(2, 2, &[cos, -sin, sin, cos]), None))
    }

    /// Squeezes a mode: `a -> cosh r a - e^{i phi} sinh r a*`, so that vacuum becomes `State::Squeezed`.
    ///
    /// # Errors
    /// If an argument is not finite, or [`QuantumError::NoSuchMode`].
    pub fn squeeze(&self, mode: usize, r: f64, phi: f64) -> Result<Self, QuantumError> {
        finite("r", r)?;
        finite("phi", phi)?;
        self.membership(&[mode])?;
        let map = matrix_of(r.cosh().into(), -Complex64::from_polar(1.0, phi) * r.sinh());
        Ok(self.mapped(&[mode], &DMatrix::from_iterator(2, 2, map.iter().copied()), None))
    }

    /// Squeezes two modes: `a -> cosh r a - e^{i phi} sinh r b*`, `b` likewise, so that vacuum becomes
    /// [`Gaussian::two_mode_squeezed`].
    ///
    /// # Errors
    /// If an argument is not finite, both modes are the same, or [`QuantumError::NoSuchMode`].
    pub fn squeeze_two(&self, a: usize, b: usize, r: f64, phi: f64) -> Result<Self, QuantumError> {
        finite("r", r)?;
        finite("phi", phi)?;
        self.membership(&[a, b])?;
        let mut map = DMatrix::identity(4, 4) * r.cosh();
        let across = matrix_of(Complex64::ZERO, -Complex64::from_polar(1.0, phi) * r.sinh());
        map.fixed_view_mut::<2, 2>(0, 2).copy_from(&across);
        map.fixed_view_mut::<2, 2>(2, 0).copy_from(&across);
        Ok(self.mapped(&[a, b], &map, None))
    }

    /// Displaces a mode: `a -> a + alpha`.
    ///
    /// # Errors
    /// If `alpha` is not finite, or [`QuantumError::NoSuchMode`].
    pub fn displace(&self, mode: usize, alpha: Complex64) -> Result<Self, QuantumError> {
        finite("amplitude", alpha.re)?;
        finite("amplitude", alpha.im)?;
        self.membership(&[mode])?;
        let mut displaced = self.clone();
        displaced.mean[2 * mode] += alpha.re * std::f64::consts::SQRT_2;
        displaced.mean[2 * mode + 1] += alpha.im * std::f64::consts::SQRT_2;
        Ok(displaced)
    }

    /// `r -> M r` on the named modes, which exist, and noise added to the first of them.
    fn mapped(&self, modes: &[usize], map: &DMatrix<f64>, noise: Option<Matrix2<f64>>) -> Self {
        let n = self.mean.len();
        let at: Vec<usize> = modes.iter().flat_map(|mode| [2 * mode, 2 * mode + 1]).collect();
        let mut mapped = self.clone();
        let mean = map * self.mean.select_rows(&at);
        let rows = map * self.covariance.select_rows(&at);
        let corner = rows.select_columns(&at) * map.transpose();
        for (i, &row) in at.iter().enumerate() {
            mapped.mean[row] = mean[i];
            for column in 0..n {
                mapped.covariance[(row, column)] = rows[(i, column)];
                mapped.covariance[(column, row)] = rows[(i, column)];
            }
        }
        for (i, &row) in at.iter().enumerate() {
            for (k, &column) in at.iter().enumerate() {
                mapped.covariance[(row, column)] = 0.5 * (corner[(i, k)] + corner[(k, i)]);
            }
        }
        if let Some(noise) = noise {
            for i in 0..2 {
                for k in 0..2 {
                    mapped.covariance[(at[i], at[k])] += noise[(i, k)];
                }
            }
        }
        mapped
    }
}

/// Largest entry of `S Omega S^T - Omega`.
fn symplectic_defect(symplectic: &DMatrix<f64>) -> f64 {
    let n = symplectic.nrows();
    let omega = DMatrix::from_fn(n, n, |i, k| match (i % 2, i / 2 == k / 2, k % 2) {
        (0, true, 1) => 1.0,
        (1, true, 0) => -1.0,
        _ => 0.0,
    });
    (symplectic * &omega * symplectic.transpose() - omega).amax()
}

/// Matrix on `(x, p)` of `a -> mu a + nu a*`.
pub(in crate::quantum) fn matrix_of(mu: Complex64, nu: Complex64) -> Matrix2<f64> {
    Matrix2::new(mu.re + nu.re, nu.im - mu.im, mu.im + nu.im, mu.re - nu.re)
}
