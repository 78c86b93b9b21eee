//! What goes through a window backwards.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::adjoint::{Incoming, Sensitivity, Slopes};
use qhh_core::integrate::lanes::{LANES, Lanes};
use qhh_core::integrate::window::DriveLanes;

use super::later::{Sent, UnderWay};
use super::transposed::Transposed;
use crate::coupling::scattering::OfArm;
use crate::engine::WindowPlan;
use crate::engine::neuron_block::Scratch as Forwards;

/// What a block knows while it goes backwards.
pub(super) struct Reverse {
    pub(super) sensitivity: Sensitivity,
    pub(super) slopes: Slopes,
    /// Sensitivity to the waves at the end of the window before, by receiving port.
    pub(super) carried: Vec<Lanes>,
    pub(super) followed: Followed,
    /// By what the arms that arrive here do to waves; empty if that is not wanted.
    pub(super) of_arms: Vec<OfArm>,
    /// By the factor of each source into each lane: those of plain feeds, then those of random ones.
    pub(super) of_feeds: Vec<f64>,
    /// Sensitivity to the current of each source that feeds the block, mean and slope over each step of this window; to
    /// the power wave of a packet, at its start and after each step.
    pub(super) of_sources: Vec<(u32, Vec<[f64; 2]>)>,
}

/// Neurons that waves return to backwards, and those that are too faint to follow.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Followed {
    /// Lanes of the neurons whose answers are followed, from the first window on in which what returns to them is not too faint.
    pub(super) lanes: u32,
    /// Ports that anything returned to in the last window, faint or not.
    pub(super) rows: usize,
    /// Squares of what was too faint, in all windows so far, as answers in the strength of a line's vacuum.
    pub(super) faint: f64,
}

/// Working memory of one thread.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) forwards: Forwards<LANES, f64>,
    pub(super) incoming: Incoming,
    pub(super) leaving: [Vec<Lanes>; MAX_PORTS],
    pub(super) row: Vec<f64>,
    pub(super) joined: Vec<f64>,
    pub(super) of_lane: OfLane,
    pub(super) random: Vec<DriveLanes>,
    pub(super) values: Vec<Lanes>,
    pub(super) seeds: Vec<(usize, usize, f64)>,
}

/// Sensitivity to the wave after each step of a window, from one step before the first to one after the last, where it is 0.
#[derive(Default)]
pub(super) struct OfLane {
    pub(super) wave: Vec<f64>,
    /// To the wave's change over a step, from each step on and, half of it each, on either side.
    pub(super) onward: Vec<f64>,
    pub(super) around: Vec<f64>,
}

impl OfLane {
    #[inline(always)]
    pub(super) fn put(&mut self, waves: &[Lanes], lane: usize) {
        let n = waves.len();
        let Self { wave, onward, around } = self;
        for all in [&mut *wave, onward, around] {
            all.resize(n + 2, 0.0);
        }
        wave[n + 1] = 0.0;
        for (to, from) in wave[1..=n].iter_mut().zip(waves) {
            *to = from.0[lane];
        }
        (onward[0], around[0]) = (wave[1], 0.5 * wave[1]);
        let (before, here, after) = (&wave[..n], &wave[1..=n], &wave[2..]);
        let (onward, around) = (&mut onward[1..], &mut around[1..]);
        for k in 0..n {
            onward[k] = after[k] - here[k];
            around[k] = 0.5 * (after[k] - before[k]);
        }
        (onward[n], around[n]) = (0.0, -0.5 * here[n - 1]);
    }
}

/// What all blocks know of a window that is gone through backwards.
pub(super) struct WindowBack<'a> {
    pub(super) plan: &'a WindowPlan<'a>,
    /// Waves that were sent before it.
    pub(super) sent: Sent<'a>,
    /// The windows of its stretch before it, and the waves before each.
    pub(super) stretch: &'a [(WindowPlan<'a>, Sent<'a>)],
    /// Sensitivities to waves that arrived after it, steps counted from the end.
    pub(super) later: UnderWay<'a>,
    /// Squares below which what returns to a neuron that is not followed yet is left out; 0 to follow all.
    pub(super) floor: f64,
    pub(super) transposed: &'a Transposed,
    /// Steps of a whole window.
    pub(super) width: usize,
    /// Number of its stretch.
    pub(super) number: usize,
    /// The number's own slopes by the voltages of each neuron that is looked at.
    pub(super) slopes: &'a [Own<'a>],
}

/// A number's own slopes by one voltage: the step of the first that is not 0, and all from it to the last that is not.
#[derive(Clone, Copy)]
pub(super) struct Own<'a> {
    first: usize,
    slopes: &'a [f64],
}

impl<'a> Own<'a> {
    /// Of each of several.
    pub(super) fn of_all(slopes: &'a [Vec<f64>]) -> Vec<Self> {
        slopes.iter().map(|slopes| Self::new(slopes)).collect()
    }

    /// Of slopes from the start of the run on.
    fn new(all: &'a [f64]) -> Self {
        let counts = |slope: &f64| *slope != 0.0;
        let first = all.iter().position(counts).unwrap_or(all.len());
        let end = all.iter().rposition(counts).map_or(first, |last| last + 1);
        Self { first, slopes: &all[first..end] }
    }

    /// Those in so many steps from `from` on that are not 0, each with its place among these steps.
    pub(super) fn within(self, from: usize, n_steps: usize) -> impl Iterator<Item = (usize, f64)> + 'a {
        let start = from.max(self.first);
        let end = (from + n_steps).min(self.first + self.slopes.len()).max(start);
        let of = if start < end { &self.slopes[start - self.first..end - self.first] } else { &[] };
        of.iter().enumerate().filter(|(_, slope)| **slope != 0.0).map(move |(k, slope)| (start - from + k, *slope))
    }
}

impl AsMut<Scratch> for Scratch {
    fn as_mut(&mut self) -> &mut Scratch {
        self
    }
}
