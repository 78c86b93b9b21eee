//! A mode into which several modes flow, each in a state of its own.
//!
//! `b = <b> + sum_s [mu_s (a_s - <a_s>) + nu_s (a_s - <a_s>)*] + g`, the `a_s` independent of one another. Characteristic
//! functions multiply, `chi_b(l) = chi_g(l) prod_s chi_s(l mu_s* - l* nu_s)`, and each factor is known in closed form
//! ([`State::characteristic`]). Everything else is a Fourier transform or an integral of `chi_b` over the plane, by the
//! trapezoidal rule: `chi_b` is analytic and gone at the ends of the box, so that the rule's error falls faster than any
//! power of the step, and the box and step follow from the states' extent. No photon number is truncated.
//!
//! A state that lies within a radius `R` of phase space has `chi(l) = Tr rho D(l)` gone where `D` moves it off itself,
//! beyond `2R`.

use std::f64::consts::{PI, SQRT_2, TAU};

use nalgebra::{Matrix2, Vector2};
use num_complex::Complex64;

use super::negativity::negative_part;
use super::{LinearMap, Negativity, quadratures};
use crate::quantum::gaussian::ROUNDING;
use crate::quantum::gaussian::transform::matrix_of;
use crate::quantum::wigner::{Axis, Grid, Wigner};
use crate::quantum::{QuantumError, State};

/// A mode that flows in: `mu`, `nu` and its state.
#[derive(Debug, Clone, PartialEq)]
pub struct Inflow {
    /// Coefficient of `a - <a>`.
    pub mu: Complex64,
    /// Coefficient of its adjoint.
    pub nu: Complex64,
    /// The state of `a`.
    pub state: State,
}

/// One mode as a linear function of several.
#[derive(Debug, Clone, PartialEq)]
pub struct SeveralInputs {
    mean: Complex64,
    inputs: Vec<Inflow>,
    rest: Matrix2<f64>,
    /// Half of the extent in `x` and `p` about the mean, beyond which the Wigner function is 1e-13 of its peak or less.
    reach: Vector2<f64>,
}

/// Widths of the vacuum in which its Wigner function falls to 1e-13.
const TAIL: f64 = 5.5;

/// Angles between grids and state, none a part of another or of a circle.
const ANGLES: [f64; 4] = [0.271_8, 0.914_1, 0.586_2, 1.244_6];
/// Multiplications that a negativity may take: some seconds.
const MOST_WORK: f64 = 4e9;
/// Error of a Wigner function, over the whole plane.
const ROUNDED: f64 = 1e-10;
/// Most points of `chi` along one direction: states of some hundred photons.
const MOST: usize = 2048;

