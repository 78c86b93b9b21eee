//! The integral of the negative part of a Wigner function, with an error that bounds it.
//!
//! The negative part has kinks where `W` crosses zero, so that plain sums converge slowly. Between points `W` is taken
//! as the cubic through four of them, whose zeros bound what is integrated: fourth order along lines. Across lines it is
//! the trapezoidal rule, which is fast where no line touches a curve of zeros without crossing it.
//!
//! A sum over rays is blind to a pattern that repeats itself as often as the rays do. So the first rule already has more
//! points than the state can have zeros, numbers of rays are primes, none of which divides another or an order of
//! rotation of the state, and each rule starts at an angle of its own. Rules are refined by half until two changes in a
//! row are small; twice the last change is the error, checked against reference volumes in `tests/core/negativity.rs`.
//!
//! Cats have closed forms along their fringes: [`super::fringes`].
//!
//! Source: A. Kenfack, K. Zyczkowski, J. Opt. B 6, 396 (2004), whose volume is twice this one.

use std::f64::consts::TAU;

use nalgebra::Vector2;

use crate::quantum::QuantumError;

/// A negativity volume and its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Negativity {
    /// `(int |W| dx dp - 1)/2`.
    pub volume: f64,
    /// The true volume is within this of it.
    pub error: f64,
}

/// Extent of what the integration must resolve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detail {
    /// Largest photon number.
    pub(super) photons: usize,
    /// Largest order of rotation about the middle.
    pub(super) harmonics: usize,
}

impl Detail {
    /// Points along a ray at first: six or more for each sign that `W` can have there.
    fn points(self) -> usize {
        let radius = (2.0 * self.photons as f64 + 1.0).sqrt() + 5.5;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
        let points = (3.0 * radius * radius) as usize;
        points
    }
}

/// Most points of all rules together.
const MOST: usize = 3 << 20;
/// What a state has outside of the area of integration.
const OUTSIDE: f64 = 3e-11;
/// Part of an angle of the golden section by which rules are turned against each other.
const TURN: f64 = 0.618_033_988_749_894_9;

/// Of a `w` that depends on the radius alone, over `|u| <= 1`, `area` being that of a unit square.
///
/// # Errors
/// [`QuantumError::NotResolved`] if the number of points does not suffice.
pub(super) fn round(
    w: impl Fn(Vector2<f64>) -> f64,
    area: f64,
    detail: Detail,
    tolerance: f64,
) -> Result<Negativity, QuantumError> {
    // Fourth order.
    refine(tolerance, 4.0, |level| {
        let points = refined(detail.points().max(256), level);
        (points, TAU * area * ray(&w, Vector2::x(), points))
    })
}

/// Of `w` over `|u| <= 1` along rays.
///
/// # Errors
/// As [`round`].
pub(super) fn star(
    w: impl Fn(Vector2<f64>) -> f64,
    area: f64,
    detail: Detail,
    tolerance: f64,
) -> Result<Negativity, QuantumError> {
    // Rays that touch a curve of zeros make the order two and a half.
    refine(tolerance, 2.5, |level| {
        let rays = next_prime(refined((detail.harmonics + 1).max(31), level));
        let points = refined(detail.points(), level);
        let turn = TAU / rays as f64;
        let along = |i: usize| {
            let angle = turn * (i as f64 + TURN * (level as f64 + 1.0));
            Vector2::new(angle.cos(), angle.sin())
        };
        let one = |i: usize| {
            crate::stop::check();
            ray(&w, along(i), points)
        };
        (rays * points, turn * area * (0..rays).map(one).sum::<f64>())
    })
}

/// Half as many again at each level.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "small")]
fn refined(first: usize, level: usize) -> usize {
    (first as f64 * 1.5f64.powi(level as i32)) as usize
}

fn next_prime(n: usize) -> usize {
    let is_prime = |n: usize| (2..=n.isqrt()).all(|d| !n.is_multiple_of(d));
    // There is one below twice any number.
    (n..=2 * n).find(|n| is_prime(*n)).unwrap_or(n)
}

/// Refines a rule of this order until its error is below the tolerance; `rule` returns its points and result by level.
///
/// # Errors
/// [`QuantumError::NotResolved`] if [`MOST`] points do not take two changes to be judged by.
pub(super) fn refine(
    tolerance: f64,
    order: f64,
    rule: impl Fn(usize) -> (usize, f64),
) -> Result<Negativity, QuantumError> {
    let (mut spent, mut last) = rule(0);
    let mut changes: Vec<f64> = Vec::new();
    for level in 1.. {
        // The next rule takes more points than the last by half in each direction.
        if changes.len() >= 2 && spent + spent / 2 > MOST {
            break;
        }
        if spent > MOST {
            return Err(QuantumError::NotResolved);
        }
        let (points, next) = rule(level);
        spent += points;
        let change = (next - last).abs();
        // What the change before leads one to expect: an accident must not pass for accuracy.
        let expected = changes.last().map_or(f64::INFINITY, |before| before * 1.5f64.powf(-order));
        changes.push(change);
        last = next;
        if 2.0 * change.max(expected) + OUTSIDE <= tolerance {
            break;
        }
    }
    let of = |back: usize| changes[changes.len() - back];
    let error = 2.0 * of(1).max(of(2) * 1.5f64.powf(-order)) + OUTSIDE;
    Ok(Negativity { volume: last, error })
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

/// Integral of `max(-f, 0)` in units of the step, with the value before the first; beyond the last is nothing.
pub(super) fn negative_part(values: &[f64], before: f64) -> f64 {
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
