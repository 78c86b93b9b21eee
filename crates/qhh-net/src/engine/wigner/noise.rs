//! Noises of sixteen samples, stretch by stretch: memory does not grow with the run.
//!
//! A noise is painted with a period (`NoiseFilter`), which a long run must not show. It is made of blocks of one period `N`,
//! each painted anew, that fade into one another over the last `F` of their steps:
//!
//! ```text
//! xi(t) = cos(pi s/2F) xi_k(t) + sin(pi s/2F) xi_{k+1}(t),   s steps into the fade
//! ```
//!
//! Squares add up to 1, so that it is Gaussian with the variance of the blocks at all times. In a fade, correlations at the lag
//! `tau` are multiplied by `cos(W tau)`, `W = pi/2F dt`, which replaces the spectrum `S(w)` by the mean of `S(w + W)` and
//! `S(w - W)`. Vacuum, `S = hbar w`, is unchanged above `W` and is `hbar W` below; with `F` five memories of the slowest neuron
//! `W` is a third of its rate, and a variance changes by its square against those of the fast rates, less than a thousandth.
//! A run that one block is enough for has no fades. Ours.

use qhh_core::integrate::lanes::LANES;
use std::f32::consts::FRAC_PI_2;

/// Steps of a fade at least: shorter blocks would not pay.
const LEAST_FADE: usize = 512;
/// Length of a block at least, in fades.
const FADES: usize = 6;

/// How noises are divided.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Blocks {
    /// Period of a block.
    pub(crate) length: usize,
    /// Steps from a block's start to that of the next.
    pub(crate) hop: usize,
    /// Parts of the old block and the new at each step of a fade.
    fade: Vec<[f32; 2]>,
}

impl Blocks {
    /// For runs of at least so many steps, of neurons whose noise before the run lasts `own` steps.
    pub(crate) fn new(own: usize, steps: usize) -> Self {
        let fade = own.max(LEAST_FADE);
        let (whole, part) = (fast_length(steps), fast_length(FADES * fade));
        if whole <= part {
            return Self { length: whole, hop: whole, fade: Vec::new() };
        }
        #[expect(clippy::cast_precision_loss, reason = "an angle needs no more digits")]
        let parts = |step: usize| {
            let (new, old) = (FRAC_PI_2 * step as f32 / fade as f32).sin_cos();
            [old, new]
        };
        Self { length: part, hop: part - fade, fade: (0..fade).map(parts).collect() }
    }

    /// Rows of a noise: of a block with its end, and of the fade into the next.
    pub(crate) fn rows(&self) -> usize {
        self.hop + 1 + self.fade.len()
    }
}

/// The next length that transforms are fast at: a power of two, or one and a half or five fourths of one.
fn fast_length(steps: usize) -> usize {
    let whole = steps.max(16).next_power_of_two();
    [whole / 8 * 5, whole / 4 * 3, whole].into_iter().find(|&length| length >= steps).unwrap_or(whole)
}

/// A noise of sixteen samples in the block at hand, with some steps before it: `[step][sample]`.
pub(super) struct Noise {
    /// The history, the block, and the first step of the next.
    rows: Vec<[f32; LANES]>,
    /// What is left of the block for its fade.
    tail: Vec<[f32; LANES]>,
    history: usize,
    /// First step of the block.
    begin: usize,
}

impl Noise {
    /// One that is looked at up to `history` steps back.
    pub(super) fn new(blocks: &Blocks, history: usize) -> Self {
        let none = [0.0; LANES];
        Self { rows: vec![none; history + blocks.hop + 1], tail: vec![none; blocks.fade.len()], history, begin: 0 }
    }

