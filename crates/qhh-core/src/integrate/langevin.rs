//! The full time dependence: second order in the step, stable however stiff the circuit.
//!
//! Gates live at half steps and are moved exactly at the voltage held between them; in between, the circuit
//! `(V, u_1, .., u_P)` is linear and is stepped by the two-stage singly diagonally implicit Runge-Kutta method with
//! `c = 1 - 1/sqrt 2` (L-stable, so a time constant far below the step dies out at once instead of ringing, which the
//! trapezoidal rule would let it do). Conductances at the stages are the half-step ones continued along their last
//! change; a port enters each stage as a conductance and a source:
//!
//! ```text
//! u = (u* + k (V - 2A))/(1 + k),  k = c dt/(Z C_p),   I = (V - u* - 2A) G_p,  G_p = 1/(Z (1 + k))
//! ```
//!
//! Sixteen neurons of one kind ([`Group`]) go side by side through a whole window of steps. Ours; the equations are
//! those of [`crate::circuit`] and [`crate::port`].

use pulp::{Simd, WithSimd};

use super::kernel::{GateState, together};
use super::lanes::{LANES, Lanes};
use crate::circuit::{BathRule, Circuit, MAX_PORTS};
use crate::gates::{Gates, RateUnits};
use crate::source::Segment;

/// Position of the first stage within the step, and the diagonal of the method.
const STAGE: f64 = 1.0 - std::f64::consts::FRAC_1_SQRT_2;

/// Parameters of a group of neurons with the same channels and ports; one lane each.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    kind: Kind,
    capacitance: Lanes,
    /// Potassium, sodium, chloride.
    conductance: [Lanes; 3],
    reversal: [Lanes; 3],
    /// Capacitance and impedance of each port, output first.
    ports: [(Lanes, Lanes); MAX_PORTS],
}

/// What selects the inner loop.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Kind {
    sodium: bool,
    shared: bool,
    n_ports: usize,
}

/// Everything that changes along a run; all a checkpoint of a group needs.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupState {
    /// Node voltage, at a whole step.
    pub v: Lanes,
    /// Port capacitors, at a whole step.
    pub u: [Lanes; MAX_PORTS],
    /// Gates, half a step earlier.
    pub gates: GateState<Lanes>,
    /// Conductance of the channels and current of the batteries, half a step earlier.
    slope_base: (Lanes, Lanes),
}

/// What a window of steps was driven by and where its course goes.
#[derive(Debug)]
pub struct Window<'a> {
    /// Time step.
    pub dt: f64,
    /// How the rate functions read voltage and time.
    pub units: RateUnits,
    /// Injected current of each step; empty where nothing is injected.
    pub drive: &'a [DriveLanes],
    /// Waves arriving at each port, at the start of each step and after the last; empty for the vacuum's mean, 0.
    pub arriving: [&'a [Lanes]; MAX_PORTS],
    /// Voltage whose upward crossings are looked for.
    pub threshold: f64,
    /// Course of the window.
    pub course: &'a mut Course,
}

/// Current into each neuron of a group over one step ([`Segment`]).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DriveLanes {
    /// Mean over the step.
    pub mean: Lanes,
    /// End less start.
    pub slope: Lanes,
}

impl DriveLanes {
    /// Adds a current to one lane.
    pub fn add(&mut self, lane: usize, segment: Segment) {
        self.mean.0[lane] += segment.mean;
        self.slope.0[lane] += segment.slope;
    }
}

/// Course of a group through a window: one entry for each step's start and one for the end.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// Node voltages.
    pub v: Vec<Lanes>,
    /// Gates at the same times; only if `detailed`.
    pub gates: Vec<GateState<Lanes>>,
    /// Port capacitors at the same times; only if `detailed`.
    pub u: [Vec<Lanes>; MAX_PORTS],
    /// Steps in which at least one neuron crosses the threshold upwards.
    pub crossings: Vec<usize>,
    /// Whether gates and ports are wanted.
    pub detailed: bool,
}

