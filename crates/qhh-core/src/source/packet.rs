//! A wave packet on the line of a port: the mode of the line with an envelope and a carrier.
//!
//! ```text
//! A(t) = sqrt(hbar w0 Z/2) [xi(t) e^{-i w0 t} a + h.c.],   int |xi|^2 dt = 1
//! ```
//!
//! so that a coherent state `alpha` brings the energy `hbar w0 |alpha|^2`. The mode is the line's own: its vacuum is
//! part of the line's. The envelope must be slow against the carrier. Ours.
//!
//! `a = int dw xi(w - w0)* a(w)`, with the spectrum of the envelope, has `[a, a*] = 1` on any line. In it a quantum of each
//! frequency counts alike, while in the wave it counts with `sqrt(w/w0)`: the formula above takes that for 1 across the
//! spectrum, which moves the wave by `xi'/(2 w0)` at most, and states of outgoing modes by nothing, because there the
//! factor comes back ([`Packet::commutator`]).

use std::num::NonZeroUsize;
use std::ops::Range;

use gauss_quad::GaussLegendre;
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

/// Standard deviations of `|xi(w)|^2` to either side of the carrier that spectra are taken over.
const SPECTRUM: f64 = 9.0;
/// Bandwidths around zero frequency within which quanta count less in an outgoing mode.
const SOFT: f64 = 0.25;

impl Packet {
    /// Widths from its centre beyond which an envelope is taken for gone.
    pub const REACH: f64 = 20.0;

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

