//! Pulse trains: equal pulses at regular, listed, jittered, or Poisson distributed times.
//!
//! Which pulses fall into a window of steps is found from the window alone, without a history, so that any thread may
//! compute any window. Regular pulses are counted, listed ones searched. Poisson events lie in cells, each of which draws its number of events
//! and their times by its own place in the sequence of random numbers. A dead time thins them: of the events at rate
//! `r/(1 - r d)`, those within the dead time `d` after an accepted one are dropped, which leaves intervals of `d` plus an
//! exponential time and the mean rate `r`. An event that follows the one before by more than `d` is accepted whatever
//! came earlier, so it is enough to look back that far.
//!
//! Ours; dead time as in W. Gerstner et al., Neuronal Dynamics, section 7.5 (2014).

use super::draws::{Draws, Key};
use super::segment::Segment;
use crate::CircuitError;
use crate::error::{above_zero, finite, not_negative};
use crate::normal::Ziggurat;
use crate::time_grid::{Span, TimeGrid};

/// Mean number of events in a cell.
const PER_CELL: f64 = 4.0;
/// Largest number of standard deviations by which jitter moves a pulse: 1e-23 of all normal numbers are larger.
const FARTHEST: f64 = 10.0;
/// Largest share of the time that dead times may take. Beyond it, too much history decides whether an event is dropped.
pub const LARGEST_DEAD_SHARE: f64 = 0.8;

/// Equal pulses at many times.
#[derive(Debug, Clone, PartialEq)]
pub struct Train {
    /// Course of one pulse.
    pub pulse: Pulse,
    /// Its peak (uA in `hodgkin-huxley` units).
    pub amplitude: f64,
    /// When pulses begin.
    pub times: PulseTimes,
    /// Random numbers of jittered and Poisson times.
    pub draws: Draws,
}

/// Course of a pulse of peak 1, from its onset on. Times in ms (`hodgkin-huxley` units).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pulse {
    /// 1 for the given time.
    Rectangle {
        /// How long it is on.
        duration: f64,
    },
    /// `exp(-t/decay)`.
    Exponential {
        /// Time constant.
        decay: f64,
    },
    /// `t/peak exp(1 - t/peak)`: an alpha function.
    Alpha {
        /// Time from onset to peak.
        peak: f64,
    },
}

/// Onsets of pulses. Times in ms, rates in 1/ms (`hodgkin-huxley` units).
#[derive(Debug, Clone, PartialEq)]
pub enum PulseTimes {
    /// One every `period` from `start` on, each moved by an independent normal time.
    Regular {
        /// From one to the next.
        period: f64,
        /// Number of pulses; as many as there is time for where there is none.
        count: Option<u64>,
        /// Standard deviation of each onset.
        jitter: f64,
    },
    /// One at each of these times, each moved by an independent normal time.
    Listed {
        /// Times in ascending order, counted from the start of the run; `start` is the first of them.
        times: Vec<f64>,
        /// Standard deviation of each onset.
        jitter: f64,
    },
    /// A Poisson process with a dead time, from `start` on.
    Poisson {
        /// Mean number of events per time.
        rate: f64,
        /// Shortest time between two.
        dead_time: f64,
    },
}

impl Pulse {
    /// Time after which a pulse is over; what follows is below rounding.
    fn support(self) -> f64 {
        match self {
            Self::Rectangle { duration } => duration,
            Self::Exponential { decay } => 40.0 * decay,
            Self::Alpha { peak } => 45.0 * peak,
        }
    }

    /// Value at a time after the onset, and integral from the onset, both while the pulse is on.
    fn value(self, t: f64) -> f64 {
        match self {
            Self::Rectangle { .. } => 1.0,
            Self::Exponential { decay } => (-t / decay).exp(),
            Self::Alpha { peak } => t / peak * (1.0 - t / peak).exp(),
        }
    }

    /// Integral between two times after the onset within which the pulse is on.
    fn integral(self, from: f64, to: f64) -> f64 {
        match self {
            Self::Rectangle { .. } => to - from,
            Self::Exponential { decay } => -decay * (-from / decay).exp() * (-(to - from) / decay).exp_m1(),
            Self::Alpha { peak } => {
                let before = |t: f64| (1.0 + t / peak) * (1.0 - t / peak).exp();
                peak * (before(from) - before(to))
            }
        }
    }
}

