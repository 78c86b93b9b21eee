//! Gaussian states of several modes: mean and covariance, and everything that follows from them.
//!
//! Quadratures `x = (a + a*)/sqrt 2`, `p = (a - a*)/(i sqrt 2)` in the order `x_1, p_1, x_2, p_2, ..`, so that
//! `[x, p] = i`; the covariance is `sigma_jk = <{r_j - <r_j>, r_k - <r_k>}>/2` and the vacuum has 1/2 in each
//! quadrature. `Omega` is the direct sum of `[[0, 1], [-1, 0]]`; a covariance is a state's if
//! `sigma + i Omega/2 >= 0`, that is if no symplectic eigenvalue is below 1/2.
//!
//! [`spectrum`] has symplectic eigenvalues, [`measures`] entropies and entanglement, [`transform`] what can be done to
//! a state, [`fidelity`] how close two are. Which modes these are, and what made them, is others' business.
//!
//! Source: C. Weedbrook et al., Rev. Mod. Phys. 84, 621 (2012), whose vacuum has variance 1; A. Serafini, Quantum
//! Continuous Variables (2017).

mod cholesky;
pub mod fidelity;
pub mod measures;
mod moments;
mod one;
mod skew;
pub mod spectrum;
pub mod transform;

use nalgebra::{DMatrix, DVector, Matrix2, Vector2};
use num_complex::Complex64;

pub use one::OneMode;

use super::{QuantumError, State};

/// Violation of the uncertainty relation that [`Gaussian::new`] takes for rounding, relative to the largest variance.
///
/// Wide enough for moments integrated over frequencies to nine digits; a state ten times as far off is a mistake.
pub const ROUNDING: f64 = 1e-9;

/// A Gaussian state of any number of modes.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
}

impl Gaussian {
    /// All modes in vacuum.
    pub fn vacuum(modes: usize) -> Self {
        Self { mean: DVector::zeros(2 * modes), covariance: DMatrix::identity(2 * modes, 2 * modes) * 0.5 }
    }

    /// The state with this mean and covariance, in the order of the module's documentation.
    ///
    /// A violation of the uncertainty relation of up to [`ROUNDING`] times the largest variance is taken for rounding.
    ///
    /// # Errors
    /// What makes it no state, the uncertainty relation with the size of its violation.
    ///
    /// # Examples
    /// ```
    /// use qhh_core::nalgebra::{DMatrix, DVector};
    /// use qhh_core::quantum::Gaussian;
    ///
    /// let thermal = Gaussian::new(DVector::zeros(2), DMatrix::identity(2, 2) * 1.5)?;
    /// assert!((thermal.purity()? - 1.0 / 3.0).abs() < 1e-12);
    /// assert!(Gaussian::new(DVector::zeros(2), DMatrix::identity(2, 2) * 0.4).is_err());
    /// # Ok::<(), qhh_core::quantum::QuantumError>(())
    /// ```
    pub fn new(mean: DVector<f64>, covariance: DMatrix<f64>) -> Result<Self, QuantumError> {
        Self::within(mean, covariance, ROUNDING)
    }

    /// [`Gaussian::new`] with an allowed violation of `relative` times the largest variance (at least 1/2).
    ///
    /// # Errors
    /// As [`Gaussian::new`].
    pub fn within(mean: DVector<f64>, mut covariance: DMatrix<f64>, relative: f64) -> Result<Self, QuantumError> {
        let n = covariance.nrows();
        if covariance.ncols() != n || !n.is_multiple_of(2) {
            let expected = n + n % 2;
            return Err(QuantumError::WrongSize {
                what: "a row of the covariance",
                expected,
                got: covariance.ncols(),
            });
        }
        if mean.len() != n {
            return Err(QuantumError::WrongSize { what: "the mean", expected: n, got: mean.len() });
        }
        if !mean.iter().chain(covariance.iter()).all(|x| x.is_finite()) {
            return Err(QuantumError::NotFinite { what: "mean and covariance" });
        }
        let allowed = relative * covariance.diagonal().iter().fold(0.5, |top: f64, x| top.max(x.abs()));
        for column in 0..n {
            for row in column + 1..n {
                let gap = (covariance[(row, column)] - covariance[(column, row)]).abs();
                if gap > allowed {
                    return Err(QuantumError::NotSymmetric { row, column, gap });
                }
                let middle = 0.5 * (covariance[(row, column)] + covariance[(column, row)]);
                covariance[(row, column)] = middle;
                covariance[(column, row)] = middle;
            }
        }
        let state = Self { mean, covariance };
        let defect = state.uncertainty_defect()?;
        if defect > allowed { Err(QuantumError::BeyondUncertainty { defect, allowed }) } else { Ok(state) }
    }

