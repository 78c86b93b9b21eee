//! One step backwards.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]
#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]

use pulp::{Simd, WithSimd};

use super::dual::{Dual, Relax};
use super::opened::{self, Powers};
use super::{Backwards, Incoming, Sensitivity, Slopes};
use crate::circuit::MAX_PORTS;
use crate::integrate::few::{self, FEW, Lanewise};
use crate::integrate::group::{ChannelKind, Group};
use crate::integrate::lanes::Lanes;
use crate::integrate::langevin::{PortStage, STAGE};

/// Part by which the second stage starts beyond the first one's end.
pub(super) const ONWARD: f64 = (1.0 - STAGE) / STAGE;

/// A window backwards of neurons with at most `PORTS` ports, with the parameters' part if `SLOPED`; a type of its own so that
/// it is compiled for the machine's vectors.
pub(super) struct Reverse<'a, 'w, const PORTS: usize, const SLOPED: bool, const N: usize> {
    group: &'a Group<N>,
    sensitivity: &'a mut Sensitivity<N>,
    slopes: Option<&'a mut Slopes<N>>,
    incoming: &'a mut Incoming<N>,
    window: Backwards<'w, N>,
}

impl<'a, 'w, const PORTS: usize, const SLOPED: bool, const N: usize> Reverse<'a, 'w, PORTS, SLOPED, N> {
    pub(super) fn new(
        group: &'a Group<N>,
        sensitivity: &'a mut Sensitivity<N>,
        slopes: Option<&'a mut Slopes<N>>,
        incoming: &'a mut Incoming<N>,
        window: Backwards<'w, N>,
    ) -> Self {
        Self { group, sensitivity, slopes, incoming, window }
    }

    /// The same for any number of ports.
    pub(super) fn general(self) -> Reverse<'a, 'w, MAX_PORTS, true, N> {
        let Self { group, sensitivity, slopes, incoming, window } = self;
        Reverse { group, sensitivity, slopes, incoming, window }
    }
}

/// Goes backwards on a machine without vectors, a few lanes at a time.
#[inline(never)]
pub(super) fn without_vectors<const N: usize>(reverse: Reverse<'_, '_, MAX_PORTS, true, N>) {
    let Reverse { group, sensitivity, mut slopes, incoming, window } = reverse;
    for lane in few::parts::<N>() {
        let (start, course) = (window.start.few(lane), window.course.few(lane));
        let (arriving, leaving) = (few::of_ports(window.arriving, lane), few::of_ports(window.leaving, lane));
        let own = window.voltages.iter().filter(|of| (lane..lane + FEW).contains(&of.1));
        let voltages: Vec<_> = own.map(|&(step, of, slope)| (step, of - lane, slope)).collect();
        let mut part = (sensitivity.few(lane), slopes.as_ref().map(|slopes| slopes.few(lane)), incoming.few(lane));
        let window = Backwards {
            dt: window.dt,
            units: window.units,
            start: &start,
            course: &course,
            arriving: arriving.each_ref().map(Vec::as_slice),
            voltages: &voltages,
            leaving: leaving.each_ref().map(Vec::as_slice),
            responding: window.responding.few(lane),
        };
        Reverse::<MAX_PORTS, true, FEW>::new(&group.few(lane), &mut part.0, part.1.as_mut(), &mut part.2, window)
            .with_simd(pulp::Scalar);
        sensitivity.put_few(lane, &part.0);
        if let (Some(slopes), Some(part)) = (&mut slopes, &part.1) {
            slopes.put_few(lane, part);
        }
        incoming.put_few(lane, &part.2);
    }
}

/// What does not change from step to step.
struct Constants<'a, const PORTS: usize, const N: usize> {
    powers: Powers<'a>,
    ports: [PortStage<N, f64>; PORTS],
    node: Lanes<N>,
    /// Conductance of ports and sense line.
    others: Lanes<N>,
    /// Of the record: `k = c dt/tau` and `1/(1 + k)`.
    detector: (Lanes<N>, Lanes<N>),
}