impl SeveralInputs {
    /// The mode of mean `mean` into which these flow, with everything else of covariance `rest`: as in [`LinearMap`].
    ///
    /// # Errors
    /// What [`State::check`] finds, [`QuantumError::NotEnoughNoise`] if the rest is less than the commutator demands,
    /// [`QuantumError::TooManyPhotons`] if the states are too large for the transform.
    ///
    /// # Examples
    /// ```
    /// use qhh_core::nalgebra::Matrix2;
    /// use qhh_core::num_complex::Complex64;
    /// use qhh_core::quantum::State;
    /// use qhh_core::quantum::linear_map::{Inflow, SeveralInputs};
    ///
    /// // Hong, Ou and Mandel: two photons on a balanced beam splitter leave together, none or both on this side.
    /// let half = Complex64::from(0.5f64.sqrt());
    /// let photon = Inflow { mu: half, nu: Complex64::ZERO, state: State::Fock { n: 1 } };
    /// let both = SeveralInputs::new(Complex64::ZERO, vec![photon.clone(), photon], Matrix2::zeros())?;
    /// assert!((both.fidelity(&State::Fock { n: 2 })? - 0.5).abs() < 1e-10);
    /// assert!(both.fidelity(&State::Fock { n: 1 })?.abs() < 1e-10);
    /// # Ok::<(), qhh_core::quantum::QuantumError>(())
    /// ```
    pub fn new(mean: Complex64, inputs: Vec<Inflow>, rest: Matrix2<f64>) -> Result<Self, QuantumError> {
        let parts = inputs.iter().flat_map(|input| [input.mu, input.nu]).chain([mean]);
        if !parts.clone().all(Complex64::is_finite) || !rest.iter().all(|x| x.is_finite()) {
            return Err(QuantumError::NotFinite { what: "the coefficients of an output mode" });
        }
        inputs.iter().try_for_each(|input| Ok::<(), QuantumError>(input.state.check()?))?;
        let (defect, commutator) = Self::lacking(&inputs, &rest);
        let allowed = ROUNDING * parts.fold(1.0f64, |most, z| most.max(z.norm_sqr()));
        if defect > allowed {
            return Err(QuantumError::NotEnoughNoise { defect, commutator, allowed });
        }
        let mut reach = rest.diagonal().map(|variance| TAIL * SQRT_2 * variance.max(0.0).sqrt());
        for input in &inputs {
            let matrix = matrix_of(input.mu, input.nu);
            let radius = extent(&input.state);
            reach += Vector2::new(matrix.row(0).norm(), matrix.row(1).norm()) * radius;
        }
        // Never less than the uncertainty relation leaves it.
        let reach = reach.map(|reach| reach.max(0.1));
        let several = Self { mean, inputs, rest: (rest + rest.transpose()) * 0.5, reach };
        let points = several.points(2.0 * reach);
        if points.iter().any(|&n| n > MOST) {
            let photons = several.inputs.iter().map(|input| extent(&input.state).powi(2)).fold(0.0, f64::max);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a figure for the message"
            )]
            return Err(QuantumError::TooManyPhotons {
                photons: (0.5 * photons) as u32,
                most: super::MAX_PHOTONS,
            });
        }
        Ok(several)
    }

    /// How far the rest is from being possible, and the commutator `[g, g*]` that it must have; see
    /// [`LinearMap::noise_defect`].
    pub fn lacking(inputs: &[Inflow], rest: &Matrix2<f64>) -> (f64, f64) {
        // As of one mode with all their strength.
        let norm = |of: fn(&Inflow) -> Complex64| inputs.iter().map(|input| of(input).norm_sqr()).sum::<f64>();
        let (mu, nu) = (norm(|input| input.mu).sqrt(), norm(|input| input.nu).sqrt());
        let map = LinearMap { mean: Complex64::ZERO, mu: mu.into(), nu: nu.into(), rest: *rest };
        (map.noise_defect(), map.rest_commutator())
    }

    /// `<b>`.
    pub fn mean(&self) -> Complex64 {
        self.mean
    }

    /// Symmetrically ordered characteristic function `<exp(lambda b* - lambda* b)>`.
    pub fn characteristic(&self, lambda: Complex64) -> Complex64 {
        self.centred(lambda) * Complex64::cis(2.0 * (lambda * self.mean.conj()).im)
    }

    /// That of `b - <b>`.
    fn centred(&self, lambda: Complex64) -> Complex64 {
        crate::stop::check();
        let seen = Vector2::new(lambda.im, -lambda.re);
        let mut chi = Complex64::from((-seen.dot(&(self.rest * seen))).exp());
        for Inflow { mu, nu, state } in &self.inputs {
            let inner = lambda * mu.conj() - lambda.conj() * nu;
            let mean = Complex64::cis(-2.0 * (inner * state.moments().mean.conj()).im);
            chi *= state.characteristic(inner) * mean;
        }
        chi
    }

    /// Points along each direction of `k` for a period of `2 span`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against MOST")]
    fn points(&self, span: Vector2<f64>) -> [usize; 2] {
        // k_x is what moves p, and the other way round: |k_x| up to twice the reach in p.
        [0, 1].map(|axis| (2.0 * (2.0 * self.reach[1 - axis] * span[axis] / PI).ceil() + 1.0) as usize)
    }

    /// Calls `each` with `k = sqrt 2 (Im lambda, -Re lambda)` and `chi` about the mean on a grid that repeats the plane
    /// with the period `2 span`; the area that belongs to a point.
    fn transform(&self, span: Vector2<f64>, mut each: impl FnMut([usize; 2], Vector2<f64>, Complex64)) -> f64 {
        let step = span.map(|span| PI / span);
        let n = self.points(span);
        let at = |axis: usize, k: usize| (k as f64 - (n[axis] / 2) as f64) * step[axis];
        for i in 0..n[0] {
            for j in 0..n[1] {
                let k = Vector2::new(at(0, i), at(1, j));
                each([i, j], k, self.centred(Complex64::new(-k.y, k.x) / SQRT_2));
            }
        }
        step.x * step.y
    }

    /// Wigner function on a grid, to some 1e-12 of its peak.
    ///
    /// # Errors
    /// If an axis has less than two points, no extent or infinite ends.
    pub fn wigner(&self, grid: Grid) -> Result<Wigner, QuantumError> {
        let empty = Wigner::fill(grid, |_, _| 0.0)?;
        let points = |axis: Axis| (0..axis.points).map(|k| axis.point(k)).collect::<Vec<f64>>();
        Ok(Wigner { values: self.wigner_at(&points(grid.x), &points(grid.p)), ..empty })
    }

    /// Wigner function at every pair of these points, `[x][p]`, to some 1e-12 of its peak.
    pub fn wigner_at(&self, x: &[f64], p: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; x.len() * p.len()];
        let centre = quadratures(self.mean);
        // Within the reach nothing of the repeated planes is seen; beyond it there is nothing.
        let span = 1.05 * self.reach;
        let n = self.points(span);
        let step = span.map(|span| PI / span);
        let turns = |axis: usize, value: f64| -> Vec<Complex64> {
            let k = |k: usize| (k as f64 - (n[axis] / 2) as f64) * step[axis];
            (0..n[axis]).map(|place| Complex64::cis(-k(place) * value)).collect()
        };
        // W(z) = (2 pi)^-2 int chi e^{-i k z} d^2k, along p first.
        let mut chi = vec![Complex64::ZERO; n[0] * n[1]];
        let area = self.transform(span, |[i, j], _, value| chi[i * n[1] + j] = value);
        let sum = |row: &[Complex64], turns: &[Complex64]| -> Complex64 {
            row.iter().zip(turns).map(|(a, b)| a * b).sum()
        };
        let within = |axis: usize, value: f64| (value - centre[axis]).abs() <= self.reach[axis];
        let inside = |axis: usize, along: &[f64]| -> Vec<usize> {
            (0..along.len()).filter(|&k| within(axis, along[k])).collect()
        };
        let (xs, ps) = (inside(0, x), inside(1, p));
        let along_x: Vec<Vec<Complex64>> = xs.iter().map(|&i| turns(0, x[i] - centre.x)).collect();
        for &j in &ps {
            let along_p = turns(1, p[j] - centre.y);
            let column: Vec<Complex64> = chi.chunks_exact(n[1]).map(|row| sum(row, &along_p)).collect();
            for (&i, turns) in xs.iter().zip(&along_x) {
                values[i * p.len() + j] = sum(&column, turns).re * area / (TAU * TAU);
            }
        }
        values
    }

    /// Purity `Tr rho^2`.
    pub fn purity(&self) -> f64 {
        let mut sum = 0.0;
        // Of two Wigner functions: the repeated planes must not touch.
        let area = self.transform(1.05 * self.reach, |_, _, chi| sum += chi.norm_sqr());
        sum * area / TAU
    }

    /// Fidelity `<psi|rho|psi>` with a pure state.
    ///
    /// # Errors
    /// What [`State::check`] finds, [`QuantumError::NotPure`] if it is not pure.
    pub fn fidelity(&self, with: &State) -> Result<f64, QuantumError> {
        with.check()?;
        if !with.is_pure() {
            return Err(QuantumError::NotPure);
        }
        let off = quadratures(self.mean);
        let apart = (off - quadratures(with.moments().mean)).abs();
        let span = (self.reach + Vector2::repeat(extent(with)) + apart) * 0.525;
        let mut sum = 0.0;
        let area = self.transform(span, |_, k, chi| {
            let other = with.characteristic(Complex64::new(-k.y, k.x) / SQRT_2);
            sum += (chi * Complex64::cis(k.dot(&off)) * other.conj()).re;
        });
        Ok(sum * area / TAU)
    }

    /// Negativity volume `(int |W| dx dp - 1)/2`.
    ///
    /// Along lines as of one input, on grids that resolve every wave number of the Wigner function from the first on and
    /// that are turned against the state and against each other. Refined until the error is below `tolerance`; what was
    /// reached is in [`Negativity::error`], and the true volume is within it.
    ///
    /// # Errors
    /// [`QuantumError::NotResolved`] if the state is too large for two grids.
    pub fn negativity(&self, tolerance: f64) -> Result<Negativity, QuantumError> {
        let mut spent = 0.0;
        let mut volumes: Vec<f64> = Vec::new();
        for (angle, finer) in ANGLES.into_iter().zip([1.0, 1.4, 2.0, 2.8]) {
            let turned = self.turned(angle)?;
            let grid = turned.grid(finer);
            let work = turned.work(grid);
            if spent + work > MOST_WORK {
                break;
            }
            spent += work;
            volumes.push(turned.negative_volume(grid)?);
            if let Some(error) = error_of(&volumes)
                && volumes.len() > 2
                && error <= tolerance
            {
                break;
            }
        }
        let error = error_of(&volumes).ok_or(QuantumError::NotResolved)?;
        Ok(Negativity { volume: volumes[volumes.len() - 1], error })
    }

    /// The same state about its mean, turned by an angle in the plane.
    fn turned(&self, angle: f64) -> Result<Self, QuantumError> {
        let turn = Complex64::cis(angle);
        let inputs = self.inputs.iter().map(|input| Inflow {
            mu: input.mu * turn,
            nu: input.nu * turn,
            state: input.state.clone(),
        });
        let matrix = matrix_of(turn, Complex64::ZERO);
        Self::new(Complex64::ZERO, inputs.collect(), matrix * self.rest * matrix.transpose())
    }

    /// A grid with two points and a half, and along lines four, to each half wave of the largest wave number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by MOST")]
    fn grid(&self, finer: f64) -> Grid {
        // What moves p by the whole extent is a wave in x.
        let waves = 2.0 * self.reach.x * 2.0 * self.reach.y / PI;
        let axis = |reach: f64, dense: f64| {
            let points = (finer * dense * waves) as usize | 1;
            Axis { min: -reach, max: reach, points: points.max(65) }
        };
        Grid { x: axis(self.reach.x, 2.5), p: axis(self.reach.y, 4.0) }
    }

    /// Multiplications that a grid takes.
    fn work(&self, grid: Grid) -> f64 {
        let n = self.points(1.05 * self.reach).map(|n| n as f64);
        grid.p.points as f64 * n[0] * (n[1] + grid.x.points as f64)
    }

    /// Over a grid: cubics along `p`, the trapezoidal rule across.
    fn negative_volume(&self, grid: Grid) -> Result<f64, QuantumError> {
        let wigner = self.wigner(grid)?;
        let lines = wigner.values.chunks_exact(grid.p.points);
        Ok(grid.x.step() * grid.p.step() * lines.map(|line| negative_part(line, 0.0)).sum::<f64>())
    }

    /// Where the whole state is, but for 1e-13: half the sides of a rectangle about the mean.
    pub fn reach(&self) -> (f64, f64) {
        (self.reach.x, self.reach.y)
    }
}

