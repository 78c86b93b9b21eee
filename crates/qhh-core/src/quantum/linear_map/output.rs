//! The mode at the output of a linear map, and its figures.

use nalgebra::{DMatrix, DVector, Matrix2, RowVector2, Vector2};
use num_complex::Complex64;

use super::density::Density;
use super::negativity::{self, Negativity};
use super::{LinearMap, quadratures};
use crate::quantum::gaussian::OneMode;
use crate::quantum::wigner::{Grid, Wigner};
use crate::quantum::{Cumulants, Gaussian, QuantumError, State};

/// One mode that depends linearly on an input mode; made by [`LinearMap::output`].
#[derive(Debug, Clone)]
pub struct OutputMode {
    map: LinearMap,
    state: State,
    density: Density,
}

impl OutputMode {
    pub(super) fn new(map: LinearMap, state: &State) -> Result<Self, QuantumError> {
        Ok(Self { map, state: state.clone(), density: Density::new(&map, state)? })
    }

    /// `<b>`.
    pub fn mean(&self) -> Complex64 {
        self.map.mean
    }

    /// Covariance of `(x, p)`, the vacuum's being 1/2 times the identity.
    pub fn covariance(&self) -> Matrix2<f64> {
        let moments = self.state.moments();
        let (n, m) = (moments.n + 0.5, moments.m);
        let input = Matrix2::new(n + m.re, m.im, m.im, n - m.re);
        let matrix = self.map.matrix();
        matrix * input * matrix.transpose() + self.map.noise()
    }

    /// Mean photon number `<b*b>`, displacement included.
    pub fn photons(&self) -> f64 {
        self.map.mean.norm_sqr() + 0.5 * (self.covariance().trace() - 1.0)
    }

    /// The state of `b` as a Gaussian one, if the input's state is.
    ///
    /// # Errors
    /// [`QuantumError::NotGaussian`].
    pub fn gaussian(&self) -> Result<Gaussian, QuantumError> {
        if !self.state.is_gaussian() {
            return Err(QuantumError::NotGaussian);
        }
        let mean = DVector::from_column_slice(quadratures(self.map.mean).as_slice());
        Gaussian::new(mean, DMatrix::from_column_slice(2, 2, self.covariance().as_slice()))
    }

    /// The Gaussian state with the mean and covariance of `b`, with all digits of the quietest quadrature: the state
    /// itself, if the input's is Gaussian.
    pub fn one_mode(&self) -> OneMode {
        let mean = quadratures(self.map.mean);
        OneMode::of(&self.state).through(mean, &self.map.matrix(), &self.map.noise())
    }

    /// Symmetrically ordered characteristic function `<exp(lambda b* - lambda* b)>`.
    ///
    /// That of the input at `lambda mu* - lambda* nu`, times that of the rest.
    pub fn characteristic(&self, lambda: Complex64) -> Complex64 {
        let LinearMap { mean, mu, nu, .. } = self.map;
        let inner = lambda * mu.conj() - lambda.conj() * nu;
        let phase = 2.0 * (lambda * mean.conj() - inner * self.state.moments().mean.conj()).im;
        // lambda g* - lambda* g = i sqrt 2 (Im lambda x - Re lambda p).
        let seen = Vector2::new(lambda.im, -lambda.re);
        let size = (-seen.dot(&(self.map.noise() * seen))).exp();
        self.state.characteristic(inner) * Complex64::from_polar(size, phase)
    }

    /// Wigner function at one point; integrates to 1 over `dx dp`, and the vacuum has `e^{-x^2 - p^2}/pi`.
    pub fn wigner_at(&self, x: f64, p: f64) -> f64 {
        self.density.at(Vector2::new(x, p))
    }

    /// Wigner function on a grid. Exact at each point, however coarse the grid.
    ///
    /// # Errors
    /// If an axis has less than two points, no extent or infinite ends.
    pub fn wigner(&self, grid: Grid) -> Result<Wigner, QuantumError> {
        Wigner::fill(grid, |x, p| self.wigner_at(x, p))
    }