/// Sensitivities to the constants, summed up over a window.
struct OfConstants<const PORTS: usize, const N: usize> {
    capacitance: Lanes<N>,
    rate: [Lanes<N>; PORTS],
    damping: [Lanes<N>; PORTS],
    conductance: [Lanes<N>; PORTS],
    others: Lanes<N>,
    push: Lanes<N>,
    detector: (Lanes<N>, Lanes<N>),
}

impl<const PORTS: usize, const SLOPED: bool, const N: usize> WithSimd for Reverse<'_, '_, PORTS, SLOPED, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { group, sensitivity, mut slopes, incoming, window } = self;
        let n_steps = window.course.v.len().saturating_sub(1);
        let n_gates = group.n_gates();
        let constants = Constants::<PORTS, N>::new(group, window.dt);
        let zero = Lanes::default();
        let mut of = OfConstants {
            capacitance: zero,
            rate: [zero; PORTS],
            damping: [zero; PORTS],
            conductance: [zero; PORTS],
            others: zero,
            push: zero,
            detector: (zero, zero),
        };
        let gates = |k: usize| &window.course.gates[k * n_gates..(k + 1) * n_gates];
        let mut seeds = window.voltages;
        let push = |k: usize| simd.vectorize(opened::Push { group, powers: &constants.powers, gates: gates(k) });
        let mut middle = push(n_steps);
        let held = window.responding.is_some_and(Lanes::is_zero) && sensitivity.is_gateless();
        for k in (0..n_steps).rev() {
            while let Some((&(place, lane, slope), rest)) = seeds.split_last() {
                if place != k + 1 {
                    break;
                }
                sensitivity.v.0[lane] += slope;
                seeds = rest;
            }
            let base = push(k);
            let (to_middle, to_base) =
                constants.circuit::<SLOPED>(group, sensitivity, incoming, &window, (k, middle, base), &mut of);
            if held {
                middle = base;
                continue;
            }
            let mut of_middle = (to_middle.0 + sensitivity.base.0, to_middle.1 + sensitivity.base.1);
            sensitivity.base = to_base;
            if let Some(responding) = window.responding {
                of_middle = (of_middle.0 * responding, of_middle.1 * responding);
            }
            simd.vectorize(OfGates {
                group,
                powers: &constants.powers,
                of_middle,
                sensitivity,
                slopes: if SLOPED { slopes.as_deref_mut() } else { None },
                window: &window,
                k,
            });
            middle = base;
        }
        if SLOPED && let Some(slopes) = slopes {
            constants.put(group, &of, slopes, window.dt);
        }
    }
}

impl<'a, const PORTS: usize, const N: usize> Constants<'a, PORTS, N> {
    #[inline(always)]
    fn new(group: &'a Group<N>, dt: f64) -> Self {
        let open = (Lanes::splat(1.0), Lanes::splat(f64::INFINITY));
        let ports: [_; PORTS] =
            std::array::from_fn(|p| PortStage::new(group.ports.get(p).copied().unwrap_or(open), dt));
        let of_ports = ports.iter().fold(Lanes::default(), |sum, port| sum + port.conductance);
        let sense = group.sense.as_deref();
        Self {
            powers: opened::powers(group),
            node: (STAGE * dt) / group.capacitance,
            others: sense.map_or(of_ports, |sense| of_ports + sense.conductance),
            detector: sense.map_or_else(Default::default, |sense| {
                let rate = (STAGE * dt) / sense.response_time;
                (rate, 1.0 / (1.0 + rate))
            }),
            ports,
        }
    }

