//! States of one bosonic mode, by the moments that mean and variance of a voltage need.
//!
//! With `V = <V> + u (a - <a>) + h.c.`, the state adds `2 n |u|^2 + 2 Re(m u^2)` to the variance, where
//! `n = <a*a> - |<a>|^2` and `m = <a^2> - <a>^2`. Vacuum has `n = m = 0`.
//!
//! Conventions: `squeezed(r, phi)` has `n = sinh^2 r`, `m = -e^{i phi} sinh r cosh r`, so that `phi = 0` squeezes
//! `x = (a + a*)/sqrt 2` to the variance `e^{-2r}/2`; a cat is `(|alpha> +- |-alpha>)/norm`.
//!
//! `n` and `|m|` of a squeezed state differ by half a quantum, which is lost between numbers of `e^{2r}/4` from `r = 18` on.
//! Variances of both quadratures, [`State::spread`], and what the state adds to others, [`State::covariance`], keep it.

use std::collections::BTreeMap;
use std::f64::consts::FRAC_PI_2;

use nalgebra::Vector2;
use num_complex::Complex64;

use crate::CircuitError;
use crate::error::{finite, not_negative};

/// Part of its terms' amplitudes that a superposition must keep when terms of one photon number are added up.
const LEFT: f64 = 1e-12;

/// State of a mode.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// No excitation.
    Vacuum,
    /// Displaced vacuum of complex amplitude alpha.
    Coherent(Complex64),
    /// Squeezed vacuum, then displaced.
    Squeezed {
        /// Squeezing parameter.
        r: f64,
        /// Squeezing angle in radians.
        phase: f64,
        /// Displacement.
        displacement: Complex64,
    },
    /// Thermal state.
    Thermal {
        /// Mean photon number.
        photons: f64,
    },
    /// Number state.
    Fock {
        /// Photon number.
        n: u32,
    },
    /// `(|alpha> +- |-alpha>)/norm`.
    Cat {
        /// alpha.
        amplitude: Complex64,
        /// Sign of the second term.
        parity: Parity,
    },
    /// Superposition of number states: `(n, amplitude)`, normalised by [`State::moments`].
    Superposition(Vec<(u32, Complex64)>),
}

/// Sign in a cat state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parity {
    /// Plus: even photon numbers only.
    Even,
    /// Minus: odd photon numbers only.
    Odd,
}

/// First and second moments of the mode operator `a`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// `<a>`.
    pub mean: Complex64,
    /// `n = <a*a> - |<a>|^2`.
    pub n: f64,
    /// `m = <a^2> - <a>^2`.
    pub m: Complex64,
}

impl Moments {
    /// What the state adds to the variance of a quantity whose response to `a` is `u`: `2 n |u|^2 + 2 Re(m u^2)`.
    pub fn variance(&self, u: Complex64) -> f64 {
        2.0 * self.n * u.norm_sqr() + 2.0 * (self.m * u * u).re
    }

    /// Mean photon number `<a*a>`.
    pub fn photons(&self) -> f64 {
        self.n + self.mean.norm_sqr()
    }
}

impl State {
    /// Checks every parameter.
    ///
    /// # Errors
    /// The first [`CircuitError`] found: negative squeezing or photon numbers, an odd cat of amplitude 0, a superposition
    /// whose amplitudes are zero or cancel, parameters so large that the moments overflow.
    pub fn check(&self) -> Result<(), CircuitError> {
        let complex = |z: &Complex64| finite("amplitude", z.re).and_then(|()| finite("amplitude", z.im));
        match self {
            Self::Vacuum | Self::Fock { .. } => {}
            Self::Coherent(alpha) => complex(alpha)?,
            Self::Squeezed { r, phase, displacement } => {
                not_negative("r", *r)?;
                finite("phase", *phase)?;
                complex(displacement)?;
            }
            Self::Thermal { photons } => not_negative("photons", *photons)?,
            Self::Cat { amplitude, parity } => {
                complex(amplitude)?;
                if *parity == Parity::Odd && amplitude.norm_sqr() == 0.0 {
                    return Err(CircuitError::OddCatOfNothing);
                }
            }
            Self::Superposition(terms) => {
                terms.iter().try_for_each(|(_, c)| complex(c))?;
                check_norm(terms)?;
            }
        }
        let Moments { mean, n, m } = self.moments();
        let largest = n.abs().max(m.norm()).max(mean.norm_sqr());
        if largest.is_finite() {
            Ok(())
        } else {
            Err(CircuitError::StateOutOfRange { quantity: "the photon number", value: largest })
        }
    }

    /// Moments of `a` in this state.
    pub fn moments(&self) -> Moments {
        let zero = Complex64::ZERO;
        match self {
            Self::Vacuum => Moments { mean: zero, n: 0.0, m: zero },
            Self::Coherent(alpha) => Moments { mean: *alpha, n: 0.0, m: zero },
            Self::Squeezed { r, phase, displacement } => Moments {
                mean: *displacement,
                n: r.sinh().powi(2),
                m: -Complex64::from_polar(r.sinh() * r.cosh(), *phase),
            },
            Self::Thermal { photons } => Moments { mean: zero, n: *photons, m: zero },
            Self::Fock { n } => Moments { mean: zero, n: f64::from(*n), m: zero },
            Self::Cat { amplitude, parity } => {
                // <a*a> = |alpha|^2 (1 -+ e)/(1 +- e) with e = exp(-2 |alpha|^2), written without cancellation.
                let n2 = amplitude.norm_sqr();
                let n = match parity {
                    Parity::Even => n2 * n2.tanh(),
                    Parity::Odd => n2 / n2.tanh(),
                };
                Moments { mean: zero, n, m: amplitude * amplitude }
            }
            Self::Superposition(_) => superposition_moments(self),
        }
    }

