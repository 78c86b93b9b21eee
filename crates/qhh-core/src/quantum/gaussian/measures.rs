//! What a Gaussian state is worth: purity, entropy, entanglement, squeezing, photons.
//!
//! Entropies and negativities are in nats: divide by `ln 2` for bits and ebits.
//!
//! Source: G. Vidal, R. F. Werner, Phys. Rev. A 65, 032314 (2002) for the logarithmic negativity; A. S. Holevo, M. Sohma,
//! O. Hirota, Phys. Rev. A 59, 1820 (1999) for the entropy; C. Weedbrook et al., Rev. Mod. Phys. 84, 621 (2012).

use nalgebra::Matrix2;

use super::{Gaussian, spectrum};
use crate::quantum::QuantumError;

/// The most squeezed quadrature of a mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Squeezing {
    /// Variance below the vacuum's in decibels, `-10 log10(2 variance)`: positive is squeezed, negative means that even
    /// the quietest quadrature is noisier than the vacuum.
    pub decibels: f64,
    /// Smallest variance of a quadrature; the vacuum has 1/2.
    pub variance: f64,
    /// Its angle in `[0, pi)`: the quadrature is `x cos(angle) + p sin(angle)`. Half the `phi` of a squeezed state.
    pub angle: f64,
}

impl Squeezing {
    /// Of a covariance and its determinant.
    pub(super) fn new(sigma: &Matrix2<f64>, determinant: f64) -> Self {
        let (middle, half) = (0.5 * (sigma.m11 + sigma.m22), 0.5 * (sigma.m11 - sigma.m22));
        // The larger eigenvalue first: the smaller is the determinant over it, which loses less to cancellation.
        let variance = determinant / (middle + half.hypot(sigma.m12));
        let angle = 0.5 * (0.0 - sigma.m12).atan2(0.0 - half);
        let angle = if angle < 0.0 { angle + std::f64::consts::PI } else { angle };
        Self { decibels: -10.0 * (2.0 * variance).log10(), variance, angle }
    }
}

impl Gaussian {
    /// Purity `Tr rho^2`: 1 in pure states, `1/(2^K sqrt(det sigma))`.
    ///
    /// # Errors
    /// [`QuantumError::NotPositive`] where squeezing has outrun double precision.
    pub fn purity(&self) -> Result<f64, QuantumError> {
        let factor = spectrum::factor(self.covariance())?;
        // In logarithms: a thousand modes would leave the range of numbers.
        Ok((-factor.diagonal().iter().map(|l| (l * std::f64::consts::SQRT_2).ln()).sum::<f64>()).exp())
    }

    /// Von Neumann entropy in nats, 0 in pure states.
    ///
    /// # Errors
    /// As [`Gaussian::purity`].
    pub fn entropy(&self) -> Result<f64, QuantumError> {
        Ok(self.symplectic_eigenvalues()?.into_iter().map(entropy_of_mode).sum())
    }

    /// Logarithmic negativity `ln ||rho^{T_A}||_1` between the modes of `party` and all others, in nats.
    ///
    /// `2r` for a two-mode squeezed vacuum; 0 for states that are separable, and for entangled ones whose partial
    /// transpose is positive (none if a party is a single mode).
    ///
    /// # Errors
    /// [`QuantumError::NoSuchMode`], [`QuantumError::NamedTwice`], [`QuantumError::NotPositive`].
    ///
    /// # Examples
    /// ```
    /// use qhh_core::quantum::Gaussian;
    ///
    /// let pair = Gaussian::two_mode_squeezed(0.8, 0.0)?;
    /// assert!((pair.log_negativity(&[0])? - 1.6).abs() < 1e-12);
    /// # Ok::<(), qhh_core::quantum::QuantumError>(())
    /// ```
    pub fn log_negativity(&self, party: &[usize]) -> Result<f64, QuantumError> {
        let eigenvalues = spectrum::symplectic(self.covariance(), &self.membership(party)?)?;
        Ok(eigenvalues.into_iter().map(|nu| (-(2.0 * nu).ln()).max(0.0)).fold(0.0, |sum, gain| sum + gain))
    }

    /// Mutual information `S(A) + S(B) - S(AB)` between the modes of `party` and all others, in nats.
    ///
    /// # Errors
    /// As [`Gaussian::log_negativity`].
    pub fn mutual_information(&self, party: &[usize]) -> Result<f64, QuantumError> {
        let member = self.membership(party)?;
        let others: Vec<usize> = (0..self.modes()).filter(|&mode| !member[mode]).collect();
        Ok(self.reduced(party)?.entropy()? + self.reduced(&others)?.entropy()? - self.entropy()?)
    }

    /// The quietest quadrature of one mode.
    ///
    /// # Errors
    /// [`QuantumError::NoSuchMode`].
    pub fn squeezing(&self, mode: usize) -> Result<Squeezing, QuantumError> {
        let (_, sigma) = self.of_mode(mode)?;
        Ok(Squeezing::new(&sigma, sigma.determinant()))
    }

    /// Mean photon number `<a*a>` of one mode, displacement included.
    ///
    /// # Errors
    /// [`QuantumError::NoSuchMode`].
    pub fn photons(&self, mode: usize) -> Result<f64, QuantumError> {
        let (mean, sigma) = self.of_mode(mode)?;
        Ok(0.5 * (mean.norm_squared() + sigma.trace() - 1.0))
    }
}

/// `(nu + 1/2) ln(nu + 1/2) - (nu - 1/2) ln(nu - 1/2)`; 0 at 1/2 and, for rounding, below.
fn entropy_of_mode(nu: f64) -> f64 {
    let photons = nu - 0.5;
    if photons <= 0.0 { 0.0 } else { photons * (1.0 / photons).ln_1p() + photons.ln_1p() }
}
