//! Numbers side by side, neurons or time steps: arithmetic the compiler turns into vector instructions.
//!
//! Plain loops over fixed arrays; under [`pulp::Arch::dispatch`] they become AVX2 or AVX-512 code chosen at run time.
//! Fused multiply-adds are written out ([`Lanes::mul_add`]) and nothing is reordered, so every machine computes the
//! same bits; one without the instruction computes them in software, slowly.

use std::ops::{Add, Div, Mul, Sub};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_big_array::BigArray;

/// Number of neurons stepped side by side in double precision: two or more vectors at a time, so that one computes
/// while the other waits.
pub const LANES: usize = 16;
/// The same for neurons without ports, of which less is in hand at a time.
pub const LANES_BARE: usize = 32;
/// The same in single precision: as many bytes as with ports.
pub const LANES_F32: usize = 32;

/// A floating-point number that lanes are made of.
pub trait Float:
    Copy
    + Default
    + PartialEq
    + PartialOrd
    + Send
    + Sync
    + std::fmt::Debug
    + Serialize
    + DeserializeOwned
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
{
    /// Voltages in mV, below and above, beyond which the rates do not grow on: every gate is shut or open, to within
    /// rounding in double and 1e-3 in single precision, and products of the rates' denominators are still in range.
    const SATURATED: (f64, f64);
    /// Below this, `x/(1 - e^-x)` is its series: above, the difference loses fewer digits than the series leaves out.
    const NEAR_ZERO: f64;

    /// The nearest number to `value`.
    #[must_use]
    fn of(value: f64) -> Self;
    /// The number in double precision.
    fn double(self) -> f64;
    /// `self * factor + summand`, rounded once.
    #[must_use]
    fn fused(self, factor: Self, summand: Self) -> Self;
    /// Square root.
    #[must_use]
    fn root(self) -> Self;
    /// Size.
    #[must_use]
    fn size(self) -> Self;
    /// `e^x` for exponents whose power is in range, to rounding.
    #[must_use]
    fn exponential(self) -> Self;
}

impl Float for f64 {
    const SATURATED: (f64, f64) = crate::gates::SATURATED;
    const NEAR_ZERO: f64 = 0.02;