    /// Envelopes with the spectrum `xi(w)` times weights, between two angular frequencies, at times `k dt`, in 1/sqrt(ms).
    ///
    /// `1/sqrt(2 pi) int_low^high weight(w) xi(w) e^{-i(w - w0) t} dw` for each of the weights: [`Packet::at`] for a weight
    /// of 1 and a band that reaches far to both sides. `steps` are the `k`; beyond [`Packet::REACH`] widths from the
    /// centre the rule's frequencies do not resolve the envelope's tail.
    pub fn weighted<const N: usize>(
        &self,
        (low, high): (f64, f64),
        weights: impl Fn(f64) -> [f64; N],
        dt: f64,
        steps: Range<usize>,
    ) -> Vec<[Complex64; N]> {
        let reach = SPECTRUM * self.bandwidth();
        let (low, high) = (low.max(self.carrier - reach), high.min(self.carrier + reach));
        let mut envelopes = vec![[Complex64::ZERO; N]; steps.len()];
        if high <= low {
            return envelopes;
        }
        let half = 0.5 * (high - low);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred at most")]
        let n = 64 + (1.2 * half * Self::REACH * self.width) as usize;
        let rule = GaussLegendre::new(NonZeroUsize::new(n).unwrap_or(NonZeroUsize::MIN));
        let unit =
            (2.0 * self.width * self.width / std::f64::consts::PI).powf(0.25) / std::f64::consts::TAU.sqrt();
        for (x, weight) in rule.nodes().zip(rule.weights()) {
            let off = low + half * (1.0 + x) - self.carrier;
            let size = half * weight * unit * (-(self.width * off).powi(2)).exp();
            let weights = weights(self.carrier + off).map(|of| of * size);
            let turn = Complex64::from_polar(1.0, -off * dt);
            let mut turned = Complex64::from_polar(1.0, -off * (steps.start as f64 * dt - self.centre));
            for sums in &mut envelopes {
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += turned * weight);
                turned *= turn;
            }
        }
        envelopes
    }

    /// Steps of `dt` at which an envelope is not gone, of those up to `last`.
    pub fn reach(&self, dt: f64, last: usize) -> Range<usize> {
        let reach = Self::REACH * self.width;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "kept in bounds")]
        let step = |t: f64| (t / dt).clamp(0.0, last as f64 + 1.0) as usize;
        step(self.centre - reach)..step(self.centre + reach).max(step(self.centre - reach))
    }

    /// `sqrt(hbar w0 Z/2)`, the voltage wave of one quantum on a line of impedance `impedance`, in mV sqrt(ms).
    pub fn wave(&self, hbar: f64, impedance: f64) -> f64 {
        (0.5 * hbar * self.carrier * impedance).sqrt()
    }

    /// What a quantum that leaves at an angular frequency counts in an outgoing mode with this envelope: 1, or -1 below zero,
    /// where the mode has creation operators; less within a quarter of a bandwidth around zero, for the envelope to end.
    fn counted(&self, omega: f64) -> f64 {
        libm::erf(omega / (std::f64::consts::SQRT_2 * SOFT * self.bandwidth()))
    }

    /// The envelope with which quanta of all frequencies of a wave count alike, at times `k dt`, in 1/sqrt(ms): a wave of one
    /// quantum is as large as `sqrt w`, so that the spectrum has the weight `sqrt(w0/w)`.
    pub fn counting(&self, dt: f64, steps: Range<usize>) -> Vec<Complex64> {
        let weight = |omega: f64| {
            // Even, and finite at zero.
            let omega = omega.abs().max(1e-9 * self.bandwidth());
            [(self.carrier * self.counted(omega) / omega).sqrt()]
        };
        let weighted = self.weighted((f64::NEG_INFINITY, f64::INFINITY), weight, dt, steps);
        weighted.into_iter().map(|[value]| value).collect()
    }

    /// `[b, b'*]` of the modes that two packets pick out of one open line; dimensionless.
    ///
    /// `int xi* xi' e^{i(w - w')t} dt` less what is lost around zero frequency and twice what lies below: 1 of a packet with
    /// itself (but for 3.6e-3 at the largest bandwidth, 1.2e-6 at a fifth of the carrier), `e^{-tau^2/(8 s^2)}` of two that differ
    /// by `tau` in their centres alone.
    pub fn commutator(&self, other: &Self) -> Complex64 {
        let (a, b) = (0.25 / self.width.powi(2), 0.25 / other.width.powi(2));
        let (sum, detuning) = (a + b, self.carrier - other.carrier);
        let middle = (a * self.centre + b * other.centre) / sum;
        let apart = a * b / sum * (self.centre - other.centre).powi(2);
        let size = (2.0 * (a * b).sqrt() / sum).sqrt() * (-apart - 0.25 * detuning * detuning / sum).exp();
        // Beyond nine of the widths within which quanta count less they count in full.
        let full = 9.0 * SOFT * self.bandwidth().max(other.bandwidth());
        let lost = self.shared(other, full, |count| 1.0 - count);
        Complex64::from_polar(size, detuning * middle) - lost.conj()
    }

    /// `<b* b'>` of the same modes with the line in vacuum: the quanta that counter-rotating parts bring, dimensionless.
    pub fn vacuum_quanta(&self, other: &Self) -> Complex64 {
        self.shared(other, 0.0, |count| -count)
    }

    /// Overlap of two spectra below an angular frequency, weighted by a function of what a quantum counts.
    fn shared(&self, other: &Self, high: f64, weight: impl Fn(f64) -> f64) -> Complex64 {
        // Amplitudes of the spectra are gone, to rounding, twelve bandwidths off their carriers.
        let gone = |packet: &Self| packet.carrier - 12.0 * packet.bandwidth();
        let low = gone(self).max(gone(other));
        if low >= high {
            return Complex64::ZERO;
        }
        let half = 0.5 * (high - low);
        let turns = half * (self.centre - other.centre).abs();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the run")]
        let rule = GaussLegendre::new(NonZeroUsize::MIN.saturating_add(199 + turns as usize));
        let spectrum = |packet: &Self, omega: f64| {
            let off = packet.carrier - omega;
            let x = packet.width * off;
            let size = (8.0 * std::f64::consts::PI * packet.width * packet.width).powf(0.25) * (-x * x).exp();
            Complex64::from_polar(size, -off * packet.centre)
        };
        let at = |(x, node): (&f64, &f64)| {
            let omega = low + half * (1.0 + x);
            let count = (self.counted(omega) * other.counted(omega)).sqrt().copysign(omega);
            spectrum(self, omega) * spectrum(other, omega).conj() * (half * node * weight(count))
        };
        rule.nodes().zip(rule.weights()).map(at).sum::<Complex64>() / std::f64::consts::TAU
    }

    /// Mean wave at time `t` in a state of mean `<a> = alpha`: `2 sqrt(hbar w0 Z/2) xi(t) Re(alpha e^{-i w0 t})`.
    pub fn mean_at(&self, t: f64, alpha: Complex64, hbar: f64, impedance: f64) -> f64 {
        let turned = alpha * Complex64::from_polar(1.0, -self.carrier * t);
        2.0 * self.wave(hbar, impedance) * self.at(t) * turned.re
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_of_equal_weights_is_the_packet() {
        // Narrow enough that nothing of its spectrum lies below zero.
        let packet = Packet { carrier: 6.0, centre: 4.0, width: 1.0 };
        let envelopes = packet.weighted((0.0, 100.0), |_| [1.0, 2.0], 0.1, 3..90);
        for (step, [one, two]) in (3..).zip(envelopes) {
            let expected = packet.at(0.1 * f64::from(step));
            assert!(
                (one - expected).norm() < 1e-9 && (two - 2.0 * expected).norm() < 1e-9,
                "{one}, not {expected}"
            );
        }
        assert_eq!(packet.reach(0.1, 90), 0..91);
        assert!(Packet { centre: 30.0, ..packet }.reach(0.1, 90).is_empty());
    }
}
