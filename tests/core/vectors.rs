//! The steps of a group on the machine's vectors against those without: the same bits, awake and asleep.

use std::f64::consts::TAU;

use qhh_core::channel::Channel;
use qhh_core::circuit::{BathRule, Channels, Circuit, Inputs};
use qhh_core::gates::RateUnits;
use qhh_core::gating::library::Published;
use qhh_core::integrate::adjoint::{Backwards, Forwards, Incoming, Moved, Sensitivity, Slopes};
use qhh_core::integrate::group::Group;
use qhh_core::integrate::lanes::{Float, Lanes};
use qhh_core::integrate::langevin::Steps;
use qhh_core::integrate::state::GroupState;
use qhh_core::integrate::window::{Course, DriveLanes, Window};
use qhh_core::name::Name;
use qhh_core::port::Port;
use qhh_core::sense::Sense;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const UNITS: RateUnits = RateUnits { millivolts: 1.0, milliseconds: 1.0 };
const DT: f64 = 0.025;
/// Steps of each window, and whether anything comes in during it.
const WINDOWS: [(usize, bool); 6] = [(13, false), (40, true), (1, true), (2400, false), (1200, false), (21, true)];

fn within(random: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * (f64::from(random.next_u32()) / f64::from(u32::MAX))
}

/// Channels of each kind that has a loop of its own, and others, some of whose gates follow the voltage at once.
fn channels() -> Vec<Channels> {
    let of = |published: &str, conductance: f64, reversal: f64| Channel {
        name: Name::new(published),
        gating: Published::named(published).unwrap().gating(&[], None).unwrap(),
        conductance,
        reversal: Some(reversal),
    };
    let others = [of("morris-lecar-potassium", 8.0, -84.0), of("morris-lecar-calcium", 4.4, 120.0)];
    vec![
        Channels::three([36.0, 120.0, 0.3], [-77.0, 50.0, -54.387]),
        Channels::single(36.0, -77.0),
        others.into_iter().chain([Channel::chloride(2.0, -60.0)]).collect(),
    ]
}

/// Neurons of one kind that differ a little.
fn circuits(random: &mut ChaCha8Rng, channels: &Channels, n: usize, n_ports: usize, sensed: bool) -> Vec<Circuit> {
    let mut varied = |x: f64| x * within(random, 0.97, 1.03);
    let one = |_| {
        let channel = |of: &Channel| Channel { conductance: varied(of.conductance), ..of.clone() };
        let channels = channels.iter().map(channel).collect();
        let ports: Vec<Port> =
            (0..n_ports).map(|_| Port { capacitance: varied(0.2), impedance: varied(1.5) }).collect();
        let inputs = Inputs::several(ports.get(1..).unwrap_or_default()).unwrap();
        let sense = sensed.then(|| Sense {
            impedance: varied(4.0),
            response_time: varied(0.3),
            reference: None,
            thermal_energy: None,
        });
        let circuit =
            Circuit { capacitance: varied(1.0), channels, output: ports.first().copied(), inputs, sense };
        circuit.referred(UNITS).unwrap()
    };
    (0..n).map(one).collect()
}

/// Every number of a window's course and of the state after it, as bits; and whether it then sleeps.
type Went = (Vec<u64>, Vec<usize>, bool);

/// What comes into a window.
struct Inflow<const N: usize, T> {
    drive: Vec<DriveLanes<N, T>>,
    waves: Vec<Vec<Lanes<N, T>>>,
    noise: Vec<Vec<[f32; N]>>,
}

