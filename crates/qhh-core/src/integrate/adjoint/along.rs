//! The same steps forwards: where a small change of the state and the parameters leads.
//!
//! ```text
//! dy[k+1] = (dF/dy) dy[k] + (dF/dtheta) dtheta
//! ```
//!
//! the derivative that the steps backwards are the transpose of. Each step is made again, from the states of the run's
//! course, with numbers that carry their derivative along ([`Dual`]). Ours.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]
#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]

use pulp::{Simd, WithSimd};

use super::dual::Dual;
use super::opened::{self, Powers};
use super::relax::Relax;
use super::step::ONWARD;
use super::{Incoming, Sensitivity, Slopes};
use crate::circuit::MAX_PORTS;
use crate::gates::{Gates, RateUnits};
use crate::integrate::few::{self, Lanewise, lanewise};
use crate::integrate::group::{ChannelKind, Group};
use crate::integrate::lanes::{LANES, Lanes};
use crate::integrate::langevin::STAGE;
use crate::integrate::state::GroupState;
use crate::integrate::vectors::on_vectors;
use crate::integrate::window::{Course, DriveLanes};

/// A window of steps to follow a change through.
#[derive(Debug)]
pub struct Forwards<'a, const N: usize = LANES> {
    /// Time step.
    pub dt: f64,
    /// How the rate functions read voltage and time.
    pub units: RateUnits,
    /// State at the start of the window.
    pub start: &'a GroupState<N>,
    /// The window's course, `detailed`.
    pub course: &'a Course<N>,
    /// Injected current of each step, as it was handed to the run.
    pub drive: &'a [DriveLanes<N>],
    /// Waves that arrived at each port, as they were handed to the run; empty for none.
    pub arriving: [&'a [Lanes<N>]; MAX_PORTS],
    /// How currents and waves change; empty where they do not. Records are not read.
    pub incoming: &'a Incoming<N>,
}

/// How the course of a group changes through a window.
#[derive(Debug, Clone)]
pub struct Moved<const N: usize = LANES> {
    /// Node voltages, at each step's start and at the end.
    pub v: Vec<Lanes<N>>,
    /// Waves that leave each port of the circuit, at the end of each step.
    pub leaving: [Vec<Lanes<N>>; MAX_PORTS],
}

lanewise!(Moved<N> { v, leaving });

impl<const N: usize> Default for Moved<N> {
    fn default() -> Self {
        Self { v: Vec::new(), leaving: std::array::from_fn(|_| Vec::new()) }
    }
}

impl Group {
    /// How [`Group::state`] of `start` changes with `start` itself, the voltage and gates of each neuron, and with the
    /// parameters.
    pub fn begun(
        &self,
        start: &[(f64, Gates)],
        change: &[(f64, Vec<f64>)],
        parameters: &Slopes,
        dt: f64,
        units: RateUnits,
    ) -> Sensitivity {
        let mut moved = self.insensitive();
        let mut relaxing = Vec::new();
        for (lane, ((held, begun), (voltage, gates))) in start.iter().zip(change).enumerate().take(LANES) {
            moved.v.0[lane] = *voltage;
            relaxing.clear();
            self.gating.relaxing(*held, begun, -0.5 * dt, units, &mut relaxing);
            for ((to, of), gate) in moved.gates.iter_mut().zip(&relaxing).zip(gates) {
                to.0[lane] = of.drive * voltage + of.left * gate;
            }
        }
        // The capacitors start at the node's voltage, and so does the record.
        moved.u.fill(moved.v);
        moved.record = moved.v;
        moved.followed = [moved.v; 2];
        let state = self.state(start, dt, units);
        let gates: Vec<Dual<LANES>> = state.gates.iter().zip(&moved.gates).map(dual).collect();
        let base = push(self, &opened::powers(self), parameters, &gates);
        moved.base = (base.0.slope, base.1.slope);
        moved
    }

    /// Follows a change through a window: `change` of the state at its start becomes that at its end, the parameters changing
    /// by `parameters`; `moved` is overwritten.
    pub fn along(&self, change: &mut Sensitivity, parameters: &Slopes, moved: &mut Moved, window: &Forwards<'_>) {
        self.along_on(pulp::Arch::new(), change, parameters, moved, window);
    }

