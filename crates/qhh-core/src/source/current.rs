//! Classical currents injected into the node: constant, pulse, sine, ramp, noise, samples.
//!
//! A time step sees a current as a straight line with the current's own mean and end values ([`Segment`]), so that
//! a step across a jump still injects the exact charge and the method keeps its order. The shapes know the time
//! since the start of the run and nothing of the circuit.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::CircuitError;
use crate::error::{above_zero, finite, in_order, not_negative};

/// A current, switched on at `start` and off at `stop` (`[start, stop)`; use infinity for "until the end").
#[derive(Debug, Clone, PartialEq)]
pub struct Current {
    /// Its course while it is on.
    pub shape: Shape,
    /// Switch-on time.
    pub start: f64,
    /// Switch-off time.
    pub stop: f64,
}

/// Course of a current in time. Currents in uA, times in ms, angular frequencies in rad/ms (`hodgkin-huxley` units).
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// `amplitude` throughout; a pulse is this with a `start` and a `stop`.
    Constant {
        /// The current.
        amplitude: f64,
    },
    /// `amplitude sin(omega t + phase)`, with `t` from the start of the run whatever `start` is.
    Sine {
        /// Peak current.
        amplitude: f64,
        /// Angular frequency.
        omega: f64,
        /// Phase in radians.
        phase: f64,
    },
    /// A straight line from `from` at `start` to `to` at `stop`.
    Ramp {
        /// Current at `start`.
        from: f64,
        /// Current at `stop`.
        to: f64,
    },
    /// Independent normal draws of mean `mean` and standard deviation `deviation`, each held for `interval`.
    ///
    /// The path depends on `seed` and `stream` alone, not on the step.
    Noise {
        /// Mean current.
        mean: f64,
        /// Standard deviation.
        deviation: f64,
        /// How long each value is held.
        interval: f64,
        /// Seed of the run.
        seed: u64,
        /// Which of the run's random streams this source draws from.
        stream: u64,
    },
    /// Linear interpolation between `(time, current)` samples; 0 outside them.
    Samples {
        /// Strictly increasing times and the current at each.
        points: Vec<(f64, f64)>,
    },
}

/// A current over one time step: `I(s) = mean + slope (s - 1/2)` for `s` from 0 (start) to 1 (end of the step).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Segment {
    /// Exact mean over the step.
    pub mean: f64,
    /// Value just before the end less value just after the start.
    pub slope: f64,
}

impl Current {
    /// Checks finiteness and order of every value.
    ///
    /// # Errors
    /// The first [`CircuitError`] found.
    pub fn check(&self) -> Result<(), CircuitError> {
        in_order(self.start, self.stop)?;
        match &self.shape {
            Shape::Constant { amplitude } => finite("amplitude", *amplitude),
            Shape::Sine { amplitude, omega, phase } => {
                finite("amplitude", *amplitude)?;
                not_negative("frequency", *omega)?;
                finite("phase", *phase)
            }
            Shape::Ramp { from, to } => {
                finite("from", *from)?;
                finite("to", *to)?;
                finite("stop of a ramp", self.stop)?;
                above_zero("duration of a ramp", self.stop - self.start)
            }
            Shape::Noise { mean, deviation, interval, .. } => {
                finite("mean", *mean)?;
                not_negative("deviation", *deviation)?;
                above_zero("interval", *interval)
            }
            Shape::Samples { points } => {
                for &(t, i) in points {
                    finite("time of a sample", t)?;
                    finite("current of a sample", i)?;
                }
                let increasing = points.windows(2).all(|pair| pair[0].0 < pair[1].0);
                if points.len() >= 2 && increasing { Ok(()) } else { Err(CircuitError::SamplesNotIncreasing) }
            }
        }
    }

    /// The current at time `t`, in uA (`hodgkin-huxley` units), continued from the right at jumps.
    pub fn at(&self, t: f64) -> f64 {
        if t >= self.start && t < self.stop { self.shape.at(t, self.start, self.stop) } else { 0.0 }
    }

    /// The current over the step `[t, t + dt]`; exact mean whatever jumps the step holds.
    pub fn segment(&self, t: f64, dt: f64) -> Segment {
        let (from, to) = (t.max(self.start), (t + dt).min(self.stop));
        if from >= to {
            return Segment::default();
        }
        let mean = self.shape.charge(from, to, self.start, self.stop) / dt;
        let first = if t >= self.start { self.shape.at(t, self.start, self.stop) } else { 0.0 };
        let last = if t + dt <= self.stop { self.shape.before(t + dt, self.start, self.stop) } else { 0.0 };
        Segment { mean, slope: last - first }
    }
}

