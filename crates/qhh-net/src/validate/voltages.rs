//! Whether what is fed in takes a neuron to voltages at which the model means nothing.
//!
//! The rates of the gates were measured within a tenth of a volt and are exponentials of the voltage: at a kilovolt,
//! ten thousand times as far, every one of them is at its end, and the run goes on to numbers that are finite and
//! senseless. A current `I` that is on for the time `t` takes the voltage to at least
//!
//! ```text
//! I/(G + C/t + w C + sum_p (1/Z_p + w C_p)),   t at most a step
//! ```
//!
//! with every channel open (`G`, three times as much where they share a bath), so what is refused here does get there.
//! Ours.

use std::f64::consts::FRAC_PI_2;

use qhh_core::circuit::Circuit;
use qhh_core::source::{Envelope, Shape};

use super::Mistakes;
use crate::network::{Drive, Network, ParameterValues, Source};

/// Largest voltage that is still taken, in mV of the gates' rates: a kilovolt.
const LARGEST: f64 = 1e6;
/// Most that a shared bath adds to the conductances, as a factor: the root of the number of channels.
const SHARED: f64 = 1.732_050_807_568_877_2;

impl Network {
    /// Sources that take a neuron of any population they feed beyond [`LARGEST`].
    pub(super) fn check_voltages(&self, mistakes: &mut Mistakes) {
        for source in &self.sources {
            let Some((name, voltage)) = self.strongest(source).filter(|(_, voltage)| *voltage > LARGEST) else {
                continue;
            };
            mistakes.add(
                &format!("sources.{}.{}", source.name, source.drive.entry()),
                format!(
                    "this takes `{name}` to {voltage:.0e} mV and more, where the gates' rates, measured within 100 mV, \
                     mean nothing: make it weaker, or check its unit"
                ),
            );
        }
    }

    /// The population that a source takes farthest, and to what voltage at least, in mV of the gates' rates.
    pub(crate) fn strongest(&self, source: &Source) -> Option<(&str, f64)> {
        let mut first = 0;
        let reached = self.populations.iter().filter_map(|population| {
            let range = first..first + population.count;
            first = range.end;
            let fed = source.targets.meets(&range);
            let voltage = self.least_voltage(source, &population.circuit)? * self.rate_units().millivolts;
            fed.then_some((population.name.as_str(), voltage))
        });
        reached.reduce(|best, other| if other.1 > best.1 { other } else { best })
    }

    /// What the voltage comes to at least, at some time; none of a source that is never on.
    fn least_voltage(&self, source: &Source, circuit: &Circuit) -> Option<f64> {
        let duration = self.simulation.duration;
        let (start, stop, omega, peak) = match &source.drive {
            Drive::Current(current) => {
                let (omega, peak) = match &current.shape {
                    Shape::Constant { amplitude } => (0.0, amplitude.abs()),
                    Shape::Sine { amplitude, omega, .. } => (*omega, amplitude.abs()),
                    Shape::Ramp { from, to } => (0.0, 0.5 * from.abs().max(to.abs())),
                    Shape::Noise { mean, .. } => (0.0, mean.abs()),
                    // What an exponential or an alpha function keeps within a step of its peak.
                    Shape::Train(train) => (0.0, 0.3 * train.amplitude.abs()),
                    Shape::Samples { points } => {
                        let run = (current.start.max(0.0), current.stop.min(duration));
                        (0.0, lasting(points, run, self.simulation.step))
                    }
                };
                (current.start, current.stop, omega, peak)
            }
            Drive::Mode(mode) => {
                let centre = mode.envelope.map_or(mode.start, |Envelope::Gaussian { centre, .. }| centre);
                let envelope = mode.envelope_at(centre.clamp(0.0, duration));
                let peak = 2.0 * mode.zero_point * envelope * mode.state.moments().mean.norm();
                (mode.start, mode.stop, mode.omega, peak)
            }
            Drive::Packet(source) => {
                let (packet, (_, port)) = (source.packet, source.port_of(circuit)?);
                let envelope = packet.at(packet.centre.clamp(0.0, duration));
                let wave = packet.wave(self.quantum?.hbar, port.impedance) * envelope;
                let open = 4.0 * wave * source.state.moments().mean.norm();
                (0.0, f64::INFINITY, packet.carrier, open / port.impedance)
            }
        };
        let whole = stop.min(duration) - start.max(0.0);
        let on = whole.min(self.simulation.step);
        if on <= 0.0 {
            return None;
        }
        // Of a slow sine the run may see no more than its crossing of zero.
        let seen = if omega > 0.0 { (0.5 * omega * whole).min(FRAC_PI_2).sin() } else { 1.0 };
        let factor = source.scale.as_ref().map_or(1.0, |scale| match (scale, scale.range()) {
            (ParameterValues::Uniform { .. } | ParameterValues::Normal { .. }, (low, high))
                if low <= 0.0 && high >= 0.0 =>
            {
                0.0
            }
            (ParameterValues::Uniform { .. } | ParameterValues::Normal { .. }, (low, high)) => {
                low.abs().min(high.abs())
            }
            (_, (low, high)) => low.abs().max(high.abs()),
        });
        let channels = circuit.channels.iter().map(|channel| channel.conductance);
        let ports = circuit.ports().map(|(_, port)| 1.0 / port.impedance + omega * port.capacitance);
        let membrane = circuit.capacitance * (1.0 / on + omega);
        Some(factor * seen * peak / (SHARED * channels.sum::<f64>() + membrane + ports.sum::<f64>()))
    }
}

/// A size that a current given by samples has at least on the average over some step of the run.
fn lasting(points: &[(f64, f64)], (from, to): (f64, f64), step: f64) -> f64 {
    let always = points.iter().map(|point| point.1.abs()).fold(f64::INFINITY, f64::min);
    let sizes = points.windows(2).filter_map(|pair| {
        let [(begins, first), (ends, last)] = [pair[0], pair[1]];
        let larger = first.abs().max(last.abs());
        // What is over sooner may be gone within a step. Beside its larger end a line that takes two steps keeps half of that.
        let lasts = ends.min(to) - begins.max(from) >= 2.0 * step;
        let within = begins >= from && ends <= to;
        if first == last { lasts.then_some(larger) } else { (lasts && within).then_some(0.5 * larger) }
    });
    sizes.fold(always, f64::max)
}
