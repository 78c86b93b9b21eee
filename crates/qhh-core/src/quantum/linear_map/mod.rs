//! What one mode in any state looks like in another that depends on it linearly.
//!
//! `b = <b> + mu (a - <a>) + nu (a - <a>)* + g`, with `g` everything else that reaches `b`: Gaussian, without mean,
//! independent of `a`. `[b, b*] = 1` leaves `g` the commutator `1 - |mu|^2 + |nu|^2`, and its covariance must obey the
//! uncertainty relation that belongs to it. Loss is `mu = sqrt(eta)` with vacuum in `g`, an amplifier `mu > 1`, and
//! conductances that change within a cycle of the carrier bring in `nu`.
//!
//! [`LinearMap::output`] hands out the mode `b`; every figure of it is exact, without truncation in photon number:
//! sums of Gaussians for Gaussian states and cats, polynomials times a Gaussian for superpositions of number states.
//! With `mu = 1` and no rest the output is the input. [`SeveralInputs`] is the same of several modes that are not
//! Gaussian.

mod density;
mod fringes;
mod hermite;
mod negativity;
mod output;
mod several;

use nalgebra::{Matrix2, Vector2};
use num_complex::Complex64;

pub use negativity::Negativity;
pub use output::OutputMode;
pub use several::{Inflow, SeveralInputs};

use super::gaussian::{ROUNDING, transform::matrix_of};
use super::{QuantumError, State};
use crate::CircuitError;
use crate::error::not_negative;

/// Most photons in a superposition that a map takes: beyond, a Gaussian factor leaves the range of numbers.
pub const MAX_PHOTONS: u32 = 300;

/// One mode as a linear function of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinearMap {
    /// `<b>`.
    pub mean: Complex64,
    /// Coefficient of `a - <a>`.
    pub mu: Complex64,
    /// Coefficient of its adjoint.
    pub nu: Complex64,
    /// Covariance of the rest's quadratures `(x, p)`, where the vacuum of a whole mode has 1/2.
    pub rest: Matrix2<f64>,
}

impl LinearMap {
    /// `b = a`, with this mean.
    pub fn identity(mean: Complex64) -> Self {
        Self::with_least_noise(mean, Complex64::ONE, Complex64::ZERO)
    }

    /// The part `eta` of the energy and, for the rest, a bath of mean photon number `photons`; `input_mean` is `<a>`.
    ///
    /// # Errors
    /// [`CircuitError::OutOfRange`] if `eta` is not between 0 and 1, [`CircuitError::Negative`] for `photons`.
    pub fn loss(input_mean: Complex64, eta: f64, photons: f64) -> Result<Self, CircuitError> {
        if !(0.0..=1.0).contains(&eta) {
            return Err(CircuitError::OutOfRange { quantity: "eta", low: 0.0, high: 1.0, value: eta });
        }
        not_negative("photons", photons)?;
        let mu = Complex64::from(eta.sqrt());
        let rest = Matrix2::identity() * ((1.0 - eta) * (photons + 0.5));
        Ok(Self { mean: mu * input_mean, mu, nu: Complex64::ZERO, rest })
    }

    /// The rest as quiet as its commutator allows, and equally so in every direction.
    pub fn with_least_noise(mean: Complex64, mu: Complex64, nu: Complex64) -> Self {
        let map = Self { mean, mu, nu, rest: Matrix2::zeros() };
        Self { rest: Matrix2::identity() * (0.5 * map.rest_commutator().abs()), ..map }
    }

    /// `1 - |mu|^2 + |nu|^2`, the commutator `[g, g*]` of the rest.
    pub fn rest_commutator(&self) -> f64 {
        1.0 - self.mu.norm_sqr() + self.nu.norm_sqr()
    }

    /// How far the rest is from being possible: the size of the most negative eigenvalue of
    /// `rest + i [g, g*] Omega/2`, 0 if none is negative.
    pub fn noise_defect(&self) -> f64 {
        let (xx, xp, pp) = (self.rest.m11, self.rest.m12, self.rest.m22);
        let half = 0.5 * self.rest_commutator();
        (((0.5 * (xx - pp)).hypot(xp)).hypot(half) - 0.5 * (xx + pp)).max(0.0)
    }

    /// Checks that there is such a mode, to within [`ROUNDING`] times the largest coefficient squared.
    ///
    /// # Errors
    /// [`QuantumError::NotFinite`], [`QuantumError::NotSymmetric`] or [`QuantumError::NotEnoughNoise`].
    pub fn check(&self) -> Result<(), QuantumError> {
        let parts = [self.mean, self.mu, self.nu];
        if !parts.iter().all(|z| z.is_finite()) || !self.rest.iter().all(|x| x.is_finite()) {
            return Err(QuantumError::NotFinite { what: "the coefficients of an output mode" });
        }
        let allowed = ROUNDING
            * [1.0, self.mu.norm_sqr(), self.nu.norm_sqr(), self.rest.amax()]
                .iter()
                .fold(0.0f64, |a, b| a.max(*b));
        let gap = (self.rest.m12 - self.rest.m21).abs();
        if gap > allowed {
            return Err(QuantumError::NotSymmetric { row: 1, column: 0, gap });
        }
        let defect = self.noise_defect();
        if defect > allowed {
            return Err(QuantumError::NotEnoughNoise { defect, commutator: self.rest_commutator(), allowed });
        }
        Ok(())
    }

    /// The mode `b` with the mode `a` in this state.
    ///
    /// # Errors
    /// What [`LinearMap::check`] and [`State::check`] find, [`QuantumError::TooManyPhotons`] beyond [`MAX_PHOTONS`].
    ///
    /// # Examples
    /// ```
    /// use qhh_core::num_complex::Complex64;
    /// use qhh_core::quantum::{State, linear_map::LinearMap};
    ///
    /// // One photon through half a loss: no longer negative at the origin, one photon in every other case.
    /// let output = LinearMap::loss(Complex64::ZERO, 0.5, 0.0)?.output(&State::Fock { n: 1 })?;
    /// assert!(output.wigner_at(0.0, 0.0).abs() < 1e-15);
    /// assert!((output.fidelity_with_input()? - 0.5).abs() < 1e-12);
    /// # Ok::<(), qhh_core::quantum::QuantumError>(())
    /// ```
    pub fn output(&self, state: &State) -> Result<OutputMode, QuantumError> {
        self.check()?;
        state.check()?;
        OutputMode::new(*self, state)
    }

    /// The matrix of the map on `(x, p)`.
    fn matrix(&self) -> Matrix2<f64> {
        matrix_of(self.mu, self.nu)
    }

    /// Covariance of the rest, symmetrised.
    fn noise(&self) -> Matrix2<f64> {
        (self.rest + self.rest.transpose()) * 0.5
    }
}

/// `(x, p)` of a complex amplitude.
fn quadratures(amplitude: Complex64) -> Vector2<f64> {
    Vector2::new(amplitude.re, amplitude.im) * std::f64::consts::SQRT_2
}
