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
//! Gates live at half steps and move exactly at the voltage held between. Conductances at whole steps continue the
//! last two half-step ones along a straight line, four steps at once, which then go side by side; a hold in which a
//! source goes on or off is split there. Second order in the step.
//!
//! Paper: Quantum 4, 224 (2020), there for one source.

use std::sync::Arc;

use num_complex::Complex64;
use pulp::{Simd, WithSimd};
use serde::{Deserialize, Serialize};

use super::kernel::{GateState, Relaxation, together};
use super::lanes::Lanes;
use super::mechanism::Tabulated;
use crate::circuit::{BathRule, Circuit, Papers, PortRole};
use crate::gates::{Gates, RateUnits};
use crate::gating::Gate;
use crate::source::mode::Envelope;
use crate::source::{Current, ModeSource, Shape};
use crate::time_grid::{Span, TimeGrid};

/// A sinusoidal current `Re[J e(t) e^{iwt}]` on the steps of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tone {
    /// Angular frequency; 0 for a constant current.
    pub omega: f64,
    /// Complex amplitude J.
    pub amplitude: Complex64,
    /// When it is on.
    pub on: Span,
    /// Envelope, if not 1.
    pub envelope: Option<Envelope>,
}

impl Tone {
    /// The tone of a classical current; `None` for shapes without one carrier.
    pub fn of_current(current: &Current, grid: TimeGrid) -> Option<Self> {
        let (omega, amplitude) = match current.shape {
            Shape::Constant { amplitude } => (0.0, Complex64::new(amplitude, 0.0)),
            Shape::Sine { amplitude, omega, phase } => {
                (omega, Complex64::new(0.0, -amplitude) * Complex64::from_polar(1.0, phase))
            }
            Shape::Ramp { .. } | Shape::Noise { .. } | Shape::Samples { .. } | Shape::Train(_) => return None,
        };
        Some(Self { omega, amplitude, on: grid.span(current.start, current.stop), envelope: None })
    }

    /// The tone of the mean current of a quantum source.
    pub fn of_mode(mode: &ModeSource, grid: TimeGrid) -> Self {
        Self {
            omega: mode.omega,
            amplitude: 2.0 * mode.zero_point * mode.state.moments().mean.conj(),
            on: grid.span(mode.start, mode.stop),
            envelope: mode.envelope,
        }
    }

    /// `J e(t) e^{iwt}` at a place, 0 while the tone is off.
    #[inline]
    fn at(&self, place: f64, dt: f64) -> Complex64 {
        self.with_carrier(place, dt, || Complex64::cis(self.omega * (place * dt)))
    }

    /// The same from `e^{iwt}`.
    #[inline]
    fn with_carrier(&self, place: f64, dt: f64, carrier: impl FnOnce() -> Complex64) -> Complex64 {
        if !self.on.contains(place) {
            return Complex64::ZERO;
        }
        let current = self.amplitude * carrier();
        self.envelope.map_or(current, |envelope| current * envelope.at(place * dt))
    }
}

impl Response {
    /// The tone at the starts of `n_steps` steps from number `first`, at the end, and for a few more.
    ///
    /// What a step gets does not depend on where the window begins.
    fn fill(&self, first: u64, n_steps: usize, dt: f64, currents: &mut Vec<Complex64>) {
        currents.clear();
        let mut base = (u64::MAX, Complex64::ZERO);
        currents.extend((first..=first + (n_steps + FOUR) as u64).map(|step| {
            let block = step / TURN as u64;
            self.tone.with_carrier(step as f64, dt, || {
                if base.0 != block {
                    base = (block, Complex64::cis(self.tone.omega * dt * (block * TURN as u64) as f64));
                }
                #[expect(clippy::cast_possible_truncation, reason = "below TURN")]
                let place = (step % TURN as u64) as usize;
                base.1 * self.turn[place]
            })
        }));
    }
}

/// A window's steps; a type of its own so that it is compiled for the machine's vectors.
struct Advance<'a, const SODIUM: bool, const SHARED: bool> {
    neuron: &'a Adiabatic,
    state: &'a mut AdiabaticState,
    first: u64,
    n_steps: usize,
    course: &'a mut AdiabaticCourse,
}

