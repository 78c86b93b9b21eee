//! The Wigner function of an output mode as a formula: Gaussians with complex means, or number states' polynomials.

use std::collections::BTreeMap;
use std::f64::consts::{SQRT_2, TAU};
use std::num::NonZeroUsize;

use gauss_quad::GaussHermite;
use nalgebra::{Matrix2, RowVector2, Vector2};
use num_complex::Complex64;

use super::fringes::Fringes;
use super::hermite::{Form, Polynomial};
use super::negativity::Detail;
use super::{LinearMap, MAX_PHOTONS, quadratures};
use crate::quantum::gaussian::OneMode;
use crate::quantum::{Parity, QuantumError, State};
use crate::state::number_states;

/// Odd cats up to this `|alpha|^2` are written out in number states: their Gaussians would nearly cancel.
const SMALL_CAT: f64 = 0.25;
/// Number states they need: the amplitude left out is `0.5^21/sqrt(21!)`, 1e-16 of what is kept.
const SMALL_CAT_TERMS: u32 = 21;

/// A Wigner function, normalised.
#[derive(Debug, Clone)]
pub(super) struct Density {
    /// Where the input's quadratures 0 end up.
    origin: Vector2<f64>,
    matrix: Matrix2<f64>,
    /// Covariance of the Gaussian factor.
    sigma: Matrix2<f64>,
    /// Square root of its determinant.
    root: f64,
    precision: Matrix2<f64>,
    terms: Terms,
}

#[derive(Debug, Clone)]
enum Terms {
    Humps(Vec<GaussianTerm>),
    /// Amplitudes by photon number, and the polynomial they make here.
    Numbers(BTreeMap<u32, Complex64>, Polynomial),
}

/// `weight Re exp(log - delta^T Sigma^{-1} delta/2)/(2 pi sqrt(det Sigma))`, `delta` off a complex mean.
#[derive(Debug, Clone, Copy)]
struct GaussianTerm {
    weight: f64,
    log: f64,
    /// Mean before the map; the imaginary part makes fringes.
    real: Vector2<f64>,
    imaginary: Vector2<f64>,
}

impl Density {
    pub(super) fn new(map: &LinearMap, state: &State) -> Result<Self, QuantumError> {
        let matrix = map.matrix();
        let origin = quadratures(map.mean) - matrix * quadratures(state.moments().mean);
        let vacuum = OneMode::of(&State::Vacuum);
        let plain = |real, weight| GaussianTerm { weight, log: 0.0, real, imaginary: Vector2::zeros() };
        let (input, humps) = match state {
            State::Cat { amplitude, parity } if *parity == Parity::Even || amplitude.norm_sqr() > SMALL_CAT => {
                let overlap = (-2.0 * amplitude.norm_sqr()).exp();
                let sign = if *parity == Parity::Even { 1.0 } else { -1.0 };
                let weight = 0.5 / (1.0 + sign * overlap);
                let at = quadratures(*amplitude);
                // |alpha><-alpha| has the mean i sqrt 2 (Im alpha, -Re alpha) and the trace e^{-2|alpha|^2}.
                let fringes = GaussianTerm {
                    weight: 2.0 * sign * weight,
                    log: -2.0 * amplitude.norm_sqr(),
                    real: Vector2::zeros(),
                    imaginary: Vector2::new(at.y, -at.x),
                };
                (vacuum, vec![plain(at, weight), plain(-at, weight), fringes])
            }
            State::Coherent(_) | State::Squeezed { .. } | State::Thermal { .. } => {
                (OneMode::of(state), vec![plain(quadratures(state.moments().mean), 1.0)])
            }
            _ => (vacuum, Vec::new()),
        };
        let gaussian = input.through(Vector2::zeros(), &matrix, &map.noise());
        let (sigma, root) = (gaussian.covariance(), gaussian.determinant().sqrt());
        if root == 0.0 || !root.is_finite() {
            return Err(QuantumError::NotPositive { quadrature: 0 });
        }
        let precision = gaussian.precision();
        let terms = if humps.is_empty() {
            let small_cat;
            let state = if let State::Cat { amplitude, .. } = state {
                small_cat = written_out(*amplitude);
                &small_cat
            } else {
                state
            };
            let terms = number_states(state).unwrap_or_default();
            let photons = terms.keys().last().copied().unwrap_or(0);
            if photons > MAX_PHOTONS {
                return Err(QuantumError::TooManyPhotons { photons, most: MAX_PHOTONS });
            }
            let polynomial = Polynomial::new(Form::of_plane(&matrix, &precision), &terms);
            Terms::Numbers(terms, polynomial)
        } else {
            Terms::Humps(humps)
        };
        Ok(Self { origin, matrix, sigma, root, precision, terms })
    }

