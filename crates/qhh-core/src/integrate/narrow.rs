//! The steps of a group on a machine without vectors: a few lanes at a time.
//!
//! A group still sleeps and wakes as a whole, so the numbers are the same.

use std::ops::Range;

use super::few::{FEW, Lanewise, of_each, parts, put_each};
use super::group::Group;
use super::lanes::{Float, Lanes};
use super::sleep::{self, Rest};
use super::state::GroupState;
use super::window::{Course, DriveLanes, Window};

/// Takes a group through a window.
#[inline(never)]
pub(super) fn through<const SAMPLED: bool, const N: usize, T: Float>(
    group: &Group<N, T>,
    state: &mut GroupState<N, T>,
    n_steps: usize,
    window: Window<'_, N, T>,
) {
    let first = window.first;
    window.course.begin(n_steps);
    let parts = parts::<N>().map(|lane| group.few(lane)).collect();
    let mut narrow = Narrow::<SAMPLED, N, T> { group, parts, state, window };
    narrow.show(0);
    let (rest, mut step) = (group.rest.as_deref(), 0);
    while step < n_steps {
        let number = first + step as u64;
        let is_quiet = narrow.is_quiet(step);
        if let Some(rest) = rest.filter(|rest| is_quiet && sleep::is_due(number) && narrow.falls_asleep(rest)) {
            narrow.state.clone_from(rest.state());
        }
        if narrow.state.asleep && is_quiet {
            narrow.stay(step);
            step += 1;
            continue;
        }
        narrow.state.asleep = false;
        let until = if rest.is_some() { n_steps.min(step + sleep::until_due(number)) } else { n_steps };
        narrow.advance(step..until);
        step = until;
    }
}

/// A group on its way through a window.
struct Narrow<'a, const SAMPLED: bool, const N: usize, T: Float> {
    group: &'a Group<N, T>,
    /// Its lanes, a few in each.
    parts: Vec<Group<FEW, T>>,
    state: &'a mut GroupState<N, T>,
    window: Window<'a, N, T>,
}