impl Shape {
    fn at(&self, t: f64, start: f64, stop: f64) -> f64 {
        match self {
            Self::Constant { amplitude } => *amplitude,
            Self::Sine { amplitude, omega, phase } => amplitude * (omega * t + phase).sin(),
            Self::Ramp { from, to } => from + (to - from) * (t - start) / (stop - start),
            Self::Noise { interval, .. } => self.draw(cell(t - start, *interval)),
            Self::Samples { points } => interpolate(points, t),
        }
    }

    /// Limit from the left: differs from [`Shape::at`] where the shape itself jumps.
    fn before(&self, t: f64, start: f64, stop: f64) -> f64 {
        match self {
            Self::Noise { interval, .. } => {
                let k = cell(t - start, *interval);
                let at_edge = (t - start) <= k as f64 * interval;
                self.draw(if at_edge { k.saturating_sub(1) } else { k })
            }
            Self::Samples { points } if points.last().is_some_and(|last| t == last.0) => {
                points.last().map_or(0.0, |last| last.1)
            }
            _ => self.at(t, start, stop),
        }
    }

    /// Integral of the current from `from` to `to`, both within `[start, stop]`.
    fn charge(&self, from: f64, to: f64, start: f64, stop: f64) -> f64 {
        let (dt, middle) = (to - from, 0.5 * (from + to));
        match self {
            Self::Constant { amplitude } => amplitude * dt,
            Self::Sine { amplitude, omega, phase } => {
                let half = 0.5 * omega * dt;
                let sinc = if half.abs() < 1e-4 { 1.0 - half * half / 6.0 } else { half.sin() / half };
                amplitude * (omega * middle + phase).sin() * sinc * dt
            }
            Self::Ramp { .. } => self.at(middle, start, stop) * dt,
            Self::Noise { interval, .. } => {
                let (first, last) = (cell(from - start, *interval), cell(to - start, *interval));
                (first..=last)
                    .map(|k| {
                        let left = from.max(start + k as f64 * interval);
                        let right = to.min(start + (k + 1) as f64 * interval);
                        if right > left { self.draw(k) * (right - left) } else { 0.0 }
                    })
                    .sum()
            }
            Self::Samples { points } => {
                let inner = points.partition_point(|p| p.0 <= from)..points.partition_point(|p| p.0 < to);
                let inside = points.get(inner).unwrap_or(&[]).iter().copied();
                let ends = |t: f64| (t, interpolate(points, t));
                let (low, high) = (points[0].0, points[points.len() - 1].0);
                let (from, to) = (from.clamp(low, high), to.clamp(low, high));
                let path: Vec<_> =
                    std::iter::once(ends(from)).chain(inside).chain(std::iter::once(ends(to))).collect();
                path.windows(2).map(|p| 0.5 * (p[0].1 + p[1].1) * (p[1].0 - p[0].0)).sum()
            }
        }
    }

    /// Value number `k` of a noise current: Box-Muller on the two words at a fixed place of the stream.
    fn draw(&self, k: u64) -> f64 {
        let Self::Noise { mean, deviation, seed, stream, .. } = self else { return 0.0 };
        let mut random = ChaCha8Rng::seed_from_u64(*seed);
        random.set_stream(*stream);
        random.set_word_pos(u128::from(k) * 4);
        // Half-open (0, 1], so that the logarithm exists.
        let mut uniform = || ((random.next_u64() >> 11) + 1) as f64 * (0.5f64).powi(53);
        let (radius, angle) = ((-2.0 * uniform().ln()).sqrt(), TAU * uniform());
        mean + deviation * radius * angle.cos()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times are after the start")]
fn cell(since_start: f64, interval: f64) -> u64 {
    (since_start / interval).floor().max(0.0) as u64
}

fn interpolate(points: &[(f64, f64)], t: f64) -> f64 {
    let after = points.partition_point(|p| p.0 <= t);
    match (after.checked_sub(1).and_then(|k| points.get(k)), points.get(after)) {
        (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (t - a.0) / (b.0 - a.0),
        (Some(a), None) if a.0 == t => a.1,
        _ => 0.0,
    }
}
