//! Which samples a page keeps of many: those between which straight lines miss none by more than can be seen.

use std::collections::BTreeSet;

/// By how much a drawn line may miss a sample, as a part of its curve's range: a third of a pixel of a tall panel.
const MISSED: f64 = 1e-3;
/// Stretches of which each keeps a sample, so that hover values are near the pointer.
const STRETCHES: usize = 400;

/// The samples kept of curves over the same ascending `x`, about `most` of them; all of short ones.
///
/// Every curve is drawn through the same samples, so that they can be read off together. The lowest and highest of each
/// and the ends are among them. Where a number of samples would not do, the lowest and highest of as many stretches.
pub(super) fn kept(x: &[f64], curves: &[&[f64]], most: usize) -> Vec<usize> {
    let n = curves.iter().map(|curve| curve.len()).fold(x.len(), usize::min);
    if n <= STRETCHES {
        return (0..n).collect();
    }
    for missed in [MISSED, 2.0 * MISSED, 5.0 * MISSED] {
        let mut kept: BTreeSet<usize> = (0..n).step_by(n.div_ceil(STRETCHES)).collect();
        kept.insert(n - 1);
        for curve in curves {
            straight(x, &curve[..n], missed, &mut kept);
            if kept.len() > most {
                break;
            }
        }
        if kept.len() <= most {
            return kept.into_iter().collect();
        }
    }
    let mut kept: BTreeSet<usize> = [0, n - 1].into();
    for curve in curves {
        extremes(&curve[..n], (most / (2 * curves.len().max(1))).max(STRETCHES), &mut kept);
    }
    kept.into_iter().collect()
}

/// Samples of one curve between which straight lines miss no other by more than a part of its range; all around gaps.
fn straight(x: &[f64], y: &[f64], missed: f64, kept: &mut BTreeSet<usize>) {
    let finite = || (0..y.len()).filter(|&k| y[k].is_finite());
    let (Some(low), Some(high)) =
        (finite().min_by(|a, b| y[*a].total_cmp(&y[*b])), finite().max_by(|a, b| y[*a].total_cmp(&y[*b])))
    else {
        return;
    };
    kept.extend([low, high]);
    let missed = missed * (y[high] - y[low]);
    let mut anchor: Option<usize> = None;
    let (mut least, mut largest) = (f64::NEG_INFINITY, f64::INFINITY);
    for k in 0..y.len() {
        if !y[k].is_finite() {
            // A gap ends a curve where it begins; one place without a number tells it.
            if anchor.take().is_some() {
                kept.extend([k - 1, k]);
            }
            continue;
        }
        let Some(from) = anchor else {
            kept.insert(k);
            (anchor, least, largest) = (Some(k), f64::NEG_INFINITY, f64::INFINITY);
            continue;
        };
        // Slopes from the anchor that pass close enough by every sample since.
        let slope = |from: usize, off: f64| (y[k] - y[from] + off) / (x[k] - x[from]).max(f64::MIN_POSITIVE);
        let mut from = from;
        if slope(from, 0.0) < least || slope(from, 0.0) > largest {
            from = k - 1;
            kept.insert(from);
            (anchor, least, largest) = (Some(from), f64::NEG_INFINITY, f64::INFINITY);
        }
        (least, largest) = (least.max(slope(from, -missed)), largest.min(slope(from, missed)));
    }
}

/// Lowest and highest of each of `n_cells` stretches, and a place without a number where there is one.
fn extremes(y: &[f64], n_cells: usize, kept: &mut BTreeSet<usize>) {
    for cell in 0..n_cells {
        let range = cell * y.len() / n_cells..(cell + 1) * y.len() / n_cells;
        let finite = || range.clone().filter(|&k| y[k].is_finite());
        kept.extend(finite().min_by(|a, b| y[*a].total_cmp(&y[*b])));
        kept.extend(finite().max_by(|a, b| y[*a].total_cmp(&y[*b])));
        kept.extend(range.clone().find(|&k| !y[k].is_finite()));
    }
}

/// Of a curve in the plane, points that stand some way apart, at most `most` of them, and the last.
pub(super) fn spaced(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    /// Parts of the width and height that a step may be too small for.
    const CELLS: f64 = 2000.0;
    let finite: Vec<(f64, f64)> = points.iter().copied().filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
    let span = |of: fn(&(f64, f64)) -> f64| {
        let (low, high) =
            finite.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        (high - low).max(f64::MIN_POSITIVE)
    };
    let (wide, high) = (span(|p| p.0), span(|p| p.1));
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for point in &finite {
        let far = kept
            .last()
            .is_none_or(|last| (point.0 - last.0).abs() / wide + (point.1 - last.1).abs() / high >= 1.0 / CELLS);
        if far {
            kept.push(*point);
        }
    }
    let stride = kept.len().div_ceil(most.max(1)).max(1);
    let mut kept: Vec<(f64, f64)> = kept.into_iter().step_by(stride).collect();
    if let Some(&last) = finite.last()
        && kept.last() != Some(&last)
    {
        kept.push(last);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_peak_and_both_ends_are_kept_and_no_sample_is_missed() {
        let n = 20_000;
        let x: Vec<f64> = (0..n).map(f64::from).collect();
        // A flat stretch, a lone peak, then a parabola.
        let height =
            |k: i32| if k == 4321 { 7.0 } else { f64::from((k - 10_000).max(0) * (k - 10_000).max(0)) * 1e-7 };
        let y: Vec<f64> = (0..n).map(height).collect();
        let wave: Vec<f64> = x.iter().map(|x| (x / 900.0).sin()).collect();
        let kept = kept(&x, &[&y, &wave], 6000);
        assert!(kept.len() < 1500 && kept[0] == 0 && kept[kept.len() - 1] == 19_999, "{}", kept.len());
        assert!(kept.contains(&4321) && kept.windows(2).all(|pair| pair[0] < pair[1]));
        for (curve, range) in [(&y, 10.0), (&wave, 2.0)] {
            for pair in kept.windows(2) {
                let (a, b) = (pair[0], pair[1]);
                for k in a..=b {
                    let on_line = curve[a] + (curve[b] - curve[a]) * (k - a) as f64 / (b - a) as f64;
                    assert!((on_line - curve[k]).abs() <= 2.0 * MISSED * range, "{k}");
                }
            }
        }
    }

    #[test]
    fn noise_keeps_the_extremes_of_its_stretches() {
        let n = 100_000;
        let x: Vec<f64> = (0..n).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| (x * 12.9898).sin() * 43758.5453 % 1.0).collect();
        let kept = kept(&x, &[&y], 6000);
        assert!((3000..=8000).contains(&kept.len()), "{}", kept.len());
        let highest = (0..y.len()).max_by(|a, b| y[*a].total_cmp(&y[*b])).unwrap();
        assert!(kept.contains(&highest));
    }

    #[test]
    fn gaps_are_kept_as_gaps() {
        let x: Vec<f64> = (0..3000).map(f64::from).collect();
        let mut y: Vec<f64> = x.clone();
        y[700..900].fill(f64::NAN);
        let kept = kept(&x, &[&y], 6000);
        assert!(kept.contains(&699) && kept.contains(&700) && kept.contains(&900));
    }

    #[test]
    fn a_curve_in_the_plane_keeps_its_end() {
        let circle: Vec<(f64, f64)> = (0..=100_000).map(|k| (f64::from(k) * 1e-4).sin_cos()).collect();
        let kept = spaced(&circle, 4000);
        assert!((1000..=4001).contains(&kept.len()) && kept.last() == circle.last());
    }
}