    /// `W` at `z = (x, p)`.
    pub(super) fn at(&self, z: Vector2<f64>) -> f64 {
        let peak = 1.0 / (TAU * self.root);
        match &self.terms {
            Terms::Humps(humps) => {
                let off = z - self.origin;
                peak * humps
                    .iter()
                    .map(|hump| {
                        let (re, im) = (off - self.matrix * hump.real, self.matrix * hump.imaginary);
                        let exponent =
                            hump.log - 0.5 * re.dot(&(self.precision * re)) + 0.5 * im.dot(&(self.precision * im));
                        hump.weight * exponent.exp() * re.dot(&(self.precision * im)).cos()
                    })
                    .sum::<f64>()
            }
            Terms::Numbers(_, polynomial) => {
                let zeta = z - self.origin;
                polynomial.evaluate(zeta, peak, 0.5 * zeta.dot(&(self.precision * zeta)))
            }
        }
    }

    /// Density of the quadrature `row . (x, p)` at each value.
    pub(super) fn marginal(&self, row: RowVector2<f64>, values: &[f64]) -> Vec<f64> {
        let variance = (row * self.sigma * row.transpose())[0];
        let peak = 1.0 / (TAU * variance).sqrt();
        let offs = values.iter().map(|value| value - (row * self.origin)[0]);
        let row = row * self.matrix;
        match &self.terms {
            Terms::Humps(humps) => {
                let hump = |hump: &GaussianTerm, off: f64| {
                    let (re, im) = (off - (row * hump.real)[0], (row * hump.imaginary)[0]);
                    let exponent = hump.log + 0.5 * (im * im - re * re) / variance;
                    hump.weight * exponent.exp() * (re * im / variance).cos()
                };
                offs.map(|off| peak * humps.iter().map(|one| hump(one, off)).sum::<f64>()).collect()
            }
            Terms::Numbers(terms, _) => {
                let polynomial = Polynomial::new(Form::of_line(row, variance), terms);
                offs.map(|off| polynomial.evaluate(Vector2::new(off, 0.0), peak, 0.5 * off * off / variance))
                    .collect()
            }
        }
    }

    /// `2 pi int W_1 W_2 dx dp = Tr(rho_1 rho_2)`: closed for Gaussians, for number states by a quadrature that is exact
    /// for the polynomials they are.
    pub(super) fn overlap(&self, other: &Self) -> Result<f64, QuantumError> {
        match (&self.terms, &other.terms) {
            (Terms::Humps(first), Terms::Humps(second)) => {
                let sum = self.sigma + other.sigma;
                let precision = sum.try_inverse().ok_or(QuantumError::NotPositive { quadrature: 0 })?;
                let mut total = 0.0;
                for a in first {
                    for b in second {
                        // Re f Re g = Re(f g + f g*)/2: the second mean, and its conjugate.
                        let re = self.origin + self.matrix * a.real - other.origin - other.matrix * b.real;
                        let (im_a, im_b) = (self.matrix * a.imaginary, other.matrix * b.imaginary);
                        for im in [im_a - im_b, im_a + im_b] {
                            let exponent =
                                a.log + b.log - 0.5 * re.dot(&(precision * re)) + 0.5 * im.dot(&(precision * im));
                            total += 0.5 * a.weight * b.weight * exponent.exp() * re.dot(&(precision * im)).cos();
                        }
                    }
                }
                Ok(total / sum.determinant().sqrt())
            }
            _ => self.overlap_by_quadrature(other),
        }
    }

    fn overlap_by_quadrature(&self, other: &Self) -> Result<f64, QuantumError> {
        let degree = |density: &Self| match &density.terms {
            Terms::Humps(_) => 0,
            Terms::Numbers(_, polynomial) => 2 * polynomial.most(),
        };
        // Both Gaussian factors together, as one around `centre`: in its units the product is a polynomial.
        let precision = self.precision + other.precision;
        let none = QuantumError::NotPositive { quadrature: 0 };
        let covariance = precision.try_inverse().ok_or(none.clone())?;
        let centre = covariance * (self.precision * self.origin + other.precision * other.origin);
        let axes = covariance.cholesky().ok_or(none)?.l() * SQRT_2;
        let rule = scaled_gauss_hermite(usize::midpoint(degree(self), degree(other)) + 1);
        let mut total = 0.0;
        for (x, weight_x) in &rule {
            for (p, weight_p) in &rule {
                let z = centre + axes * Vector2::new(*x, *p);
                total += weight_x * weight_p * self.at(z) * other.at(z);
            }
        }
        Ok(TAU * axes.determinant() * total)
    }

