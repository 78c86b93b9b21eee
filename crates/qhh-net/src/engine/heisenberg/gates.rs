//! Gates that respond to fluctuations: what each does beside the kept mean trajectory, and at the start.
//!
//! A gate's response is linear in the mode, `dX/dt = (i w - r) X + a U`, and acts on the node as a current `(dI/dx) X`
//! ([`qhh_core::tangent`]). Before the run it is stationary, so that the node's admittance gains
//!
//! ```text
//! sum_x (dI/dx) a_x/(r_x - i w)
//! ```
//!
//! That supposes that small departures from where the neuron starts die out. Where they grow, nothing is stationary: there
//! the gates are held until the run begins, and respond from then on. Ours.

use qhh_core::circuit::{BathRule, Circuit};
use qhh_core::gates::{Gates, RateUnits};
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::Resonance;
use qhh_core::quantum::heisenberg::{GateStep, Gating, MODES, Propagator, Relaxing, Wave};
use qhh_core::quantum::variance::slowest_rate;
use qhh_core::stop;
use qhh_core::tangent::Answering;

use crate::network::{Feedback, Network};
use crate::outcome::MeanTrajectory;

/// Gates that respond to what has been there for ever.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StartGates {
    /// Current of the channels for each gate, and how the gate answers to the voltage.
    each: Vec<(f64, Answering)>,
    /// Response time of the record that they follow, if they measure the voltage.
    response_time: Option<f64>,
    /// How fast the slowest departure dies out.
    rate: f64,
    /// The same where it swings many times before: a resonance.
    resonance: Option<Resonance>,
}

/// Part of its frequency below which a departure's rate makes it a resonance. Broader ones, frequencies resolve that are
/// laid by rates alone.
const SHARP: f64 = 0.1;

impl StartGates {
    /// Of a circuit that starts at a voltage with these gates; none where departures do not die out.
    pub(crate) fn new(
        circuit: &Circuit,
        baths: BathRule,
        (v, gates): (f64, &Gates),
        units: RateUnits,
    ) -> Option<Self> {
        let departure = circuit.departure(v, gates, units);
        let rate = -departure.rate;
        let resonance = Resonance { omega: departure.omega, rate };
        let mut slopes = Vec::new();
        circuit.conductance_slopes(baths, gates, &mut slopes);
        let currents = slopes.iter().zip(circuit.gate_reversals()).map(|(slope, reversal)| slope * (v - reversal));
        let response_time = circuit.sense.map(|sense| sense.response_time);
        (rate > 0.0).then(|| Self {
            response_time,
            each: currents.zip(circuit.answering(v, gates, units)).collect(),
            rate,
            resonance: Some(resonance).filter(|of| of.rate < SHARP * of.omega),
        })
    }

    /// What they add to the node's admittance at a complex frequency, for `e^{-iwt}`.
    pub(crate) fn admittance(&self, omega: Complex64) -> Complex64 {
        let of = |(current, answer): &(f64, Answering)| current * answer.response(omega);
        self.each.iter().map(of).sum::<Complex64>() * record(self.response_time, omega)
    }

    /// The slowest departure where it is a resonance.
    pub(crate) fn resonance(&self) -> Option<Resonance> {
        self.resonance
    }

    /// A rate that frequencies take to be laid by: that of the slowest departure, or the frequency of a resonance.
    pub(crate) fn scale(&self) -> f64 {
        self.resonance.map_or(self.rate, |of| of.omega)
    }
}

/// The channels of a neuron where it starts, as noise of long ago meets them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AtStart {
    /// Conductance of the channels together.
    pub(crate) g: f64,
    /// The gates; none where they are held.
    pub(crate) gates: Option<StartGates>,
}

impl AtStart {
    /// Of a neuron of a network; none if it starts nowhere.
    pub(crate) fn of(network: &Network, neuron: usize) -> Option<Self> {
        let (units, baths) = (network.rate_units(), network.simulation.baths);
        let (circuit, initial) = network.neuron(neuron)?;
        let start = initial.resolve(&circuit, units).ok()?;
        let g = baths.effective_conductance(&circuit.conductances(&start.1));
        let responds = network.quantum.is_some_and(|quantum| quantum.feedback == Feedback::Full);
        let gates = if responds { StartGates::new(&circuit, baths, (start.0, &start.1), units) } else { None };
        Some(Self { g, gates })
    }

    /// Their admittance at a complex frequency, for `e^{-iwt}`.
    pub(crate) fn admittance(&self, omega: Complex64) -> Complex64 {
        self.gates.as_ref().map_or_else(|| self.g.into(), |gates| self.g + gates.admittance(omega))
    }

    /// The slowest decay of a circuit with them.
    pub(crate) fn slowest(&self, circuit: &Circuit) -> f64 {
        let rate = slowest_rate(circuit, self.g);
        self.gates.as_ref().map_or(rate, |gates| rate.min(gates.rate))
    }
}

