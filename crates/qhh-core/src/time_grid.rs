//! The steps of a run: where a time lies among them, and what is on when.
//!
//! Times are typed in units of their own, added up (`start + duration`) and multiplied (`k interval`), each time with a
//! rounding. So `t / step` misses the whole number that is meant by a few units in the last place, and a comparison of
//! floats decides by chance whether `t` lies before, on or after the border of a step. Here a time becomes a *place*, a
//! number of steps since `t = 0`, which is whole if the time is on the grid up to rounding (`ULPS`). Whole places are
//! exact, so all that follows is exact too: spans and cells are half-open, `[from, to)`. What is on in a span therefore
//! has two limits at each of its ends: [`Span::contains`] is the one from the right, [`Span::contains_before`] the one
//! from the left.
//!
//! Ours.

use serde::{Deserialize, Serialize};

/// Rounding that is forgiven, in units of the last place: a change of units, a sum, a product and the division by the
/// step round once or twice each.
const ULPS: f64 = 8.0;

/// What typed values may lack of a whole number of steps: `0.3333333 ms` are a third of a millisecond.
const TYPED: f64 = 1e-6;

/// Steps of equal length from `t = 0` on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TimeGrid {
    step: f64,
}

impl TimeGrid {
    /// The grid of a time step, above zero.
    pub fn new(step: f64) -> Self {
        Self { step }
    }

    /// The time step.
    pub fn step(self) -> f64 {
        self.step
    }

    /// The time at a place.
    pub fn time(self, place: f64) -> f64 {
        place * self.step
    }

    /// Where a time lies, in steps; a whole number if it is on the grid up to rounding.
    ///
    /// # Examples
    /// ```
    /// # use qhh_core::time_grid::TimeGrid;
    /// assert_eq!(0.3 / 0.1, 2.9999999999999996);
    /// assert_eq!(TimeGrid::new(0.1).place(0.3), 3.0);
    /// ```
    pub fn place(self, time: f64) -> f64 {
        snapped(time / self.step)
    }

    /// From one time until just before another.
    pub fn span(self, start: f64, stop: f64) -> Span {
        Span { from: self.place(start), to: self.place(stop) }
    }

    /// Cells of `length` (a time) side by side, the first of them from `start` on.
    pub fn cells(self, start: f64, length: f64) -> Cells {
        Cells { from: self.place(start), length: self.place(length) }
    }

    /// The step that ends at a time or holds it: what happens in a step happens after its start, up to its end.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place within the run")]
    pub fn step_until(self, time: f64) -> u64 {
        (self.place(time).ceil() - 1.0).max(0.0) as u64
    }

    /// Whole steps that fit into a typed length of time, one that lacks a millionth of its end included.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be above zero")]
    pub fn whole_steps(self, length: f64) -> u64 {
        (length / self.step + TYPED).floor().max(0.0) as u64
    }
}

/// `x`, or the whole number that it misses by rounding alone.
fn snapped(x: f64) -> f64 {
    let whole = x.round();
    if (x - whole).abs() <= ULPS * f64::EPSILON * x.abs().max(1.0) { whole } else { x }
}

/// Places from one until just before another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The first place.
    pub from: f64,
    /// The first place after it.
    pub to: f64,
}

impl Span {
    /// Whether a place, and what comes just after it, lies within.
    pub fn contains(self, place: f64) -> bool {
        self.from <= place && place < self.to
    }

    /// Whether what comes just before a place lies within.
    pub fn contains_before(self, place: f64) -> bool {
        self.from < place && place <= self.to
    }

    /// What is common to both; none if that has no length.
    pub fn common(self, other: Self) -> Option<Self> {
        let common = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (common.from < common.to).then_some(common)
    }

    /// Steps from its start to its end.
    pub fn length(self) -> f64 {
        self.to - self.from
    }
}

/// Cells of equal length side by side, numbered from 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cells {
    from: f64,
    length: f64,
}

