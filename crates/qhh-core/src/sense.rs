//! The sense line: how gates measure the voltage, with the noise that a measurement has.
//!
//! A waveguide of impedance `Z` joined to the node without a capacitor, its far side at a voltage `V_0`. With `A` the wave
//! that arrives,
//!
//! ```text
//! node:     I = (V_0 - V)/Z + 2 A/Z
//! outgoing: B = V - V_0 - A
//! ```
//!
//! The outgoing wave is amplified without preference of phase, which adds an idler's field `A_id` of the same spectrum
//! (Caves, Phys. Rev. D 26, 1817 (1982)), and seen by a detector with a response time `tau`. Gates follow its record `M` in
//! place of V:
//!
//! ```text
//! tau dM/dt = V - A + A_id - M
//! ```
//!
//! The idler counts as any line in second moments and with the opposite sign in commutators. The record commutes with itself
//! at all times, so that feeding it back keeps `[phi, V] = i hbar/C`. Ours; the idea that a quantum memristor is an element
//! under measurement and feedback is that of P. Pfeiffer et al., Sci. Rep. 6, 29507 (2016).

use crate::CircuitError;
use crate::error::{above_zero, finite, not_negative};

/// A sense line and its detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sense {
    /// Impedance of the line (kOhm in `hodgkin-huxley` units).
    pub impedance: f64,
    /// Response time of the detector (ms in `hodgkin-huxley` units).
    pub response_time: f64,
    /// Voltage of its far side; that at which the neuron rests without the line if none, so that rest does not move.
    pub reference: Option<f64>,
    /// `k_B T` of the line and of its idler (uF mV² in `hodgkin-huxley` units); that of all other lines if none.
    pub thermal_energy: Option<f64>,
}

impl Sense {
    /// Checks that impedance and response time are above zero, the temperature not below it, and everything is finite.
    ///
    /// # Errors
    /// [`CircuitError::NotPositive`] or [`CircuitError::NotFinite`].
    pub fn check(&self) -> Result<(), CircuitError> {
        above_zero("impedance of the sense line", self.impedance)?;
        above_zero("response time of the sense line", self.response_time)?;
        finite("reference of the sense line", self.reference.unwrap_or(0.0))?;
        not_negative("temperature of the sense line", self.thermal_energy.unwrap_or(0.0))
    }
}
