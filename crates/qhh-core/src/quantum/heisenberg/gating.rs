//! Gates that respond to a field mode, beside the circuit's response.
//!
//! In the rotating frame, with `U` the response of the voltage that the gates follow,
//!
//! ```text
//! dX/dt = i w X + a_x U - r_x X
//! ```
//!
//! Gates live at half steps, as those of the mean field do: over a step `X' = e^{iw dt} left X + h drive U`, with `left`
//! and `drive` of [`Relaxing`] the tangent of the mean field's own relaxation at the voltage held between. At `w = 0` the
//! factor `h` is 1, and circuit and gates together are the derivative of [`crate::integrate::langevin`]'s step, to
//! rounding. At other frequencies it is what makes the stationary response `a_x/(r_x - i w)` a fixed point, exactly, with
//! the rate `r_x` of the start; with rates that change it is of second order in the step.
//!
//! A gate that follows the voltage at once has an infinite rate. The mean field gives it its value at the voltage in the middle
//! of the step, where a parabola through the last three voltages is then, and so it does here:
//! `X' = drive (15 U - 10 U_- + 3 U_--)/8`.
//!
//! Where gates follow the record of a sense line, `U` is the response of the record, `tau dM/dt = (i w tau - 1) M + U + F`.
//! Ours.

use num_complex::Complex64;

use super::{MODES, ONWARD, Propagator, Wave};
use crate::integrate::langevin::STAGE;

/// Constants of the gates of one circuit at [`MODES`] frequencies and one step.
#[derive(Debug, Clone)]
pub struct Gating {
    /// `e^{iw dt}`.
    pub(super) turn: Wave,
    /// `h` of each gate.
    pub(super) held: Vec<Wave>,
    /// Whether each gate follows the voltage at once; empty if none does.
    pub(super) instant: Vec<bool>,
    pub(super) record: Option<Record>,
}

/// The record within a step, as a port's capacitor is: `m2 = keep m0 + first (V1 + F) + second (V2 + F)`.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) keep: Wave,
    pub(super) first: Wave,
    pub(super) second: Wave,
}

/// The derivative of one gate's relaxation over a step at a held voltage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relaxing {
    /// Part of a deviation that is left at the end, `e^{-r dt}`.
    pub left: f64,
    /// Deviation at the end for a unit of the voltage held.
    pub drive: f64,
}

/// What one gate does within one step.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GateStep {
    pub(super) left: f64,
    pub(super) drive: f64,
    /// Part of the gate in the inflow at either stage, after the relaxation and before.
    pub(super) inflow: [[f64; 2]; 2],
}

/// The gates' part of some steps in response to one line.
#[derive(Debug)]
pub struct Gated<'a> {
    /// Constants.
    pub gating: &'a Gating,
    /// Of each step and gate, `[step][gate]`, from [`Propagator::gate_step`].
    pub steps: &'a [GateStep],
    /// Deviation of each gate, half a step before the voltage; after them that of the record, if there is one, and of the
    /// followed voltage one and two steps before, if some gate follows it at once.
    pub deviations: &'a mut [Wave],
    /// What the line adds to the record, `F`.
    pub recorded: f64,
}

/// `e^z - 1` without cancellation near 0.
fn expm1(z: Complex64) -> Complex64 {
    let half = (0.5 * z.im).sin();
    Complex64::new(z.re.exp_m1() * z.im.cos() - 2.0 * half * half, z.re.exp() * z.im.sin())
}

