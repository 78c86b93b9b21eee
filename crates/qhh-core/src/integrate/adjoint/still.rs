//! Steps backwards where everything stays where it is: each of them makes the same of sensitivities, so that what it takes is
//! worked out once. No parameter is looked at. Ours.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use pulp::{Simd, WithSimd};

use super::opened;
use super::step::{ONWARD, relax};
use super::{Backwards, Incoming, Sensitivity};
use crate::circuit::MAX_PORTS;
use crate::gates::RateUnits;
use crate::integrate::few::{self, Lanewise, lanewise, put_each};
use crate::integrate::group::Group;
use crate::integrate::lanes::{LANES, Lanes};
use crate::integrate::langevin::{PortStage, STAGE};
use crate::integrate::state::GroupState;
use crate::integrate::window::{Course, DriveLanes};

/// Most ports of neurons that have a loop of their own.
const USUAL: usize = 2;

/// A group of neurons that stay where they are.
#[derive(Debug, Clone)]
pub struct Still<const N: usize = LANES> {
    voltage: Lanes<N>,
    /// Of the node: `c dt/C`, and one over what it comes to with all conductances, the same in both stages.
    node: Lanes<N>,
    inverse: Lanes<N>,
    /// Of each gate.
    gates: Box<[OfGate<N>]>,
    /// Rate, damping and conductance of each port.
    ports: Box<[[Lanes<N>; 3]]>,
    /// Of the record, if gates measure the voltage: rate and damping.
    detector: Option<(Lanes<N>, Lanes<N>)>,
    /// 1 where the channels conduct.
    conducts: Lanes<N>,
    keeps_voltage: bool,
}

/// What a sensitivity to a gate comes from and goes to.
#[derive(Debug, Clone, Copy, Default)]
struct OfGate<const N: usize> {
    /// Slopes of the conductance of all channels and of the current of their batteries.
    opens: (Lanes<N>, Lanes<N>),
    /// The part that is left after a step.
    left: Lanes<N>,
    /// By the voltage followed, now and in the middle of the step.
    follows: Lanes<N>,
    at_once: Lanes<N>,
}

lanewise!(OfGate<N> { opens, left, follows, at_once });

impl Group {
    /// The group where it is in `state`, whose gates are those at a whole step. Gates respond in the neurons whose place in
    /// `responding` is 1; in all without.
    pub fn still(&self, state: &GroupState, responding: Option<Lanes>, dt: f64, units: RateUnits) -> Still {
        let (powers, one) = (opened::powers(self), Lanes::splat(1.0));
        let gates = &state.gates[..self.n_gates()];
        // Once for all steps, so vectors are not worth their place in the program.
        let mut of_gates = vec![OfGate::default(); gates.len()];
        for lane in few::parts::<LANES>() {
            let responding = responding.map_or(Lanes::splat(1.0), |responding| responding.few(lane));
            put_each(&mut of_gates, lane, &self.few(lane).of_gates(&state.few(lane), responding, dt, units));
        }
        let ports: Box<[_]> = self.ports.iter().map(|port| PortStage::new(*port, dt)).collect();
        let (g, _) = opened::push(self, &powers, gates);
        let sense = self.sense.as_deref();
        let of_ports = ports.iter().fold(g.at_least(0.0), |sum, port| sum + port.conductance);
        let total = sense.map_or(of_ports, |sense| of_ports + sense.conductance);
        let node = (STAGE * dt) / self.capacitance;
        Still {
            voltage: state.v,
            node,
            inverse: 1.0 / node.mul_add(total, one),
            gates: of_gates.into(),
            ports: ports.iter().map(|port| [port.rate, port.damping, port.conductance]).collect(),
            detector: sense.map(|sense| {
                let rate = (STAGE * dt) / sense.response_time;
                (rate, 1.0 / (1.0 + rate))
            }),
            conducts: Lanes::from_fn(|lane| if g.0[lane] > 0.0 { 1.0 } else { 0.0 }),
            keeps_voltage: self.tabulated.as_ref().is_some_and(|tabulated| tabulated.keeps_voltage()),
        }
    }
}

