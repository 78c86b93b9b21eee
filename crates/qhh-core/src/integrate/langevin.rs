//! The full time dependence: second order in the step, stable however stiff the circuit.
//!
//! Gates live at half steps and are moved at the voltage held between them ([`super::kernel`] for the papers' channels,
//! [`super::tables`] for any others); in between, the circuit
//! `(V, u_1, .., u_P)` is linear and is stepped by the two-stage singly diagonally implicit Runge-Kutta method with
//! `c = 1 - 1/sqrt 2` (L-stable, so a time constant far below the step dies out at once instead of ringing, which the
//! trapezoidal rule would let it do). Conductances at the stages are the half-step ones continued along their last
//! change; a port enters each stage as a conductance and a source:
//!
//! ```text
//! u = (u* + k (V - 2A))/(1 + k),  k = c dt/(Z C_p),   I = (V - u* - 2A) G_p,  G_p = 1/(Z (1 + k))
//! ```
//!
//! Sixteen neurons of one kind ([`Group`]; thirty-two in single precision) go side by side through a whole window of
//! steps. A group at rest at which nothing arrives can sleep ([`super::sleep`]). Ours; the equations are those of
//! [`crate::circuit`] and [`crate::port`].

#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]

use std::marker::PhantomData;
use std::sync::Arc;

use pulp::{Simd, WithSimd};

use super::lanes::{Float, LANES, Lanes};
use super::mechanism::{Any, Conductors, Mechanism, Papers, Tabulated};
use super::sleep::{self, Rest};
use super::state::GroupState;
use super::vectors::on_vectors;
use crate::circuit::{BathRule, Circuit, MAX_PORTS, Papers as PapersKind};
use crate::gates::{Gates, RateUnits};
use crate::port::Port;
use crate::source::Segment;

/// Position of the first stage within the step, and the diagonal of the method.
pub const STAGE: f64 = 1.0 - std::f64::consts::FRAC_1_SQRT_2;

/// Parameters of a group of neurons with the same channels and ports; one lane each.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<const N: usize = LANES, T = f64> {
    pub(super) kind: Kind,
    pub(super) capacitance: Lanes<N, T>,
    /// Of each channel, every gate open.
    pub(super) conductance: Box<[Lanes<N, T>]>,
    pub(super) reversal: Box<[Lanes<N, T>]>,
    /// How the gates move, of other channels than the papers'.
    pub(super) tabulated: Option<Arc<Tabulated>>,
    /// The circuit of the first lane: its gates are all lanes'.
    pub(super) gating: Circuit,
    /// Capacitance and impedance of each port, output first.
    pub(super) ports: Box<[(Lanes<N, T>, Lanes<N, T>)]>,
    /// How its gates measure the voltage.
    pub(super) sense: Option<Box<SenseLanes<N, T>>>,
    /// Where it sleeps, if it may.
    rest: Option<Box<Rest<N, T>>>,
}

/// Sense lines of a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SenseLanes<const N: usize, T> {
    /// One over the impedance, and the voltage of the far side times that.
    pub(super) conductance: Lanes<N, T>,
    pub(super) push: Lanes<N, T>,
    pub(super) response_time: Lanes<N, T>,
}

/// What a group must have in common, and what selects the inner loop.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// The channels.
    pub channels: ChannelKind,
    /// Whether the channels share one bath.
    pub shared: bool,
    /// Whether there is an output port, and how many ports in all.
    pub ports: (bool, usize),
    /// Whether gates measure the voltage.
    pub sensed: bool,
}

/// Which channels neurons must have in common to go side by side: how the gates move, not how much they conduct.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChannelKind {
    /// The papers'.
    Papers(PapersKind),
    /// Others, by how their gates move ([`crate::gating::Gating::signature`]).
    Any(Arc<str>),
}

impl ChannelKind {
    fn of(circuit: &Circuit) -> Self {
        let signatures = || circuit.channels.iter().map(|channel| channel.gating.signature());
        circuit
            .papers()
            .map_or_else(|| Self::Any(signatures().collect::<Vec<_>>().join(" | ").into()), Self::Papers)
    }
}

impl Kind {
    /// The kind of a circuit.
    pub fn of(circuit: &Circuit, baths: BathRule) -> Self {
        Self {
            channels: ChannelKind::of(circuit),
            shared: baths == BathRule::SharedMode,
            ports: (circuit.output.is_some(), circuit.ports().count()),
            sensed: circuit.sense.is_some(),
        }
    }
}