    /// The two stages of step `k` backwards: sensitivities to conductance and battery current in its middle and half a
    /// step before it.
    #[expect(clippy::too_many_lines, reason = "the transpose of one loop, in its order")]
    #[inline(always)]
    fn circuit<const SLOPED: bool>(
        &self,
        group: &Group<N>,
        sensitivity: &mut Sensitivity<N>,
        incoming: &mut Incoming<N>,
        window: &Backwards<'_, N>,
        (k, middle, base): (usize, (Lanes<N>, Lanes<N>), (Lanes<N>, Lanes<N>)),
        of: &mut OfConstants<PORTS, N>,
    ) -> ((Lanes<N>, Lanes<N>), (Lanes<N>, Lanes<N>)) {
        let n_ports = group.ports.len().min(PORTS);
        let course = window.course;
        let zero = Lanes::default();
        let arrived = |p: usize, k: usize| window.arriving[p].get(k).copied().unwrap_or_default();
        let change = middle.0 - base.0;
        // The step again: voltages of node and capacitors at the start, after the first stage, where the second begins,
        // and at the end.
        let (v0, v1, v2) = (course.v[k], course.staged[k], course.v[k + 1]);
        let begun = Lanes::splat(ONWARD).mul_add(v1 - v0, v0);
        let mut waves = [[zero; PORTS]; 2];
        let mut u = [[zero; PORTS]; 4];
        for p in 0..if SLOPED { n_ports } else { 0 } {
            let (now, next) = (arrived(p, k), arrived(p, k + 1));
            waves[0][p] = Lanes::splat(2.0 * STAGE).mul_add(next - now, now + now);
            waves[1][p] = next + next;
            let u0 = course.u[p][k];
            let port = &self.ports[p];
            let u1 = port.rate.mul_add(v1 - waves[0][p], u0) * port.damping;
            let onward = Lanes::splat(ONWARD).mul_add(u1 - u0, u0);
            (u[0][p], u[1][p], u[2][p], u[3][p]) = (u0, u1, onward, course.u[p][k + 1]);
        }
        let (mut m1, mut m2) = (zero, zero);
        if SLOPED && group.sense.is_some() {
            m1 = self.detector.0.mul_add(v1, course.records[k]) * self.detector.1;
            m2 = course.records[k + 1];
        }
        let (mut v_bar, mut m_bar) = (sensitivity.v, sensitivity.record);
        let mut u_bar = [zero; PORTS];
        let (mut now_bar, mut next_bar) = ([zero; PORTS], [zero; PORTS]);
        for p in 0..n_ports {
            let left = window.leaving[p].get(k).copied().unwrap_or_default();
            v_bar = v_bar + left;
            u_bar[p] = sensitivity.u[p] - left;
            next_bar[p] = zero - left;
        }
        let (mut to_middle, mut to_change) = ((zero, zero), (zero, zero));
        let mut current = incoming.currents[k];
        // Sensitivities to where the step begins, handed past the first stage.
        let (mut v_past, mut m_past, mut u_past) = (zero, zero, [zero; PORTS]);
        for stage in [1, 0] {
            let at = [STAGE, 1.0][stage];
            let (from, to) = [(v0, v1), (begun, v2)][stage];
            let (record_to, place) = ([m1, m2][stage], [(0, 1), (2, 3)][stage]);
            let mut wave_bar = [zero; PORTS];
            for p in 0..n_ports {
                let port = &self.ports[p];
                let own = u_bar[p] * port.damping;
                if SLOPED {
                    of.damping[p] = (u_bar[p] * u[place.1][p]).mul_add(1.0 / port.damping, of.damping[p]);
                    of.rate[p] = own.mul_add(to - waves[stage][p], of.rate[p]);
                }
                let moved = port.rate * own;
                v_bar = v_bar + moved;
                wave_bar[p] = zero - moved;
                u_bar[p] = own;
            }
            if group.sense.is_some() {
                let own = m_bar * self.detector.1;
                if SLOPED {
                    of.detector.1 = (m_bar * record_to).mul_add(1.0 / self.detector.1, of.detector.1);
                    of.detector.0 = own.mul_add(to, of.detector.0);
                }
                let moved = self.detector.0 * own;
                v_bar = v_bar + moved;
                let records = &mut incoming.records;
                records[k + 1] = Lanes::splat(at).mul_add(moved, records[k + 1]);
                records[k] = Lanes::splat(1.0 - at).mul_add(moved, records[k]);
                m_bar = own;
            }
            let continued = Lanes::splat(at - 0.5).mul_add(change, middle.0);
            let g = continued.at_least(0.0);
            let inverse = 1.0 / self.node.mul_add(g + self.others, Lanes::splat(1.0));
            let own = v_bar * inverse;
            // v = (from + node inflow)/(1 + node (g + others)), so that inflow - (g + others) v = (v - from)/node.
            let inflow = self.node * own;
            let conducted = zero - inflow * to;
            if SLOPED {
                of.capacitance = own.mul_add(from - to, of.capacitance);
                of.others = of.others + conducted;
                of.push = of.push + inflow;
            }
            let mut through = conducted;
            for lane in 0..N {
                through.0[lane] = if continued.0[lane] > 0.0 { through.0[lane] } else { 0.0 };
            }
            to_middle = (to_middle.0 + through, to_middle.1 + inflow);
            to_change = (
                through.mul_add(Lanes::splat(at - 0.5), to_change.0),
                inflow.mul_add(Lanes::splat(at - 0.5), to_change.1),
            );
            current.mean = current.mean + inflow;
            current.slope = inflow.mul_add(Lanes::splat(at - 0.5), current.slope);
            for p in 0..n_ports {
                let port = &self.ports[p];
                if SLOPED {
                    of.conductance[p] = inflow.mul_add(u[place.0][p] + waves[stage][p], of.conductance[p]);
                }
                u_bar[p] = port.conductance.mul_add(inflow, u_bar[p]);
                wave_bar[p] = port.conductance.mul_add(inflow, wave_bar[p]);
                next_bar[p] = Lanes::splat(2.0 * at).mul_add(wave_bar[p], next_bar[p]);
                now_bar[p] = Lanes::splat(2.0 * (1.0 - at)).mul_add(wave_bar[p], now_bar[p]);
            }
            v_bar = own;
            if stage == 1 {
                let rest = Lanes::splat(1.0 - ONWARD);
                (v_past, m_past) = (v_bar * rest, m_bar * rest);
                (v_bar, m_bar) = (v_bar * ONWARD, m_bar * ONWARD);
                for p in 0..n_ports {
                    u_past[p] = u_bar[p] * rest;
                    u_bar[p] = u_bar[p] * ONWARD;
                }
            }
        }
        (sensitivity.v, sensitivity.record) = (v_bar + v_past, m_bar + m_past);
        for p in 0..n_ports {
            sensitivity.u[p] = u_bar[p] + u_past[p];
            incoming.waves[p][k] = incoming.waves[p][k] + now_bar[p];
            incoming.waves[p][k + 1] = incoming.waves[p][k + 1] + next_bar[p];
        }
        incoming.currents[k] = current;
        let to_base = (zero - to_change.0, zero - to_change.1);
        ((to_middle.0 + to_change.0, to_middle.1 + to_change.1), to_base)
    }