    /// Density of the quadrature `x cos(angle) + p sin(angle)` at each of the values: what homodyne detection draws from.
    pub fn marginal(&self, angle: f64, values: &[f64]) -> Vec<f64> {
        self.density.marginal(RowVector2::new(angle.cos(), angle.sin()), values)
    }

    /// Cumulants of the quadrature `x cos(angle) + p sin(angle)`.
    pub fn cumulants(&self, angle: f64) -> Cumulants {
        let turn = Complex64::cis(-angle);
        let u = (self.map.mu * turn + self.map.nu.conj() * turn.conj()) * std::f64::consts::FRAC_1_SQRT_2;
        let along = Vector2::new(angle.cos(), angle.sin());
        let noise = along.dot(&(self.map.noise() * along));
        Cumulants {
            k1: (self.map.mean * turn).re * std::f64::consts::SQRT_2,
            ..self.state.cumulants(u).with_noise(noise)
        }
    }

    /// Purity `Tr rho^2`.
    ///
    /// # Errors
    /// [`QuantumError::NotPositive`] where squeezing has outrun double precision.
    pub fn purity(&self) -> Result<f64, QuantumError> {
        if self.state.is_gaussian() {
            return Ok(self.one_mode().purity());
        }
        self.density.overlap(&self.density)
    }

    /// Fidelity with the state of the input mode, displacement included: `<psi|rho|psi>` for a pure input, Uhlmann's
    /// (squared) for a thermal one.
    ///
    /// # Errors
    /// [`QuantumError::NotPositive`] where squeezing has outrun double precision.
    pub fn fidelity_with_input(&self) -> Result<f64, QuantumError> {
        if !self.state.is_pure() {
            return self.gaussian()?.fidelity(&Gaussian::of(&self.state)?);
        }
        if self.state.is_gaussian() {
            return Ok(self.one_mode().overlap(&OneMode::of(&self.state)));
        }
        let input = LinearMap::identity(self.state.moments().mean);
        self.density.overlap(&Density::new(&input, &self.state)?)
    }

    /// Negativity volume `(int |W| dx dp - 1)/2`, the integral of the negative part of the Wigner function.
    ///
    /// 0 for Gaussian states. Refined until the error is below `tolerance` or three million points are used up; the error
    /// reached is in [`Negativity::error`], and the true volume is within it.
    ///
    /// # Errors
    /// [`QuantumError::NotResolved`] if the volume cannot be trusted: too many photons for so few points, or a cat so large
    /// that its contrast is lost in rounding.
    ///
    /// # Examples
    /// ```
    /// use qhh_core::num_complex::Complex64;
    /// use qhh_core::quantum::{State, linear_map::LinearMap};
    ///
    /// let photon = LinearMap::identity(Complex64::ZERO).output(&State::Fock { n: 1 })?;
    /// assert!((photon.negativity(1e-9)?.volume - (2.0 * (-0.5f64).exp() - 1.0)).abs() < 1e-9);
    /// # Ok::<(), qhh_core::quantum::QuantumError>(())
    /// ```
    pub fn negativity(&self, tolerance: f64) -> Result<Negativity, QuantumError> {
        if self.state.is_gaussian() {
            return Ok(Negativity { volume: 0.0, error: 0.0 });
        }
        if let Some(fringes) = self.density.fringes() {
            return fringes.negativity(tolerance);
        }
        let (centre, axes) = self.density.ellipse(&self.map.noise());
        let at = |u: Vector2<f64>| self.density.at(centre + axes * u);
        let (area, detail) = (axes.determinant(), self.density.detail());
        if self.density.is_round() {
            negativity::round(at, area, detail, tolerance)
        } else {
            negativity::star(at, area, detail, tolerance)
        }
    }
}