/// What a window of steps was driven by and where its course goes.
#[derive(Debug)]
pub struct Window<'a, const N: usize = LANES, T = f64> {
    /// Time step.
    pub dt: f64,
    /// Number of the window's first step.
    pub first: u64,
    /// How the rate functions read voltage and time.
    pub units: RateUnits,
    /// Injected current of each step; one entry if all are the same, none where nothing is injected.
    pub drive: &'a [DriveLanes<N, T>],
    /// Waves arriving at each port, at the start of each step and after the last; empty for the vacuum's mean, 0.
    pub arriving: [&'a [Lanes<N, T>]; MAX_PORTS],
    /// Sampled noise of the channels' lines, at the start of each step and after the last: currents of a conductance
    /// of 1, channel by channel, or in the first of all together. Empty for the mean field; read by
    /// [`Group::advance_sampled`] alone.
    pub noise: &'a [&'a [[f32; N]]],
    /// Conductances of the gated channels in the middle of each step that stand for the gates' own, step by step; of one
    /// step if they stay the same, none for the gates' own. Read by [`Group::advance_sampled`] alone.
    pub given: &'a [f64],
    /// Sampled waves that arrive on the sense line, and those of its idler, as the noise; empty for none.
    pub sensed: [&'a [[f32; N]]; 2],
    /// What is taken off each gate after each step, so that on average they stay where they would move, if not empty; read
    /// by [`Group::advance_sampled`] alone.
    pub drift: &'a [f64],
    /// Voltage whose upward crossings count as spikes.
    pub threshold: f64,
    /// Course of the window.
    pub course: &'a mut Course<N, T>,
}

/// Current into each neuron of a group over one step ([`Segment`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriveLanes<const N: usize = LANES, T = f64> {
    /// Mean over the step.
    pub mean: Lanes<N, T>,
    /// End less start.
    pub slope: Lanes<N, T>,
}

impl<const N: usize, T: Float> Default for DriveLanes<N, T> {
    fn default() -> Self {
        Self { mean: Lanes::default(), slope: Lanes::default() }
    }
}

impl<const N: usize, T: Float> DriveLanes<N, T> {
    /// Adds a current, `factor` times, to one lane.
    #[inline]
    pub fn add(&mut self, lane: usize, segment: Segment, factor: f64) {
        self.mean.0[lane] = self.mean.0[lane] + T::of(factor * segment.mean);
        self.slope.0[lane] = self.slope.0[lane] + T::of(factor * segment.slope);
    }
}

/// Course of a group through a window: one entry for each step's start and one for the end.
#[derive(Debug, Clone)]
pub struct Course<const N: usize = LANES, T = f64> {
    /// Node voltages.
    pub v: Vec<Lanes<N, T>>,
    /// Voltages at the first stage of each step; only if `detailed`.
    pub staged: Vec<Lanes<N, T>>,
    /// Records of the voltage at the same times; only if `detailed` or `measured`, of neurons whose gates measure it.
    pub records: Vec<Lanes<N, T>>,
    /// Gates half a step before the times of `v`, `[time][gate]`; only if `detailed`.
    pub gates: Vec<Lanes<N, T>>,
    /// Port capacitors at the same times; only if `detailed`.
    pub u: [Vec<Lanes<N, T>>; MAX_PORTS],
    /// Waves leaving through the ports that are `emitting`, at the end of each step.
    pub leaving: [Vec<Lanes<N, T>>; MAX_PORTS],
    /// Steps in which at least one neuron crosses the threshold upwards.
    pub crossings: Vec<usize>,
    /// Whether gates and ports are wanted.
    pub detailed: bool,
    /// Whether records of the voltage are wanted.
    pub measured: bool,
    /// Ports whose leaving waves are wanted.
    pub emitting: [bool; MAX_PORTS],
}

impl<const N: usize, T> Default for Course<N, T> {
    fn default() -> Self {
        Self {
            v: Vec::new(),
            staged: Vec::new(),
            records: Vec::new(),
            gates: Vec::new(),
            u: std::array::from_fn(|_| Vec::new()),
            leaving: std::array::from_fn(|_| Vec::new()),
            crossings: Vec::new(),
            detailed: false,
            measured: false,
            emitting: [false; MAX_PORTS],
        }
    }
}

