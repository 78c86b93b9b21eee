//! The integral of the negative part of a Wigner function, to a known error.
//!
//! The negative part has kinks where `W` crosses zero, so that plain sums converge slowly. Between points `W` is taken
//! as the cubic through four of them, whose zeros bound what is integrated: fourth order along lines. Across lines it is
//! the trapezoidal rule, which is fast where no line touches a curve of zeros without crossing it: rays from the middle
//! for the rings of number states, lines across the fringes for cats. The number of points is doubled until the result
//! stands still; the last change is the error.
//!
//! Source: A. Kenfack, K. Zyczkowski, J. Opt. B 6, 396 (2004), whose volume is twice this one.

use std::f64::consts::TAU;

use nalgebra::Vector2;

/// A negativity volume and its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Negativity {
    /// `(int |W| dx dp - 1)/2`.
    pub volume: f64,
    /// Change at the last doubling of the points: above the tolerance if that was not reached.
    pub error: f64,
}

/// Points along a ray for each two rays.
const ALONG: usize = 8;
/// Points across fringes for each line: along them the function is as smooth as a Gaussian.
const ACROSS: usize = 64;
/// Most points along the one ray of a round function.
const MOST: usize = 1 << 17;
/// Most rays, of half as many times [`ALONG`] points.
const MOST_RAYS: usize = 1 << 9;
/// Most lines, of as many times [`ACROSS`] points.
const MOST_LINES: usize = 1 << 7;

/// Of a `w` that depends on the radius alone, over `|u| <= 1`, `area` being that of a unit square.
pub(super) fn round(w: impl Fn(Vector2<f64>) -> f64, area: f64, tolerance: f64) -> Negativity {
    until_it_stands(tolerance, 256, MOST, |points| TAU * area * ray(&w, Vector2::x(), points))
}

/// Of `w` over `|u| <= 1` along rays.
pub(super) fn star(w: impl Fn(Vector2<f64>) -> f64, area: f64, tolerance: f64) -> Negativity {
    until_it_stands(tolerance, 32, MOST_RAYS, |lines| {
        let turn = TAU / lines as f64;
        let along = |i: usize| Vector2::new((turn * i as f64).cos(), (turn * i as f64).sin());
        turn * area * (0..lines).map(|i| ray(&w, along(i), ALONG * lines / 2)).sum::<f64>()
    })
}

/// Of `w` over the square that holds `|u| <= 1`, along lines in the second direction.
pub(super) fn plane(w: impl Fn(Vector2<f64>) -> f64, area: f64, tolerance: f64) -> Negativity {
    until_it_stands(tolerance, 16, MOST_LINES, |lines| {
        let at = |i: usize, of: usize| 2.0 * i as f64 / of as f64 - 1.0;
        let points = ACROSS * lines;
        let line = |i: usize| {
            crate::stop::check();
            let values: Vec<f64> = (0..=points).map(|j| w(Vector2::new(at(i, lines), at(j, points)))).collect();
            negative_part(&values, 0.0)
        };
        area * 4.0 / (lines as f64 * points as f64) * (0..=lines).map(line).sum::<f64>()
    })
}

/// Integral of the negative part of `r w` from the middle to 1 in one direction.
fn ray(w: impl Fn(Vector2<f64>) -> f64, along: Vector2<f64>, points: usize) -> f64 {
    crate::stop::check();
    let step = 1.0 / points as f64;
    let weighted = |r: f64| r.abs() * w(along * r);
    let values: Vec<f64> = (0..=points).map(|i| weighted(i as f64 * step)).collect();
    // Beyond the middle the integrand changes sign.
    step * negative_part(&values, -weighted(-step))
}

fn until_it_stands(tolerance: f64, first: usize, most: usize, volume: impl Fn(usize) -> f64) -> Negativity {
    let mut points = first;
    let mut last = volume(points);
    loop {
        points *= 2;
        let next = volume(points);
        let error = (next - last).abs();
        if error <= tolerance || points >= most {
            return Negativity { volume: next, error };
        }
        last = next;
    }
}

/// Integral of `max(-f, 0)` in units of the step, with the value before the first; beyond the last is nothing.
fn negative_part(values: &[f64], before: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..values.len() - 1 {
        let f = [
            if i == 0 { before } else { values[i - 1] },
            values[i],
            values[i + 1],
            values.get(i + 2).copied().unwrap_or(0.0),
        ];
        sum += match (f[1] < 0.0, f[2] < 0.0) {
            (false, false) => 0.0,
            (true, true) => (f[0] - 13.0 * (f[1] + f[2]) + f[3]) / 24.0,
            (true, false) => part(f),
            (false, true) => part([f[3], f[2], f[1], f[0]]),
        };
    }
    sum
}

/// Integral from 0 to its zero of minus the cubic through `f` at -1, 0, 1, 2, negative at 0 and not at 1.
fn part(f: [f64; 4]) -> f64 {
    let cubic = |t: f64| {
        -f[0] * t * (t - 1.0) * (t - 2.0) / 6.0 + f[1] * (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0
            - f[2] * (t + 1.0) * t * (t - 2.0) / 2.0
            + f[3] * (t + 1.0) * t * (t - 1.0) / 6.0
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..45 {
        let middle = 0.5 * (low + high);
        *(if cubic(middle) < 0.0 { &mut low } else { &mut high }) = middle;
    }
    // Simpson's rule is exact for cubics.
    -low * (f[1] + 4.0 * cubic(0.5 * low) + cubic(low)) / 6.0
}
