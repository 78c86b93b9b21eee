//! Cumulants of a variable linear in a mode, `X = u a + u* a*`, in every state: how skewed and how peaked it is.
//!
//! With `V = <V> + u (a - <a>) + h.c. +` Gaussian noise that is independent of the mode, the cumulants of `V` beyond the
//! second are those of `X`; the noise adds its variance to the second ([`Cumulants::with_noise`]). Unlike
//! [`Moments::variance`](super::Moments::variance), which is what a state adds to a vacuum already counted, `k2` is all of the
//! mode's variance, the vacuum's `|u|^2` included: noise must then leave this mode's vacuum out.
//!
//! Closed forms all of them. A superposition's moments are those of finitely many number states: three applications
//! of `X`, no truncation.

use std::collections::BTreeMap;

use num_complex::Complex64;

use crate::state::{Parity, State, number_states};

/// First four cumulants of a variable, in powers of its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cumulants {
    /// Mean.
    pub k1: f64,
    /// Variance.
    pub k2: f64,
    /// Third central moment.
    pub k3: f64,
    /// Fourth central moment less `3 k2^2`.
    pub k4: f64,
}

impl Cumulants {
    /// Of a Gaussian variable.
    pub fn gaussian(mean: f64, variance: f64) -> Self {
        Self { k1: mean, k2: variance, k3: 0.0, k4: 0.0 }
    }

    /// With Gaussian noise of this variance added, independent of the variable.
    #[must_use]
    pub fn with_noise(self, variance: f64) -> Self {
        Self { k2: self.k2 + variance, ..self }
    }

    /// `k3/k2^(3/2)`, 0 if symmetric about the mean; not a number without variance.
    pub fn skewness(&self) -> f64 {
        self.k3 / self.k2.powf(1.5)
    }

    /// `k4/k2^2`, 0 in a Gaussian; not a number without variance.
    pub fn excess_kurtosis(&self) -> f64 {
        self.k4 / (self.k2 * self.k2)
    }
}

impl State {
    /// Whether the state's Wigner function is Gaussian: its mean and second moments then are all there is to it.
    pub fn is_gaussian(&self) -> bool {
        match self {
            Self::Vacuum | Self::Coherent(_) | Self::Squeezed { .. } | Self::Thermal { .. } => true,
            Self::Fock { n } => *n == 0,
            Self::Cat { amplitude, parity } => *parity == Parity::Even && amplitude.norm_sqr() == 0.0,
            // Hudson's theorem: no finite superposition but the vacuum is.
            Self::Superposition(_) => number_states(self).is_some_and(|terms| terms.keys().all(|n| *n == 0)),
        }
    }

    /// The most photons of a number state or a superposition of some; none of states that have no such number.
    pub fn most_photons(&self) -> Option<u32> {
        number_states(self)?.keys().last().copied()
    }

    /// Whether the state is pure.
    pub fn is_pure(&self) -> bool {
        !matches!(self, Self::Thermal { photons } if *photons > 0.0)
    }

    /// Cumulants of `u a + u* a*`, `k_j` in units of `u` to the power `j`.
    ///
    /// A number state has `k2 = (2n + 1)|u|^2` and `k4 = -6 n (n + 1)|u|^4`; a cat's follow from
    /// `<:e^{sX}:> = (cosh 2sc +- e^{-2|alpha|^2} cos 2sd)/(1 +- e^{-2|alpha|^2})` with `u alpha = c + i d`.
    ///
    /// # Examples
    /// ```
    /// use qhh_core::num_complex::Complex64;
    /// use qhh_core::quantum::State;
    ///
    /// // The voltage 0.1 (a + a*) of one photon in noise of variance 0.02.
    /// let voltage = State::Fock { n: 1 }.cumulants(Complex64::new(0.1, 0.0)).with_noise(0.02);
    /// assert!((voltage.k2 - 0.05).abs() < 1e-15);
    /// assert!((voltage.excess_kurtosis() + 12e-4 / 0.05f64.powi(2)).abs() < 1e-12);
    /// ```
    pub fn cumulants(&self, u: Complex64) -> Cumulants {
        match self {
            _ if self.is_gaussian() => self.up_to_second(u),
            Self::Fock { n } => {
                let n = f64::from(*n);
                let square = u.norm_sqr();
                Cumulants { k4: -6.0 * n * (n + 1.0) * square * square, ..self.up_to_second(u) }
            }
            Self::Cat { amplitude, parity } => {
                let z = u * amplitude;
                let (c2, d2) = (z.re * z.re, z.im * z.im);
                let overlap = (-2.0 * amplitude.norm_sqr()).exp();
                let gap = -(-2.0 * amplitude.norm_sqr()).exp_m1();
                // Normally ordered moments; differences of near numbers are written as products.
                let (q2, q4) = match parity {
                    Parity::Even => {
                        let norm = 1.0 + overlap;
                        (4.0 * (c2 - d2 + d2 * gap) / norm, 16.0 * (c2 * c2 + overlap * d2 * d2) / norm)
                    }
                    Parity::Odd => {
                        let fourth = (c2 - d2) * (c2 + d2) + d2 * d2 * gap;
                        (4.0 * (c2 + overlap * d2) / gap, 16.0 * fourth / gap)
                    }
                };
                Cumulants { k1: 0.0, k2: u.norm_sqr() + q2, k3: 0.0, k4: q4 - 3.0 * q2 * q2 }
            }
            Self::Superposition(_) => number_states(self)
                .map_or_else(|| Cumulants::gaussian(f64::NAN, f64::NAN), |terms| of_number_states(&terms, u)),
            Self::Vacuum | Self::Coherent(_) | Self::Squeezed { .. } | Self::Thermal { .. } => {
                self.up_to_second(u)
            }
        }
    }

    fn up_to_second(&self, u: Complex64) -> Cumulants {
        let moments = self.moments();
        Cumulants::gaussian(2.0 * (u * moments.mean).re, u.norm_sqr() + moments.variance(u))
    }
}

fn of_number_states(terms: &BTreeMap<u32, Complex64>, u: Complex64) -> Cumulants {
    type Vector = BTreeMap<u64, Complex64>;
    // (X - shift) on a vector of number states: a lowers with sqrt(n), a* raises with sqrt(n + 1).
    let apply = |vector: &Vector, shift: f64| {
        let mut image = Vector::new();
        for (&n, c) in vector {
            let size = n as f64;
            *image.entry(n + 1).or_default() += u.conj() * c * (size + 1.0).sqrt();
            *image.entry(n).or_default() -= c * shift;
            if n > 0 {
                *image.entry(n - 1).or_default() += u * c * size.sqrt();
            }
        }
        image
    };
    let product = |a: &Vector, b: &Vector| -> f64 {
        a.iter().filter_map(|(n, a)| b.get(n).map(|b| (a.conj() * b).re)).sum()
    };
    let state: Vector = terms.iter().map(|(n, c)| (u64::from(*n), *c)).collect();
    let k1 = product(&state, &apply(&state, 0.0));
    let once = apply(&state, k1);
    let twice = apply(&once, k1);
    let k2 = product(&once, &once);
    Cumulants { k1, k2, k3: product(&once, &twice), k4: product(&twice, &twice) - 3.0 * k2 * k2 }
}