impl Gating {
    /// For gates of the given rates at the start, steps of `dt`; and the response time of the record they follow, if
    /// they follow one.
    pub fn new(omega: &[f64; MODES], rates: &[f64], dt: f64, response_time: Option<f64>) -> Self {
        let held = |rate: f64| {
            if rate.is_infinite() {
                return Wave::real(1.0);
            }
            Wave::from_fn(|lane| {
                let slowed = Complex64::new(rate, -omega[lane]);
                (rate / (-rate * dt).exp_m1()) * expm1(-slowed * dt) / slowed
            })
        };
        let record = |time: f64| {
            let k = STAGE * dt / time;
            let d = |lane: usize| Complex64::new(1.0 + k, -omega[lane] * STAGE * dt).inv();
            Record {
                keep: Wave::from_fn(|lane| d(lane) * (1.0 - ONWARD + ONWARD * d(lane))),
                first: Wave::from_fn(|lane| ONWARD * d(lane) * d(lane) * k),
                second: Wave::from_fn(|lane| d(lane) * k),
            }
        };
        Self {
            turn: Wave::from_fn(|lane| Complex64::from_polar(1.0, omega[lane] * dt)),
            held: rates.iter().map(|rate| held(*rate)).collect(),
            instant: if rates.iter().any(|rate| rate.is_infinite()) {
                rates.iter().map(|rate| rate.is_infinite()).collect()
            } else {
                Vec::new()
            },
            record: response_time.map(record),
        }
    }

    /// Number of gates.
    pub fn n_gates(&self) -> usize {
        self.held.len()
    }

    /// Amplitudes of [`Gated::deviations`].
    pub fn n_deviations(&self) -> usize {
        self.held.len() + usize::from(self.record.is_some()) + 2 * usize::from(self.keeps_voltage())
    }

    /// Whether some gate follows the voltage at once, so that the voltages one and two steps before are kept.
    pub fn keeps_voltage(&self) -> bool {
        !self.instant.is_empty()
    }

    /// Number of gates, where all of them lag behind the voltage.
    pub(super) fn n_lagging(&self) -> Option<usize> {
        (!self.keeps_voltage()).then_some(self.held.len())
    }
}