impl<const SODIUM: bool, const SHARED: bool> WithSimd for Advance<'_, SODIUM, SHARED> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { neuron, state, first, n_steps, course } = self;
        let (to_mv, dt) = (neuron.units.millivolts, neuron.dt);
        let dt_ms = dt * neuron.units.milliseconds;
        let of = |gates: &[f64], place: usize| gates.get(place).copied().unwrap_or_default();
        let mut gates = GateState { n: of(&state.gates, 0), m: of(&state.gates, 1), h: of(&state.gates, 2) };
        let mut next_edge = neuron.edge_after(first as f64 - 0.5);
        let mut next_detail = if course.detail_every == 0 { usize::MAX } else { course.detail_first };
        for start in (0..=n_steps).step_by(FOUR) {
            let [last, before] = state.recent;
            let g = (Lanes([0.5, 1.5, 2.5, 3.5]) * (last - before) + last).at_least(0.0);
            let (v, wave) = neuron.answer(&course.currents, start, g);
            let relaxation = Relaxation::at::<SODIUM>(v * to_mv, dt_ms);
            let mut passed = [GateState::default(); FOUR];
            let used = FOUR.min(n_steps + 1 - start);
            for (k, passed) in passed.iter_mut().enumerate().take(used) {
                let step = start + k;
                course.v.push(v.0[k]);
                if step == next_detail {
                    let GateState { n, m, h } = gates.relaxed::<SODIUM>(v.0[k] * to_mv, 0.5 * dt_ms);
                    course.details.push(([n, m, h].into_iter().take(state.gates.len()).collect(), wave.0[k]));
                    next_detail += course.detail_every;
                }
                if step == n_steps {
                    break;
                }
                let place = (first + step as u64) as f64;
                if place + 0.5 <= next_edge {
                    let one = |of: &[Lanes<FOUR>; 3]| [of[0].0[k], of[1].0[k], of[2].0[k]];
                    let relaxation = Relaxation { gain: one(&relaxation.gain), left: one(&relaxation.left) };
                    gates = gates.after::<SODIUM>(relaxation);
                } else {
                    gates = neuron.across_edges(gates, place, g.0[k], GateState::relaxed::<SODIUM>);
                    next_edge = neuron.edge_after(place + 0.5);
                }
                *passed = gates;
            }
            let lanes = |of: fn(&GateState<f64>) -> f64| {
                Lanes([of(&passed[0]), of(&passed[1]), of(&passed[2]), of(&passed[3])])
            };
            let gates = GateState { n: lanes(|g| g.n), m: lanes(|g| g.m), h: lanes(|g| g.h) };
            let maxima = neuron.maxima.map(Lanes::splat);
            let g = together::<_, SHARED>(gates.conductances::<SODIUM>(maxima));
            match used.min(n_steps - start) {
                0 => {}
                1 => state.recent = [g.0[0], last],
                made => state.recent = [g.0[made - 1], g.0[made - 2]],
            }
        }
        for (kept, gate) in state.gates.iter_mut().zip([gates.n, gates.m, gates.h]) {
            *kept = gate;
        }
    }
}

/// Steps that go side by side.
const FOUR: usize = 4;

/// One neuron under the adiabatic method.
#[derive(Debug, Clone, PartialEq)]
pub struct Adiabatic {
    circuit: Circuit,
    baths: BathRule,
    units: RateUnits,
    dt: f64,
    responses: Vec<Response>,
    /// Conductances of the papers' potassium, sodium, chloride with every gate open.
    maxima: [f64; 3],
    /// How the gates of other channels move.
    tabulated: Option<Arc<Tabulated>>,
    /// Places at which a tone goes on or off, ascending.
    edges: Vec<f64>,
}

/// How the circuit, its channels aside, answers one tone.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Response {
    tone: Tone,
    /// Capacitance and ports.
    reactive: Complex64,
    /// Wave out of the output port per volt at the node: `Z_r Y_r`.
    wave: Complex64,
    /// `e^{iwt}` at the first steps of a run, with which one at every [`TURN`]-th step gives all others.
    turn: [Complex64; TURN],
}

/// Steps between two carriers computed anew.
const TURN: usize = 64;

/// Everything that changes along a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdiabaticState {
    /// Gates, half a step earlier than the next voltage.
    gates: Box<[f64]>,
    /// Effective conductances half a step and one and a half steps earlier.
    recent: [f64; 2],
}

