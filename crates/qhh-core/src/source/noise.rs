//! A noise current through a window of steps: which of its cells fall into which step.

use std::ops::Range;

use super::current::SteppedCurrent;
use super::segment::Segment;
use crate::time_grid::Span;

/// What each cell of a noise current has to do with each step of a window: the same for all its targets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NoiseWindow {
    /// The cells that the window touches.
    pub cells: Range<u64>,
    /// Part of a step that a cell has: step and cell, counted from the first of the window.
    pub parts: Vec<(u32, u32, f64)>,
    /// Steps in which the current is not level: with the cells at their start and at their end, none while it is off.
    pub jumps: Vec<(u32, [Option<u32>; 2])>,
}

impl NoiseWindow {
    /// That of `n_steps` steps from number `first` on. Empty while the current is off, and for other currents.
    pub fn fill(&mut self, current: &SteppedCurrent<'_>, first: u64, n_steps: usize) {
        self.parts.clear();
        self.jumps.clear();
        self.cells = 0..0;
        let (Some(cells), on) = (current.cells(), current.span()) else { return };
        let whole = Span { from: first as f64, to: (first + n_steps as u64) as f64 };
        let Some(within) = on.common(whole) else { return };
        self.cells = cells.at(within.from)..cells.before(within.to) + 1;
        let start = self.cells.start;
        #[expect(clippy::cast_possible_truncation, reason = "places in a window")]
        let place = |cell: u64| (cell - start) as u32;
        for (step, at) in (0_u32..).zip(first..first + n_steps as u64) {
            let (from, to) = (at as f64, (at + 1) as f64);
            let Some(part) = on.common(Span { from, to }) else { continue };
            self.parts.extend(cells.parts(part).map(|(cell, share)| (step, place(cell), share)));
            let ends = [
                on.contains(from).then(|| place(cells.at(from))),
                on.contains_before(to).then(|| place(cells.before(to))),
            ];
            if ends[0] != ends[1] {
                self.jumps.push((step, ends));
            }
        }
    }

    /// Adds the current whose cells have these values to the steps.
    pub fn add_to(&self, values: &[f64], segments: &mut [Segment]) {
        for &(step, cell, share) in &self.parts {
            segments[step as usize].mean += share * values[cell as usize];
        }
        for &(step, ends) in &self.jumps {
            let [start, end] = ends.map(|cell| cell.map_or(0.0, |cell| values[cell as usize]));
            segments[step as usize].slope += end - start;
        }
    }
}