impl Propagator {
    /// What a gate does within a step: its relaxation, the change of its channel's conductance with it (half a step
    /// before the step and in its middle), and the voltage across the channel at the two stages.
    #[inline]
    pub fn gate_step(&self, relaxing: Relaxing, (before, middle): (f64, f64), across: [f64; 2]) -> GateStep {
        let [first, second] = across;
        // Continued along the last change, as the conductance is.
        let of = |stage: f64, across: f64| {
            let (part, current) = (stage - 0.5, self.node * across);
            [-current * middle * (1.0 + part), current * before * part]
        };
        GateStep { left: relaxing.left, drive: relaxing.drive, inflow: [of(STAGE, first), of(1.0, second)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{BathRule, Channels, Circuit, Inputs, MAX_PORTS};
    use crate::gates::{Gates, RateUnits};
    use crate::integrate::group::Group;
    use crate::integrate::lanes::{LANES, Lanes};
    use crate::integrate::langevin::Steps;
    use crate::integrate::window::{Course, DriveLanes, Window};
    use crate::port::Port;
    use crate::quantum::heisenberg::{Driven, ModeState, Stationary};

    const HH: RateUnits = RateUnits { millivolts: 1.0, milliseconds: 1.0 };
    const STEPS: usize = 900;
    const DT: f64 = 0.02;

    fn circuit() -> Circuit {
        Circuit {
            capacitance: 1.0,
            channels: Channels::three([36.0, 120.0, 0.3], [-77.0, 50.0, -54.387]),
            output: Some(Port { capacitance: 0.3, impedance: 3.0 }),
            inputs: Inputs::one(Port { capacitance: 1.0, impedance: 2.0 }),
            sense: None,
        }
    }

    /// The axon through a spike, a small wave of the given size arriving besides.
    fn course(size: f64) -> Course {
        let group: Group = Group::new(&[circuit()], BathRule::Independent, DT, HH);
        let rest = circuit().rest(HH).unwrap();
        let mut state = group.state(&[(rest.voltage, rest.gates)], DT, HH);
        let mut course =
            Course { detailed: true, emitting: [true, true, false, false, false], ..Course::default() };
        let drive: Vec<DriveLanes<LANES>> = (0..STEPS)
            .map(|k| DriveLanes {
                mean: Lanes::splat(if (100..200).contains(&k) { 40.0 } else { 0.0 }),
                slope: Lanes::default(),
            })
            .collect();
        let arriving: Vec<Lanes<LANES>> = (0..=STEPS).map(|k| Lanes::splat(size * wave(k))).collect();
        let window = Window {
            dt: DT,
            first: 0,
            units: HH,
            drive: &drive,
            arriving: [&[], &arriving, &[], &[], &[]],
            noise: &[],
            given: &[],
            drift: &[],
            sensed: [&[]; 2],
            threshold: 0.0,
            course: &mut course,
        };
        group.advance(&mut state, STEPS, window);
        course
    }

    /// A wave with a carrier far above what the circuit follows, and more besides.
    fn wave(step: usize) -> f64 {
        let t = step as f64 * DT;
        (40.0 * t).sin() + (0.7 * t + 0.3).cos() - if step == 0 { 0.3f64.cos() } else { 0.0 }
    }

    fn gates_of(course: &Course, k: usize) -> Gates {
        course.gates[3 * k..3 * (k + 1)].iter().map(|gate| gate.0[0]).collect()
    }

    /// The steps of the gates beside a course.
    fn gate_steps(propagator: &Propagator, course: &Course, stages: &mut Vec<[Wave; 2]>) -> Vec<GateStep> {
        let circuit = circuit();
        let reversals = circuit.gate_reversals();
        let mut steps = Vec::new();
        let mut conductances = Vec::new();
        for k in 0..STEPS {
            let (before, after) = (gates_of(course, k), gates_of(course, k + 1));
            let (mut a, mut b, mut relaxing) = (Vec::new(), Vec::new(), Vec::new());
            circuit.conductance_slopes(BathRule::Independent, &before, &mut a);
            circuit.conductance_slopes(BathRule::Independent, &after, &mut b);
            circuit.relaxing(course.v[k].0[0], &before, DT, HH, &mut relaxing);
            for gate in 0..3 {
                let across = [course.staged[k].0[0], course.v[k + 1].0[0]].map(|v| v - reversals[gate]);
                steps.push(propagator.gate_step(relaxing[gate], (a[gate], b[gate]), across));
            }
            let middle = circuit.conductances(&after).total();
            conductances.push((middle, middle - circuit.conductances(&before).total()));
        }
        propagator.stages(&conductances, stages);
        steps
    }

    /// A stationary response stays where it is at every frequency, also where the gates follow a record of the voltage to
    /// which the line adds something.
    #[test]
    fn a_stationary_response_is_a_fixed_point_with_a_record_too() {
        let circuit = circuit();
        let rest = circuit.rest(HH).unwrap();
        let omega: [f64; MODES] = std::array::from_fn(|lane| 0.01 * 2f64.powi(i32::try_from(lane).unwrap()));
        let answers = circuit.answering(rest.voltage, &rest.gates, HH);
        let rates: Vec<f64> = answers.iter().map(|answer| answer.rate).collect();
        let (mut slopes, mut relaxing) = (Vec::new(), Vec::new());
        circuit.conductance_slopes(BathRule::Independent, &rest.gates, &mut slopes);
        circuit.relaxing(rest.voltage, &rest.gates, DT, HH, &mut relaxing);
        let across: Vec<f64> = circuit.gate_reversals().iter().map(|reversal| rest.voltage - reversal).collect();
        let propagator = Propagator::new(&circuit, omega, DT);
        let g = circuit.conductances(&rest.gates).total();
        for (time, added) in [(None, 0.0), (Some(0.1), 0.7)] {
            // The record for a unit of what it records, and the current of the gates for that.
            let record = |lane: usize| Complex64::new(1.0, -time.unwrap_or(0.0) * omega[lane]).inv();
            let response = |gate: usize, lane: usize| answers[gate].response(omega[lane].into()) * record(lane);
            let current = |lane: usize| -> Complex64 {
                (0..3).map(|gate| slopes[gate] * across[gate] * response(gate, lane)).sum()
            };
            let admittance = Wave::from_fn(|lane| g + current(lane));
            let drive = Wave::from_fn(|lane| 1.0 - current(lane) * added);
            let begin = Stationary::new(&circuit, &omega, &admittance).response(drive, &Default::default());
            let recorded = |lane: usize| begin.v.get(lane) + added;
            let mut deviations: Vec<Wave> =
                (0..3).map(|gate| Wave::from_fn(|lane| response(gate, lane) * recorded(lane))).collect();
            deviations.extend(time.map(|_| Wave::from_fn(|lane| record(lane) * recorded(lane))));
            let before = deviations.clone();
            let gating = Gating::new(&omega, &rates, DT, time);
            let mut stages = Vec::new();
            propagator.stages(&[(g, 0.0)], &mut stages);
            let steps: Vec<GateStep> = (0..3)
                .map(|k| propagator.gate_step(relaxing[k], (slopes[k], slopes[k]), [across[k]; 2]))
                .collect();
            let mut state = begin;
            for _ in 0..200 {
                let driven =
                    Driven { stages: &stages, current: &[[1.0; 2]], arriving: [&[]; MAX_PORTS], flux: true };
                let gated = Gated { gating: &gating, steps: &steps, deviations: &mut deviations, recorded: added };
                propagator.advance_gated(&mut state, driven, gated, &mut Default::default());
            }
            for (lane, omega) in omega.iter().enumerate() {
                let off = (state.v.get(lane) - begin.v.get(lane)).norm() / begin.v.get(lane).norm();
                assert!(off < 1e-11, "{time:?} at {omega}: {off:e}");
                for (a, b) in deviations.iter().zip(&before) {
                    let off = (a.get(lane) - b.get(lane)).norm() / (b.get(lane).norm() + 1e-6);
                    assert!(off < 1e-9, "{time:?} at {omega}: {off:e}");
                }
            }
        }
    }

    /// At `w = 0` the response to an arriving wave is the difference of two mean fields, whatever the wave does: voltages
    /// and what leaves either port, through a spike.
    #[test]
    fn the_response_is_the_derivative_of_the_mean_fields_own_step() {
        let small = 1e-4;
        let (above, below, here) = (course(small), course(-small), course(0.0));
        assert!(here.v.iter().any(|v| v.0[0] > 0.0), "it fires");
        let circuit = circuit();
        let propagator = Propagator::new(&circuit, [0.0; MODES], DT);
        let rest = circuit.rest(HH).unwrap();
        let rates: Vec<f64> =
            circuit.answering(rest.voltage, &rest.gates, HH).iter().map(|answer| answer.rate).collect();
        let gating = Gating::new(&[0.0; MODES], &rates, DT, None);
        let mut stages = Vec::new();
        let steps = gate_steps(&propagator, &here, &mut stages);
        let arriving: Vec<Wave> = (0..=STEPS).map(|k| Wave::real(wave(k))).collect();
        let mut deviations = vec![Wave::default(); 3];
        let mut state = ModeState::default();
        let mut left = [vec![Wave::default(); STEPS], vec![Wave::default(); STEPS]];
        let mut voltages = vec![0.0];
        for k in 0..STEPS {
            let [first, second] = &mut left;
            let mut leaving: [&mut [Wave]; MAX_PORTS] = Default::default();
            (leaving[0], leaving[1]) = (&mut first[k..=k], &mut second[k..=k]);
            let driven = Driven {
                stages: &stages[k..=k],
                current: &[],
                arriving: [&[], &arriving[k..=k + 1], &[], &[], &[]],
                flux: false,
            };
            let gated = Gated {
                gating: &gating,
                steps: &steps[3 * k..3 * (k + 1)],
                deviations: &mut deviations,
                recorded: 0.0,
            };
            propagator.advance_gated(&mut state, driven, gated, &mut leaving);
            voltages.push(state.v.get(5).re);
        }
        let largest = |x: &[f64]| x.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        let compare = |name: &str, response: &[f64], of: &dyn Fn(&Course, usize) -> f64| {
            let differences: Vec<f64> =
                (0..response.len()).map(|k| (of(&above, k) - of(&below, k)) / (2.0 * small)).collect();
            let gaps: Vec<f64> = response.iter().zip(&differences).map(|(a, b)| a - b).collect();
            let worst = largest(&gaps) / largest(&differences);
            assert!(worst < 1e-6, "{name}: {worst:e} of {}", largest(&differences));
        };
        compare("V", &voltages, &|course, k| course.v[k].0[0]);
        for (slot, left) in left.iter().enumerate() {
            let left: Vec<f64> = left.iter().map(|wave| wave.get(0).re).collect();
            compare("B", &left, &|course, k| course.leaving[slot][k].0[0]);
        }
    }
}
