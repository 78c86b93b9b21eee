//! The paper's quantum source: a current carried by one bosonic mode.
//!
//! `I(t) = I_zpf e(t) (a e^{-iwt} + a* e^{iwt})`, one mode `a`, carrier `w`, envelope `e` (1 unless given). Its mean
//! is `2 I_zpf e Re(<a> e^{-iwt})`: a coherent state `alpha = i I0/(2 I_zpf)` gives `I0 sin(wt)`. Fock and even or
//! odd cat states have no mean at all. The mode belongs to no line, so its own vacuum counts in the variance of the
//! voltage ([`crate::quantum::variance`]).
//!
//! Paper: Quantum 4, 224 (2020).

use num_complex::Complex64;

use super::segment::Segment;
use crate::CircuitError;
use crate::error::{above_zero, finite, in_order};
use crate::state::State;
use crate::time_grid::{Span, TimeGrid};

/// One-mode current source.
#[derive(Debug, Clone, PartialEq)]
pub struct ModeSource {
    /// Zero-point current `I_zpf` (uA in `hodgkin-huxley` units).
    pub zero_point: f64,
    /// Angular frequency of the carrier (rad/ms).
    pub omega: f64,
    /// Switch-on time (ms).
    pub start: f64,
    /// Switch-off time (ms).
    pub stop: f64,
    /// Envelope between the two; 1 without.
    pub envelope: Option<Envelope>,
    /// State of the mode.
    pub state: State,
}

/// Envelope of a current, with peak 1 (a current's envelope has no unit, a wavepacket's is normalised in time).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Envelope {
    /// `exp(-(t - centre)^2/(4 width^2))`.
    Gaussian {
        /// Time of the peak (ms).
        centre: f64,
        /// Standard deviation of the squared envelope (ms).
        width: f64,
    },
}

impl Envelope {
    /// Its value at time `t`.
    pub fn at(self, t: f64) -> f64 {
        let Self::Gaussian { centre, width } = self;
        (-((t - centre) / (2.0 * width)).powi(2)).exp()
    }
}

impl ModeSource {
    /// Checks every value and the state.
    ///
    /// # Errors
    /// The first [`CircuitError`] found.
    pub fn check(&self) -> Result<(), CircuitError> {
        above_zero("zero-point current", self.zero_point)?;
        above_zero("frequency", self.omega)?;
        in_order(self.start, self.stop)?;
        if let Some(Envelope::Gaussian { centre, width }) = self.envelope {
            finite("centre", centre)?;
            above_zero("width", width)?;
        }
        self.state.check()
    }

    /// Envelope `e(t)` as if the source were always on.
    pub fn envelope_at(&self, t: f64) -> f64 {
        self.envelope.map_or(1.0, |envelope| envelope.at(t))
    }

    /// The source on the steps of a run.
    pub fn on(&self, grid: TimeGrid) -> SteppedMode<'_> {
        SteppedMode { mode: self, grid, span: grid.span(self.start, self.stop) }
    }
}

/// A mode source on the steps of a run. Places count steps from `t = 0` ([`TimeGrid::place`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SteppedMode<'a> {
    mode: &'a ModeSource,
    grid: TimeGrid,
    span: Span,
}

impl SteppedMode<'_> {
    /// When it is on.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Coefficient of `a` in the current: `I_zpf e(t) e^{-iwt}`, 0 while the source is off; continued from the right.
    pub fn amplitude(&self, place: f64) -> Complex64 {
        if self.span.contains(place) { self.carrier(place) } else { Complex64::ZERO }
    }

    /// [`SteppedMode::amplitude`] as if the source were always on.
    pub fn carrier(&self, place: f64) -> Complex64 {
        let t = self.grid.time(place);
        Complex64::from_polar(self.mode.zero_point * self.mode.envelope_at(t), -self.mode.omega * t)
    }

    /// Mean current, in uA (`hodgkin-huxley` units), continued from the right where it goes on or off.
    pub fn at(&self, place: f64) -> f64 {
        if self.span.contains(place) { self.mean(place) } else { 0.0 }
    }

    fn mean(&self, place: f64) -> f64 {
        2.0 * (self.mode.state.moments().mean * self.carrier(place)).re
    }

    /// Mean current over a step; third-order Gauss quadrature within the part that is on.
    pub fn segment(&self, step: u64) -> Segment {
        self.stretch(Span { from: step as f64, to: (step + 1) as f64 })
    }

    /// Mean current over any stretch, seen as a straight line like a step.
    pub fn stretch(&self, whole: Span) -> Segment {
        let Some(on) = self.span.common(whole) else { return Segment::default() };
        let (half, middle) = (0.5 * on.length(), 0.5 * (on.from + on.to));
        let node = half * (0.6f64).sqrt();
        let charge = half
            * (5.0 * self.mean(middle - node) + 8.0 * self.mean(middle) + 5.0 * self.mean(middle + node))
            / 9.0;
        let last = if self.span.contains_before(whole.to) { self.mean(whole.to) } else { 0.0 };
        Segment { mean: charge / whole.length(), slope: last - self.at(whole.from) }
    }
}
