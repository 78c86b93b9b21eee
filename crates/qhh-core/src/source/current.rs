//! Classical currents injected into the node: constant, pulse, sine, ramp, noise, samples.
//!
//! A time step sees a current as a straight line with the current's own mean and end values ([`Segment`]), so that
//! a step across a jump still injects the exact charge and the method keeps its order. What is on in which step is
//! decided on the grid of steps ([`crate::time_grid`]), where a current has a limit from either side at each jump: a
//! step that begins there takes the right one, a step that ends there the left one. The shapes know the time since the
//! start of the run and nothing of the circuit.

use super::draws::{Draws, Key};
use super::segment::Segment;
use super::train::{SteppedTrain, Train};
use crate::CircuitError;
use crate::error::{above_zero, finite, in_order, not_negative};
use crate::time_grid::{Cells, Span, TimeGrid};

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
    /// `amplitude` throughout; a single pulse is this with a `start` and a `stop`.
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
    /// The path depends on the sequence of numbers alone, not on the step.
    Noise {
        /// Mean current.
        mean: f64,
        /// Standard deviation.
        deviation: f64,
        /// How long each value is held.
        interval: f64,
        /// Whose standard normal numbers, one for each interval.
        draws: Draws,
    },
    /// Linear interpolation between `(time, current)` samples; 0 before the first and from the last on.
    Samples {
        /// Times in order and the current at each; at two equal times it jumps from the first to the second.
        points: Vec<(f64, f64)>,
    },
    /// Pulses at many times, the first due at `start`.
    Train(Train),
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
                let in_order = points.windows(2).all(|pair| pair[0].0 <= pair[1].0);
                let jumps = points.windows(3).all(|three| three[0].0 < three[2].0);
                let apart = points.first().map(|p| p.0) < points.last().map(|p| p.0);
                if points.len() >= 2 && in_order && jumps && apart {
                    Ok(())
                } else {
                    Err(CircuitError::SamplesOutOfOrder)
                }
            }
            Shape::Train(train) => train.check(),
        }
    }

    /// The current on the steps of a run.
    pub fn on(&self, grid: TimeGrid) -> SteppedCurrent<'_> {
        let cells = match self.shape {
            Shape::Noise { interval, .. } => Some(grid.cells(self.start, interval)),
            _ => None,
        };
        let start = if let Shape::Train(train) = &self.shape { train.earliest(self.start) } else { self.start };
        let mut span = grid.span(start, self.stop);
        if let Shape::Samples { points } = &self.shape
            && let [first, .., last] = points.as_slice()
        {
            let of_samples = grid.span(first.0, last.0);
            span = Span { from: span.from.max(of_samples.from), to: span.to.min(of_samples.to) };
        }
        SteppedCurrent { current: self, grid, span, cells }
    }
}

/// A current on the steps of a run. Places count steps from `t = 0` ([`TimeGrid::place`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SteppedCurrent<'a> {
    current: &'a Current,
    grid: TimeGrid,
    span: Span,
    /// Of a noise.
    cells: Option<Cells>,
}

