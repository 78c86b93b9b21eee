//! A port: a capacitor in series with a semi-infinite transmission line.
//!
//! With `A` the wave arriving on the line, `B` the wave leaving and `u` the capacitor's voltage,
//!
//! ```text
//! I = (V - u - 2 A)/Z,   C du/dt = I,   B = A + Z I
//! ```
//!
//! where `I` flows from the node into the port. Output and input port obey the same law: for the input port,
//! `u` is minus the capacitor voltage `v_s` and `I` minus the current `I_s` of the usual drawing. No wave flows at
//! rest when `u` starts at the resting voltage. Where the line leads is the network's business.
//!
//! Paper: the output port (`C_r`, `Z_out`). Ours: the input port, where a waveguide arrives as quantum source.

use num_complex::Complex64;

use crate::CircuitError;
use crate::error::above_zero;

/// Capacitor and line of one port.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Port {
    /// Series capacitance (uF in `hodgkin-huxley` units).
    pub capacitance: f64,
    /// Real impedance of the line (kOhm in `hodgkin-huxley` units).
    pub impedance: f64,
}

impl Port {
    /// Checks that both values are above zero and finite.
    ///
    /// # Errors
    /// [`CircuitError::NotPositive`] or [`CircuitError::NotFinite`].
    pub fn check(&self) -> Result<(), CircuitError> {
        above_zero("port capacitance", self.capacitance)?;
        above_zero("port impedance", self.impedance)
    }

    /// Admittance `i w C/(1 + i w C Z)` seen from the node at angular frequency `omega`.
    #[inline]
    pub fn admittance(&self, omega: f64) -> Complex64 {
        let iwc = Complex64::new(0.0, omega * self.capacitance);
        iwc / (1.0 + iwc * self.impedance)
    }

    /// Current from the node into the port, for node voltage `v`, capacitor voltage `u`, incoming wave `a`.
    #[inline]
    pub fn current(&self, v: f64, u: f64, a: f64) -> f64 {
        (v - u - 2.0 * a) / self.impedance
    }

    /// Outgoing wave `B = A + Z I`.
    #[inline]
    pub fn outgoing(&self, v: f64, u: f64, a: f64) -> f64 {
        v - u - a
    }
}
