//! Sensitivities to waves, from receivers back to senders.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use std::f64::consts::PI;

use pulp::{Simd, WithSimd};
use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::lanes::{LANES, Lanes};

use super::reverse::{Followed, OfLane, Reverse, Scratch, WindowBack};
use crate::coupling::scattering::{OfArm, lag};
use crate::engine::delay_lines::SlabWriter;
use crate::engine::neuron_block::NeuronBlock;

/// Gathers the sensitivity to each wave that left in a window; whether there is any. A type of its own, as below, so that it is
/// compiled for the machine's vectors.
pub(super) struct Returned<'a, 'w> {
    pub(super) cells: &'a NeuronBlock<LANES, f64>,
    pub(super) followed: &'a mut Followed,
    pub(super) window: &'a WindowBack<'w>,
    pub(super) scratch: &'a mut Scratch,
}

impl WithSimd for Returned<'_, '_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let Self { cells, followed, window, scratch } = self;
        let lanes = cells.neurons.len();
        let (width, n_steps) = (window.width, window.plan.n_steps);
        let step = window.plan.network.simulation.step;
        followed.rows = 0;
        for (_, lane, _) in &scratch.seeds {
            followed.lanes |= 1 << lane;
        }
        let mut all = false;
        for (slot, leaving) in scratch.leaving.iter_mut().enumerate() {
            leaving.clear();
            let Some(first) = cells.waves.senders[slot] else { continue };
            let mut any = false;
            for lane in 0..lanes {
                scratch.row.resize(width, 0.0);
                let mut of_lane = false;
                for arm in window.transposed.of(first as usize + lane) {
                    if !window.later.counts(arm.receiver) {
                        continue;
                    }
                    let (lag, joined) = ((arm.whole, arm.part), &mut scratch.joined);
                    let (later, row) = (window.later.history, &mut scratch.row);
                    later.add(arm.receiver, lag, arm.amplitude, row, (&mut of_lane, joined));
                }
                if !of_lane {
                    continue;
                }
                followed.rows += 1;
                if window.floor > 0.0 && followed.lanes & (1 << lane) == 0 {
                    let squares = scratch.row.iter().fold(0.0, |sum, wave| sum + wave * wave);
                    let squares = cells.group.impedance(slot, lane) / (4.0 * PI * step * step) * squares;
                    if squares < window.floor {
                        followed.faint += squares;
                        continue;
                    }
                }
                followed.lanes |= 1 << lane;
                any = true;
                leaving.resize(n_steps, Lanes::default());
                for (leaving, wave) in leaving.iter_mut().zip(scratch.row.iter().rev()) {
                    leaving.0[lane] = *wave;
                }
            }
            all |= any;
        }
        all
    }
}

/// Sensitivities to the waves that arrived, into the block's rows; those to arms.
pub(super) struct ToWaves<'a, 'w> {
    /// Neurons, and the place of the first arm that arrives there.
    pub(super) of: (&'a NeuronBlock<LANES, f64>, usize),
    pub(super) reverse: &'a mut Reverse,
    pub(super) window: &'a WindowBack<'w>,
    pub(super) fresh: SlabWriter<'a>,
    pub(super) scratch: &'a mut Scratch,
}

impl WithSimd for ToWaves<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { of: (cells, first_arm), reverse, window, mut fresh, scratch } = self;
        let lanes = cells.neurons.len();
        let (width, n_steps) = (window.width, window.plan.n_steps);
        let mut port = 0;
        for slot in 0..MAX_PORTS {
            let Some(first) = cells.waves.receivers[slot] else { continue };
            let waves = &mut scratch.incoming.waves[slot];
            waves[n_steps] = waves[n_steps] + reverse.carried[port];
            reverse.carried[port] = waves[0];
            for lane in 0..lanes {
                let (row, active) = fresh.row(port * lanes + lane);
                *active = waves[1..].iter().any(|wave| wave.0[lane] != 0.0);
                if !*active {
                    continue;
                }
                // Of a window that is cut short, the steps after its end come first.
                let (after, steps) = row.split_at_mut(width - n_steps);
                after.fill(0.0);
                for (wave, to) in waves[1..=n_steps].iter().zip(steps.iter_mut().rev()) {
                    *to = wave.0[lane];
                }
                if !reverse.of_arms.is_empty() {
                    scratch.of_lane.put(&waves[1..=n_steps], lane);
                    to_arms((first as usize + lane, first_arm), &mut reverse.of_arms, window, &scratch.of_lane);
                }
            }
            port += 1;
        }
    }
}

/// What the arms that arrive at a row were worth in a window, given the sensitivity to the waves.
#[inline(always)]
fn to_arms((receiver, first_arm): (usize, usize), of_arms: &mut [OfArm], window: &WindowBack<'_>, of: &OfLane) {
    let arms = &window.plan.scattering.arms;
    let until = window.plan.first + window.plan.n_steps as u64;
    for arm in arms.of(receiver) {
        let (whole, part) = lag(arms.delays.get(arm));
        // Nothing of it has arrived, nor would have a step earlier.
        if u64::from(whole) > until {
            continue;
        }
        // Between two steps a wave is a straight line; at a step the slope is the mean of those before and after.
        let later = if part == 0.0 { &of.around } else { &of.onward };
        let [now, later] = window.sent.dots(arms.senders()[arm], whole + 1, [&of.wave, later]);
        let of = &mut of_arms[arm - first_arm];
        of.amplitude += part.mul_add(later, now);
        of.delay += arms.amplitudes()[arm] * later;
    }
}
