//! The gates of one neuron or of [`LANES`](super::lanes::LANES), one exact step at a held voltage.
//!
//! The same rates as [`crate::gates`], from two exponentials in all: with `y = e^(-(V+65)/80)`, every exponential in
//! the rates but that of `beta_m` is a power of `y` times a constant.

use std::ops::{Add, Div, Mul, Sub};

use super::lanes::{Lanes, exponential};

/// A number, or several side by side: what the formulas below are written in.
pub trait Real:
    Copy
    + Default
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    /// `e^x`.
    #[must_use]
    fn exp(self) -> Self;
    /// Square root.
    #[must_use]
    fn sqrt(self) -> Self;
    /// `value/x`.
    #[must_use]
    fn divide(value: f64, x: Self) -> Self;
    /// Within `[low, high]`.
    #[must_use]
    fn between(self, low: f64, high: f64) -> Self;
    /// `near` where `|x| < bound`, else `far`.
    #[must_use]
    fn near_zero(x: Self, bound: f64, near: Self, far: Self) -> Self;
}

impl Real for f64 {
    #[inline(always)]
    fn exp(self) -> Self {
        exponential(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }
    #[inline(always)]
    fn divide(value: f64, x: Self) -> Self {
        value / x
    }
    #[inline(always)]
    fn between(self, low: f64, high: f64) -> Self {
        self.clamp(low, high)
    }
    #[inline(always)]
    fn near_zero(x: Self, bound: f64, near: Self, far: Self) -> Self {
        if x.abs() < bound { near } else { far }
    }
}

impl<const N: usize> Real for Lanes<N> {
    #[inline(always)]
    fn exp(self) -> Self {
        Lanes::exp(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Lanes::sqrt(self)
    }
    #[inline(always)]
    fn divide(value: f64, x: Self) -> Self {
        value / x
    }
    #[inline(always)]
    fn between(self, low: f64, high: f64) -> Self {
        self.at_least(low).at_most(high)
    }
    #[inline(always)]
    fn near_zero(x: Self, bound: f64, near: Self, far: Self) -> Self {
        Lanes::pick_near_zero(x, bound, near, far)
    }
}

/// Gating variables of one neuron (`f64`) or of several ([`Lanes`]).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GateState<T> {
    /// Potassium activation.
    pub n: T,
    /// Sodium activation.
    pub m: T,
    /// Sodium inactivation.
    pub h: T,
}

/// Beyond this (in mV) every gate is open or shut to within rounding, and the rates need not grow on.
const SATURATED: f64 = 5000.0;

/// `x/(1 - e^-x)` from `x` and `e^-x`; a series where the difference would cancel.
#[inline(always)]
fn linoid<T: Real>(x: T, e: T) -> T {
    let x2 = x * x;
    let even = (((x2 * (1.0 / 47_900_160.0) - 1.0 / 1_209_600.0) * x2 + 1.0 / 30_240.0) * x2 - 1.0 / 720.0) * x2
        + 1.0 / 12.0;
    T::near_zero(x, 0.25, even * x2 + (x * 0.5 + 1.0), x / (e * -1.0 + 1.0))
}

/// Steady state of a gate, and how much of the way to it is left after `dt` milliseconds.
#[inline(always)]
fn toward<T: Real>(alpha: T, beta: T, dt: f64) -> (T, T) {
    let sum = alpha + beta;
    (alpha / sum, (sum * (-dt)).exp())
}

/// Where the gates head at a held voltage, and how much of the way is left after a step: n, m, h.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relaxation<T> {
    /// Steady states.
    pub steady: [T; 3],
    /// Parts of the distance left.
    pub left: [T; 3],
}

impl<T: Real> Relaxation<T> {
    /// The relaxation over `dt` milliseconds at the held voltage, in mV; without `SODIUM` of `n` alone.
    #[inline(always)]
    #[must_use]
    pub fn at<const SODIUM: bool>(millivolts: T, dt: f64) -> Self {
        let v = millivolts.between(-SATURATED, SATURATED);
        let y = ((v + 65.0) * (-1.0 / 80.0)).exp();
        let y2 = y * y;
        let y4 = y2 * y2;
        let y8 = y4 * y4;
        // e^1, e^2.5 and e^3 move the common exponential to the three midpoints.
        let alpha_n = linoid((v + 55.0) * 0.1, y8 * std::f64::consts::E) * 0.1;
        let n = toward(alpha_n, y * 0.125, dt);
        if !SODIUM {
            return Self { steady: [n.0; 3], left: [n.1; 3] };
        }
        let alpha_m = linoid((v + 40.0) * 0.1, y8 * 12.182_493_960_703_473);
        let beta_m = ((v + 65.0) * (-1.0 / 18.0)).exp() * 4.0;
        let beta_h = T::divide(1.0, y8 * 20.085_536_923_187_668 + 1.0);
        let (m, h) = (toward(alpha_m, beta_m, dt), toward(y4 * 0.07, beta_h, dt));
        Self { steady: [n.0, m.0, h.0], left: [n.1, m.1, h.1] }
    }
}

