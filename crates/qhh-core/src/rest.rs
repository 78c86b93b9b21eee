//! The resting point of a neuron: where no current flows through its channels and small departures die out.
//!
//! The roots of the static current-voltage curve are candidates; it takes the whole circuit to tell which of them is
//! stable. Linearised about a root, with the gates `x = n, m, h` and the capacitors `u_p` of the ports, lines in vacuum:
//!
//! ```text
//! C dV/dt   = -(G + sum_p 1/Z_p) V - sum_x (dI/dx) x + sum_p u_p/Z_p
//! dx/dt     = (alpha_x' (1 - x0) - beta_x' x0) V - (alpha_x + beta_x) x
//! C_p du/dt = (V - u)/Z_p
//! ```
//!
//! Rest is stable if every eigenvalue has a negative real part. A pair with a positive one is a neuron that swings ever
//! more and fires by itself, a pacemaker, which the static curve cannot tell. Ours.

use nalgebra::DMatrix;

use crate::CircuitError;
use crate::circuit::{BathRule, Circuit, MAX_PORTS};
use crate::gates::{Gates, RateUnits};
use crate::tangent::Answering;

/// Cells of the grid that separates the roots, between the lowest and the highest reversal potential: a third of a
/// millivolt wide or so.
const N_CELLS: u32 = 400;
/// Distance, in mV, from an unstable resting point at which a neuron starts that is to start at rest: far above
/// rounding, so that when it first fires does not hang on it, and small against a spike.
const PUSH: f64 = 1.0;
/// Real parts below this part of the largest rate of the circuit are rounding.
const ROUNDING: f64 = 1e-15;

/// A point at which no current flows through the channels, every gate at its steady state.
#[derive(Debug, Clone, PartialEq)]
pub struct Rest {
    /// Voltage of the node and of the ports' capacitors.
    pub voltage: f64,
    /// Gates.
    pub gates: Gates,
    /// What becomes of small departures from it.
    pub departure: Departure,
}

/// The slowest to die out, or fastest to grow, of the ways back to a resting point: `e^(rate t) cos(omega t)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Departure {
    /// Real part of the eigenvalue (1/ms in `hodgkin-huxley` units): below zero where the departure dies out.
    pub rate: f64,
    /// Imaginary part, not negative (rad/ms).
    pub omega: f64,
}

impl Rest {
    /// Whether small departures die out.
    pub fn is_stable(&self) -> bool {
        self.departure.rate < 0.0
    }

    /// Whether small departures grow; where they neither grow nor die out, nothing moves the neuron.
    pub fn is_unstable(&self) -> bool {
        self.departure.rate > 0.0
    }

    /// Voltage at which a neuron starts that is to start at rest: this one or, where it is unstable, a millivolt above.
    ///
    /// At an unstable point rounding would decide when the neuron leaves it, and so would the step.
    pub fn start(&self, units: RateUnits) -> f64 {
        self.voltage + if self.is_unstable() { PUSH / units.millivolts } else { 0.0 }
    }
}

impl Circuit {
    /// The most negative stable resting point; where none is stable, the most negative one at which the static
    /// current-voltage curve rises. Without batteries it is at 0.
    ///
    /// Lines are in vacuum, and the channels act with the sum of their conductances: `shared-mode`, which takes no
    /// batteries, leaves 0 as stable as it is. The ports carry no direct current and do not move the point, but they do
    /// decide whether it is stable.
    ///
    /// # Errors
    /// [`CircuitError::NoRest`] if the channels conduct nowhere between the reversal potentials.
    pub fn rest(&self, units: RateUnits) -> Result<Rest, CircuitError> {
        if !self.has_batteries() && self.sense.and_then(|sense| sense.reference).is_none_or(|v| v == 0.0) {
            return Ok(self.rest_at(0.0, units));
        }
        let mut first = None;
        for voltage in self.rising_roots(units) {
            let rest = self.rest_at(voltage, units);
            if rest.is_stable() {
                return Ok(rest);
            }
            first = first.or(Some(rest));
        }
        first.ok_or(CircuitError::NoRest)
    }

    /// Voltage of [`Circuit::rest`].
    ///
    /// # Errors
    /// As there.
    pub fn rest_voltage(&self, units: RateUnits) -> Result<f64, CircuitError> {
        self.rest(units).map(|rest| rest.voltage)
    }

    /// Voltages at which the current through the channels, gates steady, goes from inward to outward, ascending.
    fn rising_roots(&self, units: RateUnits) -> impl Iterator<Item = f64> {
        let conducting = self.channels.iter().filter(|channel| channel.conductance > 0.0);
        let reversals = conducting.map(|channel| channel.reversal.unwrap_or(0.0));
        let reversals = reversals.chain(self.sense.and_then(|sense| sense.reference));
        let range = reversals.fold(None, |range, e| {
            let (low, high) = range.unwrap_or((e, e));
            Some((f64::min(low, e), f64::max(high, e)))
        });
        let current = move |v: f64| {
            self.channel_current(&self.conductances(&self.steady(v, units)), v) + self.sense_current(v)
        };
        let bisected = move |mut below: f64, mut above: f64| {
            loop {
                let middle = 0.5 * (below + above);
                if !(middle > below && middle < above) {
                    return middle;
                }
                if current(middle) < 0.0 { below = middle } else { above = middle }
            }
        };
        range.into_iter().flat_map(move |(low, high)| {
            let grid = move |k: u32| low + (high - low) * f64::from(k) / f64::from(N_CELLS);
            // Where all reversals are one, so are all cells.
            let n_cells = if high > low { N_CELLS } else { 1 };
            let mut before = current(low);
            (0..n_cells).filter_map(move |k| {
                let after = current(grid(k + 1));
                let rises = before <= 0.0 && after >= 0.0 && (k == 0 || before < 0.0);
                before = after;
                rises.then(|| bisected(grid(k), grid(k + 1)))
            })
        })
    }

