//! What physics demands of a run, as defects: functions and meters that return how far it fails to hold.
//!
//! Tolerances are set where the checks are listed ([`crate::outcome`]).

use qhh_core::channel::Conductances;
use qhh_core::circuit::{BathRule, Circuit, MAX_PORTS};
use qhh_core::gates::Gates;
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::variance::Share;
use serde::{Deserialize, Serialize};

/// What an engine reports of a neuron besides its voltage.
pub(crate) struct Detail {
    pub(crate) gates: Gates,
    /// Voltages of the port capacitors.
    pub(crate) ports: [f64; MAX_PORTS],
    /// Waves arriving at the ports.
    pub(crate) arriving: [f64; MAX_PORTS],
    /// Wave out of the output port, if the engine knows it better than the capacitors do.
    pub(crate) wave_out: Option<f64>,
    /// Record of the voltage, where gates measure it.
    pub(crate) measured: Option<f64>,
}

/// What the energy of a neuron changes by, at a whole step.
pub(crate) struct EnergyPoint {
    /// Gates in the middle of the step that ends there.
    pub(crate) gates: Gates,
    /// Voltages of the port capacitors.
    pub(crate) ports: [f64; MAX_PORTS],
    /// Waves arriving at the ports.
    pub(crate) arriving: [f64; MAX_PORTS],
    /// Mean injected current of the step that ends there; none at the start of a window.
    pub(crate) injected: Option<f64>,
}

/// Follows the energy of one neuron:
/// `d/dt (C V^2/2 + sum C_p u_p^2/2) = I V - sum g (V - E) V + sum (A_p^2 - B_p^2)/Z_p`.
///
/// Integrated beside the run with the trapezoidal rule, conductances in the middle of each step, so that the defect shrinks
/// with the square of the step.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct EnergyMeter {
    start: Option<f64>,
    stored: f64,
    last: Option<Instant>,
    /// Energy that came in, less that which left.
    balance: f64,
    /// Energy that came in or left, signs aside; of waves, both what arrives and what leaves.
    turnover: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Instant {
    v: f64,
    /// Power that leaves through the ports.
    leaving: f64,
    /// Power that arrives at them.
    arriving: f64,
}

impl EnergyMeter {
    /// Takes in where a neuron is at the end of a step.
    pub(crate) fn point(&mut self, circuit: &Circuit, baths: BathRule, dt: f64, v: f64, state: &EnergyPoint) {
        let ports = || circuit.ports().map(|(_, port)| port).zip(state.ports);
        let waves = ports().zip(state.arriving).map(|((port, u), a)| {
            let leaving = port.outgoing(v, u, a);
            (leaving * leaving / port.impedance, a * a / port.impedance)
        });
        let (leaving, arriving) = waves.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        self.stored =
            0.5 * circuit.capacitance * v * v + ports().map(|(p, u)| 0.5 * p.capacitance * u * u).sum::<f64>();
        self.start.get_or_insert(self.stored);
        let now = Instant { v, leaving, arriving };
        if let (Some(before), Some(current)) = (self.last, state.injected) {
            let over = |before: f64, after: f64| 0.5 * (before + after) * dt;
            let g = circuit.conductances(&state.gates);
            // Means over the step, the voltage going straight.
            let mean = 0.5 * (before.v + v);
            let square = (before.v * before.v + before.v * v + v * v) / 3.0;
            // In the channels and the sense line, batteries counted as gain.
            let (conductance, battery) = match baths {
                BathRule::Independent => (g.total(), circuit.battery_current(&g)),
                BathRule::SharedMode => (baths.effective_conductance(&g), 0.0),
            };
            let lost = (conductance + circuit.sense_conductance()) * square - battery * mean;
            let (injected, lost) = (current * mean * dt, (lost + circuit.sense_current(0.0) * mean) * dt);
            let (leaving, arriving) = (over(before.leaving, leaving), over(before.arriving, arriving));
            self.balance += injected - lost + (arriving - leaving);
            // What a wave takes away is not set off against what another brings: a relay that hands all of it on has
            // exchanged it twice, not not at all.
            self.turnover += injected.abs() + lost.abs() + leaving + arriving;
        }
        self.last = Some(now);
    }

    /// Energy unaccounted for, against all that came in or left, or a ten-thousandth of what is stored if that is more.
    pub fn defect(&self) -> f64 {
        let gained = self.stored - self.start.unwrap_or(self.stored);
        // A neuron left alone exchanges no more than rounding, and what falling asleep moves it by (1e-6 mV, 1e-8 of
        // what is stored): nothing to compare with.
        let exchanged = self.turnover.max(1e-4 * self.stored);
        if exchanged == 0.0 { 0.0 } else { (gained - self.balance).abs() / exchanged }
    }
}