    /// [`Group::along`] with the instructions of `arch`, to compare them; the numbers are the same.
    pub fn along_on(
        &self,
        arch: pulp::Arch,
        change: &mut Sensitivity,
        parameters: &Slopes,
        moved: &mut Moved,
        window: &Forwards<'_>,
    ) {
        let n_steps = window.course.v.len().saturating_sub(1);
        moved.v.resize(n_steps + 1, Lanes::default());
        for (p, leaving) in moved.leaving.iter_mut().enumerate() {
            leaving.resize(if p < self.ports.len() { n_steps } else { 0 }, Lanes::default());
        }
        on_vectors(arch, Along { group: self, change, parameters, moved, window })
            .unwrap_or_else(Along::without_vectors);
    }
}

impl<const N: usize> Along<'_, '_, N> {
    /// On a machine without vectors, a few lanes at a time.
    #[inline(never)]
    fn without_vectors(self) {
        let Self { group, change, parameters, moved, window } = self;
        for lane in few::parts::<N>() {
            let (start, course, incoming) =
                (window.start.few(lane), window.course.few(lane), window.incoming.few(lane));
            let drive: Vec<_> = few::of_each(window.drive, lane).collect();
            let arriving = few::of_ports(window.arriving, lane);
            let window = Forwards {
                dt: window.dt,
                units: window.units,
                start: &start,
                course: &course,
                drive: &drive,
                arriving: arriving.each_ref().map(Vec::as_slice),
                incoming: &incoming,
            };
            let (group, parameters) = (group.few(lane), parameters.few(lane));
            let (mut part, mut of_part) = (change.few(lane), moved.few(lane));
            let along = Along {
                group: &group,
                change: &mut part,
                parameters: &parameters,
                moved: &mut of_part,
                window: &window,
            };
            along.with_simd(pulp::Scalar);
            change.put_few(lane, &part);
            moved.put_few(lane, &of_part);
        }
    }
}

/// A window of steps; a type of its own so that it is compiled for the machine's vectors.
struct Along<'a, 'w, const N: usize> {
    group: &'a Group<N>,
    change: &'a mut Sensitivity<N>,
    parameters: &'a Slopes<N>,
    moved: &'a mut Moved<N>,
    window: &'a Forwards<'w, N>,
}

/// What does not change from step to step, with its change along the direction.
struct Constants<const N: usize> {
    /// `k = c dt/(Z C_p)`, `1/(1 + k)` and `G_p` of each port.
    ports: [[Dual<N>; 3]; MAX_PORTS],
    node: Dual<N>,
    /// Conductance of ports and sense line, and what the line pushes.
    others: Dual<N>,
    push: Dual<N>,
    /// Of the record: `k = c dt/tau` and `1/(1 + k)`.
    detector: [Dual<N>; 2],
}

#[inline(always)]
fn dual<const N: usize>((value, slope): (&Lanes<N>, &Lanes<N>)) -> Dual<N> {
    Dual { value: *value, slope: *slope }
}

/// Conductance of the channels together, and the current that their batteries push.
#[inline(always)]
fn push<const N: usize>(
    group: &Group<N>,
    powers: &Powers<'_>,
    parameters: &Slopes<N>,
    gates: &[Dual<N>],
) -> (Dual<N>, Dual<N>) {
    let (mut total, mut roots, mut battery) = (Dual::default(), Dual::default(), Dual::default());
    let mut gate = 0;
    for (channel, powers) in powers.iter().enumerate() {
        let mut g = dual((&group.conductance[channel], &parameters.conductance[channel]));
        for &exponent in *powers {
            for _ in 0..exponent {
                g = g * gates[gate];
            }
            gate += 1;
        }
        battery = g.mul_add(dual((&group.reversal[channel], &parameters.reversal[channel])), battery);
        if group.kind.shared {
            // The conductance together is `sqrt(sum g) sum sqrt(g)`; a shut channel has no slope that is finite.
            let mut root = g.sqrt();
            for lane in (0..N).filter(|lane| g.value.0[*lane] <= 0.0) {
                (g.slope.0[lane], root.slope.0[lane]) = (0.0, 0.0);
            }
            roots = roots + root;
        }
        total = total + g;
    }
    if group.kind.shared { (total.sqrt() * roots, battery) } else { (total, battery) }
}