impl Train {
    /// Checks finiteness and range of every value.
    ///
    /// # Errors
    /// The first [`CircuitError`] found.
    pub fn check(&self) -> Result<(), CircuitError> {
        finite("amplitude", self.amplitude)?;
        match self.pulse {
            Pulse::Rectangle { duration } => above_zero("duration of a pulse", duration)?,
            Pulse::Exponential { decay } => above_zero("decay of a pulse", decay)?,
            Pulse::Alpha { peak } => above_zero("time to the peak of a pulse", peak)?,
        }
        match &self.times {
            &PulseTimes::Regular { period, jitter, .. } => {
                above_zero("period", period)?;
                not_negative("jitter", jitter)
            }
            PulseTimes::Listed { times, jitter } => {
                times.iter().try_for_each(|time| finite("time of a pulse", *time))?;
                not_negative("jitter", *jitter)?;
                match times.windows(2).find(|pair| pair[0] >= pair[1]) {
                    Some(pair) => Err(CircuitError::PulsesOutOfOrder { before: pair[0], after: pair[1] }),
                    None => Ok(()),
                }
            }
            &PulseTimes::Poisson { rate, dead_time } => {
                above_zero("rate", rate)?;
                not_negative("dead time", dead_time)?;
                let high = LARGEST_DEAD_SHARE / rate;
                let fits = dead_time <= high * (1.0 + 1e-12);
                let quantity = "dead time";
                fits.then_some(()).ok_or(CircuitError::OutOfRange { quantity, low: 0.0, high, value: dead_time })
            }
        }
    }

    /// Whether random numbers decide when pulses come.
    pub fn is_random(&self) -> bool {
        !matches!(self.times, PulseTimes::Regular { jitter: 0.0, .. } | PulseTimes::Listed { jitter: 0.0, .. })
    }

    /// When the first pulse can begin, if it is due at `start`.
    pub(super) fn earliest(&self, start: f64) -> f64 {
        match self.times {
            PulseTimes::Regular { jitter, .. } | PulseTimes::Listed { jitter, .. } => start - FARTHEST * jitter,
            PulseTimes::Poisson { .. } => start,
        }
    }
}

/// A train on the steps of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct SteppedTrain<'a> {
    pub(super) train: &'a Train,
    pub(super) grid: TimeGrid,
    /// When the first pulse is due.
    pub(super) start: f64,
    /// When the current is on.
    pub(super) span: Span,
}

/// A pulse on the steps of a run.
struct SteppedPulse {
    on: Span,
    /// Place of its onset, which may lie before it is on.
    onset: f64,
}

impl SteppedTrain<'_> {
    /// The current at a place, continued from the right at jumps or from the left.
    pub(super) fn at(&self, place: f64, from_right: bool) -> f64 {
        let mut sum = 0.0;
        self.pulses(Span { from: place, to: place }, self.train.draws.key(), &mut |pulse| {
            let on = if from_right { pulse.on.contains(place) } else { pulse.on.contains_before(place) };
            sum += if on { self.value(&pulse, place) } else { 0.0 };
        });
        sum
    }

    /// Integral of the current over a stretch, in steps.
    pub(super) fn charge(&self, on: Span) -> f64 {
        let mut sum = 0.0;
        self.pulses(on, self.train.draws.key(), &mut |pulse| {
            sum += pulse.on.common(on).map_or(0.0, |part| self.integral(&pulse, part));
        });
        sum
    }

    /// The current over each step of a window in which it is on, as so many parts that add up; random times by `key`.
    pub(super) fn add_to(&self, key: Key, first: u64, n_steps: usize, add: &mut impl FnMut(usize, Segment)) {
        let window = Span { from: first as f64, to: (first + n_steps as u64) as f64 };
        self.pulses(window, key, &mut |pulse| {
            let Some(within) = pulse.on.common(window) else { return };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places in the window")]
            let steps = (within.from - window.from) as usize..(within.to - window.from).ceil() as usize;
            for step in steps {
                let whole = Span { from: window.from + step as f64, to: window.from + (step + 1) as f64 };
                let Some(part) = pulse.on.common(whole) else { continue };
                let start = if pulse.on.contains(whole.from) { self.value(&pulse, whole.from) } else { 0.0 };
                let end = if pulse.on.contains_before(whole.to) { self.value(&pulse, whole.to) } else { 0.0 };
                add(step, Segment { mean: self.integral(&pulse, part), slope: end - start });
            }
        });
    }

    fn value(&self, pulse: &SteppedPulse, place: f64) -> f64 {
        self.train.amplitude * self.train.pulse.value(self.grid.time(place - pulse.onset))
    }

    fn integral(&self, pulse: &SteppedPulse, part: Span) -> f64 {
        let time = |place: f64| self.grid.time(place - pulse.onset);
        let of = self.train.pulse;
        let integral = match of {
            // Of one value, without the detour to times and back.
            Pulse::Rectangle { .. } => part.length(),
            _ => of.integral(time(part.from), time(part.to)) / self.grid.step(),
        };
        self.train.amplitude * integral
    }

    /// The pulses that are on somewhere within a span or at its ends.
    fn pulses(&self, span: Span, key: Key, see: &mut impl FnMut(SteppedPulse)) {
        let support = self.train.pulse.support();
        let (from, to) = (self.grid.time(span.from) - support, self.grid.time(span.to));
        let mut pulse = |time: f64| {
            let onset = self.grid.place(time);
            let on = Span { from: onset, to: self.grid.place(time + support) };
            if let Some(on) = on.common(self.span)
                && on.from <= span.to
                && on.to >= span.from
            {
                see(SteppedPulse { on, onset });
            }
        };
        let ziggurat = Ziggurat::default();
        let moved = |k: u64, jitter: f64| {
            if jitter > 0.0 { jitter * key.normal(k, ziggurat).clamp(-FARTHEST, FARTHEST) } else { 0.0 }
        };
        match &self.train.times {
            &PulseTimes::Regular { period, count, jitter } => {
                let margin = FARTHEST * jitter;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of pulses")]
                let number = |time: f64| ((time - self.start) / period).max(0.0) as u64;
                let last = (number(to + margin) + 1).min(count.map_or(u64::MAX, |count| count.saturating_sub(1)));
                if count == Some(0) {
                    return;
                }
                for k in number(from - margin).saturating_sub(1)..=last {
                    pulse(self.start + k as f64 * period + moved(k, jitter));
                }
            }
            PulseTimes::Listed { times, jitter } => {
                let margin = FARTHEST * jitter;
                // One more on either side, for places that are a whole number of steps up to rounding.
                let first = times.partition_point(|time| *time < from - margin).saturating_sub(1);
                let last = (times.partition_point(|time| *time <= to + margin) + 1).min(times.len());
                for (time, k) in times[first..last].iter().zip(first as u64..) {
                    pulse(time + moved(k, *jitter));
                }
            }
            &PulseTimes::Poisson { rate, dead_time } => {
                let events = Events::new(rate, dead_time, key);
                events.between(from - self.start, to - self.start, &mut |time| pulse(self.start + time));
            }
        }
    }
}

