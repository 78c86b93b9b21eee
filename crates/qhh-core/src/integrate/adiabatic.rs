//! The papers' solution: at every instant the stationary response to a sinusoidal source.
//!
//! With `I(t) = Re[J e^{iwt}]`, conductances slow against `w` and no batteries,
//!
//! ```text
//! V(t) = Re[z(w; g(t)) J e^{iwt}],   z = 1/Y(w),   Y = G_eff + i w C + i w C_r/(1 + i w C_r Z_out)
//! ```
//!
//! and the gates follow `V`. What is left out is of the order of `|dG/dt|/(G w)` and of the circuit's memory time
//! against a period ([`Adiabatic::slowness`]). Sources add up, each with its own `w`; a constant current is `w = 0`.
//! Gates live at half steps and move exactly at the voltage held between; the conductance at whole steps is
//! continued from the two half steps before the last, so that one step need not wait for the one before it. Second
//! order in the step.
//!
//! Paper: Quantum 4, 224 (2020), there for one source.

use num_complex::Complex64;

use super::kernel::GateState;
use crate::circuit::{BathRule, Circuit, PortRole};
use crate::gates::{Gates, RateUnits};
use crate::source::mode::Envelope;
use crate::source::{Current, ModeSource, Shape};

/// A sinusoidal current `Re[J e(t) e^{iwt}]`, on from `start` to `stop`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tone {
    /// Angular frequency; 0 for a constant current.
    pub omega: f64,
    /// Complex amplitude J.
    pub amplitude: Complex64,
    /// Switch-on time.
    pub start: f64,
    /// Switch-off time.
    pub stop: f64,
    /// Envelope, if not 1.
    pub envelope: Option<Envelope>,
}

impl Tone {
    /// The tone of a classical current; `None` for shapes without one carrier.
    pub fn of_current(current: &Current) -> Option<Self> {
        let (omega, amplitude) = match current.shape {
            Shape::Constant { amplitude } => (0.0, Complex64::new(amplitude, 0.0)),
            Shape::Sine { amplitude, omega, phase } => {
                (omega, Complex64::new(0.0, -amplitude) * Complex64::from_polar(1.0, phase))
            }
            Shape::Ramp { .. } | Shape::Noise { .. } | Shape::Samples { .. } => return None,
        };
        Some(Self { omega, amplitude, start: current.start, stop: current.stop, envelope: None })
    }

    /// The tone of the mean current of a quantum source.
    pub fn of_mode(mode: &ModeSource) -> Self {
        Self {
            omega: mode.omega,
            amplitude: 2.0 * mode.zero_point * mode.state.moments().mean.conj(),
            start: mode.start,
            stop: mode.stop,
            envelope: mode.envelope,
        }
    }

    /// `J e(t) e^{iwt}`, 0 while the tone is off.
    #[inline]
    fn at(&self, t: f64) -> Complex64 {
        if t < self.start || t >= self.stop {
            return Complex64::ZERO;
        }
        let (sin, cos) = (self.omega * t).sin_cos();
        let carrier = self.amplitude * Complex64::new(cos, sin);
        self.envelope.map_or(carrier, |envelope| carrier * envelope.at(t))
    }
}

/// One neuron under the adiabatic method.
#[derive(Debug, Clone, PartialEq)]
pub struct Adiabatic {
    circuit: Circuit,
    baths: BathRule,
    units: RateUnits,
    dt: f64,
    responses: Vec<Response>,
}

/// How the circuit, its channels aside, answers one tone.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Response {
    tone: Tone,
    /// Capacitance and ports.
    reactive: Complex64,
    /// Wave out of the output port per volt at the node: `Z_r Y_r`.
    wave: Complex64,
}

/// Everything that changes along a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdiabaticState {
    /// Gates, half a step earlier than the next voltage.
    gates: GateState<f64>,
    /// Effective conductances half a step, one and a half, and two and a half steps earlier.
    recent: [f64; 3],
}

/// Course of one neuron: an entry for each step's start, and one for the end.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AdiabaticCourse {
    /// Node voltages.
    pub v: Vec<f64>,
    /// Gates and outgoing wave at every `detail_every`-th step, counted from `detail_first`.
    pub details: Vec<(Gates, f64)>,
    /// First step with details.
    pub detail_first: usize,
    /// Steps from one detail to the next; 0 for none.
    pub detail_every: usize,
}

impl AdiabaticState {
    /// Whether the state is made of finite numbers.
    pub fn is_finite(&self) -> bool {
        (self.gates.n + self.gates.m + self.gates.h + self.recent[0]).is_finite()
    }
}