    /// The state with these moments of its mode operators: `means[j] = <a_j>`,
    /// `n[(j, k)] = <a_j* a_k> - <a_j*><a_k>`, `m[(j, k)] = <a_j a_k> - <a_j><a_k>`.
    ///
    /// The anti-Hermitian part of `n` and the antisymmetric part of `m` must vanish to [`ROUNDING`].
    ///
    /// # Errors
    /// As [`Gaussian::new`].
    pub fn from_moments(
        means: &[Complex64],
        n: &DMatrix<Complex64>,
        m: &DMatrix<Complex64>,
    ) -> Result<Self, QuantumError> {
        Self::from_moments_within(means, n, m, ROUNDING)
    }

    /// [`Gaussian::from_moments`] with an allowed violation of `relative` times the largest variance, as
    /// [`Gaussian::within`].
    ///
    /// # Errors
    /// As [`Gaussian::new`].
    pub fn from_moments_within(
        means: &[Complex64],
        n: &DMatrix<Complex64>,
        m: &DMatrix<Complex64>,
        relative: f64,
    ) -> Result<Self, QuantumError> {
        let modes = means.len();
        for (what, matrix) in [("a side of n", n), ("a side of m", m)] {
            for got in [matrix.nrows(), matrix.ncols()] {
                if got != modes {
                    return Err(QuantumError::WrongSize { what, expected: modes, got });
                }
            }
        }
        let mut covariance = DMatrix::identity(2 * modes, 2 * modes) * 0.5;
        for j in 0..modes {
            for k in 0..modes {
                let (n, m) = (n[(j, k)], m[(j, k)]);
                // <{x_j, x_k}>/2 = Re(m + n) + delta/2, and so on; Im n changes sign with j and k.
                covariance[(2 * j, 2 * k)] += n.re + m.re;
                covariance[(2 * j + 1, 2 * k + 1)] += n.re - m.re;
                covariance[(2 * j, 2 * k + 1)] += n.im + m.im;
                covariance[(2 * j + 1, 2 * k)] += m.im - n.im;
            }
        }
        let root = std::f64::consts::SQRT_2;
        let mean =
            DVector::from_fn(2 * modes, |i, _| root * if i % 2 == 0 { means[i / 2].re } else { means[i / 2].im });
        Self::within(mean, covariance, relative)
    }

    /// One mode in the given state.
    ///
    /// # Errors
    /// [`QuantumError::NotGaussian`] for number states, cats and superpositions (other than the vacuum), and what
    /// [`State::check`] finds.
    pub fn of(state: &State) -> Result<Self, QuantumError> {
        state.check()?;
        if !state.is_gaussian() {
            return Err(QuantumError::NotGaussian);
        }
        let moments = state.moments();
        Self::from_moments(
            &[moments.mean],
            &DMatrix::from_element(1, 1, moments.n.into()),
            &DMatrix::from_element(1, 1, moments.m),
        )
    }

