//! Numbers side by side, sixteen neurons or four time steps: arithmetic the compiler turns into vector instructions.
//!
//! Plain loops over fixed arrays; under [`pulp::Arch::dispatch`] they become AVX2 (or wider) code chosen at run time.
//! No operation is fused or reordered, so every machine computes the same bits.

use std::ops::{Add, Div, Mul, Sub};

/// Number of neurons stepped side by side: two or more vectors at a time, so that one computes while the other waits.
pub const LANES: usize = 16;

/// One value for each of `N` neurons or steps.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(32))]
pub struct Lanes<const N: usize = LANES>(pub [f64; N]);

impl<const N: usize> Default for Lanes<N> {
    fn default() -> Self {
        Self::splat(0.0)
    }
}

/// A lane at a time, as a plain loop: the array methods are not always inlined, and out of line they fall back to
/// the portable instructions.
macro_rules! each {
    ($lane:ident => $value:expr) => {{
        let mut out = [0.0; N];
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
        impl<const N: usize> $operator for Lanes<N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                each!(lane => self.0[lane] $symbol other.0[lane])
            }
        }
        impl<const N: usize> $operator<f64> for Lanes<N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                each!(lane => self.0[lane] $symbol other)
            }
        }
        impl<const N: usize> $operator<Lanes<N>> for f64 {
            type Output = Lanes<N>;
            #[inline(always)]
            fn $method(self, other: Lanes<N>) -> Lanes<N> {
                Lanes::splat(self) $symbol other
            }
        }
    )*};
}

lanewise! { Add add + Sub sub - Mul mul * Div div / }

impl<const N: usize> Lanes<N> {
    /// The same value in every lane.
    #[inline(always)]
    pub const fn splat(value: f64) -> Self {
        Self([value; N])
    }

    /// Lane-wise square root.
    #[inline(always)]
    #[must_use]
    pub fn sqrt(self) -> Self {
        each!(lane => self.0[lane].sqrt())
    }

    /// Lane-wise larger of value and bound.
    #[inline(always)]
    #[must_use]
    pub fn at_least(self, bound: f64) -> Self {
        each!(lane => if self.0[lane] > bound { self.0[lane] } else { bound })
    }

    /// Lane-wise smaller of value and bound.
    #[inline(always)]
    #[must_use]
    pub fn at_most(self, bound: f64) -> Self {
        each!(lane => if self.0[lane] < bound { self.0[lane] } else { bound })
    }

    /// Whether any lane is below `threshold` here and not below it in `next`.
    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "without branches the lanes stay side by side")]
    pub fn crosses(self, next: Self, threshold: f64) -> bool {
        let mut any = false;
        for lane in 0..N {
            any |= (self.0[lane] < threshold) & (next.0[lane] >= threshold);
        }
        any
    }

    /// `near` where `|x| < bound`, else `far`.
    #[inline(always)]
    pub fn pick_near_zero(x: Self, bound: f64, near: Self, far: Self) -> Self {
        each!(lane => if x.0[lane].abs() < bound { near.0[lane] } else { far.0[lane] })
    }

    /// Lane-wise [`exponential`].
    #[inline(always)]
    #[must_use]
    pub fn exp(self) -> Self {
        each!(lane => exponential(self.0[lane]))
    }
}

/// `e^x` within 2 units in the last place for `|x| < 700`; saturates beyond.
///
/// Written out rather than called, so that it works on all lanes at once and gives every machine the same bits.
#[inline(always)]
pub fn exponential(x: f64) -> f64 {
    // x = k ln 2 + r with |r| <= ln 2/2; adding and subtracting 1.5 2^52 rounds to the nearest whole number and
    // leaves k in the low bits, ready to be added to the exponent of the polynomial's value.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const T: [f64; 14] = taylor();
    let x = if x > -707.0 { x } else { -707.0 };
    let x = if x < 707.0 { x } else { 707.0 };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = (x - k * LN2_HIGH) - k * LN2_LOW;
    // Pairs of powers, pairs of pairs: a short chain of dependent operations.
    let r2 = r * r;
    let r4 = r2 * r2;
    let pair = |k: usize| T[k] + T[k + 1] * r;
    let quad = |k: usize| pair(k) + pair(k + 2) * r2;
    let high = quad(8) + pair(12) * r4;
    let value = quad(0) + (quad(4) + high * r4) * r4;
    f64::from_bits(value.to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// `1/k!`
const fn taylor() -> [f64; 14] {
    let mut coefficients = [1.0; 14];
    let mut factorial = 1.0;
    let mut k = 1;
    while k < 14 {
        factorial *= k as f64;
        coefficients[k] = 1.0 / factorial;
        k += 1;
    }
    coefficients
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
        assert!(Lanes::<4>::splat(-1e6).exp().0[0] < 1e-300);
    }
}