impl<const SAMPLED: bool, const N: usize, T: Float> Narrow<'_, SAMPLED, N, T> {
    /// Puts where it is at the start of a step into the course.
    fn show(&mut self, step: usize) {
        let (course, state) = (&mut *self.window.course, &*self.state);
        course.v[step] = state.v;
        if course.detailed {
            course.gates.extend_from_slice(&state.gates[..self.group.n_gates()]);
            course.u.iter_mut().zip(&state.u).for_each(|(of, u)| of.push(*u));
        }
        if course.detailed || course.measured {
            course.records.extend(state.record);
        }
    }

    /// Moves the lanes from `lane` on through some steps, into a course of their own.
    fn advance_part(&mut self, lane: usize, steps: &Range<usize>) -> Course<FEW, T> {
        let Window { dt, first, units, drive, arriving, noise, given, sensed, drift, threshold, .. } = self.window;
        let whole = &*self.window.course;
        let mut course = Course {
            detailed: whole.detailed,
            measured: whole.measured,
            emitting: whole.emitting,
            ..Course::default()
        };
        // What is not there for all steps is there for none, but where one entry stands for all.
        let to_end = steps.start..steps.end + 1;
        let waves = arriving.map(|waves| few_of(waves, &to_end, lane));
        let of_drive = if drive.len() > 1 { &drive[steps.clone()] } else { drive };
        let drive: Vec<DriveLanes<FEW, T>> = of_each(of_drive, lane).collect();
        let singles = |field: &[[f32; N]]| -> Vec<[f32; FEW]> {
            let some = field.get(to_end.clone()).unwrap_or_default();
            some.iter().map(|of| std::array::from_fn(|k| of[lane + k])).collect()
        };
        let noise: Vec<Vec<[f32; FEW]>> = noise.iter().map(|field| singles(field)).collect();
        let noise: Vec<&[[f32; FEW]]> = noise.iter().map(Vec::as_slice).collect();
        let sensed = sensed.map(singles);
        let n_gated = self.group.gating.channels.iter().filter(|channel| channel.is_gated()).count();
        let given = &given[(steps.start * n_gated).min(given.len().saturating_sub(n_gated))..];
        let mut state = self.state.few(lane);
        let window = Window {
            dt,
            first: first + steps.start as u64,
            units,
            drive: &drive,
            arriving: std::array::from_fn(|p| waves[p].as_slice()),
            noise: &noise,
            given,
            sensed: [&sensed[0], &sensed[1]],
            drift,
            threshold,
            course: &mut course,
        };
        self.parts[lane / FEW].go_scalar::<SAMPLED>(&mut state, steps.len(), window);
        self.state.put_few(lane, &state);
        course
    }

    /// Moves through some steps.
    fn advance(&mut self, steps: Range<usize>) {
        let mut crossed = Vec::new();
        for lane in parts::<N>() {
            let part = self.advance_part(lane, &steps);
            let course = &mut *self.window.course;
            crossed.extend(part.crossings.iter().map(|step| steps.start + step));
            put_each(&mut course.v[steps.start + 1..], lane, &part.v[1..]);
            put_each(course.staged.get_mut(steps.start..).unwrap_or_default(), lane, &part.staged);
            for (to, from) in course.leaving.iter_mut().zip(&part.leaving) {
                put_each(to.get_mut(steps.start..).unwrap_or_default(), lane, from);
            }
            // The first lanes make room for all.
            let grown = |to: &mut Vec<Lanes<N, T>>, from: &[Lanes<FEW, T>], each: usize| {
                let from = from.get(each..).unwrap_or_default();
                if lane == 0 {
                    to.resize(to.len() + from.len(), Lanes::default());
                }
                let begin = to.len() - from.len();
                put_each(&mut to[begin..], lane, from);
            };
            grown(&mut course.gates, &part.gates, self.group.n_gates());
            grown(&mut course.records, &part.records, 1);
            for (to, from) in course.u.iter_mut().zip(&part.u) {
                grown(to, from, 1);
            }
        }
        crossed.sort_unstable();
        crossed.dedup();
        self.window.course.crossings.append(&mut crossed);
    }

    /// Whether nothing comes in during a step.
    fn is_quiet(&self, step: usize) -> bool {
        let Window { drive, arriving, .. } = &self.window;
        let current = if drive.len() > 1 { drive.get(step) } else { drive.first() };
        let arrives =
            |step: usize| arriving.iter().any(|waves| waves.get(step).is_some_and(|wave| !wave.is_zero()));
        current.is_none_or(DriveLanes::is_zero) && !arrives(step) && !arrives(step + 1)
    }

    /// Stays where it is for a step.
    fn stay(&mut self, step: usize) {
        let course = &mut *self.window.course;
        for p in (0..self.group.ports.len()).filter(|&p| course.emitting[p]) {
            course.leaving[p][step] = Lanes::default();
        }
        if course.detailed {
            course.staged[step] = self.state.v;
        }
        self.show(step + 1);
    }

    /// Whether it is awake and within the tolerance of its rest point.
    fn falls_asleep(&self, rest: &Rest<N, T>) -> bool {
        let state = &*self.state;
        !state.asleep
            && rest.is_near(state.v, &state.u)
            && state.record.is_none_or(|record| rest.is_near(record, &[]))
            && state.gates[..self.group.n_gates()]
                .iter()
                .zip(&rest.state().gates)
                .all(|(gate, other)| gate.is_near(*other, rest.gate_tolerance))
    }
}

/// A few lanes of what is there for these times; none if it is not there for all.
fn few_of<A: Lanewise>(all: &[A], times: &Range<usize>, lane: usize) -> Vec<A::Few> {
    of_each(all.get(times.clone()).unwrap_or_default(), lane).collect()
}