    /// Adds what the constants are worth to the parameters they come from.
    #[inline(always)]
    fn put(&self, group: &Group<N>, of: &OfConstants<PORTS, N>, slopes: &mut Slopes<N>, dt: f64) {
        // node = c dt/C
        slopes.capacitance = slopes.capacitance + of.capacitance / group.capacitance;
        for (p, (capacitance, impedance)) in group.ports.iter().enumerate() {
            let port = &self.ports[p];
            // k = c dt/(Z C_p), D = 1/(1 + k), G_p = D/Z
            let conductance = of.conductance[p] + of.others;
            let damping = of.damping[p] + conductance / *impedance;
            let rate = of.rate[p] - damping * port.damping * port.damping;
            let own = &mut slopes.ports[p];
            own.0 = own.0 - rate * port.rate / *capacitance;
            own.1 = own.1 - (rate * port.rate + conductance * port.conductance) / *impedance;
        }
        if let Some(sense) = group.sense.as_deref() {
            // Conductance 1/Z, push V_0/Z.
            let [impedance, response, reference] = &mut slopes.sense;
            *impedance = *impedance - (of.others * sense.conductance + of.push * sense.push) * sense.conductance;
            *reference = *reference + of.push * sense.conductance;
            let (rate, damping) = self.detector;
            let of_rate = of.detector.0 - of.detector.1 * damping * damping;
            *response = *response - of_rate * rate * rate / (STAGE * dt);
        }
    }
}

