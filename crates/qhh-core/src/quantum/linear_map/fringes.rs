//! The negativity of a cat: what its fringes have beyond both of its humps.
//!
//! In coordinates `q` in which the Gaussian factor is round, with humps at `+-m` and fringes of wave vector `k`,
//!
//! ```text
//! W dx dp = (w/pi) e^{-q^2/2} [e^{-m^2/2} cosh(m q) + sign e^c cos(k q)] dq
//! ```
//!
//! With `s` along `k` and `t` across, `W` is negative where `cosh(m_s s + m_t t)` is below `-sign e^{c + m^2/2} cos(k s)`: for
//! each `s` within a lobe of the cosine an interval in `t`, over which everything is an error function. What is left is
//! an integral over each lobe, whose integrand is analytic but for both ends; there it goes as a power of the root of
//! the distance, which `s = middle + half sin(pi x/2)` makes analytic as well. No grid has to see the fringes, however many
//! there are. Ours.

use std::f64::consts::{FRAC_PI_2, PI, SQRT_2};
use std::num::NonZeroUsize;

use gauss_quad::GaussLegendre;
use nalgebra::Vector2;

use super::Negativity;
use crate::quantum::QuantumError;

/// A cat, where the Gaussian factor is round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fringes {
    /// Weight of each hump.
    pub(super) weight: f64,
    /// 1 of an even cat, -1 of an odd one.
    pub(super) sign: f64,
    /// Logarithm of the contrast, and its rounding error.
    pub(super) contrast: (f64, f64),
    /// Where the humps are, to both sides.
    pub(super) humps: Vector2<f64>,
    /// Wave vector of the fringes.
    pub(super) wave: Vector2<f64>,
}

/// Widths beyond which a Gaussian is gone.
const REACH: f64 = 9.0;
/// Most lobes that are integrated one by one.
const MOST_LOBES: f64 = 4000.0;
/// What may be left of the digits of the contrast.
const WORST_CONTRAST: f64 = 0.1;

impl Fringes {
    /// Its negativity volume.
    ///
    /// # Errors
    /// [`QuantumError::NotResolved`] if there are too many fringes, or so large a cat that its contrast is lost in rounding.
    pub(super) fn negativity(&self, tolerance: f64) -> Result<Negativity, QuantumError> {
        let (contrast, rounding) = self.contrast;
        if contrast + 0.5 * self.humps.norm_squared() <= 0.0 {
            return Ok(Negativity { volume: 0.0, error: 0.0 });
        }
        if rounding > WORST_CONTRAST {
            return Err(QuantumError::NotResolved);
        }
        let wave = self.wave.norm();
        // Humps too far to be seen between the fringes, which are many: each is as negative as its cosine.
        let apart = 0.5 * self.humps.norm_squared() + contrast - REACH * self.humps.norm();
        if apart > 40.0 && wave > 40.0 {
            let volume = 2.0 * self.weight * contrast.exp() / PI;
            return Ok(Negativity { volume, error: volume * rounding + 1e-15 });
        }
        if wave == 0.0 || REACH * wave / PI > MOST_LOBES {
            return Err(QuantumError::NotResolved);
        }
        let mut last = self.integral(24);
        for nodes in [36, 54, 81, 122, 183] {
            let volume = self.integral(nodes);
            let error = 2.0 * (volume - last).abs() + volume * rounding + 1e-14;
            if error <= tolerance.max(2.0 * volume * rounding) {
                return Ok(Negativity { volume, error });
            }
            last = volume;
        }
        let volume = self.integral(275);
        Ok(Negativity { volume, error: 2.0 * (volume - last).abs() + volume * rounding + 1e-14 })
    }

    /// With so many points in each lobe.
    fn integral(&self, nodes: usize) -> f64 {
        let rule = GaussLegendre::new(NonZeroUsize::new(nodes).unwrap_or(NonZeroUsize::MIN));
        let points: Vec<(f64, f64)> = rule.nodes().copied().zip(rule.weights().copied()).collect();
        let wave = self.wave.norm();
        // Phase from the middle of a lobe to where it meets the humps.
        let half = (-self.contrast.0 - 0.5 * self.humps.norm_squared()).exp().acos() / wave;
        let first = if self.sign < 0.0 { 0.0 } else { 0.5 };
        #[expect(clippy::cast_possible_truncation, reason = "below the number of lobes")]
        let most = (REACH * wave / (2.0 * PI)).ceil() as i32 + 1;
        let lobe = |number: i32| {
            let middle = 2.0 * PI * (f64::from(number) + first) / wave;
            let (low, high) = ((middle - half).max(-REACH), (middle + half).min(REACH));
            if low >= high {
                return 0.0;
            }
            let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
            let at = |&(x, weight): &(f64, f64)| {
                let angle = FRAC_PI_2 * x;
                weight * half * FRAC_PI_2 * angle.cos() * self.across(middle + half * angle.sin(), wave)
            };
            points.iter().map(at).sum::<f64>()
        };
        self.weight / PI * (-most..=most).map(lobe).sum::<f64>()
    }

    /// Integral of the negative part across the fringes at one place along them, with its Gaussian.
    fn across(&self, s: f64, wave: f64) -> f64 {
        let (contrast, _) = self.contrast;
        let cosine = -self.sign * (wave * s).cos();
        let along = self.wave / wave;
        let (m_s, m_t) = (self.humps.dot(&along), self.humps.perp(&along).abs());
        let log = contrast + 0.5 * self.humps.norm_squared() + cosine.max(f64::MIN_POSITIVE).ln();
        if cosine <= 0.0 || log <= 0.0 {
            return 0.0;
        }
        // arcosh of e^log.
        let edge = log + (-(-2.0 * log).exp_m1()).sqrt().ln_1p();
        let (from, to) = if m_t > 0.0 {
            ((-edge - m_s * s) / m_t, (edge - m_s * s) / m_t)
        } else if (m_s * s).abs() < edge {
            (f64::NEG_INFINITY, f64::INFINITY)
        } else {
            return 0.0;
        };
        let hump = |sign: f64| {
            let off = s - sign * m_s;
            0.5 * (-0.5 * off * off).exp() * gaussian(from - sign * m_t, to - sign * m_t)
        };
        let fringe = cosine * (contrast - 0.5 * s * s).exp() * gaussian(from, to);
        (fringe - hump(1.0) - hump(-1.0)).max(0.0)
    }
}

/// `int e^{-t^2/2} dt` between two places, without loss of digits in the tails.
fn gaussian(from: f64, to: f64) -> f64 {
    let half = FRAC_PI_2.sqrt();
    let (a, b) = (from / SQRT_2, to / SQRT_2);
    let difference = if a > 0.0 {
        libm::erfc(a) - libm::erfc(b)
    } else if b < 0.0 {
        libm::erfc(-b) - libm::erfc(-a)
    } else {
        libm::erf(b) - libm::erf(a)
    };
    half * difference
}
