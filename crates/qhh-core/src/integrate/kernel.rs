//! The gates of one neuron or of several [`Lanes`], one step at a held voltage.
//!
//! The same rates as [`crate::gates`], from two exponentials in all: with `y = e^(-(V+65)/80)`, every exponential in
//! the rates but that of `beta_m` is a power of `y` times a constant. At a held voltage a gate relaxes exactly by
//!
//! ```text
//! x(dt) = (x + dt alpha Q)/E,   E = e^s,   Q = (e^s - 1)/s,   s = dt (alpha + beta)
//! ```
//!
//! with `e^s` by its Taylor series to `s^8`: off by `s^9/9!` of the gate's distance from its steady state (1e-11 for
//! the fastest gate at rest and a step of 0.025 ms), without bias of the steady state, stable for every step. What
//! would be eight divisions are two: reciprocals of products.

use std::ops::{Add, Div, Mul, Sub};

use serde::{Deserialize, Serialize};

use super::lanes::{Float, Lanes};

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
    /// [`Float::SATURATED`] of the numbers it is made of.
    const SATURATED: (f64, f64);
    /// [`Float::NEAR_ZERO`] of the numbers it is made of.
    const NEAR_ZERO: f64;

    /// `value` in every place.
    #[must_use]
    fn constant(value: f64) -> Self;
    /// `self * factor + summand`, rounded once.
    #[must_use]
    fn mul_add(self, factor: Self, summand: Self) -> Self;
    /// `low + high self`, rounded once.
    #[inline(always)]
    #[must_use]
    fn line(self, low: f64, high: f64) -> Self {
        self.mul_add(Self::constant(high), Self::constant(low))
    }
    /// `e^x` within the range of the number.
    #[must_use]
    fn exp(self) -> Self;
    /// Square root.
    #[must_use]
    fn sqrt(self) -> Self;
    /// Within `[low, high]`.
    #[must_use]
    fn between(self, low: f64, high: f64) -> Self;
    /// `near` where `|x| < bound`, else `far`.
    #[must_use]
    fn near_zero(x: Self, bound: f64, near: Self, far: Self) -> Self;
}

impl Real for f64 {
    const SATURATED: (f64, f64) = <f64 as Float>::SATURATED;
    const NEAR_ZERO: f64 = <f64 as Float>::NEAR_ZERO;