impl<const N: usize, T: Float> Inflow<N, T> {
    fn new(random: &mut ChaCha8Rng, n_ports: usize, (steps, any): (usize, bool), noisy: bool) -> Self {
        let mut lanes = |size: f64| Lanes::from_fn(|_| size * within(random, -1.0, 1.0));
        let steps_of = |n: usize| if any { n } else { 0 };
        let drive = (0..steps_of(steps)).map(|_| DriveLanes { mean: lanes(40.0), slope: lanes(3.0) }).collect();
        let waves = (0..n_ports).map(|_| (0..steps_of(steps + 1)).map(|_| lanes(10.0)).collect()).collect();
        let mut single = || f32::from_bits(0x3f80_0000 | random.next_u32() >> 9) - 1.5;
        let mut field = || (0..=steps).map(|_| std::array::from_fn(|_| single())).collect();
        Self { drive, waves, noise: if noisy { (0..5).map(|_| field()).collect() } else { Vec::new() } }
    }
}

/// How a group goes through a window with some instructions.
type Go<const N: usize, T> = fn(&Group<N, T>, pulp::Arch, &mut GroupState<N, T>, usize, Window<'_, N, T>);

/// A group through all windows with the instructions of `arch`.
fn went<const N: usize, T: Float>(
    arch: pulp::Arch,
    (group, circuits): (&Group<N, T>, &[Circuit]),
    inflows: &[Inflow<N, T>],
    (go, detailed, given): (Go<N, T>, bool, &[f64]),
) -> Vec<Went> {
    let begin: Vec<_> = circuits
        .iter()
        .enumerate()
        .map(|(k, circuit)| {
            let v = -65.0 + 3.0 * (TAU * k as f64 / 7.0).sin();
            (v, circuit.steady(v, UNITS))
        })
        .collect();
    let mut state = group.state(&begin, DT, UNITS);
    let (mut first, mut all) = (3, Vec::new());
    for ((steps, _), inflow) in WINDOWS.iter().zip(inflows) {
        let emitting = std::array::from_fn(|p| p < group.n_ports());
        let mut course = Course { detailed, emitting, ..Course::default() };
        let noise: Vec<&[[f32; N]]> = inflow.noise.iter().map(Vec::as_slice).collect();
        let (channels, sensed) = noise.split_at(noise.len().saturating_sub(2));
        let window = Window {
            dt: DT,
            first,
            units: UNITS,
            drive: &inflow.drive,
            arriving: std::array::from_fn(|p| inflow.waves.get(p).map_or(&[][..], Vec::as_slice)),
            noise: channels,
            given,
            drift: &[],
            sensed: if let [signal, idler] = sensed { [signal, idler] } else { [&[]; 2] },
            threshold: -55.0,
            course: &mut course,
        };
        go(group, arch, &mut state, *steps, window);
        first += *steps as u64;
        let Course { v, staged, records, gates, u, leaving, crossings, .. } = course;
        let lists = [v, staged, records, gates, state.u.to_vec(), state.gates.to_vec()];
        // Of ports that are not there, some loops follow what others do not.
        let ports = u.into_iter().take(group.n_ports()).chain(leaving);
        let lanes = lists.into_iter().chain(ports).flatten().chain([state.v]).chain(state.record);
        let bits = lanes.flat_map(|lanes| lanes.0.map(|x| x.double().to_bits())).collect();
        all.push((bits, crossings, state.asleep));
    }
    all
}

/// Every kind of group, with `N` neurons side by side, and with noise where there are steps for it; how many windows ended
/// asleep.
fn compare<const N: usize, T: Float>(seed: u64, sampled: Option<Go<N, T>>) -> usize
where
    Group<N, T>: Steps<N, T>,
{
    let mean: Go<N, T> = Group::advance_on;
    let (mut slept, random) = (0, &mut ChaCha8Rng::seed_from_u64(seed));
    for channels in channels() {
        for (n_ports, sensed, baths) in [
            (0, false, BathRule::Independent),
            (2, false, BathRule::Independent),
            (2, true, BathRule::Independent),
            (3, false, BathRule::SharedMode),
        ] {
            let circuits = circuits(random, &channels, N - 1, n_ports, sensed);
            let group = Group::<N, T>::new(&circuits, baths, DT, UNITS);
            let rest: Option<Vec<_>> =
                circuits.iter().map(|of| of.rest(UNITS).ok().map(|rest| (rest.voltage, rest.gates))).collect();
            let group = match rest {
                Some(rest) => group.sleeping(&rest, 0.02, DT, UNITS),
                None => group,
            };
            let n_gated = channels.iter().filter(|channel| channel.is_gated()).count();
            let given: Vec<f64> = (0..n_gated * 2400).map(|_| within(random, 0.1, 20.0)).collect();
            let ways = [(false, true, &[][..]), (false, false, &[]), (true, false, &[]), (true, true, &given)];
            for (noisy, detailed, given) in ways {
                let Some(go) = (if noisy { sampled } else { Some(mean) }) else { continue };
                let inflows: Vec<_> = WINDOWS.iter().map(|of| Inflow::new(random, n_ports, *of, noisy)).collect();
                let of = |arch| went(arch, (&group, &circuits), &inflows, (go, detailed, given));
                let without = of(pulp::Arch::Scalar);
                let case =
                    format!("{n_ports} ports, sensed {sensed}, {baths:?}, {channels:?}, {noisy} {detailed}");
                assert!(without == of(pulp::Arch::new()), "other bits on the machine's vectors: {case}");
                #[cfg(target_arch = "x86_64")]
                if let Some(avx2) = pulp::x86::V3::try_new() {
                    assert!(without == of(pulp::Arch::V3(avx2)), "other bits with AVX2: {case}");
                }
                slept += without.iter().filter(|window| window.2).count();
            }
        }
    }
    slept
}

#[test]
fn the_steps_have_the_same_bits_with_any_vectors() {
    let slept = [
        compare::<16, f64>(1, Some(Group::advance_sampled_on)),
        compare::<32, f64>(2, None),
        compare::<32, f32>(3, None),
    ];
    assert!(slept.iter().all(|slept| *slept > 10), "windows that ended asleep: {slept:?}");
}

/// A sensitivity or change of a state, at random.
fn random_change(random: &mut ChaCha8Rng, group: &Group) -> Sensitivity {
    let mut lanes = |size: f64| Lanes::from_fn(|_| size * within(random, -1.0, 1.0));
    let mut change = group.insensitive();
    (change.v, change.record) = (lanes(1.0), lanes(1.0));
    change.u.iter_mut().for_each(|u| *u = lanes(1.0));
    change.gates.iter_mut().for_each(|gate| *gate = lanes(0.1));
    change
}

fn bits_of<'a>(lanes: impl IntoIterator<Item = &'a Lanes<16>>) -> Vec<u64> {
    lanes.into_iter().flat_map(|lanes| lanes.0.map(f64::to_bits)).collect()
}

