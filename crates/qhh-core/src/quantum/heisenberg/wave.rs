//! Amplitudes of several frequencies side by side, and what is done to many of them.

use num_complex::Complex64;
use pulp::{Simd, WithSimd};

use super::MODES;
use super::tile::Tile;
use crate::integrate::lanes::Lanes;

/// Complex amplitudes, one for each frequency.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Wave {
    /// Real parts.
    pub re: Lanes<MODES>,
    /// Imaginary parts.
    pub im: Lanes<MODES>,
}

impl Wave {
    /// From one number for each frequency.
    pub fn from_fn(mut value: impl FnMut(usize) -> Complex64) -> Self {
        let mut wave = Self::default();
        for lane in 0..MODES {
            wave.put(lane, value(lane));
        }
        wave
    }

    /// The same real number at every frequency.
    #[inline(always)]
    pub fn real(value: f64) -> Self {
        Self { re: Lanes::splat(value), im: Lanes::default() }
    }

    /// The amplitude at one frequency.
    pub fn get(&self, lane: usize) -> Complex64 {
        Complex64::new(self.re.0[lane], self.im.0[lane])
    }

    /// Sets the amplitude at one frequency.
    pub fn put(&mut self, lane: usize, value: Complex64) {
        (self.re.0[lane], self.im.0[lane]) = (value.re, value.im);
    }

    /// Adds `factor * other`, frequency by frequency.
    pub fn add_product(&mut self, factor: Self, other: Self) {
        add_products(std::slice::from_mut(self), factor, &[other]);
    }

    /// Squares of the sizes.
    #[inline(always)]
    #[must_use]
    pub fn norm_sqr(self) -> Lanes<MODES> {
        // Not fused: also used where no vector instructions were chosen, and there a fused one is a call.
        self.re * self.re + self.im * self.im
    }

    #[inline(always)]
    pub(super) fn plus(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }
}

/// Adds `factor * wave` to each sum.
pub fn add_products(sums: &mut [Wave], factor: Wave, waves: &[Wave]) {
    pulp::Arch::new().dispatch(AddProducts { sums, factor: &factor, waves });
}

struct AddProducts<'a> {
    sums: &'a mut [Wave],
    factor: &'a Wave,
    waves: &'a [Wave],
}

impl WithSimd for AddProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for tile in Tile::all(simd) {
            let factor = tile.load(self.factor);
            for (sum, wave) in self.sums.iter_mut().zip(self.waves) {
                let added = tile.add_product(factor, tile.load(wave), tile.load(sum));
                tile.store(sum, added);
            }
        }
    }
}

/// Square of the largest amplitude.
pub fn largest_square(waves: &[Wave]) -> f64 {
    pulp::Arch::new().dispatch(LargestSquare(waves))
}

struct LargestSquare<'a>(&'a [Wave]);

impl WithSimd for LargestSquare<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let mut largest = 0.0f64;
        for tile in Tile::all(simd) {
            let mut most = tile.zero().re;
            for wave in self.0 {
                most = tile.larger(most, tile.norm_sqr(tile.load(wave)));
            }
            largest = tile.largest(most).max(largest);
        }
        largest
    }
}

/// A phase that grows evenly from step to step.
#[derive(Debug, Clone, Copy)]
pub struct Turning {
    /// Phase at the first wave.
    pub start: Wave,
    /// Phase from one to the next.
    pub step: Wave,
}

/// Overlaps of a wave with an envelope: adds `sum f wave e^{i down}` to `mu` and `sum f wave* e^{i up}` to `nu`.
pub fn add_overlap(
    (mu, nu): (&mut Wave, &mut Wave),
    envelope: &[f64],
    waves: &[Wave],
    down: Turning,
    up: Turning,
) {
    pulp::Arch::new().dispatch(Overlap { mu, nu, envelope, waves, down, up });
}

struct Overlap<'a> {
    mu: &'a mut Wave,
    nu: &'a mut Wave,
    envelope: &'a [f64],
    waves: &'a [Wave],
    down: Turning,
    up: Turning,
}

impl WithSimd for Overlap<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for tile in Tile::all(simd) {
            let (mut mu, mut nu) = (tile.load(self.mu), tile.load(self.nu));
            let (mut down, mut up) = (tile.load(&self.down.start), tile.load(&self.up.start));
            let (step_down, step_up) = (tile.load(&self.down.step), tile.load(&self.up.step));
            for (f, wave) in self.envelope.iter().zip(self.waves) {
                let scaled = tile.scaled(tile.load(wave), *f);
                mu = tile.add_product(down, scaled, mu);
                nu = tile.add_product(up, tile.conjugate(scaled), nu);
                down = tile.product(down, step_down);
                up = tile.product(up, step_up);
            }
            tile.store(self.mu, mu);
            tile.store(self.nu, nu);
        }
    }
}
