//! A wave packet on the line of a port: the mode of the line with an envelope and a carrier.
//!
//! ```text
//! A(t) = sqrt(hbar w0 Z/2) [xi(t) e^{-i w0 t} a + h.c.],   int |xi|^2 dt = 1
//! ```
//!
//! so that a coherent state `alpha` brings the energy `hbar w0 |alpha|^2`. The mode is the line's own: its vacuum is
//! part of the line's. The envelope must be slow against the carrier. Ours.

use num_complex::Complex64;

use crate::CircuitError;
use crate::error::{above_zero, finite};

/// Envelope and carrier of a mode in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Packet {
    /// Angular frequency `w0` of the carrier (rad/ms in `hodgkin-huxley` units).
    pub carrier: f64,
    /// Time of the peak (ms).
    pub centre: f64,
    /// Standard deviation of `|xi|^2` (ms).
    pub width: f64,
}

impl Packet {
    /// Checks that carrier and width are above zero and the bandwidth (half the inverse width, the standard deviation
    /// of the spectrum) below a third of the carrier.
    ///
    /// # Errors
    /// The first [`CircuitError`] found.
    pub fn check(&self) -> Result<(), CircuitError> {
        above_zero("carrier", self.carrier)?;
        finite("centre", self.centre)?;
        above_zero("width", self.width)?;
        let bandwidth = self.bandwidth();
        if bandwidth < self.carrier / 3.0 {
            Ok(())
        } else {
            Err(CircuitError::EnvelopeTooFast { bandwidth, carrier: self.carrier })
        }
    }

    /// Standard deviation of `|xi(w)|^2` in angular frequency: `1/(2 width)`.
    pub fn bandwidth(&self) -> f64 {
        0.5 / self.width
    }

    /// `xi(t)`, in 1/sqrt(ms).
    pub fn at(&self, t: f64) -> f64 {
        let x = (t - self.centre) / (2.0 * self.width);
        (-x * x).exp() / (std::f64::consts::TAU * self.width * self.width).powf(0.25)
    }

    /// `sqrt(hbar w0 Z/2)`, the voltage wave of one quantum on a line of impedance `impedance`, in mV sqrt(ms).
    pub fn wave(&self, hbar: f64, impedance: f64) -> f64 {
        (0.5 * hbar * self.carrier * impedance).sqrt()
    }

    /// Mean wave at time `t` in a state of mean `<a> = alpha`: `2 sqrt(hbar w0 Z/2) xi(t) Re(alpha e^{-i w0 t})`.
    pub fn mean_at(&self, t: f64, alpha: Complex64, hbar: f64, impedance: f64) -> f64 {
        let turned = alpha * Complex64::from_polar(1.0, -self.carrier * t);
        2.0 * self.wave(hbar, impedance) * self.at(t) * turned.re
    }
}
