//! Normal numbers between bounds, drawn from exactly that distribution however little of it the bounds leave.
//!
//! Where the bounds leave a good part of it, plain normal numbers are drawn until one lies within. In a tail, and between
//! near bounds, numbers are drawn from an exponential or an even distribution and kept with the ratio of the densities.
//! Each way keeps a number with a chance of at least a quarter, whatever the bounds.
//!
//! C. P. Robert, Stat. Comput. 5, 121 (1995).

use std::f64::consts::{PI, TAU};

use rand_chacha::ChaCha8Rng;

use super::random::uniform;

/// A normal number of this mean and standard deviation, given that it lies between two bounds, either of which may be
/// infinite. Without a deviation it is the mean, or the bound nearest to it.
pub(crate) fn normal(mean: f64, deviation: f64, (low, high): (f64, f64), random: &mut ChaCha8Rng) -> f64 {
    let (a, b) = ((low - mean) / deviation, (high - mean) / deviation);
    let value = if deviation <= 0.0 || low >= high {
        mean
    } else if b < 0.0 {
        high - deviation * above(-b, -a, random)
    } else if a > 0.0 {
        low + deviation * above(a, b, random)
    } else if b - a > (0.5 * PI).sqrt() {
        // At least a quarter of all: half of it where one bound is 0, more where both are away from it.
        loop {
            let (radius, angle) = ((-2.0 * uniform(random).ln()).sqrt(), TAU * uniform(random));
            let value = mean + deviation * radius * angle.cos();
            if (low..=high).contains(&value) {
                break value;
            }
        }
    } else {
        loop {
            let z = a + (b - a) * uniform(random);
            if uniform(random) <= (-0.5 * z * z).exp() {
                break mean + deviation * z;
            }
        }
    };
    // What rounding may have moved beyond a bound.
    value.max(low).min(high)
}

/// How far a standard normal number lies above `a`, which is above zero, given that it lies between `a` and `b`.
fn above(a: f64, b: f64, random: &mut ChaCha8Rng) -> f64 {
    if a == f64::INFINITY {
        return 0.0;
    }
    // The exponential that keeps most; its rate less `a`.
    let more = 2.0 / (a + (a * a + 4.0).sqrt());
    let rate = a + more;
    if (b - a) * rate < 1.0 {
        // Between near bounds: an even distribution, whose density falls by less than e^(3/2).
        loop {
            let x = (b - a) * uniform(random);
            if uniform(random) <= (-x * (a + 0.5 * x)).exp() {
                return x;
            }
        }
    }
    loop {
        let x = -uniform(random).ln() / rate;
        if x <= b - a && uniform(random) <= (-0.5 * (x - more).powi(2)).exp() {
            return x;
        }
    }
}