impl<const N: usize> Constants<N> {
    #[inline(always)]
    fn new(group: &Group<N>, parameters: &Slopes<N>, dt: f64) -> Self {
        let one = Dual::<N>::constant(1.0);
        let stage = Dual::<N>::constant(STAGE * dt);
        let mut ports = [[Dual::default(); 3]; MAX_PORTS];
        let mut others = Dual::default();
        for (port, (own, change)) in ports.iter_mut().zip(group.ports.iter().zip(&parameters.ports)) {
            let (capacitance, impedance) = (dual((&own.0, &change.0)), dual((&own.1, &change.1)));
            let rate = stage / (impedance * capacitance);
            let damping = one / (rate + 1.0);
            *port = [rate, damping, damping / impedance];
            others = others + port[2];
        }
        let (mut push, mut detector) = (Dual::default(), [Dual::default(); 2]);
        if let Some(sense) = group.sense.as_deref() {
            let [impedance, response, reference] = &parameters.sense;
            let of_conductance = Lanes::default() - *impedance * sense.conductance * sense.conductance;
            others = others + dual((&sense.conductance, &of_conductance));
            let of_push = *reference * sense.conductance - sense.push * *impedance * sense.conductance;
            push = dual((&sense.push, &of_push));
            let rate = stage / dual((&sense.response_time, response));
            detector = [rate, one / (rate + 1.0)];
        }
        Self { ports, node: stage / dual((&group.capacitance, &parameters.capacitance)), others, push, detector }
    }
}

impl<const N: usize> WithSimd for Along<'_, '_, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { group, change, parameters, moved, window } = self;
        let (course, n_steps) = (window.course, window.course.v.len().saturating_sub(1));
        let (n_ports, n_gates) = (group.ports.len(), group.n_gates());
        let constants = Constants::new(group, parameters, window.dt);
        let powers = opened::powers(group);
        let gates_of = |k: usize, change: &Sensitivity<N>, gates: &mut Vec<Dual<N>>| {
            gates.clear();
            gates.extend(course.gates[k * n_gates..(k + 1) * n_gates].iter().zip(&change.gates).map(dual));
        };
        let mut gates = Vec::with_capacity(n_gates);
        gates_of(0, change, &mut gates);
        let mut base = push(group, &powers, parameters, &gates);
        (base.0.slope, base.1.slope) = change.base;
        let incoming = window.incoming;
        let wave = |p: usize, k: usize| {
            let of = |waves: &[Lanes<N>]| waves.get(k).copied().unwrap_or_default();
            dual((&of(window.arriving[p]), &of(&incoming.waves[p])))
        };
        for k in 0..n_steps {
            moved.v[k] = change.v;
            relax(simd, group, change, window, k);
            gates_of(k + 1, change, &mut gates);
            let middle = push(group, &powers, parameters, &gates);
            let to = (middle.0 - base.0, middle.1 - base.1);
            base = middle;
            let injected = match window.drive {
                [] => DriveLanes::default(),
                [steady] => *steady,
                each => each[k],
            };
            let moves = incoming.currents.get(k).copied().unwrap_or_default();
            let (mean, slope) = (dual((&injected.mean, &moves.mean)), dual((&injected.slope, &moves.slope)));
            let v0 = dual((&course.v[k], &change.v));
            let record0 = match course.records.get(k) {
                Some(record) => dual((record, &change.record)),
                None => Dual::default(),
            };
            let mut u0 = [Dual::default(); MAX_PORTS];
            let (mut now, mut next) = (u0, u0);
            for p in 0..n_ports {
                u0[p] = dual((&course.u[p][k], &change.u[p]));
                (now[p], next[p]) = (wave(p, k), wave(p, k + 1));
            }
            let (mut v, mut u, mut record) = (v0, u0, record0);
            for stage in 0..2 {
                let at = [STAGE, 1.0][stage];
                if stage == 1 {
                    v = (v - v0) * ONWARD + v0;
                    record = (record - record0) * ONWARD + record0;
                    for p in 0..n_ports {
                        u[p] = (u[p] - u0[p]) * ONWARD + u0[p];
                    }
                }
                let g = (to.0 * (at - 0.5) + middle.0).not_negative();
                let mut inflow = to.1 * (at - 0.5) + middle.1 + mean + slope * (at - 0.5) + constants.push;
                let mut waves = now;
                for p in 0..n_ports {
                    waves[p] = (next[p] - now[p]) * (2.0 * at) + now[p] * 2.0;
                    inflow = constants.ports[p][2].mul_add(u[p] + waves[p], inflow);
                }
                v = constants.node.mul_add(inflow, v) / (constants.node * (g + constants.others) + 1.0);
                if group.sense.is_some() {
                    record = constants.detector[0].mul_add(v, record) * constants.detector[1];
                }
                for p in 0..n_ports {
                    let [rate, damping, _] = constants.ports[p];
                    u[p] = rate.mul_add(v - waves[p], u[p]) * damping;
                }
            }
            (change.v, change.record) = (v.slope, record.slope);
            for p in 0..n_ports {
                change.u[p] = u[p].slope;
                moved.leaving[p][k] = v.slope - u[p].slope - next[p].slope;
            }
        }
        change.base = (base.0.slope, base.1.slope);
        moved.v[n_steps] = change.v;
    }
}

