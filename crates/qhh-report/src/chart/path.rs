//! Data as SVG path text: thinned to what the page can show, whole numbers from 0 to [`SPAN`] in both directions,
//! each point relative to the one before.

use std::fmt::Write as _;

use super::axis::Axis;

/// Width and height of a plot in the units of its paths.
pub(crate) const SPAN: f64 = 10_000.0;

/// By how much a drawn line may miss a sample: a fifth of a pixel or so.
const MOST_MISSED: f64 = 7.0;

/// Most points a curve over time is drawn with before it is thinned.
const MOST_POINTS: usize = 900;

/// The samples that draw a curve over an increasing `x`: all of a short one; first, last, lowest and highest of each
/// of about 400 stretches of a long one, so that no peak is lost.
pub(crate) fn thinned(n: usize, y: impl Fn(usize) -> f64) -> Vec<usize> {
    if n <= MOST_POINTS {
        return (0..n).collect();
    }
    let n_cells = MOST_POINTS / 2;
    let mut kept = vec![0];
    for cell in 0..n_cells {
        let range = cell * n / n_cells..(cell + 1) * n / n_cells;
        let finite = range.filter(|&k| y(k).is_finite());
        let (mut low, mut high) = (None::<usize>, None::<usize>);
        for k in finite {
            low = low.filter(|&l| y(l) <= y(k)).or(Some(k));
            high = high.filter(|&h| y(h) >= y(k)).or(Some(k));
        }
        kept.extend(low.into_iter().chain(high));
    }
    kept.push(n - 1);
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// Of points over an increasing x, those between which straight lines miss no other by more than [`MOST_MISSED`].
pub(crate) fn straightened(points: &[(i32, i32)]) -> Vec<usize> {
    let Some(last) = points.len().checked_sub(1) else { return Vec::new() };
    let mut kept = vec![0];
    let (mut anchor, mut lowest, mut highest) = (points[0], f64::NEG_INFINITY, f64::INFINITY);
    for k in 1..=last {
        // Slopes from the anchor that pass close enough by every point since.
        let slope =
            |to: (i32, i32), off: f64| (f64::from(to.1 - anchor.1) + off) / f64::from((to.0 - anchor.0).max(1));
        let direct = slope(points[k], 0.0);
        if direct < lowest || direct > highest {
            kept.push(k - 1);
            (anchor, lowest, highest) = (points[k - 1], f64::NEG_INFINITY, f64::INFINITY);
        }
        let slope =
            |off: f64| (f64::from(points[k].1 - anchor.1) + off) / f64::from((points[k].0 - anchor.0).max(1));
        (lowest, highest) = (lowest.max(slope(-MOST_MISSED)), highest.min(slope(MOST_MISSED)));
    }
    kept.push(last);
    kept.dedup();
    kept
}

/// The points of a curve in the plane that stand at least a third of a pixel or so apart.
pub(crate) fn spaced(points: impl Iterator<Item = (i32, i32)>, most: usize) -> Vec<(i32, i32)> {
    let mut kept: Vec<(i32, i32)> = Vec::new();
    let mut last = None;
    for point in points {
        let far = kept.last().is_none_or(|p| (p.0 - point.0).abs() + (p.1 - point.1).abs() >= 12);
        if far {
            kept.push(point);
        }
        last = Some(point);
    }
    kept.extend(last);
    kept.dedup();
    let stride = kept.len().div_ceil(most.max(1));
    kept.into_iter().step_by(stride.max(1)).collect()
}

/// A point of the data in path units; y counts downwards there.
#[expect(clippy::cast_possible_truncation, reason = "positions lie between 0 and 1")]
pub(crate) fn place(x: &Axis, y: &Axis, point: (f64, f64)) -> (i32, i32) {
    ((x.position(point.0) * SPAN).round() as i32, ((1.0 - y.position(point.1)) * SPAN).round() as i32)
}

/// A line through `points`.
pub(crate) fn line(points: impl Iterator<Item = (i32, i32)>) -> String {
    let mut text = String::new();
    let mut previous = None::<(i32, i32)>;
    for (k, (x, y)) in points.enumerate() {
        let (x0, y0) = previous.unwrap_or_default();
        match k {
            0 => text.push('M'),
            1 => text.push('l'),
            _ => {}
        }
        pair(&mut text, x - x0, y - y0);
        previous = Some((x, y));
    }
    text
}

/// The outline of a band: `upper` from left to right, then `lower` back; both of one length.
pub(crate) fn band(upper: &[(i32, i32)], lower: &[(i32, i32)]) -> String {
    let around = upper.iter().chain(lower.iter().rev());
    let mut text = line(around.copied());
    text.push('z');
    text
}

/// Strokes of the given height upwards from each point; a height of 0 draws round dots.
pub(crate) fn strokes(points: impl Iterator<Item = (i32, i32)>, height: i32) -> String {
    let mut text = String::new();
    for (x, y) in points {
        text.push('M');
        pair(&mut text, x, y);
        if height == 0 {
            text.push_str("h0");
        } else {
            let _ = write!(text, "v{}", -height);
        }
    }
    text
}

/// Two whole numbers, with a space only where the sign does not part them.
fn pair(text: &mut String, x: i32, y: i32) {
    if x >= 0 && text.ends_with(|c: char| c.is_ascii_digit()) {
        text.push(' ');
    }
    let _ = if y < 0 { write!(text, "{x}{y}") } else { write!(text, "{x} {y}") };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_a_lone_peak_and_both_ends() {
        let y = |k: usize| if k == 54_321 { 1.0 } else { 0.0 };
        let kept = thinned(100_000, y);
        assert!(kept.len() <= MOST_POINTS + 2);
        for k in [0, 54_321, 99_999] {
            assert!(kept.contains(&k), "{k}");
        }
        assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn straight_stretches_keep_their_ends_and_no_sample_is_missed() {
        // A flat stretch, then a parabola.
        let height = |k: i32| 4000 + (k - 500).max(0) * (1000 - k) / 20;
        let points: Vec<(i32, i32)> = (0..1000).map(|k| (10 * k, height(k))).collect();
        let kept = straightened(&points);
        assert!(kept.len() < 300 && kept[0] == 0 && kept[kept.len() - 1] == 999, "{}", kept.len());
        for pair in kept.windows(2) {
            let (a, b) = (points[pair[0]], points[pair[1]]);
            for p in &points[pair[0]..=pair[1]] {
                let on_line = f64::from(a.1) + f64::from(p.0 - a.0) * f64::from(b.1 - a.1) / f64::from(b.0 - a.0);
                assert!((on_line - f64::from(p.1)).abs() <= MOST_MISSED + 1e-9);
            }
        }
    }

    #[test]
    fn a_line_is_written_from_point_to_point() {
        let points = [(0, 10), (5, 3), (20, 3), (-1, 40)];
        assert_eq!(line(points.into_iter()), "M0 10l5-7 15 0-21 37");
    }
}
