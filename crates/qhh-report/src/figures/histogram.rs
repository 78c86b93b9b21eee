//! Values counted in bars of equal width.

/// Counts of the values in `bars` bars from `start` on, each at the middle of its bar; what lies beyond the last counts to it.
pub(super) fn counted(values: &[f64], start: f64, width: f64, bars: usize) -> Vec<(f64, f64)> {
    let mut counts = vec![0_u32; bars];
    for value in values {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no value lies below the start"
        )]
        let bar = ((value - start) / width) as usize;
        counts[bar.min(bars - 1)] += 1;
    }
    let middle = |(k, n): (usize, u32)| (start + (k as f64 + 0.5) * width, f64::from(n));
    counts.into_iter().enumerate().map(middle).collect()
}