    /// Moves on to a block, the first or the one after the last, from its painted samples, one below the other.
    pub(super) fn fill(&mut self, blocks: &Blocks, block: usize, painted: &[f32]) {
        let Blocks { length, hop, ref fade } = *blocks;
        let samples: [&[f32]; LANES] = std::array::from_fn(|lane| &painted[lane * length..][..length]);
        // Turned so that a step's samples lie side by side.
        let row = |step: usize| -> [f32; LANES] { std::array::from_fn(|lane| samples[lane][step]) };
        self.begin = block * hop;
        if block == 0 {
            // A block repeats itself, so that it has a past.
            for (k, rows) in self.rows[..self.history].iter_mut().rev().enumerate() {
                *rows = row(length - 1 - k % length);
            }
        } else {
            self.rows.copy_within(hop..hop + self.history, 0);
        }
        let faded = if block == 0 { 0 } else { fade.len() };
        let (fading, plain) = self.rows[self.history..].split_at_mut(faded);
        for ((step, out), (tail, [old, new])) in fading.iter_mut().enumerate().zip(self.tail.iter().zip(fade)) {
            let own = row(step);
            *out = std::array::from_fn(|lane| old * tail[lane] + new * own[lane]);
        }
        for (step, out) in (faded..hop).zip(&mut *plain) {
            *out = row(step);
        }
        // Of one block alone, which repeats itself, or before the fade begins.
        plain[hop - faded] = row(hop % length);
        for (step, out) in self.tail.iter_mut().enumerate() {
            *out = row(hop + step);
        }
    }

    /// From a step on, `back` steps earlier, to the end of the block.
    pub(super) fn from(&self, at: usize, back: usize) -> &[[f32; LANES]] {
        &self.rows[self.history + at - self.begin - back..]
    }
}

#[cfg(test)]
mod tests {
    use qhh_core::num_complex::Complex64;
    use qhh_core::quantum::bath::Bath;
    use qhh_core::quantum::sampled::{NoiseFilter, NoiseSynthesizer};
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    const DT: f64 = 0.02;
    const CUTOFF: f64 = 100.0;

    /// So many blocks of a noise of a spectrum, row after row.
    fn painted(blocks: &Blocks, n_blocks: usize, seed: u64, spectrum: impl Fn(f64) -> f64) -> Vec<[f32; LANES]> {
        let colour = NoiseFilter::new(blocks.length, DT, CUTOFF, spectrum, |_| Complex64::ONE);
        let (mut painter, mut out) = (NoiseSynthesizer::new(blocks.length), vec![0.0; LANES * blocks.length]);
        let (mut noise, mut rows) = (Noise::new(blocks, 3), Vec::new());
        for block in 0..n_blocks {
            for (lane, out) in out.chunks_exact_mut(blocks.length).enumerate() {
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                random.set_stream((block * LANES + lane) as u64);
                painter.paint(&colour, &mut random, out);
            }
            noise.fill(blocks, block, &out);
            let at = block * blocks.hop;
            // The past of a block is the end of the one before.
            if block > 0 {
                assert_eq!(noise.from(at, 3)[..3], rows[at - 3..at]);
                assert_eq!(noise.from(at, 0)[0], rows[at]);
                rows.truncate(at);
            }
            rows.extend_from_slice(&noise.from(at, 0)[..=blocks.hop]);
        }
        rows
    }

    /// Power of a noise at a frequency from stretches that overlap by half under a Hann window, and the number of stretches
    /// that count: over all of them, fades and borders included.
    fn power(rows: &[[f32; LANES]], omega: f64, stretch: usize) -> (f64, f64) {
        let turn = std::f64::consts::TAU / stretch as f64;
        let window: Vec<Complex64> = (0..stretch)
            .map(|k| {
                let hann = 0.5 - 0.5 * (turn * (k as f64 + 0.5)).cos();
                Complex64::from_polar(hann, omega * DT * k as f64)
            })
            .collect();
        let norm: f64 = window.iter().map(Complex64::norm_sqr).sum::<f64>() * std::f64::consts::TAU / (2.0 * DT);
        let (mut sum, mut count) = (0.0, 0.0);
        let mut at = 0;
        while at + stretch <= rows.len() {
            for lane in 0..LANES {
                let of = |(row, w): (&[f32; LANES], &Complex64)| *w * f64::from(row[lane]);
                sum += rows[at..at + stretch].iter().zip(&window).map(of).sum::<Complex64>().norm_sqr() / norm;
                count += 1.0;
            }
            at += stretch / 2;
        }
        // Windows of Hann that overlap by half are correlated by a sixth.
        (sum / count, count / (1.0 + 2.0 / 36.0))
    }