impl<const N: usize, T: Float> Group<N, T> {
    /// A group of at most `N` neurons of one kind; free lanes repeat the last neuron. `dt` is the time step.
    ///
    /// # Panics
    /// If `circuits` is empty or they differ in kind.
    pub fn new(circuits: &[Circuit], baths: BathRule, dt: f64, units: RateUnits) -> Self {
        let lane = |k: usize| &circuits[k.min(circuits.len() - 1)];
        let kind = Kind::of(lane(0), baths);
        let same = circuits.windows(2).all(|two| two[0] == two[1]);
        assert!(same || circuits.iter().all(|c| Kind::of(c, baths) == kind), "a group holds neurons of one kind");
        let lanes = |of: &dyn Fn(&Circuit) -> f64| Lanes::from_fn(|k| of(lane(k)));
        let port = |c: &Circuit, p: usize| c.ports().nth(p).map_or(NO_PORT, |(_, port)| port);
        let tabulated =
            matches!(kind.channels, ChannelKind::Any(_)).then(|| Tabulated::of(lane(0), dt * units.milliseconds));
        let channels = 0..lane(0).channels.len();
        Self {
            capacitance: lanes(&|c| c.capacitance),
            conductance: channels.clone().map(|i| lanes(&|c| c.channels[i].conductance)).collect(),
            reversal: channels.map(|i| lanes(&|c| c.channels[i].reversal.unwrap_or(0.0))).collect(),
            tabulated,
            gating: lane(0).clone(),
            ports: (0..kind.ports.1)
                .map(|p| (lanes(&|c| port(c, p).capacitance), lanes(&|c| port(c, p).impedance)))
                .collect(),
            sense: kind.sensed.then(|| {
                let of = |of: &dyn Fn(crate::sense::Sense) -> f64| lanes(&|c| c.sense.map_or(0.0, of));
                // Of circuits whose reference is given ([`Circuit::referred`]).
                let push = |sense: crate::sense::Sense| sense.reference.unwrap_or(0.0) / sense.impedance;
                Box::new(SenseLanes {
                    conductance: of(&|sense| 1.0 / sense.impedance),
                    push: of(&push),
                    response_time: of(&|sense| sense.response_time),
                })
            }),
            kind,
            rest: None,
        }
    }

    /// Impedance of a port's line in one lane.
    pub fn impedance(&self, port: usize, lane: usize) -> f64 {
        self.ports[port].1.lane(lane)
    }

    /// Lets the group sleep at the given rest points, one a neuron, once within `tolerance` (a voltage) of them.
    #[must_use]
    pub fn sleeping(mut self, rest: &[(f64, Gates)], tolerance: f64, dt: f64, units: RateUnits) -> Self {
        let state = self.state(rest, dt, units);
        self.rest = Some(Box::new(Rest::new(state, tolerance, units)));
        self
    }