/// How far the lines' shares fail to add up to `(hbar/pi) int w coth Re z dw`, relative.
///
/// The integral is made anew from the impedance itself, on its own grid.
pub fn shares_defect(circuit: &Circuit, rule: BathRule, bath: Bath, g: &Conductances, shares: &[Share]) -> f64 {
    let g_eff = rule.effective_conductance(g);
    let slowest =
        0.3 * g_eff.max(1e-12) / circuit.ports().fold(circuit.capacitance, |c, (_, p)| c + p.capacitance);
    let sensed = bath.of_line(circuit.sense_thermal_energy());
    let whole: f64 = bath
        .nodes(slowest.min(sensed.matsubara()))
        .iter()
        .map(|node| {
            let z = circuit.impedance(g_eff, node.omega);
            // The part of the sense line is at its own temperature.
            let warmer = sensed.energy(node.omega) - bath.energy(node.omega);
            let measured = circuit.sense_conductance() * z.norm_sqr() * warmer;
            node.weight * (bath.energy(node.omega) * z.re + measured) / std::f64::consts::PI
        })
        .sum();
    let sum: f64 = shares.iter().map(|share| share.vacuum + share.thermal).sum();
    if whole == 0.0 { sum.abs() } else { (sum / whole - 1.0).abs() }
}

#[cfg(test)]
mod tests {
    use qhh_core::circuit::{BathRule, Channels, Circuit, Inputs, MAX_PORTS};
    use qhh_core::gates::Gates;
    use qhh_core::port::Port;
    use qhh_core::source::Packet;

    use super::{EnergyMeter, EnergyPoint};

    /// Defect of a relay from one line to another through which a packet goes in 20 ms, solved with tiny steps and
    /// metered in `n_steps`; the meter sees `seen` times the wave that arrives.
    fn defect(n_steps: u32, resistance: f64, seen: f64) -> f64 {
        let port = Port { capacitance: 40.0, impedance: 3.0 };
        let open = Gates::from([1.0]);
        let circuit = Circuit {
            capacitance: 0.05,
            channels: Channels::single(1.0 / resistance, None),
            output: Some(port),
            inputs: Inputs::one(port),
            sense: None,
        };
        let packet = Packet { carrier: 5.0, centre: 9.0, width: 1.3 };
        let wave = |t: f64| packet.mean_at(t, 2.0.into(), 1.0, port.impedance);
        let slope = |t: f64, [v, out, into]: [f64; 3]| {
            let leaving = port.current(v, out, 0.0);
            let entering = port.current(v, into, wave(t));
            let node = -(v / resistance + leaving + entering) / circuit.capacitance;
            [node, leaving / port.capacitance, entering / port.capacitance]
        };
        let (mut meter, mut x, fine) = (EnergyMeter::default(), [0.0; 3], 40);
        let dt = 20.0 / f64::from(n_steps);
        let h = dt / f64::from(fine);
        for step in 0..n_steps {
            let start = f64::from(step) * dt;
            let mut arriving = [0.0; MAX_PORTS];
            arriving[1] = seen * wave(start);
            let mut ports = [0.0; MAX_PORTS];
            (ports[0], ports[1]) = (x[1], x[2]);
            let state = EnergyPoint { gates: open.clone(), ports, arriving, injected: (step > 0).then_some(0.0) };
            meter.point(&circuit, BathRule::Independent, dt, x[0], &state);
            for k in 0..fine {
                let t = start + f64::from(k) * h;
                let by =
                    |from: &[f64; 3], slope: [f64; 3], h: f64| std::array::from_fn(|i| from[i] + h * slope[i]);
                let middle = by(&x, slope(t, x), 0.5 * h);
                x = by(&x, slope(t + 0.5 * h, middle), h);
            }
        }
        meter.defect()
    }

    #[test]
    fn the_energy_of_a_packet_handed_on_balances_with_the_square_of_the_step() {
        for resistance in [1e9, 20.0] {
            let (coarse, fine) = (defect(500, resistance, 1.0), defect(1000, resistance, 1.0));
            assert!(fine < 1e-3, "{resistance}: {fine}");
            assert!(coarse < 1e-2, "{resistance}: {coarse}");
        }
    }

    #[test]
    fn a_wave_that_is_taken_for_another_unbalances_the_energy() {
        for seen in [0.97, 1.04] {
            let defect = defect(1000, 1e9, seen);
            assert!(defect > 1e-2, "{seen}: {defect}");
        }
    }
}
