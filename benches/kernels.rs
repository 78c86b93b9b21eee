//! The inner loops: the vector exponential, the gates, and one group of neurons.

#![allow(unreachable_pub, reason = "shared with the tests")]

#[path = "../tests/models/published.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod published;

use divan::{Bencher, black_box, counter::ItemsCount};
use published::{morris_lecar, published, traub_miles, wang_buzsaki};
use qhh_core::circuit::{BathRule, Channels, Circuit, MAX_PORTS};
use qhh_core::gates::{Particle, RateUnits};
use qhh_core::integrate::group::Group;
use qhh_core::integrate::kernel::GateState;
use qhh_core::integrate::lanes::{Float, LANES, LANES_BARE, LANES_F32, Lanes};
use qhh_core::integrate::langevin::Steps;
use qhh_core::integrate::window::{Course, Window};
use qhh_core::port::Port;
use qhh_core::quantum::heisenberg::{Driven, MODES, ModeState, Propagator, Wave};

fn main() {
    divan::main();
}

const UNITS: RateUnits = RateUnits { millivolts: 1.0, milliseconds: 1.0 };
const STEPS: usize = 4096;

/// The baseline: the gates of a group's neurons one after the other, with the standard library's exponential.
#[divan::bench]
fn gates_plain(bencher: Bencher<'_, '_>) {
    let particles = [Particle::N, Particle::M, Particle::H];
    let mut gates = [[0.3, 0.05, 0.6]; LANES];
    bencher.counter(ItemsCount::new(LANES)).bench_local(|| {
        for gates in &mut gates {
            for (gate, particle) in gates.iter_mut().zip(particles) {
                *gate = particle.rates(black_box(-60.0)).relax(*gate, 0.01);
            }
        }
    });
}

struct Relax(GateState<Lanes>, Lanes);

#[expect(clippy::inline_always, reason = "as in the engine")]
impl pulp::WithSimd for Relax {
    type Output = GateState<Lanes>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Self::Output {
        self.0.relaxed::<true>(self.1, 0.01)
    }
}

/// The same side by side.
#[divan::bench]
fn gates_vector(bencher: Bencher<'_, '_>) {
    let mut gates = GateState { n: Lanes::splat(0.3), m: Lanes::splat(0.05), h: Lanes::splat(0.6) };
    bencher.counter(ItemsCount::new(LANES)).bench_local(|| {
        gates = pulp::Arch::new().dispatch(Relax(gates, black_box(Lanes::splat(-60.0))));
    });
}

/// Neuron-steps of one group, by number of ports.
#[divan::bench(args = [0, 1, 2])]
fn group(bencher: Bencher<'_, '_>, ports: usize) {
    group_of::<LANES, f64>(bencher, ports, pulp::Arch::new());
}

/// Neuron-steps of neurons of published channels, whose gates go by tables: of two, three and four gates.
#[divan::bench(args = ["morris-lecar", "wang-buzsaki", "squid", "traub-miles with m-current"])]
fn group_any(bencher: Bencher<'_, '_>, name: &str) {
    let channels = match name {
        "morris-lecar" => morris_lecar().channels,
        "wang-buzsaki" => wang_buzsaki().channels,
        // The papers' channels in an order that is not the papers'.
        "squid" => circuit_of(0).channels.iter().rev().cloned().collect(),
        _ => traub_miles(Some(published("m-current", 0.07))).channels,
    };
    let circuit = Circuit { channels, ..circuit_of(0) };
    stepped::<LANES, f64>(bencher, &circuit, pulp::Arch::new());
}

/// The same in single precision.
#[divan::bench(args = [0, 1, 2])]
fn group_f32(bencher: Bencher<'_, '_>, ports: usize) {
    group_of::<LANES_F32, f32>(bencher, ports, pulp::Arch::new());
}

/// A group as wide as one of a pool of neurons without ports.
#[divan::bench]
fn bare(bencher: Bencher<'_, '_>) {
    group_of::<LANES_BARE, f64>(bencher, 0, pulp::Arch::new());
}

