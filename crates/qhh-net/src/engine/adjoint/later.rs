//! What is under way backwards, and the waves that were.

use qhh_core::integrate::lanes::LANES;
use rayon::ThreadPool;

use crate::engine::WindowPlan;
use crate::engine::delay_lines::{DelayLines, History, Slab};
use crate::engine::neuron_block::{NeuronBlock, Scratch};

/// The waves that a run sent, all of them.
pub(super) enum Waves {
    Exact(DelayLines),
    /// In half of the memory, rounded to seven digits; and while the run goes on, those under way as they are.
    Rounded(DelayLines<f32>, DelayLines),
}

/// Those before a window.
#[derive(Clone, Copy)]
pub(super) enum Sent<'a> {
    Exact(History<'a>),
    Rounded(History<'a, f32>),
}

impl Waves {
    /// Before a run of so many steps in windows of `width`, of rows that are `longest` steps under way.
    pub(super) fn new(rounded: bool, longest: &[usize], (n_steps, width): (usize, usize)) -> Self {
        let all = vec![n_steps + width; longest.len()];
        if rounded {
            Self::Rounded(DelayLines::new(&all, width), DelayLines::new(longest, width))
        } else {
            Self::Exact(DelayLines::new(&all, width))
        }
    }

    /// Those that the run goes on with.
    pub(super) fn lines(&mut self) -> &mut DelayLines {
        match self {
            Self::Exact(lines) | Self::Rounded(_, lines) => lines,
        }
    }

    /// Takes in what was sent in a window.
    pub(super) fn put(&mut self, slab: Slab, (number, width): (usize, usize), pool: Option<&ThreadPool>) {
        if let Self::Rounded(kept, _) = self {
            let mut rounded = kept.take(number as u64, pool);
            rounded.round(&slab, width, pool);
            kept.put(rounded);
        }
        self.lines().put(slab);
    }

    /// Ends the run.
    pub(super) fn end(&mut self) {
        if let Self::Rounded(_, lines) = self {
            *lines = DelayLines::new(&[], 1);
        }
    }

    pub(super) fn before(&self, number: usize) -> Sent<'_> {
        match self {
            Self::Exact(lines) => Sent::Exact(lines.history_at(number as u64)),
            Self::Rounded(lines, _) => Sent::Rounded(lines.history_at(number as u64)),
        }
    }
}

impl Sent<'_> {
    /// Brings what comes into a block in a window.
    pub(super) fn received(
        self,
        cells: &mut NeuronBlock<LANES, f64>,
        plan: &WindowPlan<'_>,
        scratch: &mut Scratch<LANES, f64>,
    ) {
        match self {
            Self::Exact(history) => cells.receive(plan, history, scratch),
            Self::Rounded(history) => cells.receive(plan, history, scratch),
        };
    }

    /// As [`History::dots`].
    #[expect(clippy::inline_always, reason = "out of line, it falls back to the portable instructions")]
    #[inline(always)]
    pub(super) fn dots(self, row: u32, lag: u32, weights: [&[f64]; 2]) -> [f64; 2] {
        match self {
            Self::Exact(history) => history.dots(row, lag, weights),
            Self::Rounded(history) => history.dots(row, lag, weights),
        }
    }

    /// As [`History::add`].
    #[inline]
    pub(super) fn add(self, row: u32, lag: (u32, f64), factor: f64, sum: &mut [f64], joined: &mut Vec<f64>) {
        match self {
            Self::Exact(history) => history.add(row, lag, factor, sum, (&mut true, joined)),
            Self::Rounded(history) => history.add(row, lag, factor, sum, (&mut true, joined)),
        }
    }
}

/// Sensitivities to waves that arrived, on their way back to those who sent them; windows are counted from the end.
pub(super) struct Later {
    lines: DelayLines,
    /// By receiving row, the window after the last one in which any wave counted.
    heard: Vec<u32>,
    /// Windows that something is under way at most.
    reach: u32,
    number: u32,
}

/// What is under way before a window.
#[derive(Clone, Copy)]
pub(super) struct UnderWay<'a> {
    pub(super) history: History<'a>,
    heard: &'a [u32],
    /// A row that was heard before has nothing under way any more.
    from: u32,
}

impl Later {
    /// Of rows that are so many steps under way at most, in windows of `width`.
    #[expect(clippy::cast_possible_truncation, reason = "a run has fewer than 2^32 windows")]
    pub(super) fn new(longest: &[usize], width: usize) -> Self {
        let reach = (longest.iter().copied().max().unwrap_or(0) + 1).div_ceil(width);
        let lines = DelayLines::new(longest, width);
        Self { lines, heard: vec![0; longest.len()], reach: reach as u32, number: 0 }
    }

    /// The next window, to be filled. Give it back with [`Later::put`].
    pub(super) fn take(&mut self, pool: Option<&ThreadPool>) -> Slab {
        self.lines.take(u64::from(self.number), pool)
    }

    pub(super) fn put(&mut self, slab: Slab) {
        self.number += 1;
        for (heard, _) in self.heard.iter_mut().zip(slab.active()).filter(|(_, active)| **active) {
            *heard = self.number;
        }
        self.lines.put(slab);
    }

    /// What is under way before the window that is taken.
    pub(super) fn under_way(&self) -> UnderWay<'_> {
        let from = (self.number + 1).saturating_sub(self.reach).max(1);
        UnderWay { history: self.lines.history(), heard: &self.heard, from }
    }
}

impl UnderWay<'_> {
    /// Whether anything may be under way from a receiving row.
    #[inline]
    pub(super) fn counts(&self, receiver: u32) -> bool {
        self.heard[receiver as usize] >= self.from
    }
}
