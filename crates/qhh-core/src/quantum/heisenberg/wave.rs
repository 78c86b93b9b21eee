//! Amplitudes of several frequencies side by side.

use num_complex::Complex64;

use super::MODES;
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
