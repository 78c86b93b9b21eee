//! When answers before the run have died out, and how large the rest is.

/// Part of their largest below which answers before the run have died out: where they are cut off they jump, and what that
/// brings is of the order of its square. And part of the sum of all answers that the rest may add up to at most,
/// which counts for noise that is warm or slow.
const FADED: f64 = 1e-3;
const FADED_SUM: f64 = 1e-5;

/// How answers die out before the run.
pub(super) struct Fading {
    width: usize,
    /// Windows in which whatever is under way arrives.
    quiet: usize,
    /// The largest answer, and the sum of all, a step each.
    largest: f64,
    sum: f64,
    /// Of each window before the run.
    sizes: Vec<f64>,
}

impl Fading {
    pub(super) fn new(width: usize, reach: usize) -> Self {
        Self { width, quiet: reach.div_ceil(width) + 1, largest: 0.0, sum: 0.0, sizes: Vec::new() }
    }

    /// Takes in a window, of the squares of whose answers the sum is given.
    pub(super) fn take(&mut self, squares: f64, n_steps: usize) {
        let size = (squares / n_steps as f64).sqrt();
        self.largest = self.largest.max(size);
        self.sum += size * n_steps as f64;
    }

    /// The same of one before the run.
    pub(super) fn before(&mut self, squares: f64) {
        self.take(squares, self.width);
        self.sizes.push((squares / self.width as f64).sqrt());
    }

    /// The largest answer of the last windows, and of as many before.
    fn recent(&self) -> (f64, f64) {
        let mut windows =
            self.sizes.rchunks(self.quiet.max(1)).map(|sizes| sizes.iter().copied().fold(0.0, f64::max));
        (windows.next().unwrap_or(f64::INFINITY), windows.next().unwrap_or(f64::INFINITY))
    }

    /// What all earlier answers would add up to, against the sum so far.
    pub(super) fn left(&self) -> f64 {
        let (recent, before) = self.recent();
        if recent == 0.0 || self.sum == 0.0 {
            return 0.0;
        }
        let fall = (before / recent).ln() / (self.quiet * self.width) as f64;
        if fall.is_finite() && fall > 0.0 { recent / fall / self.sum } else { f64::INFINITY }
    }

    /// About what cutting answers off brings, relative: the square of the jump that they make there.
    pub(super) fn cut(&self) -> f64 {
        if self.largest == 0.0 { 0.0 } else { (self.recent().0.min(self.largest) / self.largest).powi(2) }
    }

    pub(super) fn is_over(&self, warm: bool) -> bool {
        self.sizes.len() >= 2 * self.quiet
            && self.recent().0 <= FADED * self.largest
            && (!warm || self.left() <= FADED_SUM)
    }
}
