//! Waves backwards that are too faint to follow, so that of a large network only that is gone through which counts.
//!
//! A neuron is followed from the window on in which what returns to it is more than its share of what may be left out, and
//! from then on with all of its answers. So of most neurons that are left out nothing else counts, and the square of what is
//! left out is what is missing. Of a neuron that is followed its first beginnings are missing; shares are small so that they
//! count for little beside the rest of it.

use super::BudgetBlock;

/// Part of the squares of all answers that may be left out; the steps before a run, and the ports at least, that it is shared
/// out over.
const FAINT: f64 = 1e-6;
const STEPS_BEFORE: usize = 4000;
const LEAST_PORTS: usize = 10_000;

/// What is left out.
pub(super) struct Faint {
    windows: f64,
    /// Squares of all answers so far, and of those left out.
    squares: f64,
    left: f64,
    /// Squares below which what returns to a neuron is left out of the next window.
    pub(super) floor: f64,
}

impl Faint {
    pub(super) fn new(n_steps: usize, width: usize) -> Self {
        Self { windows: (n_steps + STEPS_BEFORE).div_ceil(width) as f64, squares: 0.0, left: 0.0, floor: 0.0 }
    }

    /// Takes in a window, of the squares of whose answers the sum is given; the floor of the one before.
    pub(super) fn floor(&mut self, squares: f64, parts: &[BudgetBlock<'_>]) -> f64 {
        self.squares += squares;
        let (mut rows, mut left) = (0, 0.0);
        for part in parts {
            rows += part.reverse.followed.rows;
            left += part.reverse.followed.faint;
        }
        self.left = left;
        let may = FAINT * self.squares - self.left;
        self.floor = may.max(0.0) / (rows.max(LEAST_PORTS) as f64 * self.windows);
        self.floor
    }

    /// About what part of the variance was left out: answers to fainter waves are as smooth as others.
    pub(super) fn part(&self) -> f64 {
        if self.squares == 0.0 { 0.0 } else { self.left / self.squares }
    }
}