    /// Two vectors in the plane of `(x, p)` whose squares add up to the covariance, `sigma = sum v v^T`: the axes of its
    /// ellipse, the shorter first, each known to all digits. The vacuum's are of length `1/sqrt 2`.
    pub fn spread(&self) -> [Vector2<f64>; 2] {
        let (short, long, angle) = match self {
            Self::Squeezed { r, phase, .. } => (0.5 * (-2.0 * r).exp(), 0.5 * (2.0 * r).exp(), 0.5 * phase),
            Self::Cat { amplitude, parity } => {
                let size = amplitude.norm_sqr();
                // n - |m| = -+2 |alpha|^2/(e^{2 |alpha|^2} +- 1).
                let short = match parity {
                    Parity::Even => 0.5 - 2.0 * size / ((2.0 * size).exp() + 1.0),
                    Parity::Odd => 0.5 + 2.0 * size / (2.0 * size).exp_m1(),
                };
                (short, 0.5 + self.moments().n + size, amplitude.arg() + FRAC_PI_2)
            }
            _ => {
                let Moments { n, m, .. } = self.moments();
                ((0.5 + n - m.norm()).max(0.0), 0.5 + n + m.norm(), 0.5 * (-m).arg())
            }
        };
        let (sin, cos) = angle.sin_cos();
        [Vector2::new(cos, sin) * short.sqrt(), Vector2::new(-sin, cos) * long.sqrt()]
    }

    /// What the state adds beyond the vacuum to the covariance of two quantities whose responses to `a` are `u` and `v`:
    /// `2 Re(n u* v + m u v)`.
    pub fn covariance(&self, u: Complex64, v: Complex64) -> f64 {
        if let Self::Squeezed { r, phase, .. } = self {
            // Each quadrature by itself: e^{-2r} - 1 and e^{2r} - 1 times that of the vacuum.
            let turn = Complex64::cis(0.5 * phase);
            let (u, v) = (u * turn, v * turn);
            return u.re * v.re * (-2.0 * r).exp_m1() + u.im * v.im * (2.0 * r).exp_m1();
        }
        let Moments { n, m, .. } = self.moments();
        2.0 * (n * u.conj() * v + m * u * v).re
    }
}

/// Normalised amplitudes by photon number, without zeros, of a state that is a finite superposition of number states.
pub(crate) fn number_states(state: &State) -> Option<BTreeMap<u32, Complex64>> {
    let mut terms = BTreeMap::new();
    match state {
        State::Vacuum => _ = terms.insert(0, Complex64::ONE),
        State::Fock { n } => _ = terms.insert(*n, Complex64::ONE),
        State::Superposition(given) => {
            for (n, c) in given {
                *terms.entry(*n).or_insert(Complex64::ZERO) += c;
            }
        }
        _ => return None,
    }
    let norm = terms.values().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    terms.retain(|_, c| *c != Complex64::ZERO);
    for c in terms.values_mut() {
        *c /= norm;
    }
    (norm > 0.0).then_some(terms)
}

/// Norm of a superposition as a whole: terms of one photon number add up, and squares must stay numbers.
fn check_norm(terms: &[(u32, Complex64)]) -> Result<(), CircuitError> {
    let whole: f64 = terms.iter().map(|(_, c)| c.norm_sqr()).sum();
    if !whole.is_finite() {
        return Err(CircuitError::StateOutOfRange { quantity: "the norm of the superposition", value: whole });
    }
    if whole < f64::MIN_POSITIVE {
        return Err(CircuitError::EmptySuperposition);
    }
    let mut sums = BTreeMap::new();
    for (n, c) in terms {
        *sums.entry(*n).or_insert(Complex64::ZERO) += c;
    }
    let norm: f64 = sums.values().map(Complex64::norm_sqr).sum();
    // Below, less than four digits of the amplitudes are left.
    if norm < LEFT * LEFT * whole { Err(CircuitError::SuperpositionCancels { norm, whole }) } else { Ok(()) }
}

fn superposition_moments(state: &State) -> Moments {
    let nothing = Complex64::new(f64::NAN, f64::NAN);
    let Some(terms) = number_states(state) else { return Moments { mean: nothing, n: f64::NAN, m: nothing } };
    let amplitude = |n: Option<u32>| n.and_then(|n| terms.get(&n)).copied().unwrap_or(Complex64::ZERO);
    let (mut photons, mut mean, mut square) = (0.0, Complex64::ZERO, Complex64::ZERO);
    for (&k, c) in &terms {
        let n = f64::from(k);
        photons += c.norm_sqr() * n;
        // <a> = sum c_n* c_{n+1} sqrt(n+1), <a^2> = sum c_n* c_{n+2} sqrt((n+1)(n+2)).
        mean += c.conj() * amplitude(k.checked_add(1)) * (n + 1.0).sqrt();
        square += c.conj() * amplitude(k.checked_add(2)) * ((n + 1.0) * (n + 2.0)).sqrt();
    }
    Moments { mean, n: photons - mean.norm_sqr(), m: square - mean * mean }
}
