//! The numbers behind a drawn line or band, for the values under the pointer: samples as recorded, never between two.
//!
//! A path is thinned and straightened for the eye; these are the samples that were kept when it was thinned, to the
//! four digits that are shown. Evenly spaced times are told by the first and their distance, and by the places kept.

use std::fmt::Write as _;

/// Attributes of a path: `data-t` or `data-at` for the times, `data-v` for the values at the places `kept`.
pub(super) fn attributes(x: &[f64], kept: &[usize], value: impl Fn(usize) -> f64) -> String {
    let kept: Vec<usize> = kept.iter().copied().filter(|&k| value(k).is_finite()).collect();
    let mut text = match even(x) {
        Some((first, step)) => {
            let stride = kept.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(1);
            let regular = kept.first() == Some(&0) && kept.windows(2).all(|pair| pair[1] - pair[0] == stride);
            let distance = if regular { stride as f64 * step } else { step };
            let mut text = format!(" data-t=\"{first} {distance}\"");
            if !regular {
                let mut last = 0;
                let distances = kept.iter().map(|&k| {
                    let distance = k - last;
                    last = k;
                    distance.to_string()
                });
                let _ = write!(text, " data-k=\"{}\"", distances.collect::<Vec<_>>().join(" "));
            }
            text
        }
        None => format!(" data-at=\"{}\"", listed(kept.iter().map(|&k| x[k].to_string()))),
    };
    let _ = write!(text, " data-v=\"{}\"", listed(kept.iter().map(|&k| brief(value(k)))));
    text
}

/// First value and distance of evenly spaced ones.
fn even(x: &[f64]) -> Option<(f64, f64)> {
    let (first, last) = (*x.first()?, *x.last()?);
    let step = (last - first) / (x.len().max(2) - 1) as f64;
    let far = |(k, &x): (usize, &f64)| (x - (first + k as f64 * step)).abs() > 1e-6 * step.abs();
    (!x.iter().enumerate().any(far)).then_some((first, step))
}

fn listed(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(" ")
}

/// Most samples told of a layer of a stack, of which a page may have hundreds.
const MOST_OF_A_LAYER: usize = 300;

/// As many of the samples kept as are told of a layer of a stack, evenly chosen.
pub(super) fn of_a_layer(kept: &[usize]) -> Vec<usize> {
    kept.iter().copied().step_by(kept.len().div_ceil(MOST_OF_A_LAYER).max(1)).collect()
}

/// A number to four digits, as short as it can be written.
pub(super) fn brief(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    let plain = rounded == 0.0 || (1e-3..1e6).contains(&rounded.abs());
    if plain { rounded.to_string() } else { format!("{rounded:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_told_with_their_places() {
        let x: Vec<f64> = (0..5).map(|k| 0.5 + 0.25 * f64::from(k)).collect();
        let y = [-66.0, 1.234_567, f64::NAN, 1e-9, 2.5e7];
        let all = attributes(&x, &[0, 1, 2, 3, 4], |k| y[k]);
        assert_eq!(all, " data-t=\"0.5 0.25\" data-k=\"0 1 2 1\" data-v=\"-66 1.235 1e-9 2.5e7\"");
        let every_other = attributes(&x, &[0, 2, 4], |k| x[k]);
        assert_eq!(every_other, " data-t=\"0.5 0.5\" data-v=\"0.5 1 1.5\"");
        let uneven = attributes(&[0.0, 1.0, 10.0], &[0, 1, 2], |k| y[k]);
        assert_eq!(uneven, " data-at=\"0 1\" data-v=\"-66 1.235\"");
    }
}