/// Error of the last of several volumes, each of a grid finer than the one before; none of one alone.
fn error_of(volumes: &[f64]) -> Option<f64> {
    let change = |back: usize| {
        Some(
            (volumes[volumes.len().checked_sub(back)?] - volumes.get(volumes.len().checked_sub(back + 1)?)?).abs(),
        )
    };
    let last = change(1)?;
    // With two grids alone nothing says how fast they converge.
    Some(change(2).map_or(4.0 * last, |before| 2.0 * last.max(0.5 * before)) + ROUNDED)
}

/// Radius about the mean within which a state lies in phase space: its classical turning point, or how far its parts are
/// apart, and the vacuum's tail.
fn extent(state: &State) -> f64 {
    let moments = state.moments();
    match state {
        State::Cat { amplitude, .. } => SQRT_2 * amplitude.norm() + TAIL,
        State::Fock { n } => f64::from(2 * n + 1).sqrt() + TAIL,
        State::Superposition(terms) => {
            let most = terms.iter().map(|(n, _)| *n).max().unwrap_or(0);
            f64::from(2 * most + 1).sqrt() + TAIL + quadratures(moments.mean).norm()
        }
        // The longer axis of a Gaussian.
        _ => TAIL * (2.0 * (moments.n + 0.5 + moments.m.norm())).sqrt(),
    }
}
