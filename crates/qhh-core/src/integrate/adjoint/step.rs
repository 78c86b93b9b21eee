//! One step backwards.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]
#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]

use pulp::{Simd, WithSimd};

use super::opened::{self, Powers};
use super::relax::Relax;
use super::{Backwards, Incoming, Sensitivity, Slopes};
use crate::circuit::MAX_PORTS;
use crate::integrate::few::{self, FEW, Lanewise};
use crate::integrate::group::{ChannelKind, Group};
use crate::integrate::lanes::Lanes;
use crate::integrate::langevin::{PortStage, STAGE};
use crate::integrate::window::DriveLanes;

/// Part by which the second stage starts beyond the first one's end.
pub(super) const ONWARD: f64 = (1.0 - STAGE) / STAGE;

/// A window backwards of neurons with at most `PORTS` ports, with the parameters' part if `SLOPED`, their circuits `H` lanes at a
/// time; a type of its own so that it is compiled for the machine's vectors.
pub(super) struct Reverse<'a, 'w, const PORTS: usize, const SLOPED: bool, const N: usize, const H: usize> {
    group: &'a Group<N>,
    sensitivity: &'a mut Sensitivity<N>,
    slopes: Option<&'a mut Slopes<N>>,
    incoming: &'a mut Incoming<N>,
    window: Backwards<'w, N>,
}

impl<'a, 'w, const PORTS: usize, const SLOPED: bool, const N: usize, const H: usize>
    Reverse<'a, 'w, PORTS, SLOPED, N, H>
{
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
    pub(super) fn general(self) -> Reverse<'a, 'w, MAX_PORTS, true, N, H> {
        let Self { group, sensitivity, slopes, incoming, window } = self;
        Reverse { group, sensitivity, slopes, incoming, window }
    }
}

/// Goes backwards on a machine without vectors, a few lanes at a time.
#[inline(never)]
pub(super) fn without_vectors<const N: usize, const H: usize>(reverse: Reverse<'_, '_, MAX_PORTS, true, N, H>) {
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
        Reverse::<MAX_PORTS, true, FEW, FEW>::new(
            &group.few(lane),
            &mut part.0,
            part.1.as_mut(),
            &mut part.2,
            window,
        )
        .with_simd(pulp::Scalar);
        sensitivity.put_few(lane, &part.0);
        if let (Some(slopes), Some(part)) = (&mut slopes, &part.1) {
            slopes.put_few(lane, part);
        }
        incoming.put_few(lane, &part.2);
    }
}

/// Conductance and battery current, or sensitivities to them.
type Pair<const N: usize> = (Lanes<N>, Lanes<N>);

/// Where loops over ports end: of few ports at a number that is known when they are compiled, so that all of them is kept in
/// registers; of many at theirs, which makes less to compile.
#[inline(always)]
fn unrolled<const PORTS: usize>(n_ports: usize) -> usize {
    if PORTS < MAX_PORTS { PORTS } else { n_ports }
}

/// What arrived at port `p` at step `k`, in the lanes from `first` on.
#[inline(always)]
fn arrived<const N: usize, const H: usize>(
    window: &Backwards<'_, N>,
    p: usize,
    k: usize,
    first: usize,
) -> Lanes<H> {
    match window.arriving[p].get(k) {
        Some(arrived) => arrived.part(first),
        None => Lanes::default(),
    }
}

/// What does not change from step to step.
struct Constants<'a, const PORTS: usize, const N: usize> {
    powers: Powers<'a>,
    ports: [PortStage<N, f64>; PORTS],
    /// `1 + k` of each port.
    undamped: [Lanes<N>; PORTS],
    node: Lanes<N>,
    /// Conductance of ports and sense line.
    others: Lanes<N>,
    /// Of the record: `k = c dt/tau` and `1/(1 + k)`.
    detector: (Lanes<N>, Lanes<N>),
}