    /// The spectrum of a line, `hbar w coth(hbar w/2kT)`, cold and warm, from 0.5 rad/ms to the cutoff and beyond it: over
    /// blocks that are short, so that a fifth of all is fades.
    #[test]
    fn blocks_have_the_spectrum_of_the_line() {
        let blocks = Blocks::new(LEAST_FADE, 1 << 20);
        assert_eq!((blocks.length, blocks.hop, blocks.rows()), (3072, 2560, 3073));
        for thermal_energy in [0.0, 5.0] {
            let bath = Bath { hbar: 1.0, thermal_energy, cutoff: CUTOFF };
            let rows = painted(&blocks, 40, 7, |omega| bath.energy(omega));
            let (mut squares, mut figures) = (0.0f64, 0.0f64);
            for k in 0..42 {
                let omega = 0.5 * 1.142f64.powi(k);
                if (omega - CUTOFF).abs() < 2.0 {
                    continue;
                }
                let (found, count) = power(&rows, omega, 1500);
                let exact = bath.energy(omega);
                if omega > CUTOFF {
                    assert!(found < 1e-3 * exact, "{found} at {omega}");
                    continue;
                }
                let off = (found / exact - 1.0) * count.sqrt();
                assert!(off.abs() < 4.5, "kT = {thermal_energy}: {found} at {omega}, exactly {exact}");
                squares += off * off;
                figures += 1.0;
            }
            assert!(figures > 30.0 && squares < figures + 4.0 * (2.0 * figures).sqrt(), "{squares} of {figures}");
        }
    }

    /// Variance and correlation within a fade, across its start, across its end and far from it.
    #[test]
    fn fades_keep_variance_and_correlations() {
        let blocks = Blocks::new(LEAST_FADE, 1 << 20);
        let spectrum = |omega: f64| omega;
        let exact = |lag: f64| {
            let n: i32 = 50_000;
            let step = CUTOFF / f64::from(n);
            (0..n).map(|k| (f64::from(k) + 0.5) * step).map(|w| w * (w * lag * DT).cos() * step).sum::<f64>()
        };
        let runs: Vec<_> = (0..120).map(|seed| painted(&blocks, 2, seed, spectrum)).collect();
        let count = (runs.len() * LANES) as f64;
        for at in [400, 2555, 2560, 2816, 3060, 4000] {
            for lag in [0, 1, 2, 7, 40] {
                let of = |rows: &Vec<[f32; LANES]>| -> f64 {
                    (0..LANES).map(|lane| f64::from(rows[at][lane]) * f64::from(rows[at + lag][lane])).sum()
                };
                let found = runs.iter().map(of).sum::<f64>() / count;
                let expected = exact(lag as f64);
                let error = (exact(0.0).powi(2) + expected * expected).sqrt() / count.sqrt();
                let off = (found - expected) / error;
                assert!(off.abs() < 4.5, "lag {lag} at {at}: {found}, exactly {expected}");
            }
        }
    }

    #[test]
    fn a_run_of_one_block_has_no_fades() {
        let blocks = Blocks::new(900, 5000);
        assert_eq!((blocks.length, blocks.hop, blocks.rows()), (5120, 5120, 5121));
        let long = Blocks::new(900, 50_000);
        assert_eq!((long.length, long.hop), (6144, 5244));
        assert_eq!(Blocks::new(900, 1 << 30), long);
    }
}