    /// Two-mode squeezed vacuum: `sinh^2 r` photons in each mode and `<a b> = -e^{i phi} sinh r cosh r`.
    ///
    /// At `phi = 0` `x_1 + x_2` and `p_1 - p_2` have the variance `e^{-2r}` (the vacuum 1).
    ///
    /// # Errors
    /// [`QuantumError::NotFinite`], and [`QuantumError::NotPositive`] from `r = 9` or so (80 dB), where sixteen digits
    /// no longer hold the state.
    pub fn two_mode_squeezed(r: f64, phi: f64) -> Result<Self, QuantumError> {
        if !(r.is_finite() && phi.is_finite()) {
            return Err(QuantumError::NotFinite { what: "squeezing and its angle" });
        }
        let (c, s) = (0.5 * (2.0 * r).cosh(), 0.5 * (2.0 * r).sinh());
        let mut covariance = DMatrix::identity(4, 4) * c;
        let across = Matrix2::new(-phi.cos(), -phi.sin(), -phi.sin(), phi.cos()) * s;
        covariance.fixed_view_mut::<2, 2>(0, 2).copy_from(&across);
        covariance.fixed_view_mut::<2, 2>(2, 0).copy_from(&across.transpose());
        Self::new(DVector::zeros(4), covariance)
    }

    /// Number of modes.
    pub fn modes(&self) -> usize {
        self.mean.len() / 2
    }

    /// Mean of the quadratures.
    pub fn mean(&self) -> &DVector<f64> {
        &self.mean
    }

    /// Covariance of the quadratures.
    pub fn covariance(&self) -> &DMatrix<f64> {
        &self.covariance
    }

    /// `<a>` of one mode.
    ///
    /// # Errors
    /// [`QuantumError::NoSuchMode`].
    pub fn amplitude(&self, mode: usize) -> Result<Complex64, QuantumError> {
        let (mean, _) = self.of_mode(mode)?;
        Ok(Complex64::new(mean.x, mean.y) / std::f64::consts::SQRT_2)
    }

    /// The state of some of the modes, in the order given.
    ///
    /// # Errors
    /// [`QuantumError::NoSuchMode`] or [`QuantumError::NamedTwice`].
    pub fn reduced(&self, modes: &[usize]) -> Result<Self, QuantumError> {
        self.membership(modes)?;
        let at = |i: usize| 2 * modes[i / 2] + i % 2;
        let n = 2 * modes.len();
        Ok(Self {
            mean: DVector::from_fn(n, |i, _| self.mean[at(i)]),
            covariance: DMatrix::from_fn(n, n, |i, k| self.covariance[(at(i), at(k))]),
        })
    }

    /// This state's modes, then the other's, uncorrelated.
    #[must_use]
    pub fn direct_sum(&self, other: &Self) -> Self {
        let (a, b) = (self.mean.len(), other.mean.len());
        let mut covariance = DMatrix::zeros(a + b, a + b);
        covariance.view_mut((0, 0), (a, a)).copy_from(&self.covariance);
        covariance.view_mut((a, a), (b, b)).copy_from(&other.covariance);
        let mean = DVector::from_iterator(a + b, self.mean.iter().chain(other.mean.iter()).copied());
        Self { mean, covariance }
    }

    /// Mean and covariance of one mode.
    fn of_mode(&self, mode: usize) -> Result<(Vector2<f64>, Matrix2<f64>), QuantumError> {
        if mode >= self.modes() {
            return Err(QuantumError::NoSuchMode { mode, modes: self.modes() });
        }
        let i = 2 * mode;
        Ok((Vector2::new(self.mean[i], self.mean[i + 1]), self.covariance.fixed_view::<2, 2>(i, i).into_owned()))
    }

    /// Whether each mode is among those named, each at most once.
    fn membership(&self, named: &[usize]) -> Result<Vec<bool>, QuantumError> {
        let mut member = vec![false; self.modes()];
        for &mode in named {
            let place = member.get_mut(mode).ok_or(QuantumError::NoSuchMode { mode, modes: self.modes() })?;
            if std::mem::replace(place, true) {
                return Err(QuantumError::NamedTwice { mode });
            }
        }
        Ok(member)
    }
}