impl Group {
    /// A group of at most [`LANES`] neurons with the same channels and ports; free lanes repeat the last neuron.
    ///
    /// # Panics
    /// If `circuits` is empty or they differ in kind.
    pub fn new(circuits: &[Circuit], baths: BathRule) -> Self {
        let kind_of = |c: &Circuit| Kind {
            sodium: c.sodium().is_some(),
            shared: baths == BathRule::SharedMode,
            n_ports: c.ports().count(),
        };
        let lane = |k: usize| &circuits[k.min(circuits.len() - 1)];
        let kind = kind_of(lane(0));
        assert!(circuits.iter().all(|c| kind_of(c) == kind), "a group holds neurons of one kind");
        let lanes = |of: &dyn Fn(&Circuit) -> f64| Lanes(std::array::from_fn(|k| of(lane(k))));
        let port = |c: &Circuit, p: usize| c.ports().nth(p).map(|(_, port)| port);
        Self {
            kind,
            capacitance: lanes(&|c| c.capacitance),
            conductance: std::array::from_fn(|i| lanes(&|c| c.channel_list()[i].map_or(0.0, |x| x.conductance))),
            reversal: std::array::from_fn(|i| {
                lanes(&|c| c.channel_list()[i].and_then(|x| x.reversal).unwrap_or(0.0))
            }),
            ports: std::array::from_fn(|p| {
                (
                    lanes(&|c| port(c, p).map_or(1.0, |x| x.capacitance)),
                    lanes(&|c| port(c, p).map_or(1.0, |x| x.impedance)),
                )
            }),
        }
    }

    /// State at `t = 0` from voltages and gates, the port capacitors at the node's voltage so that no wave flows.
    ///
    /// `dt` is the time step: the gates are taken half of it back.
    pub fn state(&self, start: &[(f64, Gates)], dt: f64, units: RateUnits) -> GroupState {
        let lane = |k: usize| start[k.min(start.len() - 1)];
        let v = Lanes(std::array::from_fn(|k| lane(k).0));
        let back: [Gates; LANES] = std::array::from_fn(|k| {
            let (v, gates) = lane(k);
            gates.relaxed(v, -0.5 * dt, units)
        });
        let gates = GateState {
            n: Lanes(std::array::from_fn(|k| back[k].n)),
            m: Lanes(std::array::from_fn(|k| back[k].m)),
            h: Lanes(std::array::from_fn(|k| back[k].h)),
        };
        let slope_base = match (self.kind.sodium, self.kind.shared) {
            (false, false) => self.conduction::<false, false>(&gates),
            (false, true) => self.conduction::<false, true>(&gates),
            (true, false) => self.conduction::<true, false>(&gates),
            (true, true) => self.conduction::<true, true>(&gates),
        };
        GroupState { v, u: [v; MAX_PORTS], gates, slope_base }
    }

    /// Moves `state` through `n_steps` steps; the window's course is overwritten.
    pub fn advance(&self, state: &mut GroupState, n_steps: usize, window: Window<'_>) {
        let arch = pulp::Arch::new();
        macro_rules! kinds {
            ($($sodium:literal $shared:literal $ports:literal)*) => {
                match (self.kind.sodium, self.kind.shared, self.kind.n_ports) {
                    $(($sodium, $shared, $ports) =>
                        arch.dispatch(Advance::<$sodium, $shared, $ports> { group: self, state, n_steps, window }),)*
                    _ => unreachable!("a circuit has at most {MAX_PORTS} ports"),
                }
            };
        }
        kinds! {
            false false 0  false false 1  false false 2  false true 0  false true 1  false true 2
            true false 0  true false 1  true false 2  true true 0  true true 1  true true 2
        }
    }

    /// Conductance of the channels together, and the current their batteries push.
    #[inline(always)]
    fn conduction<const SODIUM: bool, const SHARED: bool>(&self, gates: &GateState<Lanes>) -> (Lanes, Lanes) {
        let g = gates.conductances::<SODIUM>(self.conductance);
        let battery = g[0] * self.reversal[0] + g[1] * self.reversal[1] + g[2] * self.reversal[2];
        (together::<_, SHARED>(g), battery)
    }
}

/// The steps of a group of one kind; a type of its own so that it is compiled for the machine's vectors.
struct Advance<'a, const SODIUM: bool, const SHARED: bool, const PORTS: usize> {
    group: &'a Group,
    state: &'a mut GroupState,
    n_steps: usize,
    window: Window<'a>,
}