impl<const N: usize> Group<N> {
    /// What a step makes of a sensitivity to each gate.
    fn of_gates(&self, state: &GroupState<N>, responding: Lanes<N>, dt: f64, units: RateUnits) -> Vec<OfGate<N>> {
        let (n_gates, powers) = (self.n_gates(), opened::powers(self));
        let gates = &state.gates[..n_gates];
        let (zero, one) = (Lanes::default(), Lanes::splat(1.0));
        let slopes_of = |of: (Lanes<N>, Lanes<N>)| {
            let mut to = vec![zero; n_gates];
            opened::back(self, &powers, gates, of, &mut to, None);
            to
        };
        let (conductance, battery) = (slopes_of((one, zero)), slopes_of((zero, one)));
        let course = Course {
            v: vec![state.v; 2],
            records: state.record.map_or_else(Vec::new, |record| vec![record; 2]),
            gates: gates.repeat(2),
            ..Course::default()
        };
        let window = Backwards {
            dt,
            units,
            start: state,
            course: &course,
            arriving: [&[]; MAX_PORTS],
            voltages: &[],
            leaving: [&[]; MAX_PORTS],
            responding: None,
        };
        let of_gate = |gate: usize| {
            // What a step makes of a sensitivity to this gate alone.
            let mut alone = self.insensitive();
            alone.gates[gate] = one;
            relax(pulp::Scalar, self, &mut alone, &window, 0);
            OfGate {
                opens: (conductance[gate] * responding, battery[gate] * responding),
                left: alone.gates[gate],
                follows: alone.v + alone.record,
                at_once: alone.followed[1] / Lanes::splat(0.375),
            }
        };
        (0..n_gates).map(of_gate).collect()
    }
}

impl Still {
    /// Goes through some steps backwards, as [`Group::reverse`] does; `leaving` is the sensitivity to the waves that left
    /// each port, at the end of each step.
    pub fn reverse(
        &self,
        sensitivity: &mut Sensitivity,
        incoming: &mut Incoming,
        leaving: &[Vec<Lanes>; MAX_PORTS],
        n_steps: usize,
    ) {
        incoming.make_room(n_steps, self.ports.len(), self.detector.is_some());
        if self.ports.len() <= USUAL {
            let window = Window::<USUAL, LANES> { still: self, sensitivity, incoming, leaving, n_steps };
            pulp::Arch::new().dispatch(window);
        } else {
            let window = Window::<MAX_PORTS, LANES> { still: self, sensitivity, incoming, leaving, n_steps };
            pulp::Arch::new().dispatch(window);
        }
    }
}

/// A window of neurons with at most `PORTS` ports; a type of its own so that it is compiled for the machine's vectors.
struct Window<'a, const PORTS: usize, const N: usize> {
    still: &'a Still<N>,
    sensitivity: &'a mut Sensitivity<N>,
    incoming: &'a mut Incoming<N>,
    leaving: &'a [Vec<Lanes<N>>; MAX_PORTS],
    n_steps: usize,
}