    /// State at `t = 0` from voltages and gates, the port capacitors at the node's voltage so that no wave flows.
    ///
    /// `dt` is the time step: the gates are taken half of it back.
    pub fn state(&self, start: &[(f64, Gates)], dt: f64, units: RateUnits) -> GroupState<N, T> {
        let lane = |k: usize| &start[k.min(start.len() - 1)];
        let v = Lanes::from_fn(|k| lane(k).0);
        let back: Vec<Gates> = (0..N.min(start.len()))
            .map(|k| {
                let (v, gates) = lane(k);
                self.gating.relaxed(gates, *v, -0.5 * dt, units)
            })
            .collect();
        let back = |k: usize, gate: usize| back[k.min(back.len() - 1)][gate];
        let mut gates: Vec<Lanes<N, T>> =
            (0..self.gating.n_gates()).map(|gate| Lanes::from_fn(|k| back(k, gate))).collect();
        if self.tabulated.as_ref().is_some_and(|tabulated| tabulated.keeps_voltage()) {
            gates.extend([v, v]);
        }
        let mut state = GroupState {
            v,
            u: vec![v; self.ports.len()].into(),
            gates: gates.into(),
            record: self.sense.is_some().then_some(v),
            slope_base: (Lanes::default(), Lanes::default()),
            asleep: false,
        };
        macro_rules! conduction {
            ($mechanism:ty) => {{
                let mut mechanism =
                    <$mechanism as Mechanism<N, T>>::new(self.conductors(), &mut state.gates, dt, units);
                mechanism.open();
                state.slope_base = mechanism.push();
                mechanism.store(&mut state.gates);
            }};
        }
        match &self.kind.channels {
            ChannelKind::Papers(PapersKind::Single) => conduction!(Papers<'_, false, true, N, T>),
            ChannelKind::Papers(PapersKind::Three) => conduction!(Papers<'_, true, true, N, T>),
            ChannelKind::Any(_) => conduction!(Any<'_, N, T>),
        }
        state
    }

    fn conductors(&self) -> Conductors<'_, N, T> {
        Conductors {
            conductance: &self.conductance,
            reversal: &self.reversal,
            tabulated: self.tabulated.as_deref(),
            shared: self.kind.shared,
        }
    }

    /// Number of gates.
    pub fn n_gates(&self) -> usize {
        self.gating.n_gates()
    }

    /// Gates of one lane, from a slice of as many lanes.
    pub fn gates(&self, lanes: &[Lanes<N, T>], lane: usize) -> Gates {
        lanes[..self.n_gates()].iter().map(|gate| gate.lane(lane)).collect()
    }

    /// Gates of one lane moved by `dt` at the held voltage `v`.
    pub fn relaxed(&self, gates: &Gates, v: f64, dt: f64, units: RateUnits) -> Gates {
        self.gating.relaxed(gates, v, dt, units)
    }

    /// Moves `state` through `n_steps` steps; the window's course is overwritten.
    pub fn advance(&self, state: &mut GroupState<N, T>, n_steps: usize, window: Window<'_, N, T>) {
        self.advance_on(pulp::Arch::new(), state, n_steps, window);
    }

    /// [`Group::advance`] with the instructions of `arch`, to compare them; the numbers are the same.
    pub fn advance_on(
        &self,
        arch: pulp::Arch,
        state: &mut GroupState<N, T>,
        n_steps: usize,
        window: Window<'_, N, T>,
    ) {
        use ChannelKind::Papers as Of;

        macro_rules! kinds {
            ($($mechanism:ty, $ports:ident: $pattern:pat $(if $guard:expr)?,)*) => {
                match (&self.kind.channels, self.kind.shared, self.kind.ports.1) {
                    $($pattern $(if $guard)? => {
                        let advance = Advance::<$mechanism, $ports, false, N, T>::new(self, state, n_steps, window);
                        on_vectors(arch, advance).unwrap_or_else(|of| {
                            of.group.advance_without_vectors::<false>(of.state, of.n_steps, of.window);
                        });
                    })*
                }
            };
        }
        let sensed = self.kind.sensed;
        // The full neuron without ports and with both has a loop of its own. Others share that of any number of ports.
        // Each line is compiled for every precision and width of vectors, so there are few.
        kinds! {
            Papers<'_, true, false, N, T>, BARE:
                (Of(PapersKind::Three), false, 0) if const { Self::MAY_BE_BARE } && !sensed,
            Papers<'_, true, false, N, T>, BOTH:
                (Of(PapersKind::Three), false, 0..=2) if const { Self::MAY_HAVE_PORTS } && !sensed,
            Papers<'_, true, true, N, T>, ANY: (Of(PapersKind::Three), _, _),
            Papers<'_, false, true, N, T>, ANY: (Of(PapersKind::Single), _, _),
            Any<'_, N, T>, ANY: (ChannelKind::Any(_), _, _),
        }
    }

    /// Sixteen lanes of double precision are for networks with ports, thirty-two for those without.
    const MAY_BE_BARE: bool = size_of::<T>() < size_of::<f64>() || N > LANES;
    const MAY_HAVE_PORTS: bool = size_of::<T>() < size_of::<f64>() || N <= LANES;

    /// [`Group::advance`] with the noise of the channels' lines, of strength `sqrt g` in the middle of each step, and
    /// gates that may be given.
    pub fn advance_sampled(&self, state: &mut GroupState<N, T>, n_steps: usize, window: Window<'_, N, T>) {
        use ChannelKind::Papers as Of;

        let arch = pulp::Arch::new();
        macro_rules! kinds {
            ($($mechanism:ty, $ports:ident: $pattern:pat,)*) => {
                match (&self.kind.channels, self.kind.shared, self.kind.ports.1) {
                    $($pattern => {
                        let advance = Advance::<$mechanism, $ports, true, N, T>::new(self, state, n_steps, window);
                        on_vectors(arch, advance).unwrap_or_else(|of| {
                            of.group.advance_without_vectors::<true>(of.state, of.n_steps, of.window);
                        });
                    })*
                }
            };
        }
        kinds! {
            Papers<'_, true, false, N, T>, BOTH: (Of(PapersKind::Three), false, 0..=2),
            Papers<'_, true, true, N, T>, ANY: (Of(PapersKind::Three), _, _),
            Papers<'_, false, true, N, T>, ANY: (Of(PapersKind::Single), _, _),
            Any<'_, N, T>, ANY: (ChannelKind::Any(_), _, _),
        }
    }

    /// The steps on a machine without vectors, by the loop for any number of ports.
    #[inline(never)]
    fn advance_without_vectors<const SAMPLED: bool>(
        &self,
        state: &mut GroupState<N, T>,
        n_steps: usize,
        window: Window<'_, N, T>,
    ) {
        use ChannelKind::Papers as Of;

        macro_rules! kinds {
            ($($mechanism:ty: $pattern:pat,)*) => {
                match self.kind.channels {
                    $($pattern => Advance::<$mechanism, ANY, SAMPLED, N, T>::new(self, state, n_steps, window)
                        .with_simd(pulp::Scalar),)*
                }
            };
        }
        kinds! {
            Papers<'_, true, true, N, T>: Of(PapersKind::Three),
            Papers<'_, false, true, N, T>: Of(PapersKind::Single),
            Any<'_, N, T>: ChannelKind::Any(_),
        }
    }
}

/// Numbers of ports that a loop is compiled for: none, two, and any number, known only at run time.
const BARE: usize = 0;
const BOTH: usize = 2;
const ANY: usize = MAX_PORTS;

/// Stands where a circuit has fewer ports than the loop: an open end.
const NO_PORT: Port = Port { capacitance: 1.0, impedance: f64::INFINITY };

/// The steps of a group of one kind; a type of its own so that it is compiled for the machine's vectors.
struct Advance<'a, M, const PORTS: usize, const SAMPLED: bool, const N: usize, T: Float> {
    group: &'a Group<N, T>,
    state: &'a mut GroupState<N, T>,
    n_steps: usize,
    window: Window<'a, N, T>,
    mechanism: PhantomData<M>,
}

impl<'a, M, const PORTS: usize, const SAMPLED: bool, const N: usize, T: Float>
    Advance<'a, M, PORTS, SAMPLED, N, T>
{
    fn new(
        group: &'a Group<N, T>,
        state: &'a mut GroupState<N, T>,
        n_steps: usize,
        window: Window<'a, N, T>,
    ) -> Self {
        Self { group, state, n_steps, window, mechanism: PhantomData }
    }
}

impl<'a, M: Mechanism<'a, N, T>, const PORTS: usize, const SAMPLED: bool, const N: usize, T: Float> WithSimd
    for Advance<'a, M, PORTS, SAMPLED, N, T>
{
    type Output = ();

    #[expect(clippy::too_many_lines, reason = "one loop, kept whole for the registers' sake")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { group, state, n_steps, window, .. } = self;
        let Window { dt, first, units, drive, arriving, noise, given, sensed, drift, threshold, course } = window;
        let mut mechanism = M::new(group.conductors(), &mut state.gates, dt, units);
        let n_gated = if SAMPLED { group.gating.channels.iter().filter(|c| c.is_gated()).count() } else { 0 };
        let n_ports = if PORTS == ANY { group.ports.len() } else { PORTS };
        let open = (Lanes::splat(NO_PORT.capacitance), Lanes::splat(NO_PORT.impedance));
        let ports: [_; PORTS] =
            std::array::from_fn(|p| PortStage::new(group.ports.get(p).copied().unwrap_or(open), dt));
        let node = (STAGE * dt) / group.capacitance;
        let port_conductance = ports.iter().fold(Lanes::default(), |sum, port| sum + port.conductance);
        // Neurons with a sense line go through the loop of any number of ports, or the sampled ones.
        let sense = if PORTS == ANY || SAMPLED { group.sense.as_deref() } else { None };
        let port_conductance = sense.map_or(port_conductance, |sense| port_conductance + sense.conductance);
        // Of the record: `k = c dt/tau` and `1/(1 + k)`.
        let detector = sense.map_or_else(Default::default, |sense| {
            let rate = (STAGE * dt) / sense.response_time;
            (rate, 1.0 / (1.0 + rate))
        });
        let mut record = state.record.unwrap_or(state.v);
        let one = Lanes::splat(1.0);
        let mut u: [Lanes<N, T>; PORTS] = std::array::from_fn(|p| state.u.get(p).copied().unwrap_or_default());
        let waves_at = |step: usize| {
            let mut waves = [Lanes::default(); PORTS];
            for p in 0..n_ports {
                waves[p] = arriving[p].get(step).copied().unwrap_or_default();
            }
            waves
        };
        course.begin(n_steps);
        let mut now = waves_at(0);
        for step in 0..=n_steps {
            course.v[step] = state.v;
            if course.detailed {
                mechanism.show(&mut course.gates);
                for p in 0..n_ports {
                    course.u[p].push(u[p]);
                }
            }
            if sense.is_some() && (course.detailed || course.measured) {
                course.records.push(record);
            }
            if step == n_steps {
                break;
            }
            let current = match drive {
                [] => DriveLanes::default(),
                [steady] => *steady,
                each => each[step],
            };
            let next = waves_at(step + 1);
            if let Some(rest) = &group.rest {
                if !state.asleep
                    && sleep::is_due(first + step as u64)
                    && rest.is_near(state.v, &u)
                    && (sense.is_none() || rest.is_near(record, &[]))
                    && mechanism.is_near(rest.gates(), rest.gate_tolerance)
                {
                    rest.settle(state, &mut u);
                    record = state.record.unwrap_or(state.v);
                    mechanism.settle(rest.gates());
                }
                if state.asleep {
                    let arrives = |waves: &[Lanes<N, T>; PORTS]| waves.iter().any(|wave| !wave.is_zero());
                    if current.mean.is_zero() && current.slope.is_zero() && !arrives(&now) && !arrives(&next) {
                        for p in (0..n_ports).filter(|&p| course.emitting[p]) {
                            course.leaving[p][step] = Lanes::default();
                        }
                        if course.detailed {
                            course.staged[step] = state.v;
                        }
                        now = next;
                        continue;
                    }
                    state.asleep = false;
                }
            }
            if SAMPLED && !given.is_empty() {
                let last = given.len() - n_gated;
                mechanism.give(&given[(step * n_gated).min(last)..][..n_gated]);
            } else {
                mechanism.relax(if sense.is_some() { record } else { state.v });
                if SAMPLED && !drift.is_empty() {
                    mechanism.shift(drift);
                }
            }
            let middle = mechanism.push();
            // Noise current at the start of the step, and its change to the end.
            let mut fluctuation = [Lanes::default(); 2];
            if SAMPLED {
                let n_channels = if group.kind.shared { 1 } else { mechanism.n_channels() };
                for i in 0..n_channels.min(noise.len()) {
                    if let (Some(from), Some(to)) = (noise[i].get(step), noise[i].get(step + 1)) {
                        let (from, to) = (Lanes::<N, T>::of_singles(from), Lanes::<N, T>::of_singles(to));
                        let strength = if group.kind.shared { middle.0 } else { mechanism.conductance(i) };
                        let strength = strength.at_least(0.0).sqrt();
                        fluctuation[0] = strength.mul_add(from, fluctuation[0]);
                        fluctuation[1] = strength.mul_add(to - from, fluctuation[1]);
                    }
                }
            }
            let change = (middle.0 - state.slope_base.0, middle.1 - state.slope_base.1);
            state.slope_base = middle;

            // Two stages at c and 1. The second starts from the first's slope continued over the rest of the step.
            let at = [STAGE, 1.0];
            let mut total = [one; 2];
            for stage in 0..2 {
                let g = Lanes::splat(at[stage] - 0.5).mul_add(change.0, middle.0).at_least(0.0);
                total[stage] = node.mul_add(g + port_conductance, one);
            }
            let both = 1.0 / (total[0] * total[1]);
            let inverse = [total[1] * both, total[0] * both];
            // Waves on the sense line and of its idler, at the start of the step and their change to the end.
            let mut waves_sensed = [[Lanes::default(); 2]; 2];
            if SAMPLED && sense.is_some() {
                for (waves, field) in waves_sensed.iter_mut().zip(sensed) {
                    if let (Some(from), Some(to)) = (field.get(step), field.get(step + 1)) {
                        let (from, to) = (Lanes::<N, T>::of_singles(from), Lanes::<N, T>::of_singles(to));
                        *waves = [from, to - from];
                    }
                }
            }
            let (v0, u0, record0) = (state.v, u, record);
            let (mut v, mut staged) = (v0, v0);
            for stage in 0..2 {
                if stage == 1 {
                    staged = v;
                    let onward = Lanes::splat((1.0 - STAGE) / STAGE);
                    v = onward.mul_add(v - v0, v0);
                    record = onward.mul_add(record - record0, record0);
                    for p in 0..n_ports {
                        u[p] = onward.mul_add(u[p] - u0[p], u0[p]);
                    }
                }
                let middle_out = Lanes::splat(at[stage] - 0.5);
                let mut wave = now;
                for p in 0..n_ports {
                    wave[p] = Lanes::splat(2.0 * at[stage]).mul_add(next[p] - now[p], now[p] + now[p]);
                }
                let battery = middle_out.mul_add(change.1, middle.1);
                let mut inflow = middle_out.mul_add(current.slope, current.mean + battery);
                if SAMPLED {
                    inflow = Lanes::splat(at[stage]).mul_add(fluctuation[1], inflow + fluctuation[0]);
                }
                for p in 0..n_ports {
                    inflow = ports[p].conductance.mul_add(u[p] + wave[p], inflow);
                }
                let sensed_at = |waves: [Lanes<N, T>; 2]| Lanes::splat(at[stage]).mul_add(waves[1], waves[0]);
                if let Some(sense) = sense {
                    inflow = inflow + sense.push;
                    if SAMPLED {
                        inflow = (sense.conductance * 2.0).mul_add(sensed_at(waves_sensed[0]), inflow);
                    }
                }
                v = node.mul_add(inflow, v) * inverse[stage];
                if sense.is_some() {
                    let mut seen = v;
                    if SAMPLED {
                        seen = v - sensed_at(waves_sensed[0]) + sensed_at(waves_sensed[1]);
                    }
                    record = detector.0.mul_add(seen, record) * detector.1;
                }
                for p in 0..n_ports {
                    u[p] = ports[p].rate.mul_add(v - wave[p], u[p]) * ports[p].damping;
                }
            }
            // Not before: a branch between the stages would move all they have in registers to the stack.
            if course.detailed {
                course.staged[step] = staged;
            }
            if v0.crosses(v, threshold) {
                course.crossings.push(step);
            }
            for p in (0..n_ports).filter(|&p| course.emitting[p]) {
                course.leaving[p][step] = v - u[p] - next[p];
            }
            state.v = v;
            now = next;
        }
        for (kept, u) in state.u.iter_mut().zip(u) {
            *kept = u;
        }
        if sense.is_some() {
            state.record = Some(record);
        }
        mechanism.store(&mut state.gates);
    }
}