impl Cells {
    /// Place of the start of a cell: the end of the one before.
    pub fn edge(self, cell: u64) -> f64 {
        snapped(self.from + cell as f64 * self.length)
    }

    /// The cell at and just after a place.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places are not before the first")]
    pub fn at(self, place: f64) -> u64 {
        let mut cell = ((place - self.from) / self.length).floor().max(0.0) as u64;
        // The quotient is rounded; the edges are what counts.
        while self.edge(cell + 1) <= place {
            cell += 1;
        }
        while cell > 0 && self.edge(cell) > place {
            cell -= 1;
        }
        cell
    }

    /// The cell just before a place.
    pub fn before(self, place: f64) -> u64 {
        let cell = self.at(place);
        if cell > 0 && self.edge(cell) >= place { cell - 1 } else { cell }
    }

    /// The cells that a span takes part of, and how many steps of each.
    pub fn parts(self, span: Span) -> impl Iterator<Item = (u64, f64)> {
        (self.at(span.from)..=self.before(span.to)).filter_map(move |cell| {
            let whole = Span { from: self.edge(cell), to: self.edge(cell + 1) };
            Some((cell, span.common(whole)?.length()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every onset of the first thousand steps, as typed in two systems of units, is a whole place.
    #[test]
    fn times_on_the_grid_are_whole_places() {
        for step in [0.001, 0.01, 0.02, 0.025, 0.03, 0.05, 0.07, 0.1] {
            for k in 0..1000_u32 {
                let typed: f64 = format!("{:.6}", f64::from(k) * step).parse().unwrap();
                assert_eq!(TimeGrid::new(step).place(typed), f64::from(k), "{typed} in steps of {step}");
                let si = TimeGrid::new(step / 1e3).place(typed / 1e3);
                assert_eq!(si, f64::from(k), "{typed} ms in steps of {step} ms, in seconds");
            }
        }
        assert_eq!(TimeGrid::new(0.01).place(0.0637), 6.37);
        assert_eq!(TimeGrid::new(0.01).place(f64::INFINITY), f64::INFINITY);
    }

    #[test]
    fn cells_lie_side_by_side_and_take_each_place_once() {
        for (step, start, length) in [(0.1, 0.0, 0.1), (0.1, 0.3, 0.1), (0.02, 0.1, 0.1), (0.1, 0.05, 0.07)] {
            let cells = TimeGrid::new(step).cells(start, length);
            let mut last = None;
            for k in 0..4000_u64 {
                assert_eq!(cells.at(cells.edge(k)), k);
                assert_eq!(cells.before(cells.edge(k + 1)), k);
                let span = Span { from: cells.edge(0) + k as f64, to: cells.edge(0) + (k + 1) as f64 };
                let parts: Vec<_> = cells.parts(span).collect();
                let sum: f64 = parts.iter().map(|part| part.1).sum();
                assert!((sum - 1.0).abs() < 1e-9, "step {k} holds {sum} of itself");
                assert!(last.is_none_or(|last| parts[0].0 == last || parts[0].0 == last + 1));
                last = parts.last().map(|part| part.0);
            }
        }
    }

    #[test]
    fn a_span_has_a_limit_from_each_side() {
        let span = TimeGrid::new(0.01).span(0.06, 0.06 + 0.01);
        assert_eq!((span.from, span.to), (6.0, 7.0));
        assert_eq!([span.contains(6.0), span.contains_before(6.0)], [true, false]);
        assert_eq!([span.contains(7.0), span.contains_before(7.0)], [false, true]);
        assert_eq!(span.common(Span { from: 7.0, to: 8.0 }), None);
    }

    #[test]
    fn a_spike_at_the_end_of_a_step_lies_in_it() {
        let grid = TimeGrid::new(0.1);
        assert_eq!([0.25, 0.3, 0.300_001].map(|time| grid.step_until(time)), [2, 2, 3]);
        assert_eq!(grid.step_until(0.0), 0);
    }
}