impl<const PORTS: usize, const N: usize> WithSimd for Window<'_, PORTS, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { still, sensitivity, incoming, leaving, n_steps } = self;
        let zero = Lanes::default();
        let n_ports = still.ports.len().min(PORTS);
        let mut ports = [[zero; 3]; PORTS];
        ports[..n_ports].copy_from_slice(&still.ports[..n_ports]);
        let (node, inverse, onward) = (still.node, still.inverse, Lanes::splat(ONWARD));
        let (past, conducted) = (Lanes::splat(1.0 - ONWARD), zero - still.voltage * still.conducts);
        let held = still.gates.iter().all(|gate| gate.opens.0.is_zero() && gate.opens.1.is_zero())
            && sensitivity.is_gateless();
        let mut base = sensitivity.base;
        let mut u = [zero; PORTS];
        u[..n_ports].copy_from_slice(&sensitivity.u[..n_ports]);
        let (mut v, mut record) = (sensitivity.v, sensitivity.record);
        for k in (0..n_steps).rev() {
            let (mut now_bar, mut next_bar) = ([zero; PORTS], [zero; PORTS]);
            for p in 0..n_ports {
                let left = leaving[p].get(k).copied().unwrap_or_default();
                v = v + left;
                u[p] = u[p] - left;
                next_bar[p] = zero - left;
            }
            let (mut v_past, mut record_past, mut u_past) = (zero, zero, [zero; PORTS]);
            let mut current = DriveLanes::default();
            for stage in [1, 0] {
                let at = [STAGE, 1.0][stage];
                let mut wave_bar = [zero; PORTS];
                for p in 0..n_ports {
                    u[p] = u[p] * ports[p][1];
                    let moved = ports[p][0] * u[p];
                    v = v + moved;
                    wave_bar[p] = zero - moved;
                }
                if let Some((rate, damping)) = still.detector {
                    record = record * damping;
                    let moved = rate * record;
                    v = v + moved;
                    let records = &mut incoming.records;
                    records[k + 1] = Lanes::splat(at).mul_add(moved, records[k + 1]);
                    records[k] = Lanes::splat(1.0 - at).mul_add(moved, records[k]);
                }
                v = v * inverse;
                let inflow = node * v;
                current.mean = current.mean + inflow;
                current.slope = inflow.mul_add(Lanes::splat(at - 0.5), current.slope);
                for p in 0..n_ports {
                    u[p] = ports[p][2].mul_add(inflow, u[p]);
                    wave_bar[p] = ports[p][2].mul_add(inflow, wave_bar[p]);
                    next_bar[p] = Lanes::splat(2.0 * at).mul_add(wave_bar[p], next_bar[p]);
                    now_bar[p] = Lanes::splat(2.0 * (1.0 - at)).mul_add(wave_bar[p], now_bar[p]);
                }
                if stage == 1 {
                    (v_past, record_past) = (v * past, record * past);
                    (v, record) = (v * onward, record * onward);
                    for p in 0..n_ports {
                        u_past[p] = u[p] * past;
                        u[p] = u[p] * onward;
                    }
                }
            }
            (v, record) = (v + v_past, record + record_past);
            for p in 0..n_ports {
                u[p] = u[p] + u_past[p];
                incoming.waves[p][k] = now_bar[p];
                incoming.waves[p][k + 1] = incoming.waves[p][k + 1] + next_bar[p];
            }
            incoming.currents[k] = current;
            if held {
                continue;
            }
            // A battery's current counts as any other, a conductance as the current that it lets off.
            let battery = current.mean + current.slope;
            let middle = (conducted.mul_add(battery, base.0), battery + base.1);
            base = (zero - conducted * current.slope, zero - current.slope);
            let (mut followed, mut at_once) = (zero, zero);
            for (bar, gate) in sensitivity.gates.iter_mut().zip(&still.gates) {
                let whole = middle.0.mul_add(gate.opens.0, middle.1.mul_add(gate.opens.1, *bar));
                followed = whole.mul_add(gate.follows, followed);
                if still.keeps_voltage {
                    at_once = whole.mul_add(gate.at_once, at_once);
                }
                *bar = whole * gate.left;
            }
            if still.keeps_voltage {
                let [before, earlier] = sensitivity.followed;
                followed = followed + before;
                sensitivity.followed = [earlier - at_once * 1.25, at_once * 0.375];
            }
            if still.detector.is_some() {
                record = record + followed;
            } else {
                v = v + followed;
            }
        }
        if !held {
            sensitivity.base = base;
        }
        (sensitivity.v, sensitivity.record) = (v, record);
        sensitivity.u[..n_ports].copy_from_slice(&u[..n_ports]);
    }
}