/// Course of one neuron: an entry for each step's start, and one for the end.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AdiabaticCourse {
    /// Node voltages.
    pub v: Vec<f64>,
    /// Gates and outgoing wave at every `detail_every`-th step, counted from `detail_first`.
    pub details: Vec<(Gates, f64)>,
    /// Current phasor of each tone; working memory.
    currents: Vec<Vec<Complex64>>,
    /// First step with details.
    pub detail_first: usize,
    /// Steps from one detail to the next; 0 for none.
    pub detail_every: usize,
}

impl AdiabaticState {
    /// Whether the state is made of finite numbers.
    pub fn is_finite(&self) -> bool {
        (self.gates.iter().sum::<f64>() + self.recent[0]).is_finite()
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
            turn: std::array::from_fn(|k| Complex64::cis(tone.omega * dt * k as f64)),
        };
        let mut edges: Vec<f64> = tones
            .iter()
            .flat_map(|tone| [tone.on.from, tone.on.to])
            .filter(|p| p.is_finite() && *p > 0.0)
            .collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let maxima = std::array::from_fn(|k| circuit.channels.get(k).map_or(0.0, |channel| channel.conductance));
        let tabulated = circuit.papers().is_none().then(|| Tabulated::of(&circuit, dt * units.milliseconds));
        let responses = tones.iter().map(response).collect();
        Self { circuit, baths, units, dt, responses, maxima, tabulated, edges }
    }

    /// State at `t = 0`.
    pub fn state(&self, gates: &Gates) -> AdiabaticState {
        let (v, _) = self.voltage(0.0, self.conductance(gates));
        let before = self.circuit.relaxed(gates, v, -0.5 * self.dt, self.units);
        let (now, half) = (self.conductance(gates), self.conductance(&before));
        // The earlier one is where a straight line through the first half step puts it.
        let recent = [half, now + 3.0 * (half - now)];
        AdiabaticState { gates: before.to_vec().into(), recent }
    }

    /// Moves `state` through `n_steps` steps, the first of them from step number `first`.
    pub fn advance(&self, state: &mut AdiabaticState, first: u64, n_steps: usize, course: &mut AdiabaticCourse) {
        course.v.clear();
        course.details.clear();
        course.currents.resize(self.responses.len(), Vec::new());
        for (response, currents) in self.responses.iter().zip(&mut course.currents) {
            response.fill(first, n_steps, self.dt, currents);
        }
        let arch = pulp::Arch::new();
        macro_rules! kinds {
            ($papers:expr, $($sodium:literal $shared:literal $kind:ident,)*) => {
                match ($papers, self.baths == BathRule::SharedMode) {
                    $((Papers::$kind, $shared) =>
                        arch.dispatch(Advance::<$sodium, $shared> { neuron: self, state, first, n_steps, course }),)*
                }
            };
        }
        match (self.circuit.papers(), &self.tabulated) {
            (Some(papers), _) => kinds! {
                papers, false false Single, false true Single, true false Three, true true Three,
            },
            (None, Some(tabulated)) => self.advance_any(tabulated, state, first, n_steps, course),
            (None, None) => unreachable!("other channels than the papers' have tables"),
        }
    }

    /// [`Self::advance`] of other channels than the papers'.
    fn advance_any(
        &self,
        tabulated: &Tabulated,
        state: &mut AdiabaticState,
        first: u64,
        n_steps: usize,
        course: &mut AdiabaticCourse,
    ) {
        let mut gates: Gates = state.gates.iter().copied().collect();
        let mut next_edge = self.edge_after(first as f64 - 0.5);
        let mut next_detail = if course.detail_every == 0 { usize::MAX } else { course.detail_first };
        let (to_mv, dt) = (self.units.millivolts, self.dt);
        for start in (0..=n_steps).step_by(FOUR) {
            let [last, before] = state.recent;
            // Four steps ahead of the last conductances, as for the papers' channels.
            let ahead = |steps: f64| (last + steps * (last - before)).max(0.0);
            for step in start..(start + FOUR).min(n_steps + 1) {
                let (place, since) = ((first + step as u64) as f64, (step - start) as f64);
                let g = ahead(since + 0.5);
                let (v, wave) = self.voltage(place, g);
                course.v.push(v);
                if step == next_detail {
                    course.details.push((self.circuit.relaxed(&gates, v, 0.5 * dt, self.units), wave));
                    next_detail += course.detail_every;
                }
                if step == n_steps {
                    break;
                }
                if place + 0.5 <= next_edge {
                    // What follows at once belongs to the middle of the step.
                    let middle = if tabulated.keeps_voltage() {
                        self.voltage(place + 0.5, ahead(since + 1.0)).0
                    } else {
                        v
                    };
                    tabulated.advance(&mut gates, v * to_mv, middle * to_mv);
                } else {
                    gates = self.across_edges(gates, place, g, |gates, millivolts, length| {
                        let relaxed = |((_, gate), x): ((_, &Gate), &f64)| gate.relaxed(*x, millivolts, length);
                        self.circuit.gates().zip(gates.iter()).map(relaxed).collect()
                    });
                    next_edge = self.edge_after(place + 0.5);
                }
                state.recent = [self.conductance(&gates), state.recent[0]];
            }
        }
        state.gates = gates.to_vec().into();
    }

    /// Conductance of the channels together.
    fn conductance(&self, gates: &Gates) -> f64 {
        self.baths.effective_conductance(&self.circuit.conductances(gates))
    }

    /// First edge after a place; infinite after the last.
    fn edge_after(&self, place: f64) -> f64 {
        self.edges.iter().copied().find(|edge| *edge > place).unwrap_or(f64::INFINITY)
    }

    /// The gates half a step after a place, from half a step before, where a tone goes on or off in between: the voltage
    /// jumps there, so each stretch is moved at its own, taken in its middle.
    #[cold]
    fn across_edges<G>(&self, gates: G, place: f64, g: f64, relaxed: impl Fn(G, f64, f64) -> G) -> G {
        let (from, to) = (place - 0.5, place + 0.5);
        let inside = self.edges.iter().copied().filter(|edge| (from..to).contains(edge));
        let ends: Vec<f64> = std::iter::once(from).chain(inside).chain(std::iter::once(to)).collect();
        ends.windows(2).fold(gates, |gates, stretch| {
            let (v, _) = self.voltage(0.5 * (stretch[0] + stretch[1]), g);
            let length = (stretch[1] - stretch[0]) * self.dt * self.units.milliseconds;
            relaxed(gates, v * self.units.millivolts, length)
        })
    }

    /// Node voltage and outgoing wave at a place with channels of conductance `g`.
    fn voltage(&self, place: f64, g: f64) -> (f64, f64) {
        self.responses.iter().fold((0.0, 0.0), |(v, wave), response| {
            let phasor = response.tone.at(place, self.dt) / (g + response.reactive);
            (v + phasor.re, wave + (response.wave * phasor).re)
        })
    }

    /// The same at four steps from place `start` of the tones' `currents` on.
    #[inline(always)]
    fn answer(&self, currents: &[Vec<Complex64>], start: usize, g: Lanes<FOUR>) -> (Lanes<FOUR>, Lanes<FOUR>) {
        let (mut v, mut wave) = (Lanes::splat(0.0), Lanes::splat(0.0));
        for (response, currents) in self.responses.iter().zip(currents) {
            let at = &currents[start..start + FOUR];
            let re = Lanes([at[0].re, at[1].re, at[2].re, at[3].re]);
            let im = Lanes([at[0].im, at[1].im, at[2].im, at[3].im]);
            let (g, b) = (g + response.reactive.re, response.reactive.im);
            // A silent channel at zero frequency must not turn "no current" into 0/0.
            let norm = (g * g + b * b).at_least(f64::MIN_POSITIVE);
            let (x, y) = ((re * g + im * b) / norm, (im * g - re * b) / norm);
            v = v + x;
            wave = wave + (x * response.wave.re - y * response.wave.im);
        }
        (v, wave)
    }

    /// How far from adiabatic conductances `g`, changing at `rate`, are: `|dG/dt|/(G w)` for the slowest tone, and
    /// the circuit's memory time `(C + sum C_p)/G` times that `w`. Both should be well below 1.
    pub fn slowness(&self, g: f64, rate: f64) -> (f64, f64) {
        let omega = self.responses.iter().map(|r| r.tone.omega).filter(|w| *w > 0.0).fold(f64::INFINITY, f64::min);
        let capacitance = self.circuit.ports().fold(self.circuit.capacitance, |c, (_, port)| c + port.capacitance);
        if omega.is_finite() { (rate.abs() / (g * omega), omega * capacitance / g) } else { (0.0, 0.0) }
    }
}