    /// The whole state is within `z = centre + T u`, `|u| <= 1`, but for 1e-11.
    pub(super) fn ellipse(&self, noise: &Matrix2<f64>) -> (Vector2<f64>, Matrix2<f64>) {
        // Radius of the input about its origin: the classical turning point or the humps, and five widths and a half.
        let radius = 5.5
            + match &self.terms {
                Terms::Humps(humps) => humps.iter().map(|hump| hump.real.norm()).fold(0.0, f64::max),
                Terms::Numbers(_, polynomial) => (2.0 * polynomial.most() as f64 + 1.0).sqrt(),
            };
        let (a, b) = (self.matrix * self.matrix.transpose() * (radius * radius), noise * 49.0);
        let ratio = if a.trace() > 0.0 { (b.trace() / a.trace()).sqrt() } else { 1.0 };
        let both = if ratio > 0.0 { a * (1.0 + ratio) + b * (1.0 + 1.0 / ratio) } else { a };
        let axes = both.cholesky().map_or_else(|| Matrix2::identity() * both.trace().sqrt(), |c| c.l());
        (self.origin, axes)
    }

    /// A cat where the Gaussian factor is round; none of other states.
    pub(super) fn fringes(&self) -> Option<Fringes> {
        let Terms::Humps(humps) = &self.terms else { return None };
        let [hump, _, fringe] = humps.as_slice() else { return None };
        let axes = self.sigma.cholesky()?.l();
        let round = |v: Vector2<f64>| axes.solve_lower_triangular(&(self.matrix * v));
        let (humps, wave) = (round(hump.real)?, round(fringe.imaginary)?);
        let gain = 0.5 * wave.norm_squared();
        // The difference of two numbers that grow with the square of the amplitude.
        let rounding = 16.0 * f64::EPSILON * (fringe.log.abs() + gain);
        Some(Fringes {
            weight: hump.weight,
            sign: fringe.weight.signum(),
            contrast: (fringe.log + gain, rounding),
            humps,
            wave,
        })
    }

    /// What an integral over the plane must resolve.
    pub(super) fn detail(&self) -> Detail {
        let Terms::Numbers(terms, polynomial) = &self.terms else { return Detail { photons: 0, harmonics: 0 } };
        let photons = polynomial.most();
        let least = terms.keys().next().copied().unwrap_or(0) as usize;
        // Stretched, a ring of photons turns as often as it has zeros.
        let harmonics = if self.is_isotropic() { photons - least } else { 2 * photons };
        Detail { photons, harmonics }
    }

    /// Whether the Wigner function is round about its origin: a number state, seen without preferred direction.
    pub(super) fn is_round(&self) -> bool {
        let lone = matches!(&self.terms, Terms::Numbers(terms, _) if terms.len() == 1);
        lone && self.is_isotropic()
    }

    /// Whether the map and its noise have no preferred direction.
    fn is_isotropic(&self) -> bool {
        let round = |m: &Matrix2<f64>| {
            (m.m11 - m.m22).abs().max((m.m12 + m.m21).abs()) < 1e-13 * m.amax().max(f64::MIN_POSITIVE)
        };
        round(&self.sigma) && round(&(self.matrix * self.matrix.transpose()))
    }
}

/// Odd cat of small amplitude as number states.
fn written_out(alpha: Complex64) -> State {
    let mut term = Complex64::ONE;
    let mut terms = Vec::new();
    for n in 1..=SMALL_CAT_TERMS {
        if n > 1 {
            // alpha taken out once: the amplitude may be tiny.
            term *= alpha / f64::from(n).sqrt();
        }
        if n % 2 == 1 {
            terms.push((n, term));
        }
    }
    State::Superposition(terms)
}

/// Nodes of Gauss-Hermite quadrature with weights times `e^{x^2}`, from the sum of squares of Hermite functions there.
///
/// Exact for `e^{-x^2}` times a polynomial of degree below twice the number of nodes. The weights of the eigenvectors
/// have lost the tails that matter here.
fn scaled_gauss_hermite(nodes: usize) -> Vec<(f64, f64)> {
    let rule = GaussHermite::new(NonZeroUsize::new(nodes).unwrap_or(NonZeroUsize::MIN));
    let weight = |x: f64| {
        let (mut before, mut now) = (0.0, std::f64::consts::PI.powf(-0.25) * (-0.5 * x * x).exp());
        let mut sum = 0.0;
        for k in 0..nodes {
            sum += now * now;
            let k = k as f64;
            let next = (2.0 / (k + 1.0)).sqrt() * x * now - (k / (k + 1.0)).sqrt() * before;
            (before, now) = (now, next);
        }
        1.0 / sum
    };
    rule.nodes().map(|x| (*x, weight(*x))).collect()
}