/// One stage of a step as it was made.
struct Stage<const PORTS: usize, const H: usize> {
    /// Part of the step at whose end it is.
    at: f64,
    /// Voltage of the node before and after it.
    from: Lanes<H>,
    to: Lanes<H>,
    /// The record after it.
    record: Lanes<H>,
    /// Of each port: voltage of the capacitor before and after it, and twice the wave.
    u: [(Lanes<H>, Lanes<H>); PORTS],
    waves: [Lanes<H>; PORTS],
    /// Conductance of the channels, continued to it, and one over what divides.
    conductance: Lanes<H>,
    inverse: Lanes<H>,
}

impl<const PORTS: usize, const H: usize> Stage<PORTS, H> {
    #[inline(always)]
    fn new(at: f64, (from, to): (Lanes<H>, Lanes<H>)) -> Self {
        let zero = Lanes::default();
        let (u, waves) = ([(zero, zero); PORTS], [zero; PORTS]);
        Self { at, from, to, record: zero, u, waves, conductance: zero, inverse: zero }
    }
}

/// Sensitivities on the way back through a step.
struct Back<const PORTS: usize, const H: usize> {
    /// To node, record and capacitors.
    v: Lanes<H>,
    record: Lanes<H>,
    u: [Lanes<H>; PORTS],
    /// To the waves at the start and at the end of the step.
    now: [Lanes<H>; PORTS],
    next: [Lanes<H>; PORTS],
    /// To conductance and battery current in the middle of the step, and to their last change.
    to_middle: Pair<H>,
    to_change: Pair<H>,
    current: DriveLanes<H>,
}