impl Adiabatic {
    /// Prepares one neuron for a step of `dt`. The circuit must have no batteries.
    pub fn new(circuit: Circuit, baths: BathRule, units: RateUnits, dt: f64, tones: &[Tone]) -> Self {
        let wave = |omega: f64| {
            let output = circuit.ports().find(|(role, _)| *role == PortRole::Output);
            output.map_or(Complex64::ZERO, |(_, port)| port.impedance * port.admittance(omega))
        };
        let response = |tone: &Tone| Response {
            tone: *tone,
            reactive: circuit.reactive_admittance(tone.omega),
            wave: wave(tone.omega),
        };
        Self { circuit, baths, units, dt, responses: tones.iter().map(response).collect() }
    }

    /// State at `t = 0`.
    pub fn state(&self, gates: Gates) -> AdiabaticState {
        let g = |gates: Gates| self.baths.effective_conductance(self.circuit.conductances(gates));
        let (v, _) = self.voltage(0.0, g(gates));
        let before = gates.relaxed(v, -0.5 * self.dt, self.units);
        let (now, half) = (g(gates), g(before));
        // The two earlier ones are where a straight line through the first half step puts them.
        let back = |steps: f64| now + (half - now) * steps / 0.5;
        AdiabaticState {
            gates: GateState { n: before.n, m: before.m, h: before.h },
            recent: [half, back(1.5), back(2.5)],
        }
    }

    /// Moves `state` through `n_steps` steps, the first of them from step number `first`.
    pub fn advance(
        &self,
        state: &mut AdiabaticState,
        first: u64,
        n_steps: usize,
        course: &mut AdiabaticCourse,
    ) {
        match self.circuit.sodium() {
            Some(_) => self.steps::<true>(state, first, n_steps, course),
            None => self.steps::<false>(state, first, n_steps, course),
        }
    }

    fn steps<const SODIUM: bool>(
        &self,
        state: &mut AdiabaticState,
        first: u64,
        n_steps: usize,
        course: &mut AdiabaticCourse,
    ) {
        let (to_mv, dt_ms) = (self.units.millivolts, self.dt * self.units.milliseconds);
        course.v.clear();
        course.details.clear();
        let mut next_detail = if course.detail_every == 0 { usize::MAX } else { course.detail_first };
        for step in 0..=n_steps {
            let t = (first + step as u64) as f64 * self.dt;
            let [_, before, earlier] = state.recent;
            let g = (2.5 * before - 1.5 * earlier).max(0.0);
            let (v, wave) = self.voltage(t, g);
            course.v.push(v);
            if step == next_detail {
                let GateState { n, m, h } = state.gates.relaxed::<SODIUM>(v * to_mv, 0.5 * dt_ms);
                course.details.push((Gates { n, m, h }, wave));
                next_detail += course.detail_every;
            }
            if step == n_steps {
                break;
            }
            state.gates = state.gates.relaxed::<SODIUM>(v * to_mv, dt_ms);
            let GateState { n, m, h } = state.gates;
            let g = self.baths.effective_conductance(self.circuit.conductances(Gates { n, m, h }));
            state.recent = [g, state.recent[0], state.recent[1]];
        }
    }

    /// Node voltage and outgoing wave at time `t` with channels of conductance `g`.
    #[inline]
    fn voltage(&self, t: f64, g: f64) -> (f64, f64) {
        self.responses.iter().fold((0.0, 0.0), |(v, wave), response| {
            let current = response.tone.at(t);
            if current == Complex64::ZERO {
                return (v, wave);
            }
            let admittance = g + response.reactive;
            let phasor = current * admittance.conj() / admittance.norm_sqr();
            (v + phasor.re, wave + (response.wave * phasor).re)
        })
    }

    /// How far from adiabatic conductances `g`, changing at `rate`, are: `|dG/dt|/(G w)` for the slowest tone, and
    /// the circuit's memory time `(C + sum C_p)/G` times that `w`. Both should be well below 1.
    pub fn slowness(&self, g: f64, rate: f64) -> (f64, f64) {
        let omega = self.responses.iter().map(|r| r.tone.omega).filter(|w| *w > 0.0).fold(f64::INFINITY, f64::min);
        let capacitance = self.circuit.ports().fold(self.circuit.capacitance, |c, (_, port)| c + port.capacitance);
        if omega.is_finite() { (rate.abs() / (g * omega), omega * capacitance / g) } else { (0.0, 0.0) }
    }
}