    #[inline(always)]
    fn of(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn double(self) -> f64 {
        self
    }
    #[inline(always)]
    fn fused(self, factor: Self, summand: Self) -> Self {
        self.mul_add(factor, summand)
    }
    #[inline(always)]
    fn root(self) -> Self {
        self.sqrt()
    }
    #[inline(always)]
    fn size(self) -> Self {
        self.abs()
    }
    #[inline(always)]
    fn exponential(self) -> Self {
        // x = k ln 2 + r with |r| <= ln 2/2; adding and subtracting 1.5 2^52 rounds to the nearest whole number and
        // leaves k in the low bits, ready to be added to the exponent of the polynomial's value.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
        const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
        // (e^r - 1 - r)/r^2 by its Chebyshev fit of degree 9: off by at most 1.3e-17 in e^r.
        const T: [f64; 10] = [
            0.500_000_000_000_000_1,
            0.166_666_666_666_666_69,
            0.041_666_666_666_624_13,
            0.008_333_333_333_330_062,
            0.001_388_888_891_721_371_7,
            0.000_198_412_698_630_536_18,
            2.480_152_129_595_437_6e-5,
            2.755_726_845_999_706_4e-6,
            2.762_008_844_540_974_6e-7,
            2.510_038_549_551_032e-8,
        ];
        let shifted = self.mul_add(std::f64::consts::LOG2_E, ROUND);
        let k = shifted - ROUND;
        let r = k.mul_add(-LN2_LOW, k.mul_add(-LN2_HIGH, self));
        // Pairs of powers, pairs of pairs: a short chain of dependent operations.
        let r2 = r * r;
        let r4 = r2 * r2;
        let pair = |k: usize| T[k + 1].mul_add(r, T[k]);
        let low = pair(2).mul_add(r2, pair(0));
        let high = pair(8).mul_add(r4, pair(6).mul_add(r2, pair(4)));
        let value = high.mul_add(r4, low).mul_add(r2, 1.0 + r);
        Self::from_bits(value.to_bits().wrapping_add(shifted.to_bits() << 52))
    }
}

impl Float for f32 {
    const SATURATED: (f64, f64) = (-150.0, 500.0);
    const NEAR_ZERO: f64 = 0.25;

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
    fn of(value: f64) -> Self {
        value as Self
    }
    #[inline(always)]
    fn double(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn fused(self, factor: Self, summand: Self) -> Self {
        self.mul_add(factor, summand)
    }
    #[inline(always)]
    fn root(self) -> Self {
        self.sqrt()
    }
    #[inline(always)]
    fn size(self) -> Self {
        self.abs()
    }
    #[inline(always)]
    fn exponential(self) -> Self {
        const ROUND: f32 = 12_582_912.0;
        const LN2_HIGH: f32 = 0.693_359_4;
        const LN2_LOW: f32 = -2.121_944_4e-4;
        // As in double precision, of degree 4: off by at most 8e-9.
        const T: [f32; 5] = [0.5, 0.166_665_77, 0.041_666_556, 0.008_363_179, 0.001_392_618_4];
        let shifted = self.mul_add(std::f32::consts::LOG2_E, ROUND);
        let k = shifted - ROUND;
        let r = k.mul_add(-LN2_LOW, k.mul_add(-LN2_HIGH, self));
        let r2 = r * r;
        let pair = |k: usize| T[k + 1].mul_add(r, T[k]);
        let value = T[4].mul_add(r2, pair(2)).mul_add(r2, pair(0)).mul_add(r2, 1.0 + r);
        Self::from_bits(value.to_bits().wrapping_add(shifted.to_bits() << 23))
    }
}

/// One value for each of `N` neurons or steps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Float")]
#[repr(align(64))]
pub struct Lanes<const N: usize = LANES, T = f64>(#[serde(with = "BigArray")] pub [T; N]);

impl<const N: usize, T: Float> Default for Lanes<N, T> {
    fn default() -> Self {
        Self([T::default(); N])
    }
}

/// A lane at a time, as a plain loop: the array methods are not always inlined, and out of line they fall back to
/// the portable instructions.
macro_rules! each {
    ($lane:ident => $value:expr) => {{
        let mut out = [T::default(); N];
        let mut $lane = 0;
        while $lane < N {
            out[$lane] = $value;
            $lane += 1;
        }
        Self(out)
    }};
}

macro_rules! lanewise {
    ($($operator:ident $method:ident $symbol:tt)*) => {$(
        impl<const N: usize, T: Float> $operator for Lanes<N, T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                each!(lane => self.0[lane] $symbol other.0[lane])
            }
        }
        impl<const N: usize, T: Float> $operator<f64> for Lanes<N, T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                let other = T::of(other);
                each!(lane => self.0[lane] $symbol other)
            }
        }
        impl<const N: usize, T: Float> $operator<Lanes<N, T>> for f64 {
            type Output = Lanes<N, T>;
            #[inline(always)]
            fn $method(self, other: Lanes<N, T>) -> Lanes<N, T> {
                Lanes::splat(self) $symbol other
            }
        }
    )*};
}

lanewise! { Add add + Sub sub - Mul mul * Div div / }

impl<const N: usize, T: Float> Lanes<N, T> {
    /// The same value in every lane.
    #[inline(always)]
    pub fn splat(value: f64) -> Self {
        Self([T::of(value); N])
    }

    /// Lane by lane from double precision.
    #[inline(always)]
    pub fn from_fn(mut value: impl FnMut(usize) -> f64) -> Self {
        Self(std::array::from_fn(|lane| T::of(value(lane))))
    }

    /// Lane by lane from single precision.
    #[inline(always)]
    pub fn of_singles(singles: &[f32; N]) -> Self {
        each!(lane => T::of(f64::from(singles[lane])))
    }

    /// One lane in double precision.
    #[inline(always)]
    pub fn lane(&self, lane: usize) -> f64 {
        self.0[lane].double()
    }

    /// `H` lanes from `first` on.
    #[inline(always)]
    #[must_use]
    pub(super) fn part<const H: usize>(&self, first: usize) -> Lanes<H, T> {
        let of = &self.0[first..first + H];
        let mut out = [T::default(); H];
        out.copy_from_slice(of);
        Lanes(out)
    }