    fn rest_at(&self, voltage: f64, units: RateUnits) -> Rest {
        let gates = self.steady(voltage, units);
        let departure = self.departure(voltage, &gates, units);
        Rest { voltage, gates, departure }
    }

    /// Eigenvalue with the largest real part of the circuit linearised at a voltage and gates, lines in vacuum.
    pub fn departure(&self, v: f64, gates: &Gates, units: RateUnits) -> Departure {
        let mut currents = Vec::new();
        self.conductance_slopes(BathRule::Independent, gates, &mut currents);
        for (slope, reversal) in currents.iter_mut().zip(self.gate_reversals()) {
            *slope *= v - reversal;
        }
        let answers = self.answering(v, gates, units);
        let lags = |(_, answer): &(&f64, &Answering)| answer.rate.is_finite();
        let instant = currents.iter().zip(&answers).filter(|of| !lags(of)).map(|(i, answer)| i * answer.drive);
        let instant: f64 = instant.fold(0.0, |sum, g| sum + g);
        let lagging: Vec<(&f64, &Answering)> = currents.iter().zip(&answers).filter(lags).collect();
        let n_gates = lagging.len();
        let ports: Vec<_> = self.ports().take(MAX_PORTS).map(|(_, port)| port).collect();
        // What gates follow: the voltage, or its record, the last of all.
        let n = 1 + n_gates + ports.len() + usize::from(self.sense.is_some());
        let followed = if self.sense.is_some() { n - 1 } else { 0 };
        let mut slopes = DMatrix::zeros(n, n);
        slopes[(0, 0)] = -self.conductances(gates).total() - self.sense_conductance();
        slopes[(0, followed)] -= instant;
        for (k, (current, answer)) in lagging.into_iter().enumerate() {
            slopes[(0, 1 + k)] = -current;
            slopes[(1 + k, followed)] = answer.drive;
            slopes[(1 + k, 1 + k)] = -answer.rate;
        }
        for (p, port) in ports.iter().enumerate() {
            let place = 1 + n_gates + p;
            let through = 1.0 / port.impedance;
            slopes[(0, 0)] -= through;
            slopes[(0, place)] = through;
            slopes[(place, 0)] = through / port.capacitance;
            slopes[(place, place)] = -through / port.capacitance;
        }
        if let Some(sense) = self.sense {
            slopes[(followed, 0)] = 1.0 / sense.response_time;
            slopes[(followed, followed)] = -1.0 / sense.response_time;
        }
        slopes.row_mut(0).scale_mut(1.0 / self.capacitance);
        let rounding = ROUNDING * slopes.amax();
        let eigenvalues = slopes.complex_eigenvalues();
        let largest = eigenvalues.iter().max_by(|a, b| a.re.total_cmp(&b.re));
        largest.map_or(Departure { rate: 0.0, omega: 0.0 }, |value| Departure {
            rate: if value.re.abs() <= rounding { 0.0 } else { value.re },
            omega: value.im.abs(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Channels, Inputs};
    use crate::gates::rates;
    use crate::port::Port;

    const HH: RateUnits = RateUnits { millivolts: 1.0, milliseconds: 1.0 };

    fn axon(potassium: f64) -> Circuit {
        let channels = Channels::three([potassium, 120.0, 0.3], [-77.0, 50.0, -54.387]);
        Circuit { capacitance: 1.0, channels, output: None, inputs: Inputs::NONE, sense: None }
    }

    /// Rate and frequency at which a small departure grows in the circuit's own equations, solved by RK4: from the
    /// times and sizes of the last of its peaks while it is small.
    fn watched(circuit: &Circuit, rest: &Rest) -> (f64, f64) {
        let slope = |x: [f64; 4]| {
            let current = circuit.channel_current(&circuit.conductances(&x[1..]), x[0]);
            let [n, m, h] = rates(x[0]);
            let gate = |rate: crate::gates::Rates, x: f64| rate.opening * (1.0 - x) - rate.closing * x;
            [-current / circuit.capacitance, gate(n, x[1]), gate(m, x[2]), gate(h, x[3])]
        };
        let by = |x: [f64; 4], k: [f64; 4], h: f64| std::array::from_fn(|i| x[i] + h * k[i]);
        let mut x = [rest.voltage + 1e-6, rest.gates[0], rest.gates[1], rest.gates[2]];
        let (dt, mut peaks, mut last) = (1e-3, Vec::new(), [0.0; 2]);
        for step in 0..200_000 {
            let k1 = slope(x);
            let k2 = slope(by(x, k1, 0.5 * dt));
            let k3 = slope(by(x, k2, 0.5 * dt));
            let k4 = slope(by(x, k3, dt));
            x = std::array::from_fn(|i| x[i] + dt / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]));
            let off = x[0] - rest.voltage;
            if last[1] > last[0] && last[1] > off {
                peaks.push((f64::from(step) * dt, last[1]));
            }
            if off.abs() > 1e-2 {
                break;
            }
            last = [last[1], off];
        }
        let [.., (t0, a), (t1, b)] = peaks.as_slice() else { panic!("too few peaks: {peaks:?}") };
        ((b / a).ln() / (t1 - t0), std::f64::consts::TAU / (t1 - t0))
    }

    #[test]
    fn a_pacemaker_has_no_stable_rest_and_its_departures_grow_as_told() {
        for potassium in [16.0, 17.0] {
            let circuit = axon(potassium);
            let rest = circuit.rest(HH).unwrap();
            assert!(rest.is_unstable(), "{potassium} mS: {rest:?}");
            let (rate, omega) = watched(&circuit, &rest);
            let Departure { rate: told, omega: turns } = rest.departure;
            assert!((rate / told - 1.0).abs() < 0.02, "{potassium} mS grows by {rate}, told {told}");
            assert!((omega / turns - 1.0).abs() < 0.02, "{potassium} mS turns by {omega}, told {turns}");
            assert_eq!(rest.start(HH), rest.voltage + 1.0);
        }
        assert!((axon(14.0).rest(HH).unwrap().voltage + 59.3297).abs() < 1e-4);
    }

    #[test]
    fn the_squid_axon_rests_stably_where_it_always_did_ports_or_none() {
        let mut circuit = axon(36.0);
        let port = Port { capacitance: 0.3, impedance: 3.0 };
        for (output, inputs) in
            [(None, Inputs::NONE), (Some(port), Inputs::several(&[port; crate::circuit::MAX_INPUTS]).unwrap())]
        {
            (circuit.output, circuit.inputs) = (output, inputs);
            let rest = circuit.rest(HH).unwrap();
            assert!(rest.is_stable() && (rest.voltage + 65.0).abs() < 0.01, "{rest:?}");
            assert_eq!(rest.start(HH), rest.voltage);
        }
    }

    #[test]
    fn capacitors_of_ports_decide_whether_rest_is_stable() {
        // At the middle between firing by itself and not, a load on the node settles it.
        let mut circuit = axon(14.0);
        assert!(circuit.rest(HH).unwrap().is_unstable());
        let port = Port { capacitance: 5.0, impedance: 0.3 };
        circuit.inputs = Inputs::several(&[port; 3]).unwrap();
        assert!(circuit.rest(HH).unwrap().is_stable());
    }

    #[test]
    fn units_do_not_change_what_becomes_of_a_departure() {
        let hh = axon(14.0).rest(HH).unwrap();
        // Volts, seconds, siemens and farads for a patch of one square centimetre.
        let mut si = axon(14.0);
        si.capacitance = 1e-6;
        for channel in si.channels.iter_mut() {
            channel.conductance *= 1e-3;
            channel.reversal = channel.reversal.map(|e| 1e-3 * e);
        }
        let rest = si.rest(RateUnits { millivolts: 1e3, milliseconds: 1e3 }).unwrap();
        assert!((rest.voltage * 1e3 - hh.voltage).abs() < 1e-9);
        assert!((rest.departure.rate * 1e-3 / hh.departure.rate - 1.0).abs() < 1e-9);
        assert!((rest.departure.omega * 1e-3 / hh.departure.omega - 1.0).abs() < 1e-9);
    }

    #[test]
    fn of_several_roots_the_most_negative_stable_one_is_rest() {
        // Leak towards -40 mV beside a strong potassium channel gives a single root; a window current of sodium gives
        // three, of which the lowest is stable.
        let mut circuit = axon(0.5);
        let chloride = &mut circuit.channels[2];
        (chloride.conductance, chloride.reversal) = (0.3, Some(-80.0));
        let roots: Vec<f64> = circuit.rising_roots(HH).collect();
        assert_eq!(roots.len(), 2, "{roots:?}");
        let rest = circuit.rest(HH).unwrap();
        assert!(rest.is_stable() && rest.voltage == roots[0], "{rest:?} of {roots:?}");
    }

    #[test]
    fn without_batteries_rest_is_at_zero_and_without_channels_nothing_moves() {
        let mut circuit = axon(36.0);
        circuit.channels = Channels::single(36.0, None);
        let rest = circuit.rest(HH).unwrap();
        assert!(rest.voltage == 0.0 && rest.is_stable());
        circuit.channels = Channels::single(0.0, None);
        circuit.output = Some(Port { capacitance: 0.3, impedance: 3.0 });
        let rest = circuit.rest(HH).unwrap();
        assert!(!rest.is_stable() && !rest.is_unstable(), "{rest:?}");
    }
}