/// The same groups with AVX2 alone.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{Bencher, LANES, LANES_BARE, LANES_F32, group_of};

    fn arch() -> pulp::Arch {
        pulp::x86::V3::try_new().map_or(pulp::Arch::Scalar, pulp::Arch::V3)
    }

    #[divan::bench(args = [0, 2])]
    fn group(bencher: Bencher<'_, '_>, ports: usize) {
        group_of::<LANES, f64>(bencher, ports, arch());
    }

    #[divan::bench(args = [0, 2])]
    fn group_f32(bencher: Bencher<'_, '_>, ports: usize) {
        group_of::<LANES_F32, f32>(bencher, ports, arch());
    }

    #[divan::bench]
    fn bare(bencher: Bencher<'_, '_>) {
        group_of::<LANES_BARE, f64>(bencher, 0, arch());
    }

    #[divan::bench(args = [false, true])]
    fn mode_steps(bencher: Bencher<'_, '_>, arriving: bool) {
        super::mode_steps_on(bencher, arriving, false, arch());
    }
}

/// Steps of one neuron's node and two ports in response to one mode, by whether a wave arrives.
#[divan::bench(args = [false, true])]
fn mode_steps(bencher: Bencher<'_, '_>, arriving: bool) {
    mode_steps_on(bencher, arriving, false, pulp::Arch::new());
}

/// The same with the flux followed.
#[divan::bench(args = [false, true])]
fn mode_steps_with_flux(bencher: Bencher<'_, '_>, arriving: bool) {
    mode_steps_on(bencher, arriving, true, pulp::Arch::new());
}

fn mode_steps_on(bencher: Bencher<'_, '_>, arriving: bool, flux: bool, arch: pulp::Arch) {
    const WINDOW: usize = 32;
    let circuit = circuit_of(2);
    let propagator = Propagator::new(&circuit, std::array::from_fn(|lane| 0.5 + lane as f64), 0.01);
    let mut stages = Vec::new();
    propagator.stages(&[(2.0, 0.01); WINDOW], &mut stages);
    let waves = [Wave::real(0.1); WINDOW + 1];
    let mut out = [Wave::default(); WINDOW];
    let mut state = ModeState::default();
    bencher.counter(ItemsCount::new(WINDOW * MODES)).bench_local(|| {
        let mut slots: [&[Wave]; MAX_PORTS] = [&[]; MAX_PORTS];
        if arriving {
            slots[1] = &waves;
        }
        let driven = Driven { stages: black_box(&stages), current: &[], arriving: slots, flux };
        let mut leaving: [&mut [Wave]; MAX_PORTS] = [&mut out, &mut [], &mut [], &mut [], &mut []];
        propagator.advance_on(arch, &mut state, driven, None, &mut leaving);
    });
}

fn circuit_of(ports: usize) -> Circuit {
    Circuit {
        capacitance: 1.0,
        channels: Channels::three([36.0, 120.0, 0.3], [-77.0, 50.0, -54.387]),
        output: (ports > 0).then_some(Port { capacitance: 0.3, impedance: 3.0 }),
        inputs: (ports > 1).then_some(Port { capacitance: 1.0, impedance: 3.0 }).into(),
        sense: None,
    }
}

fn group_of<const N: usize, T: Float>(bencher: Bencher<'_, '_>, ports: usize, arch: pulp::Arch)
where
    Group<N, T>: Steps<N, T>,
{
    stepped::<N, T>(bencher, &circuit_of(ports), arch);
}

fn stepped<const N: usize, T: Float>(bencher: Bencher<'_, '_>, circuit: &Circuit, arch: pulp::Arch)
where
    Group<N, T>: Steps<N, T>,
{
    let group = Group::<N, T>::new(std::slice::from_ref(circuit), BathRule::Independent, 0.025, UNITS);
    let rest = circuit.rest_voltage(UNITS).expect("the axon rests");
    let mut state = group.state(&[(rest, circuit.steady(rest, UNITS))], 0.025, UNITS);
    let mut course = Course::default();
    bencher.counter(ItemsCount::new(STEPS * N)).bench_local(|| {
        let window = Window {
            noise: &[],
            given: &[],
            drift: &[],
            sensed: [&[]; 2],
            dt: 0.025,
            first: 0,
            units: UNITS,
            drive: &[],
            arriving: [&[]; MAX_PORTS],
            threshold: 0.0,
            course: &mut course,
        };
        group.advance_on(arch, &mut state, STEPS, window);
    });
}