impl<const PORTS: usize, const H: usize> Back<PORTS, H> {
    #[inline(always)]
    fn new(v: Lanes<H>, record: Lanes<H>) -> Self {
        let (zero, pair) = (Lanes::default(), Pair::default());
        let none = [zero; PORTS];
        let current = DriveLanes { mean: zero, slope: zero };
        Self { v, record, u: none, now: none, next: none, to_middle: pair, to_change: pair, current }
    }
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

impl<const PORTS: usize, const SLOPED: bool, const N: usize, const H: usize> WithSimd
    for Reverse<'_, '_, PORTS, SLOPED, N, H>
{
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
            let (mut to_middle, mut to_base) = (Pair::<N>::default(), Pair::<N>::default());
            for first in (0..N).step_by(H) {
                let opened = (k, &middle, &base);
                let (middle, base) = constants.circuit::<SLOPED, H>(
                    group,
                    sensitivity,
                    incoming,
                    &window,
                    opened,
                    (&mut of, first),
                );
                to_middle.0.put_part(first, middle.0);
                to_middle.1.put_part(first, middle.1);
                to_base.0.put_part(first, base.0);
                to_base.1.put_part(first, base.1);
            }
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
            undamped: std::array::from_fn(|p| ports[p].rate + 1.0),
            ports,
        }
    }

    /// The two stages of step `k` backwards, of the `H` lanes from `first` on: sensitivities to conductance and battery current
    /// in its middle and half a step before it.
    #[inline(always)]
    fn circuit<const SLOPED: bool, const H: usize>(
        &self,
        group: &Group<N>,
        sensitivity: &mut Sensitivity<N>,
        incoming: &mut Incoming<N>,
        window: &Backwards<'_, N>,
        (k, middle, base): (usize, &Pair<N>, &Pair<N>),
        (of, first): (&mut OfConstants<PORTS, N>, usize),
    ) -> (Pair<H>, Pair<H>) {
        let n_ports = group.ports.len().min(PORTS);
        let course = window.course;
        let (zero, one) = (Lanes::<H>::default(), Lanes::<H>::splat(1.0));
        let g_middle = middle.0.part::<H>(first);
        let change = g_middle - base.0.part(first);
        // The step again: voltages of node and capacitors at the start, after the first stage, where the second begins,
        // and at the end.
        let (v0, v1, v2) =
            (course.v[k].part::<H>(first), course.staged[k].part::<H>(first), course.v[k + 1].part::<H>(first));
        let begun = Lanes::splat(ONWARD).mul_add(v1 - v0, v0);
        let mut early = Stage::<PORTS, H>::new(STAGE, (v0, v1));
        let mut late = Stage::<PORTS, H>::new(1.0, (begun, v2));
        let mut back = Back::<PORTS, H>::new(sensitivity.v.part(first), sensitivity.record.part(first));
        for p in 0..unrolled::<PORTS>(n_ports) {
            if p >= n_ports {
                continue;
            }
            if SLOPED {
                let (now, next) = (arrived(window, p, k, first), arrived(window, p, k + 1, first));
                early.waves[p] = Lanes::splat(2.0 * STAGE).mul_add(next - now, now + now);
                late.waves[p] = next + next;
                let u0 = course.u[p][k].part::<H>(first);
                let port = self.ports[p].part::<H>(first);
                let u1 = port.rate.mul_add(v1 - early.waves[p], u0) * port.damping;
                (early.u[p], late.u[p]) =
                    ((u0, u1), (Lanes::splat(ONWARD).mul_add(u1 - u0, u0), course.u[p][k + 1].part(first)));
            }
            let left = match window.leaving[p].get(k) {
                Some(left) => left.part::<H>(first),
                None => zero,
            };
            back.v = back.v + left;
            back.u[p] = sensitivity.u[p].part::<H>(first) - left;
            back.next[p] = zero - left;
        }
        if SLOPED && group.sense.is_some() {
            let detector = (self.detector.0.part::<H>(first), self.detector.1.part::<H>(first));
            early.record = detector.0.mul_add(v1, course.records[k].part(first)) * detector.1;
            late.record = course.records[k + 1].part(first);
        }
        // One over what divides each stage, with one division.
        let (node, others) = (self.node.part::<H>(first), self.others.part::<H>(first));
        early.conductance = Lanes::splat(STAGE - 0.5).mul_add(change, g_middle);
        late.conductance = Lanes::splat(0.5).mul_add(change, g_middle);
        let below = (
            node.mul_add(early.conductance.at_least(0.0) + others, one),
            node.mul_add(late.conductance.at_least(0.0) + others, one),
        );
        let both = one / (below.0 * below.1);
        (early.inverse, late.inverse) = (both * below.1, both * below.0);
        let sensed = group.sense.is_some().then_some((&mut incoming.records[..], k));
        self.stage::<SLOPED, H>(&late, &mut back, of, sensed, (first, n_ports));
        // Sensitivities to where the step begins, handed past the first stage.
        let rest = Lanes::splat(1.0 - ONWARD);
        let past = (back.v * rest, back.record * rest);
        let mut u_past = [zero; PORTS];
        (back.v, back.record) = (back.v * ONWARD, back.record * ONWARD);
        for p in 0..unrolled::<PORTS>(n_ports) {
            u_past[p] = back.u[p] * rest;
            back.u[p] = back.u[p] * ONWARD;
        }
        let sensed = group.sense.is_some().then_some((&mut incoming.records[..], k));
        self.stage::<SLOPED, H>(&early, &mut back, of, sensed, (first, n_ports));
        sensitivity.v.put_part(first, back.v + past.0);
        sensitivity.record.put_part(first, back.record + past.1);
        for p in 0..unrolled::<PORTS>(n_ports) {
            if p < n_ports {
                sensitivity.u[p].put_part(first, back.u[p] + u_past[p]);
                incoming.waves[p][k].put_part(first, back.now[p]);
                incoming.waves[p][k + 1].add_part(first, back.next[p]);
            }
        }
        incoming.currents[k].mean.put_part(first, back.current.mean);
        incoming.currents[k].slope.put_part(first, back.current.slope);
        let (to_middle, to_change) = (back.to_middle, back.to_change);
        let to_base = (zero - to_change.0, zero - to_change.1);
        ((to_middle.0 + to_change.0, to_middle.1 + to_change.1), to_base)
    }

    /// One stage backwards. What gates measure goes into the records before and after the step, if they measure.
    #[inline(always)]
    fn stage<const SLOPED: bool, const H: usize>(
        &self,
        stage: &Stage<PORTS, H>,
        back: &mut Back<PORTS, H>,
        of: &mut OfConstants<PORTS, N>,
        sensed: Option<(&mut [Lanes<N>], usize)>,
        (first, n_ports): (usize, usize),
    ) {
        let (zero, at) = (Lanes::<H>::default(), stage.at);
        let mut wave_bar = [zero; PORTS];
        for p in 0..unrolled::<PORTS>(n_ports) {
            if p >= n_ports {
                continue;
            }
            let port = self.ports[p].part::<H>(first);
            let own = back.u[p] * port.damping;
            if SLOPED {
                let undamped = self.undamped[p].part::<H>(first);
                of.damping[p].add_part(first, back.u[p] * stage.u[p].1 * undamped);
                of.rate[p].add_part(first, own * (stage.to - stage.waves[p]));
            }
            let moved = port.rate * own;
            back.v = back.v + moved;
            wave_bar[p] = zero - moved;
            back.u[p] = own;
        }
        if let Some((records, k)) = sensed {
            let detector = (self.detector.0.part::<H>(first), self.detector.1.part::<H>(first));
            let own = back.record * detector.1;
            if SLOPED {
                of.detector.1.add_part(first, back.record * stage.record * (detector.0 + 1.0));
                of.detector.0.add_part(first, own * stage.to);
            }
            let moved = detector.0 * own;
            back.v = back.v + moved;
            records[k + 1].add_part(first, moved * at);
            records[k].add_part(first, moved * (1.0 - at));
            back.record = own;
        }
        let own = back.v * stage.inverse;
        // v = (from + node inflow)/(1 + node (g + others)), so that inflow - (g + others) v = (v - from)/node.
        let inflow = self.node.part::<H>(first) * own;
        let conducted = zero - inflow * stage.to;
        if SLOPED {
            of.capacitance.add_part(first, own * (stage.from - stage.to));
            of.others.add_part(first, conducted);
            of.push.add_part(first, inflow);
        }
        let mut through = conducted;
        for lane in 0..H {
            through.0[lane] = if stage.conductance.0[lane] > 0.0 { through.0[lane] } else { 0.0 };
        }
        let onward = Lanes::splat(at - 0.5);
        back.to_middle = (back.to_middle.0 + through, back.to_middle.1 + inflow);
        back.to_change = (through.mul_add(onward, back.to_change.0), inflow.mul_add(onward, back.to_change.1));
        back.current.mean = back.current.mean + inflow;
        back.current.slope = inflow.mul_add(onward, back.current.slope);
        for p in 0..unrolled::<PORTS>(n_ports) {
            if p >= n_ports {
                continue;
            }
            let conductance = self.ports[p].conductance.part::<H>(first);
            if SLOPED {
                of.conductance[p].add_part(first, inflow * (stage.u[p].0 + stage.waves[p]));
            }
            back.u[p] = conductance.mul_add(inflow, back.u[p]);
            let wave_bar = conductance.mul_add(inflow, wave_bar[p]);
            back.next[p] = Lanes::splat(2.0 * at).mul_add(wave_bar, back.next[p]);
            back.now[p] = Lanes::splat(2.0 * (1.0 - at)).mul_add(wave_bar, back.now[p]);
        }
        back.v = own;
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
            let v = followed(k) * units.millivolts;
            let relaxation = Relax { which, v, dt: window.dt * units.milliseconds }.with_simd(simd);
            let after = &course.gates[(k + 1) * n_gates..(k + 2) * n_gates];
            for gate in 0..n_gates {
                let bar = sensitivity.gates[gate];
                let slope = relaxation.driven[gate] - relaxation.lost[gate] * after[gate];
                to_followed = bar.mul_add(slope, to_followed);
                sensitivity.gates[gate] = bar * relaxation.left[gate];
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
