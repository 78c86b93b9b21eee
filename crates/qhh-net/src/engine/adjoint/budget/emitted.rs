//! What the noise lines of a block add to the variance of a number, window by window backwards.

#![expect(clippy::cast_possible_wrap, reason = "numbers of steps")]
#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]
#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]

use pulp::{Simd, WithSimd};
use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::adjoint::Incoming;
use qhh_core::integrate::group::Group;
use qhh_core::integrate::lanes::{LANES, Lanes};

use super::form::{Added, Form, Past};
use super::lines::{BlockLine, Drive};
use super::smooth::GROUP;
use crate::coupling::scattering::Rows;

/// How the times at which noise is emitted are sorted: everything up to the start of the run, then equal stretches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bins {
    /// Stretches of the run.
    pub(super) count: usize,
    /// The step after which nothing counts.
    pub(super) last: usize,
}

impl Bins {
    /// Of the noise around the start of a step; of those after the last there is none.
    pub(super) fn of(self, step: i64) -> usize {
        match usize::try_from(step) {
            Ok(step) if step > 0 => 1 + ((step - 1) * self.count / self.last.max(1)).min(self.count - 1),
            _ => 0,
        }
    }
}

/// Answers of one neuron that are kept whole, from the end of the run backwards.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) lane: usize,
    /// The first step that is kept, and the last, once it is known.
    pub(super) from: i64,
    pub(super) to: Option<i64>,
    /// By line.
    pub(super) answers: Vec<Vec<f64>>,
    /// Roots of the conductances, by channel.
    pub(super) roots: Vec<Vec<f64>>,
}

/// The noise of a block.
pub(super) struct Emitted {
    pub(super) lines: Vec<BlockLine>,
    past: Vec<Past>,
    /// Variance by line.
    pub(super) totals: Vec<Lanes>,
    /// Variance by when the noise was emitted.
    pub(super) bins: Vec<Lanes>,
    carried: Carried,
    pub(super) kept: Vec<Kept>,
    /// Squares of the answers in the last window, in the strengths of the lines.
    pub(super) size: f64,
}

/// What a window hands to the one before.
#[derive(Debug, Clone, Default)]
struct Carried {
    current: Lanes,
    record: Lanes,
    waves: [Lanes; MAX_PORTS],
    /// Conductances in the middle of its first step; empty where they are not known.
    conductances: Vec<Lanes>,
}

/// A window as noise sees it.
pub(super) struct Seen<'a> {
    pub(super) group: &'a Group,
    pub(super) receivers: &'a Rows,
    pub(super) incoming: &'a Incoming,
    pub(super) leaving: &'a [Vec<Lanes>; MAX_PORTS],
    /// Gates half a step before each step; of one set if they stay.
    pub(super) gates: &'a [Lanes],
    pub(super) still: bool,
}

/// Where a window is.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) dt: f64,
    /// Number of its first step.
    pub(super) first: i64,
    pub(super) n_steps: usize,
    /// Steps gone through so far, from the end of the run, and those after it that make up the first group.
    pub(super) done: usize,
    pub(super) forms: &'a [Form],
    pub(super) bins: Bins,
}

/// Answers of one window.
#[derive(Default)]
pub(super) struct Answers {
    conductances: Vec<Lanes>,
    roots: Vec<Lanes>,
    currents: Vec<Lanes>,
    values: Vec<Lanes>,
}

impl Emitted {
    pub(super) fn new(lines: Vec<BlockLine>, forms: &[Form], bins: Bins) -> Self {
        Self {
            past: lines.iter().map(|line| Past::new(&forms[line.form])).collect(),
            totals: vec![Lanes::default(); lines.len()],
            bins: vec![Lanes::default(); bins.count + 1],
            carried: Carried::default(),
            kept: Vec::new(),
            size: 0.0,
            lines,
        }
    }

