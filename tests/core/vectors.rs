//! The steps of a group on the machine's vectors against those without: the same bits, awake and asleep.

use std::f64::consts::TAU;

use qhh_core::channel::Channel;
use qhh_core::circuit::{BathRule, Channels, Circuit, Inputs};
use qhh_core::gates::RateUnits;
use qhh_core::gating::library::Published;
use qhh_core::integrate::group::Group;
use qhh_core::integrate::lanes::{Float, Lanes};
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

/// A group through all windows with the instructions of `arch`.
fn went<const N: usize, T: Float>(
    arch: pulp::Arch,
    (group, circuits): (&Group<N, T>, &[Circuit]),
    inflows: &[Inflow<N, T>],
    (sampled, detailed, given): (bool, bool, &[f64]),
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
        if sampled {
            group.advance_sampled_on(arch, &mut state, *steps, window);
        } else {
            group.advance_on(arch, &mut state, *steps, window);
        }
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

/// Every kind of group, with `N` neurons side by side; how many windows ended asleep.
fn compare<const N: usize, T: Float>(seed: u64) -> usize {
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
            for how in [(false, true, &[][..]), (false, false, &[]), (true, false, &[]), (true, true, &given)] {
                let inflows: Vec<_> = WINDOWS.iter().map(|of| Inflow::new(random, n_ports, *of, how.0)).collect();
                let of = |arch| went(arch, (&group, &circuits), &inflows, how);
                let without = of(pulp::Arch::Scalar);
                let case =
                    format!("{n_ports} ports, sensed {sensed}, {baths:?}, {channels:?}, {:?}", (how.0, how.1));
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
    let slept = [compare::<16, f64>(1), compare::<32, f32>(3)];
    assert!(slept.iter().all(|slept| *slept > 10), "windows that ended asleep: {slept:?}");
}
