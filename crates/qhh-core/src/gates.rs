//! Gating variables: rates, steady states, and the exact step at a held voltage.
//!
//! A gate obeys `dx/dt = alpha (1 - x) - beta x`. Here are the three of the papers' channels; others are data
//! ([`crate::gating`]). With V in mV, rates in 1/ms, rest near -65 mV and `L(x) = x/(1 - e^-x)`, `L(0) = 1`:
//!
//! ```text
//! alpha_n = 0.1 L((V+55)/10)       beta_n = 0.125 e^(-(V+65)/80)
//! alpha_m = L((V+40)/10)           beta_m = 4 e^(-(V+65)/18)
//! alpha_h = 0.07 e^(-(V+65)/20)    beta_h = 1/(1 + e^(-(V+35)/10))
//! ```
//!
//! Paper: A. L. Hodgkin, A. F. Huxley, J. Physiol. 117, 500 (1952), in today's sign of V. What the gates do to a
//! conductance is [`crate::channel`]'s business. The vector form of the same step is [`crate::integrate::kernel`]'s.

use std::ops::{Deref, DerefMut};

use smallvec::SmallVec;

/// Voltages in mV, below and above, beyond which rates do not grow on: every gate is shut or open to within rounding.
pub const SATURATED: (f64, f64) = (-400.0, 5000.0);

/// How the rate functions, written for mV and ms, read another system's voltage and time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateUnits {
    /// Millivolts in one unit of voltage.
    pub millivolts: f64,
    /// Milliseconds in one unit of time.
    pub milliseconds: f64,
}

/// The gating variables of one neuron: channel by channel, in the order of the circuit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gates(SmallVec<[f64; 4]>);

impl FromIterator<f64> for Gates {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<const N: usize> From<[f64; N]> for Gates {
    fn from(values: [f64; N]) -> Self {
        values.into_iter().collect()
    }
}

impl Deref for Gates {
    type Target = [f64];
    fn deref(&self) -> &[f64] {
        &self.0
    }
}

impl DerefMut for Gates {
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.0
    }
}

/// Opening and closing rate of one gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Opening rate alpha.
    pub opening: f64,
    /// Closing rate beta.
    pub closing: f64,
}

impl Rates {
    /// Value the gate relaxes to, `alpha/(alpha + beta)`.
    #[inline]
    pub fn steady(self) -> f64 {
        self.opening / (self.opening + self.closing)
    }

    /// The gate after `dt` (in the inverse unit of the rates) at constant rates; exact, and valid backwards.
    #[inline]
    pub fn relax(self, x: f64, dt: f64) -> f64 {
        let steady = self.steady();
        steady + (x - steady) * (-(self.opening + self.closing) * dt).exp()
    }
}

/// `x/(1 - e^-x)`, continued through its removable singularity at 0.
#[inline]
pub fn linoid(x: f64) -> f64 {
    if x.abs() < 1e-5 { 1.0 + 0.5 * x } else { -x / (-x).exp_m1() }
}

/// Derivative of `x/(1 - e^-x)`.
pub(crate) fn linoid_slope(x: f64) -> f64 {
    if x.abs() < 0.05 {
        // 1 + x/2 + x^2/12 - x^4/720 + x^6/30240
        let x2 = x * x;
        return 0.5 + x * (1.0 / 6.0 + x2 * (-1.0 / 180.0 + x2 / 5040.0));
    }
    let one_less = -(-x).exp_m1();
    if one_less.is_infinite() {
        return 0.0;
    }
    (one_less - x * (-x).exp()) / (one_less * one_less)
}

/// A gating particle of Hodgkin and Huxley's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Particle {
    /// Potassium activation.
    N,
    /// Sodium activation.
    M,
    /// Sodium inactivation.
    H,
}

impl Particle {
    /// Its rates at `millivolts`, in 1/ms. They end where every gate is shut or open to within rounding, so that
    /// whatever voltage gives numbers.
    #[inline]
    pub fn rates(self, millivolts: f64) -> Rates {
        let (lowest, highest) = SATURATED;
        let v = millivolts.clamp(lowest, highest);
        match self {
            Self::N => {
                Rates { opening: 0.1 * linoid((v + 55.0) / 10.0), closing: 0.125 * (-(v + 65.0) / 80.0).exp() }
            }
            Self::M => Rates { opening: linoid((v + 40.0) / 10.0), closing: 4.0 * (-(v + 65.0) / 18.0).exp() },
            Self::H => Rates {
                opening: 0.07 * (-(v + 65.0) / 20.0).exp(),
                closing: 1.0 / (1.0 + (-(v + 35.0) / 10.0).exp()),
            },
        }
    }

    /// Derivatives of its rates with respect to the voltage, in 1/(ms mV).
    pub fn slopes(self, millivolts: f64) -> Rates {
        let (lowest, highest) = SATURATED;
        if !(lowest..=highest).contains(&millivolts) {
            return Rates { opening: 0.0, closing: 0.0 };
        }
        let Rates { opening, closing } = self.rates(millivolts);
        let v = millivolts;
        match self {
            Self::N => Rates { opening: 0.01 * linoid_slope((v + 55.0) / 10.0), closing: -closing / 80.0 },
            Self::M => Rates { opening: 0.1 * linoid_slope((v + 40.0) / 10.0), closing: -closing / 18.0 },
            Self::H => Rates { opening: -opening / 20.0, closing: closing * (1.0 - closing) / 10.0 },
        }
    }
}

/// Rates of n, m and h at `millivolts`, in 1/ms.
#[inline]
pub fn rates(millivolts: f64) -> [Rates; 3] {
    [Particle::N, Particle::M, Particle::H].map(|particle| particle.rates(millivolts))
}