    #[inline(always)]
    fn constant(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        self.fused(factor, summand)
    }
    #[inline(always)]
    fn exp(self) -> Self {
        self.exponential()
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
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

impl<const N: usize, T: Float> Real for Lanes<N, T> {
    const SATURATED: (f64, f64) = T::SATURATED;
    const NEAR_ZERO: f64 = T::NEAR_ZERO;

    #[inline(always)]
    fn constant(value: f64) -> Self {
        Self::splat(value)
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        Lanes::mul_add(self, factor, summand)
    }
    #[inline(always)]
    fn exp(self) -> Self {
        Lanes::exp(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Lanes::sqrt(self)
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
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct GateState<T> {
    /// Potassium activation.
    pub n: T,
    /// Sodium activation.
    pub m: T,
    /// Sodium inactivation.
    pub h: T,
}

/// Opening and closing rates of n, m and h, in 1/ms.
struct Rates<T> {
    opening: [T; 3],
    closing: [T; 3],
}

/// What rates are made of that their slopes are made of, too.
struct Parts<T> {
    /// Where the linoids of n and m are looked up.
    x: [T; 2],
    /// Their denominators.
    bottom: [T; 2],
    /// One over the denominators of n, m and h.
    inverse: [T; 3],
}

/// `x/(1 - factor y8)`, where `factor y8` is `e^-x`, as numerator and denominator; where the difference would cancel,
/// the series over 1.
#[inline(always)]
fn linoid<T: Real>(x: T, y8: T, factor: f64) -> (T, T) {
    let one = T::constant(1.0);
    let x2 = x * x;
    let series = (x2 * (-1.0 / 720.0) + 1.0 / 12.0).mul_add(x2, x * 0.5 + 1.0);
    let difference = y8.line(1.0, -factor);
    (T::near_zero(x, T::NEAR_ZERO, series, x), T::near_zero(x, T::NEAR_ZERO, one, difference))
}

impl<T: Real> Rates<T> {
    /// The rates at a voltage in mV, and what they are made of; without `SODIUM` those of `n` alone.
    #[inline(always)]
    fn with_parts<const SODIUM: bool>(millivolts: T) -> (Self, Parts<T>) {
        let v = millivolts.between(T::SATURATED.0, T::SATURATED.1);
        let y = ((v + 65.0) * (-1.0 / 80.0)).exp();
        let y2 = y * y;
        let y4 = y2 * y2;
        let y8 = y4 * y4;
        // e^1, e^2.5 and e^3 move the common exponential to the three midpoints.
        let one = T::constant(1.0);
        let x_n = (v + 55.0) * 0.1;
        let (top_n, bottom_n) = linoid(x_n, y8, std::f64::consts::E);
        let beta_n = y * 0.125;
        if !SODIUM {
            let parts = Parts { x: [x_n; 2], bottom: [bottom_n; 2], inverse: [one / bottom_n; 3] };
            return (Self { opening: [top_n / bottom_n * 0.1; 3], closing: [beta_n; 3] }, parts);
        }
        let x_m = (v + 40.0) * 0.1;
        let (top_m, bottom_m) = linoid(x_m, y8, 12.182_493_960_703_473);
        let bottom_h = y8.line(1.0, 20.085_536_923_187_668);
        let both = bottom_n * bottom_m;
        let reciprocal = one / (both * bottom_h);
        let of_both = reciprocal * bottom_h;
        let beta_m = ((v + 65.0) * (-1.0 / 18.0)).exp() * 4.0;
        let inverse = [bottom_m * of_both, bottom_n * of_both, both * reciprocal];
        let rates = Self {
            opening: [top_n * inverse[0] * 0.1, top_m * inverse[1], y4 * 0.07],
            closing: [beta_n, beta_m, inverse[2]],
        };
        (rates, Parts { x: [x_n, x_m], bottom: [bottom_n, bottom_m], inverse })
    }

    /// The slopes of the rates by the voltage, in 1/(ms mV).
    #[inline(always)]
    fn slopes<const SODIUM: bool>(&self, parts: &Parts<T>) -> Self {
        let inverse = parts.inverse;
        let of_n = parts.linoid_slope(0, self.opening[0] * 10.0) * 0.01;
        let beta_n = self.closing[0] * (-1.0 / 80.0);
        if !SODIUM {
            return Self { opening: [of_n; 3], closing: [beta_n; 3] };
        }
        let of_h = (T::constant(1.0) - inverse[2]) * inverse[2] * 0.1;
        Self {
            opening: [of_n, parts.linoid_slope(1, self.opening[1]) * 0.1, self.opening[2] * (-1.0 / 20.0)],
            closing: [beta_n, self.closing[1] * (-1.0 / 18.0), of_h],
        }
    }
}

impl<T: Real> Rates<T> {
    /// `dt alpha Q` and `E` of one gate.
    #[inline(always)]
    fn part(&self, gate: usize, dt: f64) -> (T, T) {
        let s = (self.opening[gate] + self.closing[gate]) * dt;
        let q = growth(s);
        (self.opening[gate] * dt * q, s.mul_add(q, T::constant(1.0)))
    }
}

impl<T: Real> Parts<T> {
    /// The slope of a linoid of this `value` by its `x`.
    #[inline(always)]
    fn linoid_slope(&self, which: usize, value: T) -> T {
        // That of x/(1 - e^-x) is (1 - (1 - bottom) value)/bottom; near 0 that of the series, over 1.
        let (x, one) = (self.x[which], T::constant(1.0));
        let series = (x * x * (-1.0 / 180.0) + 1.0 / 6.0).mul_add(x, T::constant(0.5));
        let top = T::near_zero(x, T::NEAR_ZERO, series, one);
        (top - value * (one - self.bottom[which])) * self.inverse[which]
    }
}

impl<T: Real> Rates<T> {
    /// `E` of one gate, and the slopes of `dt alpha Q` and `E` by the voltage, given those of the rates.
    #[inline(always)]
    fn part_slopes(&self, slopes: &Self, gate: usize, dt: f64) -> (T, T, T) {
        let s = (self.opening[gate] + self.closing[gate]) * dt;
        let (q, of_q) = (growth(s), growth_slope(s));
        let of_s = (slopes.opening[gate] + slopes.closing[gate]) * dt;
        let driven = (self.opening[gate] * of_q).mul_add(of_s, slopes.opening[gate] * q) * dt;
        (s.mul_add(q, T::constant(1.0)), driven, s.mul_add(of_q, q) * of_s)
    }
}

/// How gates relax over a step at a held voltage: `x -> (x + gain) left`, for n, m, h.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relaxation<T> {
    /// `dt alpha Q`.
    pub gain: [T; 3],
    /// `1/E`, the part of the distance left.
    pub left: [T; 3],
}

impl<T: Real> Relaxation<T> {
    /// The relaxation over `dt` milliseconds, not negative, at the held voltage, in mV; without `SODIUM` of `n` alone.
    #[inline(always)]
    #[must_use]
    pub fn at<const SODIUM: bool>(millivolts: T, dt: f64) -> Self {
        let rates = Rates::with_parts::<SODIUM>(millivolts).0;
        let (gain_n, e_n) = rates.part(0, dt);
        if !SODIUM {
            return Self { gain: [gain_n; 3], left: reciprocals::<T, SODIUM>([e_n; 3]) };
        }
        let ((gain_m, e_m), (gain_h, e_h)) = (rates.part(1, dt), rates.part(2, dt));
        Self { gain: [gain_n, gain_m, gain_h], left: reciprocals::<T, SODIUM>([e_n, e_m, e_h]) }
    }
}

/// One over each of three numbers, with one division; without `SODIUM` of the first alone.
#[inline(always)]
fn reciprocals<T: Real, const SODIUM: bool>([n, m, h]: [T; 3]) -> [T; 3] {
    let one = T::constant(1.0);
    if !SODIUM {
        return [one / n; 3];
    }
    let both = n * m;
    let reciprocal = one / (both * h);
    let of_both = reciprocal * h;
    [m * of_both, n * of_both, both * reciprocal]
}

/// The derivative of a [`Relaxation`] `x -> x'`: by the gate it is `left`, by the voltage `driven - lost x'`, in 1/mV.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelaxationSlope<T> {
    /// `1/E`.
    pub left: [T; 3],
    /// `(dt alpha Q)'/E`.
    pub driven: [T; 3],
    /// `E'/E`.
    pub lost: [T; 3],
}

impl<T: Real> RelaxationSlope<T> {
    /// As [`Relaxation::at`].
    #[inline(always)]
    #[must_use]
    pub fn at<const SODIUM: bool>(millivolts: T, dt: f64) -> Self {
        let (rates, parts) = Rates::with_parts::<SODIUM>(millivolts);
        let slopes = rates.slopes::<SODIUM>(&parts);
        // Beyond the range of the rates they stay where they are.
        let (low, high) = T::SATURATED;
        let (away, reach) = (millivolts - 0.5 * (low + high), 0.5 * (high - low));
        let within = T::near_zero(away, reach, T::constant(1.0), T::default());
        // Gate by gate, not in a loop, which would become vectors across gates.
        let n = rates.part_slopes(&slopes, 0, dt);
        if !SODIUM {
            let left = reciprocals::<T, SODIUM>([n.0; 3]);
            let by = left[0] * within;
            return Self { left, driven: [n.1 * by; 3], lost: [n.2 * by; 3] };
        }
        let (m, h) = (rates.part_slopes(&slopes, 1, dt), rates.part_slopes(&slopes, 2, dt));
        let left = reciprocals::<T, SODIUM>([n.0, m.0, h.0]);
        let by = [left[0] * within, left[1] * within, left[2] * within];
        Self {
            left,
            driven: [n.1 * by[0], m.1 * by[1], h.1 * by[2]],
            lost: [n.2 * by[0], m.2 * by[1], h.2 * by[2]],
        }
    }
}

/// `(e^s - 1)/s` to `s^7`.
#[inline(always)]
fn growth<T: Real>(s: T) -> T {
    const C: [f64; 8] = [1.0, 0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0];
    let s2 = s * s;
    let low = s.line(C[2], C[3]).mul_add(s2, s.line(C[0], C[1]));
    let high = s.line(C[6], C[7]).mul_add(s2, s.line(C[4], C[5]));
    high.mul_add(s2 * s2, low)
}

/// The derivative of [`growth`].
#[inline(always)]
fn growth_slope<T: Real>(s: T) -> T {
    const C: [f64; 7] = [0.5, 1.0 / 3.0, 1.0 / 8.0, 1.0 / 30.0, 1.0 / 144.0, 1.0 / 840.0, 1.0 / 5760.0];
    let s2 = s * s;
    let low = s.line(C[2], C[3]).mul_add(s2, s.line(C[0], C[1]));
    let high = s2.mul_add(T::constant(C[6]), s.line(C[4], C[5]));
    high.mul_add(s2 * s2, low)
}

impl<T: Real> GateState<T> {
    /// The gates after a relaxation; without `SODIUM` only `n` moves.
    #[inline(always)]
    #[must_use]
    pub fn after<const SODIUM: bool>(self, Relaxation { gain, left }: Relaxation<T>) -> Self {
        let n = (self.n + gain[0]) * left[0];
        if !SODIUM {
            return Self { n, ..self };
        }
        Self { n, m: (self.m + gain[1]) * left[1], h: (self.h + gain[2]) * left[2] }
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

    /// What the truncated `e^s` leaves out of a gate's way, at most.
    fn truncation(v: f64, dt: f64) -> f64 {
        let worst = crate::gates::rates(v).map(|rates| (rates.opening + rates.closing) * dt);
        worst.iter().map(|s| if *s < 1.0 { s.powi(9) / 362_880.0 } else { 1e-2 }).fold(0.0, f64::max)
    }

    #[test]
    fn the_vector_step_equals_the_plain_one_at_every_voltage() {
        let start = GateState { n: 0.4, m: 0.6, h: 0.2 };
        // -55 and -40 are the removable singularities.
        let fine = (-4000..3000).map(|k| f64::from(k) * 0.05);
        for v in fine.chain([-55.0, -40.0, -55.0 + 1e-9, -40.0 - 1e-9, -390.0, 4000.0]) {
            let [n, m, h] = crate::gates::rates(v);
            let plain =
                GateState { n: n.relax(start.n, 0.01), m: m.relax(start.m, 0.01), h: h.relax(start.h, 0.01) };
            let lanes: GateState<Lanes<2>> =
                GateState { n: Lanes::splat(start.n), m: Lanes::splat(start.m), h: Lanes::splat(start.h) };
            let vector = lanes.relaxed::<true>(Lanes::splat(v), 0.01);
            let bound = 2e-14 + truncation(v, 0.01);
            for (name, a, b) in [("n", plain.n, vector.n), ("m", plain.m, vector.m), ("h", plain.h, vector.h)] {
                assert!((a - b.0[1]).abs() < bound, "{name} at {v} mV: {a} and {}", b.0[1]);
            }
            let scalar = start.relaxed::<true>(v, 0.01);
            assert!((scalar.m - plain.m).abs() < bound, "m at {v} mV");
            let single: GateState<Lanes<2, f32>> =
                GateState { n: Lanes::splat(start.n), m: Lanes::splat(start.m), h: Lanes::splat(start.h) };
            let single = single.relaxed::<true>(Lanes::splat(v), 0.01);
            // Beyond its own range the rates of the single step stay where they are.
            let (within, bound) = ((-150.0..500.0).contains(&v), bound + 1e-6);
            assert!(
                !within || (single.m.lane(1) - plain.m).abs() < bound,
                "m at {v} mV: {} and {}",
                single.m.lane(1),
                plain.m
            );
        }
    }

    #[test]
    fn a_gate_relaxes_to_its_steady_state_whatever_the_step() {
        for (v, dt) in [(-65.0, 10.0), (-4000.0, 1.0), (4000.0, 1.0), (-65.0, 1e6)] {
            let start: GateState<Lanes<2>> =
                GateState { n: Lanes::splat(0.9), m: Lanes::splat(0.9), h: Lanes::splat(0.9) };
            let gates = (0..200).fold(start, |gates, _| gates.relaxed::<true>(Lanes::splat(v), dt));
            let [n, m, h] = crate::gates::rates(v).map(crate::gates::Rates::steady);
            for (gate, steady) in [(gates.n, n), (gates.m, m), (gates.h, h)] {
                assert!((gate.0[0] - steady).abs() < 1e-10, "{} and {steady} at {v} mV, {dt} ms", gate.0[0]);
            }
        }
    }

    /// The same step compiled for the machine's widest vectors, and for the portable ones.
    struct Step(GateState<Lanes<8>>, Lanes<8>);

    impl pulp::WithSimd for Step {
        type Output = GateState<Lanes<8>>;

        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) -> Self::Output {
            self.0.relaxed::<true>(self.1, 0.025)
        }
    }

    #[test]
    fn every_vector_width_computes_the_same_bits() {
        let mut gates: GateState<Lanes<8>> =
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