impl<const SODIUM: bool, const SHARED: bool, const PORTS: usize> WithSimd for Advance<'_, SODIUM, SHARED, PORTS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { group, state, n_steps, window } = self;
        let Window { dt, units, drive, arriving, threshold, course } = window;
        let dt_ms = dt * units.milliseconds;
        let ports: [_; PORTS] = std::array::from_fn(|p| PortStage::new(group.ports[p], dt));
        let node = (STAGE * dt) / group.capacitance;
        let port_conductance = ports.iter().fold(Lanes::default(), |sum, port| sum + port.conductance);
        course.clear();
        for step in 0..=n_steps {
            course.v.push(state.v);
            if course.detailed {
                course.gates.push(state.gates.relaxed::<SODIUM>(state.v * units.millivolts, 0.5 * dt_ms));
                for p in 0..PORTS {
                    course.u[p].push(state.u[p]);
                }
            }
            if step == n_steps {
                break;
            }
            state.gates = state.gates.relaxed::<SODIUM>(state.v * units.millivolts, dt_ms);
            let middle = group.conduction::<SODIUM, SHARED>(&state.gates);
            let change = (middle.0 - state.slope_base.0, middle.1 - state.slope_base.1);
            state.slope_base = middle;
            let current = drive.get(step).copied().unwrap_or_default();
            let waves: [_; PORTS] = std::array::from_fn(|p| match arriving[p] {
                [] => (Lanes::default(), Lanes::default()),
                waves => (waves[step], waves[step + 1] - waves[step]),
            });

            // Two stages at c and 1. The second starts from the first's slope continued over the rest of the step.
            let (v0, u0) = (state.v, state.u);
            let mut v = v0;
            let mut u: [Lanes; PORTS] = std::array::from_fn(|p| u0[p]);
            for at in [STAGE, 1.0] {
                if at == 1.0 {
                    let onward = (1.0 - STAGE) / STAGE;
                    v = v0 + onward * (v - v0);
                    u = std::array::from_fn(|p| u0[p] + onward * (u[p] - u0[p]));
                }
                let g = (middle.0 + (at - 0.5) * change.0).at_least(0.0);
                let battery = middle.1 + (at - 0.5) * change.1;
                let wave: [_; PORTS] = std::array::from_fn(|p| 2.0 * (waves[p].0 + at * waves[p].1));
                let mut inflow = current.mean + (at - 0.5) * current.slope + battery;
                for p in 0..PORTS {
                    inflow = inflow + ports[p].conductance * (u[p] + wave[p]);
                }
                v = (v + node * inflow) / (1.0 + node * (g + port_conductance));
                for p in 0..PORTS {
                    u[p] = (u[p] + ports[p].rate * (v - wave[p])) * ports[p].damping;
                }
            }
            if v0.crosses(v, threshold) {
                course.crossings.push(step);
            }
            state.v = v;
            state.u[..PORTS].copy_from_slice(&u);
        }
    }
}

/// A port within one stage.
struct PortStage {
    /// `k = c dt/(Z C_p)`.
    rate: Lanes,
    /// `1/(1 + k)`.
    damping: Lanes,
    /// `G_p`.
    conductance: Lanes,
}

impl PortStage {
    #[inline(always)]
    fn new((capacitance, impedance): (Lanes, Lanes), dt: f64) -> Self {
        let rate = (STAGE * dt) / (impedance * capacitance);
        let damping = 1.0 / (1.0 + rate);
        Self { rate, damping, conductance: damping / impedance }
    }
}

impl GroupState {
    /// Whether the state of one lane is made of finite numbers.
    pub fn is_finite(&self, lane: usize) -> bool {
        let gates = self.gates.n.0[lane] + self.gates.m.0[lane] + self.gates.h.0[lane];
        (self.v.0[lane] + self.u.iter().map(|u| u.0[lane]).sum::<f64>() + gates).is_finite()
    }
}

impl Course {
    fn clear(&mut self) {
        self.v.clear();
        self.gates.clear();
        self.crossings.clear();
        self.u.iter_mut().for_each(Vec::clear);
    }
}
