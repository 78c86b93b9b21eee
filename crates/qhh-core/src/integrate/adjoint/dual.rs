//! Numbers that carry their derivative along.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use std::ops::{Add, Div, Mul, Sub};

use crate::integrate::lanes::Lanes;

/// Values with their derivatives by one variable, lane by lane.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Dual<const N: usize> {
    pub(super) value: Lanes<N>,
    pub(super) slope: Lanes<N>,
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

impl<const N: usize> Mul<f64> for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: f64) -> Self {
        Self { value: self.value * other, slope: self.slope * other }
    }
}

impl<const N: usize> Dual<N> {
    /// A value that does not change.
    #[inline(always)]
    pub(super) fn constant(value: f64) -> Self {
        Self { value: Lanes::splat(value), slope: Lanes::default() }
    }

    /// `self * factor + summand`, the value rounded once.
    #[inline(always)]
    pub(super) fn mul_add(self, factor: Self, summand: Self) -> Self {
        let slope = self.value.mul_add(factor.slope, self.slope.mul_add(factor.value, summand.slope));
        Self { value: self.value.mul_add(factor.value, summand.value), slope }
    }

    #[inline(always)]
    pub(super) fn sqrt(self) -> Self {
        let value = self.value.sqrt();
        Self { value, slope: self.slope * 0.5 / value }
    }

    /// The larger of it and zero.
    #[inline(always)]
    pub(super) fn not_negative(self) -> Self {
        let mut slope = self.slope;
        for lane in 0..N {
            slope.0[lane] = if self.value.0[lane] > 0.0 { slope.0[lane] } else { 0.0 };
        }
        Self { value: self.value.at_least(0.0), slope }
    }
}