impl<T: Real> GateState<T> {
    /// The gates after a relaxation; without `SODIUM` only `n` moves.
    #[inline(always)]
    #[must_use]
    pub fn after<const SODIUM: bool>(self, Relaxation { steady, left }: Relaxation<T>) -> Self {
        let n = steady[0] + (self.n - steady[0]) * left[0];
        if !SODIUM {
            return Self { n, ..self };
        }
        Self { n, m: steady[1] + (self.m - steady[1]) * left[1], h: steady[2] + (self.h - steady[2]) * left[2] }
    }

    /// The gates after `dt` milliseconds at the held voltage, in mV.
    #[inline(always)]
    #[must_use]
    pub fn relaxed<const SODIUM: bool>(self, millivolts: T, dt: f64) -> Self {
        self.after::<SODIUM>(Relaxation::at::<SODIUM>(millivolts, dt))
    }

    /// Conductances of potassium, sodium and chloride from their maxima; without `SODIUM` of potassium alone.
    #[inline(always)]
    #[must_use]
    pub fn conductances<const SODIUM: bool>(self, maxima: [T; 3]) -> [T; 3] {
        let n2 = self.n * self.n;
        let potassium = maxima[0] * (n2 * n2);
        if SODIUM {
            [potassium, maxima[1] * (self.m * self.m * self.m * self.h), maxima[2]]
        } else {
            [potassium, T::default(), T::default()]
        }
    }
}

/// The channels as one conductance: the sum, or with `SHARED` the shared-mode rule ([`crate::circuit::BathRule`]).
#[inline(always)]
pub fn together<T: Real, const SHARED: bool>(g: [T; 3]) -> T {
    let total = g[0] + g[1] + g[2];
    if SHARED { total.sqrt() * (g[0].sqrt() + g[1].sqrt() + g[2].sqrt()) } else { total }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gates::{Gates, RateUnits};

    #[test]
    fn the_vector_step_equals_the_plain_one_at_every_voltage() {
        let units = RateUnits { millivolts: 1.0, milliseconds: 1.0 };
        let start = Gates { n: 0.4, m: 0.6, h: 0.2 };
        // -55 and -40 are the removable singularities.
        let fine = (-4000..3000).map(|k| f64::from(k) * 0.05);
        for v in fine.chain([-55.0, -40.0, -55.0 + 1e-9, -40.0 - 1e-9, -3000.0, 4000.0]) {
            let plain = start.relaxed(v, 0.01, units);
            let lanes: GateState<Lanes> =
                GateState { n: Lanes::splat(start.n), m: Lanes::splat(start.m), h: Lanes::splat(start.h) };
            let vector = lanes.relaxed::<true>(Lanes::splat(v), 0.01);
            for (name, a, b) in [("n", plain.n, vector.n), ("m", plain.m, vector.m), ("h", plain.h, vector.h)] {
                assert!((a - b.0[5]).abs() < 2e-14, "{name} at {v} mV: {a} and {}", b.0[5]);
            }
            let scalar = GateState { n: start.n, m: start.m, h: start.h }.relaxed::<true>(v, 0.01);
            assert!((scalar.m - plain.m).abs() < 2e-14, "m at {v} mV");
        }
    }

    /// The same step compiled for the machine's widest vectors, and for the portable ones.
    struct Step(GateState<Lanes>, Lanes);

    impl pulp::WithSimd for Step {
        type Output = GateState<Lanes>;

        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) -> Self::Output {
            self.0.relaxed::<true>(self.1, 0.025)
        }
    }

    #[test]
    fn every_vector_width_computes_the_same_bits() {
        let mut gates: GateState<Lanes> =
            GateState { n: Lanes::splat(0.3), m: Lanes::splat(0.05), h: Lanes::splat(0.6) };
        for k in 0..2000 {
            let v = Lanes(std::array::from_fn(|lane| -90.0 + 0.07 * f64::from(k) + 0.3 * lane as f64));
            let wide = pulp::Arch::new().dispatch(Step(gates, v));
            let portable = gates.relaxed::<true>(v, 0.025);
            assert_eq!(wide, portable, "at {v:?}");
            gates = wide;
        }
    }
}
