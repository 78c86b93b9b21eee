//! Delays between steps: an all-pass filter, so that noise keeps its strength at every frequency.
//!
//! A straight line between two samples halfway between steps multiplies a frequency `w` by `cos(w dt/2)`: noise up to
//! 2/dt loses a tenth of its variance. Thiran's filter of order `N` for a delay of `D` samples,
//!
//! ```text
//! H(z) = (a_N + .. + a_1 z^-(N-1) + z^-N)/(1 + a_1 z^-1 + .. + a_N z^-N)
//! a_k = (-1)^k binom(N, k) prod_{n=0}^N (D - N + n)/(D - N + k + n)
//! ```
//!
//! has size 1 at all frequencies and a delay that is flat at zero frequency: with N = 10 its phase is right to 0.003 up
//! to 2/dt. Delays of few steps have room for lower orders: 0.03 at 1/dt for one step and a half.
//!
//! Source: J.-P. Thiran, IEEE Trans. Circuit Theory 18, 659 (1971).

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use pulp::{Simd, WithSimd};
use qhh_core::integrate::lanes::{LANES, Lanes};

type Row = Lanes<LANES>;

/// Highest order of the filter.
const ORDER: usize = 10;

/// A delay: whole steps, then an all-pass filter for the fraction of a step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Delay {
    /// Whole steps back of the newest sample that is needed.
    pub(super) whole: usize,
    /// `a_1, .., a_N`; none where the delay is a whole number of steps.
    coefficients: Vec<f64>,
}

impl Delay {
    /// Of so many steps, at least one.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of steps")]
    pub(super) fn new(lag: f64) -> Self {
        if (lag - lag.round()).abs() < 1e-6 {
            return Self { whole: lag.round() as usize, coefficients: Vec::new() };
        }
        // The filter's own delay is best at N - 1/2, and one step at least is whole.
        let order = ((lag - 0.5).floor() as usize).clamp(1, ORDER);
        let whole = ((lag - order as f64 + 0.75).floor() as usize).max(1);
        Self { whole, coefficients: thiran(order, lag - whole as f64) }
    }

    /// Order of the filter: how many samples older than the newest are needed, and how many outputs are remembered.
    pub(super) fn order(&self) -> usize {
        self.coefficients.len()
    }

    /// Filters `x`, which begins [`Delay::order`] samples before the first one delayed, adds `amplitude` times what comes
    /// out to `sums`, and moves `history`, the outputs before, oldest first, on by all but the last of them: the next
    /// call begins there. `outputs` is working memory.
    pub(super) fn filter(
        &self,
        x: &[Row],
        amplitude: f64,
        history: &mut [Row],
        outputs: &mut Vec<Row>,
        sums: &mut [Row],
    ) {
        let order = self.order();
        outputs.clear();
        outputs.extend_from_slice(history);
        outputs.resize(order + sums.len(), Row::default());
        let coefficients = &self.coefficients;
        pulp::Arch::new().dispatch(Filter { coefficients, x, amplitude, outputs, sums });
        history.copy_from_slice(&outputs[sums.len() - 1..][..order]);
    }
}

/// `a_1, .., a_N` of a delay of `delay` samples, more than `order - 1`.
fn thiran(order: usize, delay: f64) -> Vec<f64> {
    let n = order as f64;
    let mut binomial = 1.0;
    let of = |k: usize| {
        let k = k as f64;
        binomial *= (n - k + 1.0) / k;
        let factors = (0..=order).map(|m| (delay - n + m as f64) / (delay - n + k + m as f64));
        let sign = if k % 2.0 == 0.0 { 1.0 } else { -1.0 };
        sign * binomial * factors.product::<f64>()
    };
    (1..=order).map(of).collect()
}

/// A type of its own so that it is compiled for the machine's vectors.
struct Filter<'a> {
    coefficients: &'a [f64],
    x: &'a [Row],
    amplitude: f64,
    outputs: &'a mut [Row],
    sums: &'a mut [Row],
}

impl WithSimd for Filter<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { coefficients, x, amplitude, outputs, sums } = self;
        let order = coefficients.len();
        for (at, sum) in sums.iter_mut().enumerate() {
            // Of z^-N first.
            let mut y = x[at];
            for (k, a) in coefficients.iter().enumerate() {
                add_product(simd, &mut y, &x[at + 1 + k].0, *a);
                add_product(simd, &mut y, &outputs[order + at - 1 - k].0, -a);
            }
            outputs[order + at] = y;
            add_product(simd, sum, &y.0, amplitude);
        }
    }
}

/// `sum += factor * row`. Vector by vector: left to the compiler, a loop over rows is turned into one that gathers.
#[inline(always)]
pub(super) fn add_product<S: Simd>(simd: S, sum: &mut Row, row: &[f64; LANES], factor: f64) {
    let factor = simd.splat_f64s(factor);
    let (sums, rows) = (S::as_mut_simd_f64s(&mut sum.0).0, S::as_simd_f64s(row).0);
    for (sum, row) in sums.iter_mut().zip(rows) {
        *sum = simd.mul_add_f64s(*row, factor, *sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waves of many frequencies through many delays, in windows of uneven length: what comes out has the size that
    /// went in, and the phase of the delay where the order allows.
    #[test]
    fn a_delay_keeps_the_size_of_every_frequency_and_delays_slow_ones_exactly() {
        for (lag, fastest, allowed) in
            [(100.5, 2.0, 0.005), (37.2, 2.0, 0.02), (13.9, 1.5, 0.01), (4.4, 1.0, 0.005), (1.5, 1.0, 0.04)]
        {
            for omega in [0.1, 0.7, 1.0, 1.5, 2.0, 2.8] {
                let delay = Delay::new(lag);
                let (mut history, mut outputs) = (vec![Row::default(); delay.order()], Vec::new());
                let wave = |t: f64| Row::splat((omega * t).cos());
                let mut out = Vec::new();
                let mut at = 0;
                while out.len() < 4000 {
                    let n = 1 + (7 * at + 3) % 23;
                    let oldest = at as f64 - (delay.whole + delay.order()) as f64;
                    let x: Vec<Row> = (0..=n + delay.order()).map(|k| wave(oldest + k as f64)).collect();
                    let mut sums = vec![Row::default(); n + 1];
                    delay.filter(&x, 1.0, &mut history, &mut outputs, &mut sums);
                    out.extend(sums[..n].iter().map(|row| row.0[5]));
                    at += n;
                }
                // In phase and a quarter turn off, long after the start.
                let part = |of: &dyn Fn(f64) -> f64| {
                    let sum: f64 = (2000..4000).map(|t| out[t] * of(omega * (t as f64 - lag))).sum();
                    sum / 1000.0
                };
                let (cosine, sine) = (part(&f64::cos), part(&f64::sin));
                let size = cosine.hypot(sine);
                assert!((size - 1.0).abs() < 0.01, "lag {lag}, omega {omega}: size {size}");
                if omega <= fastest {
                    let off = sine.atan2(cosine).abs();
                    assert!(off < allowed, "lag {lag}, omega {omega}: phase off by {off}");
                }
            }
        }
    }

    #[test]
    fn a_whole_number_of_steps_needs_no_filter() {
        assert_eq!(Delay::new(7.000_000_1), Delay { whole: 7, coefficients: Vec::new() });
        for lag in [1.1, 1.49, 1.51, 2.3, 5.999, 11.5, 250.3] {
            let delay = Delay::new(lag);
            let own = lag - delay.whole as f64;
            assert!(delay.whole >= 1 && own > delay.order() as f64 - 1.0, "{lag}: {delay:?}");
        }
    }
}
