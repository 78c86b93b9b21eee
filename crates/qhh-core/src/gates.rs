//! Gating variables: rates, steady states, and the exact step at a held voltage.
//!
//! With V in mV, rates in 1/ms, rest near -65 mV and `L(x) = x/(1 - e^-x)`, `L(0) = 1`:
//!
//! ```text
//! alpha_n = 0.1 L((V+55)/10)       beta_n = 0.125 e^(-(V+65)/80)
//! alpha_m = L((V+40)/10)           beta_m = 4 e^(-(V+65)/18)
//! alpha_h = 0.07 e^(-(V+65)/20)    beta_h = 1/(1 + e^(-(V+35)/10))
//! dx/dt = alpha_x (1 - x) - beta_x x
//! ```
//!
//! Paper: A. L. Hodgkin, A. F. Huxley, J. Physiol. 117, 500 (1952), in today's sign of V. What the gates do to a
//! conductance is [`crate::channel`]'s business. The vector form of the same step is [`crate::integrate::kernel`]'s.

use serde::{Deserialize, Serialize};

use crate::integrate::lanes::Float;

/// How the rate functions, written for mV and ms, read another system's voltage and time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateUnits {
    /// Millivolts in one unit of voltage.
    pub millivolts: f64,
    /// Milliseconds in one unit of time.
    pub milliseconds: f64,
}

/// The three gating variables, each between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gates {
    /// Potassium activation.
    pub n: f64,
    /// Sodium activation.
    pub m: f64,
    /// Sodium inactivation.
    pub h: f64,
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

/// Rates of n, m and h at `millivolts`, in 1/ms. They end where every gate is shut or open to within rounding, so that
/// whatever voltage gives numbers.
#[inline]
pub fn rates(millivolts: f64) -> [Rates; 3] {
    let (lowest, highest) = <f64 as Float>::SATURATED;
    let v = millivolts.clamp(lowest, highest);
    [
        Rates { opening: 0.1 * linoid((v + 55.0) / 10.0), closing: 0.125 * (-(v + 65.0) / 80.0).exp() },
        Rates { opening: linoid((v + 40.0) / 10.0), closing: 4.0 * (-(v + 65.0) / 18.0).exp() },
        Rates { opening: 0.07 * (-(v + 65.0) / 20.0).exp(), closing: 1.0 / (1.0 + (-(v + 35.0) / 10.0).exp()) },
    ]
}

impl Gates {
    /// Steady state at voltage `v`.
    pub fn steady(v: f64, units: RateUnits) -> Self {
        let [n, m, h] = rates(v * units.millivolts).map(Rates::steady);
        Self { n, m, h }
    }

    /// The gates after `dt` at the held voltage `v`; `dt` may be negative.
    #[inline]
    #[must_use]
    pub fn relaxed(self, v: f64, dt: f64, units: RateUnits) -> Self {
        let [n, m, h] = rates(v * units.millivolts);
        let dt = dt * units.milliseconds;
        Self { n: n.relax(self.n, dt), m: m.relax(self.m, dt), h: h.relax(self.h, dt) }
    }

    /// Open fraction of potassium, `n^4`.
    #[inline]
    pub fn potassium_open(self) -> f64 {
        (self.n * self.n) * (self.n * self.n)
    }

    /// Open fraction of sodium, `m^3 h`.
    #[inline]
    pub fn sodium_open(self) -> f64 {
        self.m * self.m * self.m * self.h
    }
}
