//! Largest gaps, of which one that is no number is the largest of all: `f64::max` would pass over it.

#![allow(dead_code, reason = "each test binary uses a part")]

/// The larger of two gaps; no number if either is none.
pub(crate) fn worst(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// The largest difference between two lists of the same length, not empty.
pub(crate) fn largest_gap(ours: &[f64], theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len(), "the lists differ in length");
    assert!(!ours.is_empty(), "nothing is compared");
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, worst)
}

#[test]
fn a_gap_that_is_no_number_is_below_no_limit() {
    for values in [[f64::NAN, 1.0], [1.0, f64::NAN]] {
        assert!(largest_gap(&values, &[1.0, 1.0]).is_nan());
    }
    assert!((largest_gap(&[1.0, 5.0], &[1.5, 3.0]) - 2.0).abs() < 1e-12);
}