/// The record for a voltage of size 1.
fn record(response_time: Option<f64>, omega: Complex64) -> Complex64 {
    response_time.map_or(Complex64::ONE, |time| (1.0 - Complex64::I * omega * time).inv())
}

/// The gates of one node through a run.
#[derive(Debug, Clone)]
pub(crate) struct GateCourse {
    n_gates: usize,
    /// `[step][gate]`
    relaxing: Vec<Relaxing>,
    /// Change of the channels' conductance with each gate, half a step before the start and in the middle of each step:
    /// `[half][gate]`.
    slopes: Vec<f64>,
    reversals: Vec<f64>,
    /// How each answers to the voltage at the start.
    answers: Vec<Answering>,
    /// Response time of the record that they follow, if they measure the voltage.
    response_time: Option<f64>,
    /// None where they are held until the run begins.
    pub(crate) start: Option<StartGates>,
    /// The slowest rate of any gate at any step.
    pub(crate) slowest: f64,
}

impl GateCourse {
    pub(crate) fn new(course: &MeanTrajectory, baths: BathRule, dt: f64, units: RateUnits) -> Self {
        let (circuit, voltages) = (course.circuit(), course.followed());
        let room = voltages.len() * circuit.n_gates();
        let (mut relaxing, mut slopes) = (Vec::with_capacity(room), Vec::with_capacity(room));
        for half in 0..voltages.len() {
            if half % 1024 == 0 {
                stop::check();
            }
            let gates = course.gates(half);
            circuit.conductance_slopes(baths, gates, &mut slopes);
            if half + 1 < voltages.len() {
                let first = relaxing.len();
                circuit.relaxing(voltages[half], gates, dt, units, &mut relaxing);
                // What follows at once belongs to the middle of the step.
                let back = |steps: usize| voltages[half.saturating_sub(steps)];
                let middle = 1.875 * voltages[half] - 1.25 * back(1) + 0.375 * back(2);
                for (place, gate) in
                    circuit.gates().map(|(_, gate)| gate).enumerate().filter(|of| of.1.is_instant())
                {
                    let slope = gate.steady_slope(middle * units.millivolts) * units.millivolts;
                    relaxing[first + place].drive = slope;
                }
            }
        }
        let start = (
            voltages[0],
            circuit.relaxed(&course.gates(0).iter().copied().collect(), voltages[0], 0.5 * dt, units),
        );
        let rate = |of: &Relaxing| -of.left.ln() / dt;
        Self {
            n_gates: circuit.n_gates(),
            slowest: relaxing.iter().map(rate).fold(f64::INFINITY, f64::min),
            relaxing,
            slopes,
            reversals: circuit.gate_reversals(),
            response_time: circuit.sense.map(|sense| sense.response_time),
            answers: circuit.answering(start.0, &start.1, units),
            start: StartGates::new(circuit, baths, (start.0, &start.1), units),
        }
    }

    /// Constants at some frequencies.
    pub(crate) fn gating(&self, omega: &[f64; MODES], dt: f64) -> Gating {
        let rates: Vec<f64> = self.answers.iter().map(|answer| answer.rate).collect();
        Gating::new(omega, &rates, dt, self.response_time)
    }

    /// Appends where the gates begin in response to a line that moves the voltage by `v` and adds so much to its record.
    pub(crate) fn begin(&self, omega: &[f64; MODES], v: Wave, recorded: f64, deviations: &mut Vec<Wave>) {
        let followed =
            Wave::from_fn(|lane| (v.get(lane) + recorded) * record(self.response_time, omega[lane].into()));
        deviations.extend(self.answers.iter().map(|answer| {
            let mut deviation = Wave::default();
            if self.start.is_some() {
                deviation.add_product(Wave::from_fn(|lane| answer.response(omega[lane].into())), followed);
            }
            deviation
        }));
        deviations.extend(self.response_time.map(|_| followed));
        if self.answers.iter().any(|answer| answer.rate.is_infinite()) {
            deviations.extend([followed; 2]);
        }
    }

    /// What the gates do in some steps, `[step][gate]`.
    pub(crate) fn steps(
        &self,
        propagator: &Propagator,
        course: &MeanTrajectory,
        (first, n_steps): (usize, usize),
        steps: &mut Vec<GateStep>,
    ) {
        steps.clear();
        let n = self.n_gates;
        let range = first * n..(first + n_steps) * n;
        let (before, after) = (&self.slopes[range.clone()], &self.slopes[range.start + n..range.end + n]);
        let mut each = self.relaxing[range].iter().zip(before.iter().zip(after));
        let stages = course.staged()[first..].iter().zip(&course.voltages()[first + 1..]);
        for (staged, end) in stages.take(n_steps) {
            for (reversal, (relaxing, slopes)) in self.reversals.iter().zip(each.by_ref()) {
                let across = [staged - reversal, end - reversal];
                steps.push(propagator.gate_step(*relaxing, (*slopes.0, *slopes.1), across));
            }
        }
    }
}
