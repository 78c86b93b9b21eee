//! Eight neurons side by side: arithmetic the compiler turns into vector instructions.
//!
//! Plain loops over fixed arrays; under [`pulp::Arch::dispatch`] they become AVX2 (or wider) code chosen at run time.
//! No operation is fused or reordered, so every machine computes the same bits.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// Number of neurons stepped side by side.
pub const LANES: usize = 8;

/// One value for each of [`LANES`] neurons.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Lanes(pub [f64; LANES]);

impl Default for Lanes {
    fn default() -> Self {
        Self::splat(0.0)
    }
}

macro_rules! lanewise {
    ($($operator:ident $method:ident $symbol:tt)*) => {$(
        impl $operator for Lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(std::array::from_fn(|lane| self.0[lane] $symbol other.0[lane]))
            }
        }
        impl $operator<f64> for Lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                Self(std::array::from_fn(|lane| self.0[lane] $symbol other))
            }
        }
        impl $operator<Lanes> for f64 {
            type Output = Lanes;
            #[inline(always)]
            fn $method(self, other: Lanes) -> Lanes {
                Lanes(std::array::from_fn(|lane| self $symbol other.0[lane]))
            }
        }
    )*};
}

lanewise! { Add add + Sub sub - Mul mul * Div div / }

impl Neg for Lanes {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(|x| -x))
    }
}

impl Lanes {
    /// The same value in every lane.
    #[inline(always)]
    pub const fn splat(value: f64) -> Self {
        Self([value; LANES])
    }

    /// Lane-wise square root.
    #[inline(always)]
    pub fn sqrt(self) -> Self {
        Self(self.0.map(f64::sqrt))
    }

    /// Lane-wise larger of value and bound.
    #[inline(always)]
    pub fn at_least(self, bound: f64) -> Self {
        Self(self.0.map(|x| if x > bound { x } else { bound }))
    }

    /// Lane-wise smaller of value and bound.
    #[inline(always)]
    pub fn at_most(self, bound: f64) -> Self {
        Self(self.0.map(|x| if x < bound { x } else { bound }))
    }

    /// `near` where `|x| < bound`, else `far`.
    #[inline(always)]
    pub fn pick_near_zero(x: Self, bound: f64, near: Self, far: Self) -> Self {
        Self(std::array::from_fn(|lane| if x.0[lane].abs() < bound { near.0[lane] } else { far.0[lane] }))
    }

    /// Lane-wise exponential, within 2 units in the last place for `|x| < 700`; saturates beyond.
    #[inline(always)]
    pub fn exp(self) -> Self {
        // x = k ln 2 + r with |r| <= ln 2/2; adding and subtracting 1.5 2^52 rounds to the nearest whole number and
        // leaves k in the low bits, ready to be added to the exponent of the polynomial's value.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
        const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
        const TAYLOR: [f64; 14] = taylor();
        let x = self.at_least(-707.0).at_most(707.0);
        let shifted = x * std::f64::consts::LOG2_E + ROUND;
        let k = shifted - ROUND;
        let r = (x - k * LN2_HIGH) - k * LN2_LOW;
        // Even and odd powers apart shorten the chain of dependent operations.
        let r2 = r * r;
        let mut even = Self::splat(TAYLOR[12]);
        let mut odd = Self::splat(TAYLOR[13]);
        for power in (0..6).rev() {
            even = even * r2 + TAYLOR[2 * power];
            odd = odd * r2 + TAYLOR[2 * power + 1];
        }
        let value = even + odd * r;
        Self(std::array::from_fn(|lane| {
            f64::from_bits(value.0[lane].to_bits().wrapping_add(shifted.0[lane].to_bits() << 52))
        }))
    }
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
            let relative = (Lanes::splat(x).exp().0[3] - exact).abs() / exact;
            assert!(relative < 4.5e-16, "exp({x}) is off by {relative}");
        }
        assert_eq!(Lanes::splat(0.0).exp(), Lanes::splat(1.0));
        assert!(Lanes::splat(-1e6).exp().0[0] < 1e-300);
    }
}
