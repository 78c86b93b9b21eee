//! States of one bosonic mode, by the moments that mean and variance of a voltage need.
//!
//! With `V = <V> + u (a - <a>) + h.c.`, the state adds `2 n |u|^2 + 2 Re(m u^2)` to the variance, where
//! `n = <a*a> - |<a>|^2` and `m = <a^2> - <a>^2`. Vacuum has `n = m = 0`.
//!
//! Conventions: `squeezed(r, phi)` has `n = sinh^2 r`, `m = -e^{i phi} sinh r cosh r`, so that `phi = 0` squeezes
//! `x = (a + a*)/sqrt 2` to the variance `e^{-2r}/2`; a cat is `(|alpha> +- |-alpha>)/norm`.

use num_complex::Complex64;

use crate::CircuitError;
use crate::error::{finite, not_negative};

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
    /// The first [`CircuitError`] found: negative squeezing or photon numbers, an odd cat of amplitude 0, an empty
    /// superposition.
    pub fn check(&self) -> Result<(), CircuitError> {
        let complex = |z: &Complex64| finite("amplitude", z.re).and_then(|()| finite("amplitude", z.im));
        match self {
            Self::Vacuum | Self::Fock { .. } => Ok(()),
            Self::Coherent(alpha) => complex(alpha),
            Self::Squeezed { r, phase, displacement } => {
                not_negative("r", *r)?;
                finite("phase", *phase)?;
                complex(displacement)
            }
            Self::Thermal { photons } => not_negative("photons", *photons),
            Self::Cat { amplitude, parity } => {
                complex(amplitude)?;
                if *parity == Parity::Odd && amplitude.norm_sqr() == 0.0 {
                    return Err(CircuitError::OddCatOfNothing);
                }
                Ok(())
            }
            Self::Superposition(terms) => {
                terms.iter().try_for_each(|(_, c)| complex(c))?;
                if terms.iter().any(|(_, c)| c.norm_sqr() > 0.0) {
                    Ok(())
                } else {
                    Err(CircuitError::EmptySuperposition)
                }
            }
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
            Self::Superposition(terms) => superposition_moments(terms),
        }
    }
}

fn superposition_moments(terms: &[(u32, Complex64)]) -> Moments {
    let amplitude = |n: u32| -> Complex64 { terms.iter().filter(|term| term.0 == n).map(|term| term.1).sum() };
    let mut numbers: Vec<u32> = terms.iter().map(|term| term.0).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (mut norm, mut photons) = (0.0, 0.0);
    let (mut mean, mut square) = (Complex64::ZERO, Complex64::ZERO);
    for &n in &numbers {
        let c = amplitude(n);
        norm += c.norm_sqr();
        photons += c.norm_sqr() * f64::from(n);
        // <a> = sum c_n* c_{n+1} sqrt(n+1), <a^2> = sum c_n* c_{n+2} sqrt((n+1)(n+2)).
        let up = |k: u32| n.checked_add(k).map_or(Complex64::ZERO, amplitude);
        let n = f64::from(n);
        mean += c.conj() * up(1) * (n + 1.0).sqrt();
        square += c.conj() * up(2) * ((n + 1.0) * (n + 2.0)).sqrt();
    }
    let mean = mean / norm;
    Moments { mean, n: photons / norm - mean.norm_sqr(), m: square / norm - mean * mean }
}