    /// Takes in a window in which nothing counts.
    pub(super) fn silent(&mut self, at: At<'_>) {
        let mut answers = Answers::default();
        answers.values.resize(self.lines.len() * at.n_steps, Lanes::default());
        self.carried = Carried::default();
        self.size = 0.0;
        self.push(at, &answers);
    }

    /// Takes in a window.
    pub(super) fn window(&mut self, seen: &Seen<'_>, at: At<'_>, answers: &mut Answers) {
        let n = at.n_steps;
        self.roots(seen, n, answers);
        pulp::Arch::new().dispatch(Values { emitted: self, seen, at, answers });
        let records = &seen.incoming.records;
        self.carried.record = records.first().copied().unwrap_or_default();
        for (carried, waves) in self.carried.waves.iter_mut().zip(&seen.incoming.waves) {
            *carried = waves.first().copied().unwrap_or_default();
        }
        self.push(at, answers);
    }

    /// Roots of the conductances at the end of each step, `[step][channel]`.
    fn roots(&mut self, seen: &Seen<'_>, n: usize, answers: &mut Answers) {
        let Answers { conductances, roots, .. } = answers;
        conductances.clear();
        roots.clear();
        let n_gates = seen.group.n_gates();
        if seen.still {
            seen.group.open(seen.gates, conductances);
            for _ in 0..n {
                roots.extend(conductances.iter().map(|g| g.at_least(0.0).sqrt()));
            }
            return;
        }
        for half in 0..=n {
            seen.group.open(&seen.gates[half * n_gates..(half + 1) * n_gates], conductances);
        }
        let m = conductances.len() / (n + 1);
        for k in 1..=n {
            for channel in 0..m {
                let (now, before) = (conductances[k * m + channel], conductances[(k - 1) * m + channel]);
                let later = match self.carried.conductances.get(channel) {
                    _ if k < n => conductances[(k + 1) * m + channel],
                    Some(later) => *later,
                    None => now * 2.0 - before,
                };
                roots.push(((now + later) * 0.5).at_least(0.0).sqrt());
            }
        }
        self.carried.conductances.clear();
        self.carried.conductances.extend_from_slice(&conductances[m..2 * m]);
    }

    /// Hands the answers of a window, `[line][step]`, on.
    fn push(&mut self, at: At<'_>, answers: &Answers) {
        let n = at.n_steps;
        for kept in &mut self.kept {
            let m = answers.roots.len() / n.max(1);
            if kept.roots.len() < m {
                kept.roots.resize(m, Vec::new());
            }
            kept.to.get_or_insert(at.first + n as i64);
            for k in (0..n).rev().filter(|k| at.first + *k as i64 + 1 >= kept.from) {
                for (own, values) in kept.answers.iter_mut().zip(answers.values.chunks_exact(n)) {
                    own.push(values[k].0[kept.lane]);
                }
                for (channel, own) in kept.roots.iter_mut().enumerate() {
                    own.push(answers.roots.get(k * m + channel).map_or(0.0, |root| root.0[kept.lane]));
                }
            }
        }
        let mut k = n;
        while k > 0 {
            let place = (at.done + n - k) % GROUP;
            let steps = (GROUP - place).min(k);
            for (past, values) in self.past.iter_mut().zip(answers.values.chunks_exact(n)) {
                // What came before this was silent.
                past.now.resize(place, Lanes::default());
                past.now.extend(values[k - steps..k].iter().rev());
            }
            k -= steps;
            if place + steps == GROUP {
                // The step at whose end the last of the group is.
                self.close(at.first + k as i64 + 1, at);
            }
        }
    }