    /// Puts lanes in the place of those from `first` on.
    #[inline(always)]
    pub(super) fn put_part<const H: usize>(&mut self, first: usize, part: Lanes<H, T>) {
        self.0[first..first + H].copy_from_slice(&part.0);
    }

    /// Adds to the lanes from `first` on.
    #[inline(always)]
    pub(super) fn add_part<const H: usize>(&mut self, first: usize, part: Lanes<H, T>) {
        self.put_part(first, self.part(first) + part);
    }

    /// Lane by lane in double precision, times a factor.
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "iterators are not always inlined")]
    pub(super) fn scaled_double(self, factor: f64) -> [f64; N] {
        let mut out = [0.0; N];
        for lane in 0..N {
            out[lane] = self.0[lane].double() * factor;
        }
        out
    }

    /// Lane-wise `self * factor + summand`, rounded once.
    #[inline(always)]
    #[must_use]
    pub fn mul_add(self, factor: Self, summand: Self) -> Self {
        each!(lane => self.0[lane].fused(factor.0[lane], summand.0[lane]))
    }

    /// Lane-wise square root.
    #[inline(always)]
    #[must_use]
    pub fn sqrt(self) -> Self {
        each!(lane => self.0[lane].root())
    }

    /// Lane-wise larger of value and bound.
    #[inline(always)]
    #[must_use]
    pub fn at_least(self, bound: f64) -> Self {
        let bound = T::of(bound);
        each!(lane => if self.0[lane] > bound { self.0[lane] } else { bound })
    }

    /// Lane-wise smaller of value and bound.
    #[inline(always)]
    #[must_use]
    pub fn at_most(self, bound: f64) -> Self {
        let bound = T::of(bound);
        each!(lane => if self.0[lane] < bound { self.0[lane] } else { bound })
    }

    /// Whether any lane is below `threshold` here and not below it in `next`.
    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "without branches the lanes stay side by side")]
    pub fn crosses(self, next: Self, threshold: f64) -> bool {
        let threshold = T::of(threshold);
        let mut any = false;
        for lane in 0..N {
            any |= (self.0[lane] < threshold) & (next.0[lane] >= threshold);
        }
        any
    }

    /// Whether every lane is within `bound` of `other`.
    #[inline(always)]
    pub fn is_near(self, other: Self, bound: f64) -> bool {
        let bound = T::of(bound);
        let mut all = true;
        for lane in 0..N {
            all &= (self.0[lane] - other.0[lane]).size() <= bound;
        }
        all
    }

    /// Whether every lane is 0.
    #[inline(always)]
    pub fn is_zero(self) -> bool {
        self.is_near(Self::default(), 0.0)
    }

    /// `near` where `|x| < bound`, else `far`.
    #[inline(always)]
    pub fn pick_near_zero(x: Self, bound: f64, near: Self, far: Self) -> Self {
        let bound = T::of(bound);
        each!(lane => if x.0[lane].size() < bound { near.0[lane] } else { far.0[lane] })
    }

    /// Lane-wise [`Float::exponential`].
    #[inline(always)]
    #[must_use]
    pub fn exp(self) -> Self {
        each!(lane => self.0[lane].exponential())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_agrees_with_the_standard_library() {
        for k in -70_000..70_000 {
            let x = f64::from(k) * 0.01 + 1.234e-5;
            let exact = x.exp();
            let relative = (Lanes::<8>::splat(x).exp().0[3] - exact).abs() / exact;
            assert!(relative < 4.5e-16, "exp({x}) is off by {relative}");
        }
        assert_eq!(Lanes::<4>::splat(0.0).exp(), Lanes::splat(1.0));
    }

    #[test]
    fn the_single_exponential_agrees_to_its_own_rounding() {
        for k in -8_000..8_000 {
            let x = f32::of(f64::from(k) * 0.01 + 1.234e-3);
            let exact = x.double().exp();
            let relative = (x.exponential().double() - exact).abs() / exact;
            assert!(relative < 1.5e-7, "exp({x}) is off by {relative}");
        }
    }
}