fn of_change(change: &Sensitivity) -> Vec<u64> {
    bits_of([&change.v, &change.record].into_iter().chain(&change.u).chain(&change.gates))
}

fn of_slopes(slopes: &Slopes) -> Vec<u64> {
    let channels = slopes.conductance.iter().chain(&slopes.reversal);
    let ports = slopes.ports.iter().flat_map(|port| [&port.0, &port.1]);
    bits_of([&slopes.capacitance].into_iter().chain(channels).chain(ports).chain(&slopes.sense))
}

/// A window of some steps, backwards and along it, with the instructions of `arch`.
fn derivatives(arch: pulp::Arch, group: &Group, circuits: &[Circuit], seed: u64) -> Vec<Vec<u64>> {
    const STEPS: usize = 37;
    let random = &mut ChaCha8Rng::seed_from_u64(seed);
    let begin: Vec<_> = circuits.iter().map(|circuit| (-63.0, circuit.steady(-60.0, UNITS))).collect();
    let start = group.state(&begin, DT, UNITS);
    let inflow = Inflow::<16, f64>::new(random, group.n_ports(), (STEPS, true), false);
    let waves = |of: &Inflow<16, f64>| of.waves.clone();
    let arrived = waves(&inflow);
    let arriving = std::array::from_fn(|p| arrived.get(p).map_or(&[][..], Vec::as_slice));
    let emitting = std::array::from_fn(|p| p < group.n_ports());
    let mut course = Course { detailed: true, emitting, ..Course::default() };
    let window = Window {
        dt: DT,
        first: 0,
        units: UNITS,
        drive: &inflow.drive,
        arriving,
        noise: &[],
        given: &[],
        sensed: [&[]; 2],
        drift: &[],
        threshold: -55.0,
        course: &mut course,
    };
    group.advance(&mut start.clone(), STEPS, window);
    let left = waves(&Inflow::new(random, group.n_ports(), (STEPS, true), false));
    let held = Lanes::from_fn(|lane| if lane % 3 == 0 { 0.0 } else { 1.0 });
    let mut all = Vec::new();
    for (sloped, responding) in [(true, None), (false, None), (false, Some(held))] {
        let mut change = random_change(random, group);
        let (mut slopes, mut incoming) = (group.level(), Incoming::default());
        let window = Backwards {
            dt: DT,
            units: UNITS,
            start: &start,
            course: &course,
            arriving,
            voltages: &[(3, 5, 0.25), (12, 2, -1.0), (12, 15, 2.0), (STEPS, 0, 1.5)],
            leaving: std::array::from_fn(|p| left.get(p).map_or(&[][..], Vec::as_slice)),
            responding,
        };
        group.reverse_on(arch, &mut change, sloped.then_some(&mut slopes), &mut incoming, window);
        let currents = incoming.currents.iter().flat_map(|current| [&current.mean, &current.slope]);
        let entered = bits_of(currents.chain(incoming.waves.iter().flatten()).chain(&incoming.records));
        all.extend([of_change(&change), of_slopes(&slopes), entered]);
    }
    let mut parameters = group.level();
    let mut lanes = || Lanes::from_fn(|_| 0.01 * within(random, -1.0, 1.0));
    parameters.capacitance = lanes();
    parameters.conductance.iter_mut().chain(&mut parameters.reversal).for_each(|of| *of = lanes());
    parameters.ports.iter_mut().for_each(|port| *port = (lanes(), lanes()));
    let moves = Inflow::new(random, group.n_ports(), (STEPS, true), false);
    let mut incoming = Incoming { currents: moves.drive, ..Incoming::default() };
    incoming.waves.iter_mut().zip(moves.waves).for_each(|(to, of)| *to = of);
    let (mut change, mut moved) = (random_change(random, group), Moved::default());
    let (units, drive) = (UNITS, inflow.drive.as_slice());
    let window = Forwards { dt: DT, units, start: &start, course: &course, drive, arriving, incoming: &incoming };
    group.along_on(arch, &mut change, &parameters, &mut moved, &window);
    all.extend([of_change(&change), bits_of(moved.v.iter().chain(moved.leaving.iter().flatten()))]);
    all
}

#[test]
fn derivatives_have_the_same_bits_with_any_vectors() {
    let random = &mut ChaCha8Rng::seed_from_u64(8);
    for (seed, channels) in channels().iter().enumerate() {
        for (n_ports, sensed, baths) in [
            (0, false, BathRule::Independent),
            (1, true, BathRule::Independent),
            (2, false, BathRule::Independent),
            (3, true, BathRule::SharedMode),
        ] {
            let circuits = circuits(random, channels, 15, n_ports, sensed);
            let group = Group::<16>::new(&circuits, baths, DT, UNITS);
            let of = |arch| derivatives(arch, &group, &circuits, seed as u64);
            let without = of(pulp::Arch::Scalar);
            let case = format!("{n_ports} ports, sensed {sensed}, {baths:?}, {channels:?}");
            assert!(without.iter().flatten().any(|bits| *bits != 0), "{case}");
            assert!(without == of(pulp::Arch::new()), "other bits on the machine's vectors: {case}");
            #[cfg(target_arch = "x86_64")]
            if let Some(avx2) = pulp::x86::V3::try_new() {
                assert!(without == of(pulp::Arch::V3(avx2)), "other bits with AVX2: {case}");
            }
        }
    }
}