/// Step `k` of the gates backwards, from the sensitivities to conductance and battery current after it; a type of its own so
/// that windows of all kinds share one for each kind of vectors.
struct OfGates<'s, 'w, const N: usize> {
    group: &'s Group<N>,
    powers: &'s [&'s [u32]],
    of_middle: (Lanes<N>, Lanes<N>),
    sensitivity: &'s mut Sensitivity<N>,
    slopes: Option<&'s mut Slopes<N>>,
    window: &'s Backwards<'w, N>,
    k: usize,
}

impl<const N: usize> WithSimd for OfGates<'_, '_, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { group, powers, of_middle, sensitivity, slopes, window, k } = self;
        let gates = &window.course.gates[(k + 1) * group.n_gates()..(k + 2) * group.n_gates()];
        opened::back(group, powers, gates, of_middle, &mut sensitivity.gates, slopes);
        relax(simd, group, sensitivity, window, k);
    }
}

/// The gates of step `k` backwards: from sensitivities to them after it to those before it, and to the voltage they
/// followed.
#[inline(always)]
pub(super) fn relax<S: Simd, const N: usize>(
    simd: S,
    group: &Group<N>,
    sensitivity: &mut Sensitivity<N>,
    window: &Backwards<'_, N>,
    k: usize,
) {
    let (course, units) = (window.course, window.units);
    let n_gates = group.n_gates();
    let gates = &course.gates[k * n_gates..(k + 1) * n_gates];
    let sensed = group.sense.is_some();
    let followed = |k: usize| if sensed { course.records[k] } else { course.v[k] };
    let mut to_followed = Lanes::default();
    match group.kind.channels {
        ChannelKind::Papers(which) => {
            let v = Dual::variable(followed(k) * units.millivolts);
            let relaxation = simd.vectorize(Relax { which, v, dt: window.dt * units.milliseconds });
            for gate in 0..n_gates {
                let (gain, left) = (relaxation.gain[gate], relaxation.left[gate]);
                let bar = sensitivity.gates[gate];
                // x -> (x + gain) left
                let slope = gain.slope.mul_add(left.value, (gates[gate] + gain.value) * left.slope);
                to_followed = bar.mul_add(slope, to_followed);
                sensitivity.gates[gate] = bar * left.value;
            }
            to_followed = to_followed * units.millivolts;
        }
        ChannelKind::Any(_) => {
            let Some(tabulated) = group.tabulated.as_deref() else { return };
            let held = followed(k);
            let (places, tables) = &tabulated.lagging;
            for lane in 0..N {
                let mut sum = 0.0;
                tables.slopes_at(held.0[lane] * units.millivolts, |which, gain, lost| {
                    let x = gates[places[which]].0[lane];
                    let bar = &mut sensitivity.gates[places[which]].0[lane];
                    sum += *bar * (gain[1] - x * lost[1]);
                    *bar -= *bar * lost[0];
                });
                to_followed.0[lane] = sum * units.millivolts;
            }
            if tabulated.keeps_voltage() {
                // The voltage followed at once is 1.875 v[k] - 1.25 v[k-1] + 0.375 v[k-2].
                let back = |steps: usize| match k.checked_sub(steps) {
                    Some(k) => followed(k),
                    None => window.start.gates[n_gates + steps - k - 1],
                };
                let middle = held * 1.875 + (back(2) * 0.375 - back(1) * 1.25);
                let mut to_middle = Lanes::default();
                let (places, tables) = &tabulated.instant;
                for lane in 0..N {
                    let mut sum = 0.0;
                    tables.slopes_at(middle.0[lane] * units.millivolts, |which, steady, _| {
                        let bar = &mut sensitivity.gates[places[which]].0[lane];
                        sum += *bar * steady[1];
                        *bar = 0.0;
                    });
                    to_middle.0[lane] = sum * units.millivolts;
                }
                let [before, earlier] = sensitivity.followed;
                to_followed = to_followed + to_middle * 1.875 + before;
                sensitivity.followed = [earlier - to_middle * 1.25, to_middle * 0.375];
            }
        }
    }
    if sensed {
        sensitivity.record = sensitivity.record + to_followed;
    } else {
        sensitivity.v = sensitivity.v + to_followed;
    }
}