/// The gates of step `k`: from changes before it to those after it.
#[inline(always)]
fn relax<S: Simd, const N: usize>(
    simd: S,
    group: &Group<N>,
    change: &mut Sensitivity<N>,
    window: &Forwards<'_, N>,
    k: usize,
) {
    let (course, units, n_gates) = (window.course, window.units, group.n_gates());
    let gates = &course.gates[k * n_gates..(k + 1) * n_gates];
    let sensed = group.sense.is_some();
    let followed = |k: usize| if sensed { course.records[k] } else { course.v[k] };
    let held = Dual { value: followed(k), slope: if sensed { change.record } else { change.v } };
    match group.kind.channels {
        ChannelKind::Papers(which) => {
            let (v, dt) = (held.value * units.millivolts, window.dt * units.milliseconds);
            let moves = held.slope * units.millivolts;
            let relaxation = simd.vectorize(Relax { which, v, dt });
            let after = &course.gates[(k + 1) * n_gates..(k + 2) * n_gates];
            for gate in 0..n_gates {
                let slope = relaxation.driven[gate] - relaxation.lost[gate] * after[gate];
                change.gates[gate] = slope.mul_add(moves, change.gates[gate] * relaxation.left[gate]);
            }
        }
        ChannelKind::Any(_) => {
            let Some(tabulated) = group.tabulated.as_deref() else { return };
            let (places, tables) = &tabulated.lagging;
            for lane in 0..N {
                let moves = held.slope.0[lane] * units.millivolts;
                tables.slopes_at(held.value.0[lane] * units.millivolts, |which, gain, lost| {
                    let x = gates[places[which]].0[lane];
                    let own = &mut change.gates[places[which]].0[lane];
                    *own += moves * (gain[1] - x * lost[1]) - *own * lost[0];
                });
            }
            if tabulated.keeps_voltage() {
                // The voltage followed at once is 1.875 v[k] - 1.25 v[k-1] + 0.375 v[k-2].
                let back = |steps: usize| match k.checked_sub(steps) {
                    Some(k) => followed(k),
                    None => window.start.gates[n_gates + steps - k - 1],
                };
                let [before, earlier] = change.followed;
                let middle = held.value * 1.875 + (back(2) * 0.375 - back(1) * 1.25);
                let moves = held.slope * 1.875 + (earlier * 0.375 - before * 1.25);
                let (places, tables) = &tabulated.instant;
                for lane in 0..N {
                    tables.slopes_at(middle.0[lane] * units.millivolts, |which, steady, _| {
                        change.gates[places[which]].0[lane] = moves.0[lane] * units.millivolts * steady[1];
                    });
                }
                change.followed = [held.slope, before];
            }
        }
    }
}
