//! What is done to many amplitudes at once, in vector instructions.

use num_complex::Complex64;
use pulp::{Simd, WithSimd};

use super::tile::Tile;
use super::wave::Wave;

impl Wave {
    /// Adds `factor * other`, frequency by frequency.
    pub fn add_product(&mut self, factor: Self, other: Self) {
        add_products(std::slice::from_mut(self), factor, &[other]);
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
#[derive(Debug, Clone, Copy, Default)]
pub struct Turning {
    /// Phase at the next step.
    pub at: Wave,
    /// Phase from one step to the next.
    pub step: Wave,
}

impl Turning {
    /// Puts `f e^{i phase}` of each step of an envelope into `out`, moves on past them, and returns their sum.
    pub fn envelope(&mut self, envelope: &[Complex64], out: &mut Vec<Wave>) -> Wave {
        // All of it is written.
        out.resize(envelope.len(), Wave::default());
        let mut sum = Wave::default();
        pulp::Arch::new().dispatch(Turn { turning: self, envelope, out, sum: &mut sum });
        sum
    }
}

struct Turn<'a> {
    turning: &'a mut Turning,
    envelope: &'a [Complex64],
    out: &'a mut [Wave],
    sum: &'a mut Wave,
}

impl WithSimd for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for tile in Tile::all(simd) {
            let (mut at, step) = (tile.load(&self.turning.at), tile.load(&self.turning.step));
            let mut sum = tile.zero();
            for (f, out) in self.envelope.iter().zip(self.out.iter_mut()) {
                let turned = tile.turned(at, *f);
                tile.store(out, turned);
                sum = tile.plus(turned, sum);
                at = tile.product(at, step);
            }
            tile.store(&mut self.turning.at, at);
            tile.store(self.sum, sum);
        }
    }
}

/// Overlaps of a wave with turned envelopes: adds `sum down wave` to `mu` and `sum up wave*` to `nu`.
pub fn add_overlap((mu, nu): (&mut Wave, &mut Wave), (down, up): (&[Wave], &[Wave]), waves: &[Wave]) {
    pulp::Arch::new().dispatch(Overlap { mu, nu, down, up, waves });
}

struct Overlap<'a> {
    mu: &'a mut Wave,
    nu: &'a mut Wave,
    down: &'a [Wave],
    up: &'a [Wave],
    waves: &'a [Wave],
}

impl WithSimd for Overlap<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for tile in Tile::all(simd) {
            let (mut mu, mut nu) = (tile.load(self.mu), tile.load(self.nu));
            for ((down, up), wave) in self.down.iter().zip(self.up).zip(self.waves) {
                let wave = tile.load(wave);
                mu = tile.add_product(tile.load(down), wave, mu);
                nu = tile.add_product(tile.load(up), tile.conjugate(wave), nu);
            }
            tile.store(self.mu, mu);
            tile.store(self.nu, nu);
        }
    }
}
