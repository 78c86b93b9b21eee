//! The paper's quantum source: a current carried by one bosonic mode.
//!
//! `I(t) = I_zpf e(t) (a e^{-iwt} + a* e^{iwt})`, one mode `a`, carrier `w`, envelope `e` (1 unless given). Its mean
//! is `2 I_zpf e Re(<a> e^{-iwt})`: a coherent state `alpha = i I0/(2 I_zpf)` gives `I0 sin(wt)`. Fock and even or
//! odd cat states have no mean at all. The mode belongs to no line, so its own vacuum counts in the variance of the
//! voltage ([`crate::quantum::variance`]).
//!
//! Paper: Quantum 4, 224 (2020).

use num_complex::Complex64;

use crate::CircuitError;
use crate::error::{above_zero, finite, in_order};
use crate::quantum::State;
use crate::source::Segment;

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

    /// Envelope `e(t)`: 0 while the source is off.
    pub fn envelope_at(&self, t: f64) -> f64 {
        if t < self.start || t >= self.stop {
            return 0.0;
        }
        self.envelope.map_or(1.0, |envelope| envelope.at(t))
    }

    /// Coefficient of `a` in the current at time `t`: `I_zpf e(t) e^{-iwt}`.
    pub fn amplitude(&self, t: f64) -> Complex64 {
        Complex64::from_polar(self.zero_point * self.envelope_at(t), -self.omega * t)
    }

    /// Mean current at time `t`, in uA (`hodgkin-huxley` units).
    pub fn mean_at(&self, t: f64) -> f64 {
        2.0 * (self.state.moments().mean * self.amplitude(t)).re
    }

    /// Mean current over the step `[t, t + dt]`; third-order Gauss quadrature within the part that is on.
    pub fn segment(&self, t: f64, dt: f64) -> Segment {
        let (from, to) = (t.max(self.start), (t + dt).min(self.stop));
        if from >= to {
            return Segment::default();
        }
        let (half, middle) = (0.5 * (to - from), 0.5 * (from + to));
        let node = half * (0.6f64).sqrt();
        let charge = half
            * (5.0 * self.mean_at(middle - node) + 8.0 * self.mean_at(middle) + 5.0 * self.mean_at(middle + node))
            / 9.0;
        // The envelope is continued to the very end of the step, which `mean_at` counts as off when it is `stop`.
        let last = if t + dt <= self.stop {
            let inside = Self { stop: f64::INFINITY, ..self.clone() };
            inside.mean_at(t + dt)
        } else {
            0.0
        };
        Segment { mean: charge / dt, slope: last - self.mean_at(t) }
    }
}
