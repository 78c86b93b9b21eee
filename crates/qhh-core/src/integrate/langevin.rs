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

use pulp::{Simd, WithSimd};

use super::group::{ChannelKind, Group, NO_PORT};
use super::lanes::{Float, LANES, LANES_BARE, LANES_F32, Lanes};
use super::mechanism::{Any, Mechanism, Papers};
use super::narrow;
use super::sleep;
use super::state::GroupState;
use super::vectors::on_vectors;
use super::window::{DriveLanes, Window};
use crate::circuit::{MAX_PORTS, Papers as PapersKind};

/// Position of the first stage within the step, and the diagonal of the method.
pub const STAGE: f64 = 1.0 - std::f64::consts::FRAC_1_SQRT_2;

/// Numbers of ports that a loop is compiled for: none, two, and any number, known only at run time.
const BARE: usize = 0;
const BOTH: usize = 2;
const ANY: usize = MAX_PORTS;

/// The steps of groups, compiled here once for each precision and number of lanes: they are the largest part of the program.
pub trait Steps<const N: usize, T> {
    /// Moves `state` through `n_steps` steps; the window's course is overwritten.
    fn advance(&self, state: &mut GroupState<N, T>, n_steps: usize, window: Window<'_, N, T>) {
        self.advance_on(pulp::Arch::new(), state, n_steps, window);
    }

    /// [`Steps::advance`] with the instructions of `arch`, to compare them; the numbers are the same.
    fn advance_on(&self, arch: pulp::Arch, state: &mut GroupState<N, T>, n_steps: usize, window: Window<'_, N, T>);
}

macro_rules! steps {
    ($($lanes:expr, $float:ty;)*) => {
        $(impl Steps<{ $lanes }, $float> for Group<{ $lanes }, $float> {
            fn advance_on(
                &self,
                arch: pulp::Arch,
                state: &mut GroupState<{ $lanes }, $float>,
                n_steps: usize,
                window: Window<'_, { $lanes }, $float>,
            ) {
                self.go::<false>(arch, state, n_steps, window);
            }
        })*
    };
}

steps! {
    LANES, f64;
    LANES_BARE, f64;
    LANES_F32, f32;
}

impl Group {
    /// [`Steps::advance`] with the noise of the channels' lines, of strength `sqrt g` in the middle of each step, and
    /// gates that may be given.
    pub fn advance_sampled(&self, state: &mut GroupState, n_steps: usize, window: Window<'_>) {
        self.advance_sampled_on(pulp::Arch::new(), state, n_steps, window);
    }

    /// [`Group::advance_sampled`] with the instructions of `arch`, to compare them; the numbers are the same.
    pub fn advance_sampled_on(
        &self,
        arch: pulp::Arch,
        state: &mut GroupState,
        n_steps: usize,
        window: Window<'_>,
    ) {
        self.go::<true>(arch, state, n_steps, window);
    }
}

impl<const N: usize, T: Float> Group<N, T> {
    /// Sixteen lanes of double precision are for networks with ports, thirty-two for those without.
    const MAY_BE_BARE: bool = size_of::<T>() < size_of::<f64>() || N > LANES;
    const MAY_HAVE_PORTS: bool = size_of::<T>() < size_of::<f64>() || N <= LANES;

    fn go<const SAMPLED: bool>(
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
                        let run = Run::<$mechanism, $ports, SAMPLED, N, T>::new(self, state, n_steps, window);
                        on_vectors(arch, run).unwrap_or_else(|run| {
                            narrow::through::<SAMPLED, N, T>(run.group, run.state, run.n_steps, run.window);
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
                (Of(PapersKind::Three), false, 0) if const { Self::MAY_BE_BARE && !SAMPLED } && !sensed,
            Papers<'_, true, false, N, T>, BOTH:
                (Of(PapersKind::Three), false, 0..=2) if const { Self::MAY_HAVE_PORTS || SAMPLED } && (SAMPLED || !sensed),
            Papers<'_, true, true, N, T>, ANY: (Of(PapersKind::Three), _, _),
            Papers<'_, false, true, N, T>, ANY: (Of(PapersKind::Single), _, _),
            Any<'_, N, T>, ANY: (ChannelKind::Any(_), _, _),
        }
    }

    /// Moves `state` by the loop for any number of ports, compiled for no vectors.
    #[inline(never)]
    pub(super) fn go_scalar<const SAMPLED: bool>(
        &self,
        state: &mut GroupState<N, T>,
        n_steps: usize,
        window: Window<'_, N, T>,
    ) {
        macro_rules! kinds {
            ($($mechanism:ty: $pattern:pat,)*) => {
                match self.kind.channels {
                    $($pattern => Run::<$mechanism, ANY, SAMPLED, N, T>::new(self, state, n_steps, window)
                        .with_simd(pulp::Scalar),)*
                }
            };
        }
        kinds! {
            Papers<'_, true, true, N, T>: ChannelKind::Papers(PapersKind::Three),
            Papers<'_, false, true, N, T>: ChannelKind::Papers(PapersKind::Single),
            Any<'_, N, T>: ChannelKind::Any(_),
        }
    }
}

/// A group of one kind through a window; a type of its own so that it is compiled for the machine's vectors.
struct Run<'a, M, const PORTS: usize, const SAMPLED: bool, const N: usize, T: Float> {
    group: &'a Group<N, T>,
    state: &'a mut GroupState<N, T>,
    n_steps: usize,
    window: Window<'a, N, T>,
    mechanism: PhantomData<M>,
}

impl<'a, M, const PORTS: usize, const SAMPLED: bool, const N: usize, T: Float> Run<'a, M, PORTS, SAMPLED, N, T> {
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
    for Run<'a, M, PORTS, SAMPLED, N, T>
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
                let arrives = |waves: &[Lanes<N, T>; PORTS]| waves.iter().any(|wave| !wave.is_zero());
                let is_quiet = || current.is_zero() && !arrives(&now) && !arrives(&next);
                if !state.asleep
                    && sleep::is_due(first + step as u64)
                    && rest.is_near(state.v, &u)
                    && (sense.is_none() || rest.is_near(record, &[]))
                    && mechanism.is_near(&rest.state().gates, rest.gate_tolerance)
                    && is_quiet()
                {
                    let rest = rest.state();
                    (state.v, state.slope_base, state.asleep) = (rest.v, rest.slope_base, true);
                    record = rest.record.unwrap_or(rest.v);
                    for (u, rest) in u.iter_mut().zip(&rest.u) {
                        *u = *rest;
                    }
                    mechanism.settle(&rest.gates);
                }
                if state.asleep {
                    if is_quiet() {
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
    /// `H` lanes from `first` on.
    #[inline(always)]
    pub(super) fn part<const H: usize>(&self, first: usize) -> PortStage<H, T> {
        PortStage {
            rate: self.rate.part(first),
            damping: self.damping.part(first),
            conductance: self.conductance.part(first),
        }
    }

    #[inline(always)]
    pub(super) fn new((capacitance, impedance): (Lanes<N, T>, Lanes<N, T>), dt: f64) -> Self {
        let rate = (STAGE * dt) / (impedance * capacitance);
        let damping = 1.0 / (1.0 + rate);
        Self { rate, damping, conductance: damping / impedance }
    }
}