/// Events of a Poisson process with a dead time, from time 0 on.
struct Events {
    /// Length of a cell.
    cell: f64,
    dead_time: f64,
    key: Key,
}

impl Events {
    fn new(rate: f64, dead_time: f64, key: Key) -> Self {
        Self { cell: PER_CELL * (1.0 - rate * dead_time) / rate, dead_time, key }
    }

    /// Number of the cell that holds a time.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no time before 0 is in any")]
    fn cell_of(&self, time: f64) -> u64 {
        (time / self.cell).max(0.0) as u64
    }

    /// Adds the events of a cell before any is dropped, in order.
    fn add_cell(&self, cell: u64, events: &mut Vec<f64>) {
        // The number of events by inversion of its distribution, a Poisson one of mean `PER_CELL`.
        let (drawn, mut number, mut probability) = (self.key.uniform(cell, 0), 0, (-PER_CELL).exp());
        let mut sum = probability;
        while drawn >= sum && probability > 0.0 {
            number += 1;
            probability *= PER_CELL / number as f64;
            sum += probability;
        }
        let first = events.len();
        events.extend((1..=number).map(|j| (cell as f64 + self.key.uniform(cell, j)) * self.cell));
        events[first..].sort_by(f64::total_cmp);
    }

    /// The accepted events between two times, and some on either side.
    fn between(&self, from: f64, to: f64, see: &mut impl FnMut(f64)) {
        if to < 0.0 {
            return;
        }
        let (earliest, latest) = (self.cell_of(from), self.cell_of(to));
        let mut events = Vec::new();
        let mut back = 0;
        // From an event that is accepted for certain: the first of all, or one after a gap longer than the dead time.
        let start = loop {
            let cell = earliest.saturating_sub(back);
            events.clear();
            (cell..=latest).for_each(|cell| self.add_cell(cell, &mut events));
            let certain = |k: usize| {
                if k == 0 {
                    cell == 0 || self.dead_time == 0.0
                } else {
                    events[k] - events[k - 1] >= self.dead_time
                }
            };
            let before = events.partition_point(|event| *event <= from);
            let found = (0..before).rev().find(|k| certain(*k));
            match found {
                Some(k) => break k,
                None if cell == 0 || self.dead_time == 0.0 => break 0,
                None => back = (2 * back).max(1),
            }
        };
        let mut last = f64::NEG_INFINITY;
        for &event in &events[start..] {
            if event - last >= self.dead_time {
                see(event);
                last = event;
            }
        }
    }
}