impl SteppedCurrent<'_> {
    /// When it is on.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether it is on in a window of steps.
    pub fn touches(&self, first: u64, n_steps: usize) -> bool {
        self.span.common(Span { from: first as f64, to: (first + n_steps as u64) as f64 }).is_some()
    }

    /// The cells of a noise, in each of which it has one value; none of other currents.
    pub fn cells(&self) -> Option<Cells> {
        self.cells
    }

    /// The pulses of a train; none of other currents.
    fn train(&self) -> Option<SteppedTrain<'_>> {
        let Shape::Train(train) = &self.current.shape else { return None };
        Some(SteppedTrain { train, grid: self.grid, start: self.current.start, span: self.span })
    }

    /// Adds the pulses of a train to the steps of a window, those of random times by `key`; nothing of other currents.
    pub fn add_train(&self, key: Key, first: u64, n_steps: usize, mut add: impl FnMut(usize, Segment)) {
        if let Some(train) = self.train() {
            train.add_to(key, first, n_steps, &mut add);
        }
    }

    /// The current at a place, in uA (`hodgkin-huxley` units), continued from the right at jumps.
    pub fn at(&self, place: f64) -> f64 {
        if self.span.contains(place) { self.shape(place, Side::Right) } else { 0.0 }
    }

    /// The current at a place, continued from the left at jumps.
    pub fn before(&self, place: f64) -> f64 {
        if self.span.contains_before(place) { self.shape(place, Side::Left) } else { 0.0 }
    }

    /// The current over a step; exact mean whatever jumps the step holds.
    pub fn segment(&self, step: u64) -> Segment {
        self.stretch(Span { from: step as f64, to: (step + 1) as f64 })
    }

    /// The current over any stretch, seen as a straight line like a step.
    pub fn stretch(&self, whole: Span) -> Segment {
        let Some(on) = self.span.common(whole) else { return Segment::default() };
        let mean = self.charge(on) / whole.length();
        Segment { mean, slope: self.before(whole.to) - self.at(whole.from) }
    }

    /// The course as if it were always on; of a ramp and of samples, as far as they go.
    pub fn shape_at(&self, place: f64) -> f64 {
        self.shape(place, Side::Right)
    }

    fn shape(&self, place: f64, side: Side) -> f64 {
        let shape = &self.current.shape;
        match shape {
            Shape::Constant { amplitude } => *amplitude,
            Shape::Sine { amplitude, omega, phase } => amplitude * (omega * self.grid.time(place) + phase).sin(),
            Shape::Ramp { from, to } => from + (to - from) * ((place - self.span.from) / self.span.length()),
            Shape::Noise { draws, .. } => self.cells.map_or(0.0, |cells| {
                shape.noisy(draws.normal(match side {
                    Side::Right => cells.at(place),
                    Side::Left => cells.before(place),
                }))
            }),
            Shape::Samples { points } => {
                let after = points.partition_point(|point| match side {
                    Side::Right => self.grid.place(point.0) <= place,
                    Side::Left => self.grid.place(point.0) < place,
                });
                match (after.checked_sub(1).and_then(|k| points.get(k)), points.get(after)) {
                    (Some(a), Some(b)) => {
                        let (from, to) = (self.grid.place(a.0), self.grid.place(b.0));
                        a.1 + (b.1 - a.1) * ((place - from) / (to - from))
                    }
                    _ => 0.0,
                }
            }
            Shape::Train(_) => self.train().map_or(0.0, |train| train.at(place, side == Side::Right)),
        }
    }

    /// Integral of the current over a stretch in which it is on, in steps.
    fn charge(&self, on: Span) -> f64 {
        let (length, middle) = (on.length(), 0.5 * (on.from + on.to));
        let shape = &self.current.shape;
        match shape {
            Shape::Constant { amplitude } => amplitude * length,
            Shape::Sine { amplitude, omega, phase } => {
                let half = 0.5 * omega * self.grid.time(length);
                let sinc = if half.abs() < 1e-4 { 1.0 - half * half / 6.0 } else { half.sin() / half };
                amplitude * (omega * self.grid.time(middle) + phase).sin() * sinc * length
            }
            Shape::Ramp { .. } => self.shape_at(middle) * length,
            Shape::Noise { draws, .. } => self.cells.map_or(0.0, |cells| {
                cells.parts(on).fold(0.0, |sum, (cell, share)| sum + shape.noisy(draws.normal(cell)) * share)
            }),
            Shape::Samples { points } => {
                let place = |point: &(f64, f64)| self.grid.place(point.0);
                let first = points.partition_point(|point| place(point) <= on.from);
                let last = points.partition_point(|point| place(point) < on.to);
                let mut sum = 0.0;
                let mut from = (on.from, self.shape(on.from, Side::Right));
                for point in points.get(first..last).unwrap_or(&[]) {
                    let to = (place(point), point.1);
                    sum += 0.5 * (from.1 + to.1) * (to.0 - from.0);
                    from = to;
                }
                sum + 0.5 * (from.1 + self.shape(on.to, Side::Left)) * (on.to - from.0)
            }
            Shape::Train(_) => self.train().map_or(0.0, |train| train.charge(on)),
        }
    }
}

/// From which side a value is continued where the current jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

impl Shape {
    /// The random numbers that it uses; none of a current that is not random.
    pub fn draws(&self) -> Option<Draws> {
        match self {
            Self::Noise { draws, .. } => Some(*draws),
            Self::Train(train) => train.is_random().then_some(train.draws),
            _ => None,
        }
    }

    /// The same with other random numbers.
    #[must_use]
    pub fn with_draws(mut self, with: Draws) -> Self {
        match &mut self {
            Self::Noise { draws, .. } | Self::Train(Train { draws, .. }) => *draws = with,
            _ => {}
        }
        self
    }

    /// Value of a noise current in a cell, whose standard normal number is `normal`; 0 for other currents.
    #[inline]
    pub fn noisy(&self, normal: f64) -> f64 {
        match self {
            Self::Noise { mean, deviation, .. } => mean + deviation * normal,
            _ => 0.0,
        }
    }
}