/// A port within one stage.
pub(super) struct PortStage<const N: usize, T> {
    /// `k = c dt/(Z C_p)`.
    pub(super) rate: Lanes<N, T>,
    /// `1/(1 + k)`.
    pub(super) damping: Lanes<N, T>,
    /// `G_p`.
    pub(super) conductance: Lanes<N, T>,
}

impl<const N: usize, T: Float> PortStage<N, T> {
    #[inline(always)]
    pub(super) fn new((capacitance, impedance): (Lanes<N, T>, Lanes<N, T>), dt: f64) -> Self {
        let rate = (STAGE * dt) / (impedance * capacitance);
        let damping = 1.0 / (1.0 + rate);
        Self { rate, damping, conductance: damping / impedance }
    }
}

impl<const N: usize, T: Float> Course<N, T> {
    /// Makes room for a window. What every step writes has its place beforehand: whatever may allocate in the middle of a
    /// step moves all that it has in registers to the stack.
    fn begin(&mut self, n_steps: usize) {
        let zero = Lanes::default();
        self.v.resize(n_steps + 1, zero);
        self.staged.resize(if self.detailed { n_steps } else { 0 }, zero);
        for (leaving, emitting) in self.leaving.iter_mut().zip(self.emitting) {
            leaving.resize(if emitting { n_steps } else { 0 }, zero);
        }
        self.records.clear();
        self.gates.clear();
        self.crossings.clear();
        self.u.iter_mut().for_each(Vec::clear);
    }
}