    /// Closes a group whose last value is at this step.
    fn close(&mut self, last: i64, at: At<'_>) {
        let (first, of_group) = (at.bins.of(last), at.bins.of(last + GROUP as i64 - 1));
        let mut added = [Lanes::default(); GROUP];
        for ((line, past), total) in self.lines.iter().zip(&mut self.past).zip(&mut self.totals) {
            if first == of_group {
                let mut added = Lanes::default();
                past.close(&at.forms[line.form], Added::Whole(&mut added));
                let added = added * line.strengths;
                *total = *total + added;
                self.bins[first] = self.bins[first] + added;
                continue;
            }
            past.close(&at.forms[line.form], Added::Steps(&mut added));
            for (step, added) in added.iter().enumerate() {
                let added = *added * line.strengths;
                *total = *total + added;
                let bin = at.bins.of(last + (GROUP - 1 - step) as i64);
                self.bins[bin] = self.bins[bin] + added;
            }
        }
    }

    /// How much variance what was left out of smooth answers brings at most.
    pub(super) fn left_out(&self, forms: &[Form]) -> f64 {
        let of = |(line, past): (&BlockLine, &Past)| {
            let squares = line.strengths.0.iter().zip(&past.rest.0);
            forms[line.form].largest() * squares.map(|(strength, rest)| strength.abs() * rest).sum::<f64>()
        };
        self.lines.iter().zip(&self.past).map(of).sum()
    }

    /// Takes in what the first window left for the step before it, and closes the last group.
    pub(super) fn end(&mut self, at: At<'_>) {
        self.silent(At { n_steps: GROUP - at.done % GROUP, ..at });
    }
}

/// The answers of each line in a window, and their squares; a type of its own so that it is compiled for the machine's
/// vectors.
struct Values<'a, 's> {
    emitted: &'a mut Emitted,
    seen: &'a Seen<'s>,
    at: At<'a>,
    answers: &'a mut Answers,
}

impl WithSimd for Values<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { emitted, seen, at, answers: Answers { roots, currents, values, .. } } = self;
        let (n, per_step, zero) = (at.n_steps, Lanes::splat(1.0 / at.dt), Lanes::<LANES>::default());
        let of = &seen.incoming.currents;
        currents.clear();
        currents.resize(n, zero);
        for k in 1..=n {
            let before = of[k - 1].mean * 0.5 + of[k - 1].slope;
            let after = if k < n { of[k].mean * 0.5 - of[k].slope } else { emitted.carried.current };
            currents[k - 1] = (before + after) * per_step;
        }
        emitted.carried.current = of[0].mean * 0.5 - of[0].slope;
        let n_channels = roots.len() / n.max(1);
        let records = &seen.incoming.records;
        let last_record = records.last().copied().unwrap_or_default() + emitted.carried.record;
        values.clear();
        values.resize(emitted.lines.len() * n, zero);
        emitted.size = 0.0;
        for (line, values) in emitted.lines.iter().zip(values.chunks_exact_mut(n.max(1))) {
            match line.drive {
                Drive::Channel(channel) => {
                    for k in 0..n {
                        values[k] = currents[k] * roots[k * n_channels + channel];
                    }
                }
                Drive::Port(slot) => {
                    let waves = &seen.incoming.waves[slot];
                    for k in 0..n {
                        values[k] = waves[k + 1] * per_step;
                    }
                    // Where waveguides arrive, the last has all its parts.
                    if seen.receivers[slot].is_none() {
                        values[n - 1] = values[n - 1] + emitted.carried.waves[slot] * per_step;
                    }
                }
                Drive::Splitter(slot) => {
                    let leaving = &seen.leaving[slot];
                    for k in 0..n.min(leaving.len()) {
                        values[k] = leaving[k] * per_step;
                    }
                }
                Drive::Sense(size) => {
                    for k in 0..n {
                        let record = if k + 1 < n { records[k + 1] } else { last_record };
                        values[k] = currents[k] * size - record * per_step;
                    }
                }
                Drive::Idler => {
                    for k in 0..n {
                        values[k] = (if k + 1 < n { records[k + 1] } else { last_record }) * per_step;
                    }
                }
            }
            let mut squares = zero;
            for k in 0..n {
                squares = values[k].mul_add(values[k], squares);
            }
            for lane in 0..LANES {
                emitted.size += squares.0[lane] * line.strengths.0[lane].abs();
            }
        }
    }
}
