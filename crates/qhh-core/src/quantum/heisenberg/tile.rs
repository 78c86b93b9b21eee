//! Frequencies in registers, and complex arithmetic with them.

use num_complex::Complex64;
use pulp::Simd;

use super::MODES;
use super::wave::Wave;
use crate::integrate::lanes::Lanes;

/// Vectors side by side: one computes while the other waits.
const SIDE: usize = 2;

/// Some of the frequencies of a [`Wave`], in registers.
#[derive(Clone, Copy)]
pub(super) struct Amplitude<S: Simd> {
    pub(super) re: [S::f64s; SIDE],
    pub(super) im: [S::f64s; SIDE],
}

/// Which of the frequencies, as a number of vectors, and the arithmetic of them.
#[derive(Clone, Copy)]
pub(super) struct Tile<S: Simd> {
    simd: S,
    first: usize,
}

impl<S: Simd> Tile<S> {
    /// Together, every frequency.
    #[inline(always)]
    pub(super) fn all(simd: S) -> impl Iterator<Item = Self> {
        (0..MODES / (SIDE * S::F64_LANES)).map(move |tile| Self { simd, first: tile * SIDE })
    }

    /// The larger, frequency by frequency.
    #[inline(always)]
    pub(super) fn larger(self, a: [S::f64s; SIDE], b: [S::f64s; SIDE]) -> [S::f64s; SIDE] {
        std::array::from_fn(|k| self.simd.max_f64s(a[k], b[k]))
    }

    /// The largest of all.
    #[inline(always)]
    pub(super) fn largest(self, a: [S::f64s; SIDE]) -> f64 {
        a.into_iter().map(|vector| self.simd.reduce_max_f64s(vector)).fold(f64::NEG_INFINITY, f64::max)
    }

    /// Squares of the sizes.
    #[inline(always)]
    pub(super) fn norm_sqr(self, a: Amplitude<S>) -> [S::f64s; SIDE] {
        std::array::from_fn(|k| {
            let square = self.simd.mul_f64s(a.im[k], a.im[k]);
            self.simd.mul_add_f64s(a.re[k], a.re[k], square)
        })
    }

    #[inline(always)]
    pub(super) fn conjugate(self, a: Amplitude<S>) -> Amplitude<S> {
        self.each(|k| (a.re[k], self.simd.neg_f64s(a.im[k])))
    }

    #[inline(always)]
    fn part(self, lanes: &Lanes<MODES>) -> [S::f64s; SIDE] {
        let vectors = S::as_simd_f64s(&lanes.0).0;
        std::array::from_fn(|k| vectors[self.first + k])
    }

    #[inline(always)]
    pub(super) fn load(self, wave: &Wave) -> Amplitude<S> {
        Amplitude { re: self.part(&wave.re), im: self.part(&wave.im) }
    }

    #[inline(always)]
    pub(super) fn store(self, wave: &mut Wave, value: Amplitude<S>) {
        S::as_mut_simd_f64s(&mut wave.re.0).0[self.first..self.first + SIDE].copy_from_slice(&value.re);
        S::as_mut_simd_f64s(&mut wave.im.0).0[self.first..self.first + SIDE].copy_from_slice(&value.im);
    }

    #[inline(always)]
    pub(super) fn zero(self) -> Amplitude<S> {
        let zero = [self.simd.splat_f64s(0.0); SIDE];
        Amplitude { re: zero, im: zero }
    }

    /// Both parts, vector by vector.
    #[inline(always)]
    fn each(self, mut of: impl FnMut(usize) -> (S::f64s, S::f64s)) -> Amplitude<S> {
        let mut out = self.zero();
        for k in 0..SIDE {
            (out.re[k], out.im[k]) = of(k);
        }
        out
    }

    #[inline(always)]
    pub(super) fn plus(self, a: Amplitude<S>, b: Amplitude<S>) -> Amplitude<S> {
        self.each(|k| (self.simd.add_f64s(a.re[k], b.re[k]), self.simd.add_f64s(a.im[k], b.im[k])))
    }

    #[inline(always)]
    pub(super) fn minus(self, a: Amplitude<S>, b: Amplitude<S>) -> Amplitude<S> {
        self.each(|k| (self.simd.sub_f64s(a.re[k], b.re[k]), self.simd.sub_f64s(a.im[k], b.im[k])))
    }

    #[inline(always)]
    pub(super) fn doubled(self, a: Amplitude<S>) -> Amplitude<S> {
        self.each(|k| (self.simd.add_f64s(a.re[k], a.re[k]), self.simd.add_f64s(a.im[k], a.im[k])))
    }

    #[inline(always)]
    pub(super) fn scaled(self, a: Amplitude<S>, factor: f64) -> Amplitude<S> {
        let factor = self.simd.splat_f64s(factor);
        self.each(|k| (self.simd.mul_f64s(a.re[k], factor), self.simd.mul_f64s(a.im[k], factor)))
    }

    #[inline(always)]
    pub(super) fn plus_real(self, a: Amplitude<S>, value: f64) -> Amplitude<S> {
        let value = self.simd.splat_f64s(value);
        self.each(|k| (self.simd.add_f64s(a.re[k], value), a.im[k]))
    }

    /// `a * factor + sum`
    #[inline(always)]
    pub(super) fn add_scaled(self, a: Amplitude<S>, factor: f64, sum: Amplitude<S>) -> Amplitude<S> {
        let factor = self.simd.splat_f64s(factor);
        self.each(|k| {
            (
                self.simd.mul_add_f64s(a.re[k], factor, sum.re[k]),
                self.simd.mul_add_f64s(a.im[k], factor, sum.im[k]),
            )
        })
    }

    /// `a * by`, the same at every frequency.
    #[inline(always)]
    pub(super) fn turned(self, a: Amplitude<S>, by: Complex64) -> Amplitude<S> {
        let by = Amplitude { re: [self.simd.splat_f64s(by.re); SIDE], im: [self.simd.splat_f64s(by.im); SIDE] };
        self.product(by, a)
    }

    /// `a + part (b - a)`
    #[inline(always)]
    pub(super) fn between(self, a: Amplitude<S>, b: Amplitude<S>, part: f64) -> Amplitude<S> {
        self.add_scaled(self.minus(b, a), part, a)
    }

    /// `by * a`
    #[inline(always)]
    pub(super) fn product(self, by: Amplitude<S>, a: Amplitude<S>) -> Amplitude<S> {
        self.each(|k| {
            let (re, im) = (self.simd.mul_f64s(by.re[k], a.re[k]), self.simd.mul_f64s(by.re[k], a.im[k]));
            (self.simd.negate_mul_add_f64s(by.im[k], a.im[k], re), self.simd.mul_add_f64s(by.im[k], a.re[k], im))
        })
    }

    /// `by * a + sum`
    #[inline(always)]
    pub(super) fn add_product(self, by: Amplitude<S>, a: Amplitude<S>, sum: Amplitude<S>) -> Amplitude<S> {
        self.each(|k| {
            let re = self.simd.mul_add_f64s(by.re[k], a.re[k], sum.re[k]);
            let im = self.simd.mul_add_f64s(by.re[k], a.im[k], sum.im[k]);
            (self.simd.negate_mul_add_f64s(by.im[k], a.im[k], re), self.simd.mul_add_f64s(by.im[k], a.re[k], im))
        })
    }
}
