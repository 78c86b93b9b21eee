//! Numbers that carry their derivative along: what the kernel computes with them has the slope of the kernel itself.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use std::ops::{Add, Div, Mul, Sub};

use pulp::{Simd, WithSimd};

use crate::circuit::Papers;
use crate::integrate::kernel::{Real, Relaxation, growth_slope};
use crate::integrate::lanes::{Float, Lanes};

/// Values with their derivatives by one variable, lane by lane.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Dual<const N: usize> {
    pub(super) value: Lanes<N>,
    pub(super) slope: Lanes<N>,
}

impl<const N: usize> Dual<N> {
    /// The variable itself.
    #[inline(always)]
    pub(super) fn variable(value: Lanes<N>) -> Self {
        Self { value, slope: Lanes::splat(1.0) }
    }
}

impl<const N: usize> Add for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, slope: self.slope + other.slope }
    }
}

impl<const N: usize> Sub for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self { value: self.value - other.value, slope: self.slope - other.slope }
    }
}

impl<const N: usize> Mul for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let slope = self.value.mul_add(other.slope, self.slope * other.value);
        Self { value: self.value * other.value, slope }
    }
}

impl<const N: usize> Div for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let inverse = 1.0 / other.value;
        let value = self.value * inverse;
        Self { value, slope: (self.slope - value * other.slope) * inverse }
    }
}

impl<const N: usize> Add<f64> for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: f64) -> Self {
        Self { value: self.value + other, ..self }
    }
}

impl<const N: usize> Sub<f64> for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: f64) -> Self {
        Self { value: self.value - other, ..self }
    }
}

impl<const N: usize> Mul<f64> for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: f64) -> Self {
        Self { value: self.value * other, slope: self.slope * other }
    }
}

impl<const N: usize> Real for Dual<N> {
    const SATURATED: (f64, f64) = <f64 as Float>::SATURATED;
    const NEAR_ZERO: f64 = <f64 as Float>::NEAR_ZERO;

    #[inline(always)]
    fn constant(value: f64) -> Self {
        Self { value: Lanes::splat(value), slope: Lanes::default() }
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        let slope = self.value.mul_add(factor.slope, self.slope.mul_add(factor.value, summand.slope));
        Self { value: self.value.mul_add(factor.value, summand.value), slope }
    }
    #[inline(always)]
    fn line(self, low: f64, high: f64) -> Self {
        Self { value: self.value.line(low, high), slope: self.slope * high }
    }
    #[inline(always)]
    fn growth(self) -> Self {
        Self { value: self.value.growth(), slope: growth_slope(self.value) * self.slope }
    }
    #[inline(always)]
    fn exp(self) -> Self {
        let value = self.value.exp();
        Self { value, slope: value * self.slope }
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        let value = self.value.sqrt();
        Self { value, slope: self.slope * 0.5 / value }
    }
    #[inline(always)]
    fn between(self, low: f64, high: f64) -> Self {
        let value = self.value.at_least(low).at_most(high);
        let mut slope = self.slope;
        for lane in 0..N {
            let within = self.value.0[lane] > low && self.value.0[lane] < high;
            slope.0[lane] = if within { slope.0[lane] } else { 0.0 };
        }
        Self { value, slope }
    }
    #[inline(always)]
    fn near_zero(x: Self, bound: f64, near: Self, far: Self) -> Self {
        Self {
            value: Lanes::pick_near_zero(x.value, bound, near.value, far.value),
            slope: Lanes::pick_near_zero(x.value, bound, near.slope, far.slope),
        }
    }
}

/// How the papers' gates relax over `dt` milliseconds at the voltage `v`, in mV; a type of its own so that the loops that
/// need it share one for each kind of vectors.
pub(super) struct Relax<const N: usize> {
    pub(super) which: Papers,
    pub(super) v: Dual<N>,
    pub(super) dt: f64,
}

impl<const N: usize> WithSimd for Relax<N> {
    type Output = Relaxation<Dual<N>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        match self.which {
            Papers::Three => Relaxation::at::<true>(self.v, self.dt),
            Papers::Single => Relaxation::at::<false>(self.v, self.dt),
        }
    }
}
