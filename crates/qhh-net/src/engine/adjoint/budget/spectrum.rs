//! Integrals over the frequencies of a line's noise.

use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::{Bath, linear_rule};

/// Points of a panel of the rule.
const POINTS: usize = 16;
/// Turns that a panel may make.
const TURNS: f64 = 1.5;
/// Halvings towards frequency 0, where heat may change the spectrum quickly.
const HALVINGS: i32 = 24;

/// The noise of a line in steps.
#[derive(Debug, Clone)]
pub(super) struct Spectrum {
    bath: Bath,
    pub(super) dt: f64,
    /// Points and weights on [-1, 1].
    rule: Vec<(f64, f64)>,
}

/// `(sin(x/2)/(x/2))^2`: what a straight line between steps makes of a turn by `x` a step.
pub(super) fn hat(x: f64) -> f64 {
    let half = 0.5 * x;
    let sinc = if half.abs() < 1e-4 { 1.0 - half * half / 6.0 } else { half.sin() / half };
    sinc * sinc
}

impl Spectrum {
    pub(super) fn new(bath: Bath, dt: f64) -> Self {
        let rule = linear_rule(-1.0, 1.0, POINTS).into_iter().map(|node| (node.omega, node.weight)).collect();
        Self { bath, dt, rule }
    }

    /// Turn of the highest frequency in a step.
    pub(super) fn highest(&self) -> f64 {
        self.bath.cutoff * self.dt
    }

    /// Sum over frequencies, of an integrand that turns no faster than over so many steps: `add` is handed the turn in a
    /// step, and the spectrum times the weight.
    pub(super) fn each(&self, steps: f64, mut add: impl FnMut(f64, f64)) {
        let mut low = 0.0;
        for halving in (0..=HALVINGS).rev() {
            let high = self.bath.cutoff * 0.5f64.powi(halving);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of panels")]
            let panels =
                (((high - low) * self.dt * steps) / (TURNS * std::f64::consts::TAU)).ceil().max(1.0) as usize;
            let half = 0.5 * (high - low) / panels as f64;
            for panel in 0..panels {
                let middle = low + half * (2.0 * panel as f64 + 1.0);
                for (x, weight) in &self.rule {
                    let omega = middle + half * x;
                    add(omega * self.dt, half * weight * self.bath.energy(omega));
                }
            }
            low = high;
        }
    }

    /// `T` of `n` distances from `first` on.
    pub(super) fn pairs(&self, first: usize, n: usize) -> Vec<f64> {
        let mut sums = vec![0.0; n];
        self.each((first + n + 2) as f64, |turn, energy| {
            let (mut at, by) = (Complex64::from_polar(1.0, turn * first as f64), Complex64::from_polar(1.0, turn));
            let size = energy * (self.dt * hat(turn)).powi(2);
            for sum in &mut sums {
                *sum += size * at.re;
                at *= by;
            }
        });
        sums
    }
}
