//! What physics demands of every run.

use proptest::prelude::*;
use qhh_core::circuit::{BathRule, Channels, Circuit, Initial};
use qhh_core::num_complex::Complex64;
use qhh_core::port::Port;
use qhh_core::quantum::{Parity, State};
use qhh_core::source::{Current, Packet, Shape};
use qhh_net::engine::Divergence;
use qhh_net::network::{
    Drive, Method, Network, Observable, PacketSource, Pattern, Population, Quantum, Waveguides,
};
use qhh_net::{Outcome, RunError};

use crate::gaps::{self, largest_gap};
use crate::models;

fn check<'a>(outcome: &'a Outcome, name: &str) -> &'a qhh_net::outcome::Check {
    outcome.checks.iter().find(|check| check.name.starts_with(name)).unwrap_or_else(|| panic!("no check {name}"))
}

fn passive_circuits() -> impl Strategy<Value = Circuit> {
    let port = || {
        prop::option::of((0.05..2.0f64, 0.5..20.0f64))
            .prop_map(|p| p.map(|(capacitance, impedance)| Port { capacitance, impedance }))
    };
    (0.2..3.0f64, 0.1..20.0f64, 0.1..20.0f64, 0.01..1.0f64, port(), port()).prop_map(
        |(capacitance, k, na, cl, output, input)| Circuit {
            capacitance,
            channels: Channels::three([k, na, cl], None),
            output,
            inputs: input.into(),
            sense: None,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::cases::CIRCUITS.random()))]

    /// Energy stored and lost is what came in, at second order in the step; and a passive neuron left alone only
    /// ever loses it.
    #[test]
    fn a_passive_neuron_balances_its_energy(circuit in passive_circuits(), v0 in -60.0..60.0f64, kick in -30.0..30.0f64) {
        let initial = Initial::Given { voltage: Some(v0), gates: vec![Some(0.3), Some(0.2), Some(0.5)] };
        let network = |step, drive| models::one_neuron(circuit.clone(), initial.clone(), drive, 8.0, step);
        let driven = |step| check(&models::run(&network(step, models::constant(kick, 2.0, 5.0))), "energy").defect;
        let (coarse, fine) = (driven(0.005), driven(0.0025));
        prop_assert!(coarse < 1e-3, "defect {coarse}");
        // Where errors of opposite signs happen to cancel at one step, they need not at the next: a small defect is
        // small enough.
        prop_assert!(fine < (0.35 * coarse).max(2e-6), "defect {coarse} at 5 us, {fine} at half of it");

        let outcome = models::run(&network(0.01, models::constant(0.0, 0.0, 1.0)));
        let v = outcome.traces.get(0, Observable::Voltage).unwrap();
        let energy: Vec<f64> = v.iter().map(|v| v * v).collect();
        prop_assert!(energy.iter().all(|e| *e <= energy[0] * (1.0 + 1e-12)), "a neuron left alone rose above its start");
    }

    /// With rates of the circuit far above the source's, stepping the circuit gives the papers' stationary response.
    #[test]
    fn the_langevin_method_tends_to_the_adiabatic_one(k in 0.5..3.0f64, na in 0.05..0.5f64, omega in 4.0..15.0f64, shared in any::<bool>(), port in any::<bool>()) {
        let channels = Channels::three([k, na, 3e-4], None);
        let mut circuit = Circuit { channels, ..models::paper_circuit() };
        if !port { circuit.output = None; }
        let baths = if shared { BathRule::SharedMode } else { BathRule::Independent };
        let shape = qhh_core::source::Shape::Sine { amplitude: 1.0, omega, phase: 0.0 };
        let drive = qhh_net::network::Drive::Current(qhh_core::source::Current { shape, start: 2.5, stop: f64::INFINITY });
        let adiabatic = models::paper(circuit, baths, drive, 1e-3);
        let mut langevin = adiabatic.clone();
        langevin.simulation.method = Method::Langevin;
        let (a, l) = (models::run(&adiabatic), models::run(&langevin));
        let (a, l) = (a.traces.get(0, Observable::Voltage).unwrap(), l.traces.get(0, Observable::Voltage).unwrap());
        // The stationary response jumps when the source is switched on; the circuit takes a few steps.
        let settled = (0..a.len()).filter(|k| !(250..=253).contains(k));
        let peak = a.iter().fold(0.0f64, |peak, v| peak.max(v.abs()));
        let worst = settled.map(|k| (a[k] - l[k]).abs() / peak).fold(0.0, gaps::worst);
        prop_assert!(worst < 5e-5, "off by {worst} of the peak");
    }
}

/// The papers' own numbers (C = 1e-6, conductances of order 1): rates of 1e6 at a step of 1e-3.
#[test]
fn the_papers_stiff_neuron_neither_blows_up_nor_rings() {
    let mut network = models::paper(models::paper_circuit(), BathRule::Independent, models::paper_sine(), 1e-3);
    network.simulation.method = Method::Langevin;
    network.record.every = 1e-3;
    let outcome = models::run(&network);
    let v = outcome.traces.get(0, Observable::Voltage).unwrap();
    // Ringing would show as second differences of the order of V itself, step after step.
    let second = |k: usize| (v[k + 1] - 2.0 * v[k] + v[k - 1]).abs();
    let worst = (2510..v.len() - 1).map(second).fold(0.0, gaps::worst);
    assert!(worst < 5e-4, "second difference {worst}: the step rings");
    assert!(v.iter().all(|v| v.abs() < 2.0));
}

#[test]
fn the_langevin_method_converges_at_second_order_on_the_papers_neuron_too() {
    let error = |step| {
        let mut langevin =
            models::paper(models::paper_circuit(), BathRule::SharedMode, models::paper_sine(), step);
        let adiabatic = models::paper(models::paper_circuit(), BathRule::SharedMode, models::paper_sine(), 1e-4);
        langevin.simulation.method = Method::Langevin;
        let (l, a) = (models::run(&langevin), models::run(&adiabatic));
        let (l, a) =
            (l.traces.get(0, Observable::Voltage).unwrap(), a.traces.get(0, Observable::Voltage).unwrap());
        largest_gap(&a[260..], &l[260..])
    };
    let order = (error(1e-2) / error(5e-3)).log2();
    assert!((1.9..2.1).contains(&order), "observed order {order}");
}

/// Every check of a healthy run holds, with every part of the variance switched on.
#[test]
fn every_check_holds_on_healthy_runs() {
    let squid =
        models::one_neuron(models::relay_circuit(), Initial::Rest, models::constant(20.0, 5.0, 30.0), 40.0, 0.01);
    let squid = models::with_variance(squid, 0.105, 0.138, 200.0);
    let squeezed = State::Squeezed { r: 1.2, phase: 0.4, displacement: Complex64::new(0.0, 5.0) };
    let paper = models::paper(models::paper_circuit(), BathRule::SharedMode, models::paper_mode(squeezed), 1e-3);
    let paper = models::with_variance(paper, 1e-5, 1e-4, 200.0);
    for network in [squid, paper] {
        for check in models::run(&network).checks {
            assert!(
                check.holds(),
                "{}: defect {}, expected below {}",
                check.name,
                check.defect,
                check.expected_below
            );
        }
    }
}

/// Mean and variance of V for each state of the source, against the definition: V = u a + u* a* on top of the lines.
#[test]
fn each_state_of_the_source_has_its_own_mean_and_variance() {
    let run = |state| {
        let network =
            models::paper(models::paper_circuit(), BathRule::SharedMode, models::paper_mode(state), 1e-3);
        models::run(&models::with_variance(network, 1e-5, 0.0, 200.0))
    };
    let vacuum = run(State::Vacuum);
    let lines = |outcome: &Outcome| outcome.variances[0].lines.clone();
    let source = lines(&vacuum).pop().unwrap();
    assert_eq!(source.line, "source kick");
    // The paper: |u|^2 = (I_zpf |z|)^2, nothing before the source is on.
    assert!(source.vacuum[..250].iter().all(|v| *v == 0.0) && source.vacuum[250] > 0.0);
    let alpha = Complex64::new(1.3, 0.4);
    let cat = State::Cat { amplitude: alpha, parity: Parity::Odd };
    for (state, factor) in [
        (State::Fock { n: 2 }, Some(4.0)),
        (State::Thermal { photons: 1.5 }, Some(3.0)),
        (models::paper_coherent(), Some(0.0)),
        (cat, None),
        (State::Squeezed { r: 1.0, phase: 0.0, displacement: Complex64::ZERO }, None),
    ] {
        let outcome = run(state.clone());
        let mean = outcome.traces.get(0, Observable::Voltage).unwrap();
        let moved = mean.iter().any(|v| v.abs() > 1e-12);
        assert_eq!(moved, matches!(state, State::Coherent(_)), "{state:?}");
        let line = lines(&outcome).pop().unwrap();
        if let Some(factor) = factor {
            for (k, (state, vacuum)) in line.state.iter().zip(&line.vacuum).enumerate() {
                assert!((state - factor * vacuum).abs() < 1e-12, "sample {k}: {state}, {vacuum}");
            }
        } else {
            // Phase-sensitive states beat at twice the carrier.
            let late = &line.state[600..];
            let (low, high) = late.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
            assert!(high > 1.5 * low.abs().max(1e-9), "{low}..{high}");
        }
        let total = outcome.traces.get(0, Observable::Variance).unwrap();
        assert!(total.iter().all(|v| *v > 0.0));
    }
}

fn mixed(count: usize) -> Network {
    let drive = models::constant(15.0, 2.0, 30.0);
    let mut network = models::one_neuron(models::relay_circuit(), Initial::Rest, drive, 30.0, 0.02);
    network.populations[0].count = count;
    let single = Circuit { channels: Channels::single(3.0, None), ..models::relay_circuit() };
    let initial = Initial::Given { voltage: Some(-5.0), gates: vec![Some(0.4), None, None] };
    network.populations.push(Population { initial, ..Population::new("single", 3, single) });
    network.sources[0].targets = (0..count).step_by(2).chain([count + 1]).collect();
    network.record.neurons = vec![0, 1, count - 1, count + 1];
    models::with_variance(network, 0.3, 0.2, 100.0)
}

#[test]
fn any_number_of_threads_gives_the_same_outcome() {
    let network = mixed(37);
    let run = |threads| qhh_net::run(&network, threads, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    let one = run(1);
    assert!(one.spikes.len() > 20, "{} spikes", one.spikes.len());
    for threads in [2, 7, 0] {
        assert_eq!(run(threads), one, "with {threads} threads");
    }
}

/// A neuron does not care which others stand beside it, in its block or elsewhere.
#[test]
fn a_neuron_alone_and_among_others_is_the_same_neuron() {
    let crowd = models::run(&mixed(37));
    let alone = models::run(&models::with_variance(
        models::one_neuron(models::relay_circuit(), Initial::Rest, models::constant(15.0, 2.0, 30.0), 30.0, 0.02),
        0.3,
        0.2,
        100.0,
    ));
    for neuron in [0, 36] {
        assert_eq!(crowd.traces.get(neuron, Observable::Voltage), alone.traces.get(0, Observable::Voltage));
        assert_eq!(crowd.traces.get(neuron, Observable::Variance), alone.traces.get(0, Observable::Variance));
    }
    assert!(crowd.traces.get(1, Observable::Voltage).unwrap().iter().all(|v| (v + 65.0).abs() < 0.01));
}

#[test]
fn the_same_neuron_in_si_units_runs_the_same_course() {
    let hh =
        models::one_neuron(models::relay_circuit(), Initial::Rest, models::constant(10.0, 5.0, 30.0), 40.0, 0.01);
    let mut si = hh.clone();
    si.units = qhh_core::units::UnitSystem::Si;
    let port =
        |p: Option<Port>| p.map(|p| Port { capacitance: p.capacitance * 1e-6, impedance: p.impedance * 1e3 });
    let circuit = hh.populations[0].circuit.clone();
    let mut channels = circuit.channels.clone();
    for channel in channels.iter_mut() {
        channel.conductance *= 1e-3;
        channel.reversal = channel.reversal.map(|e| e * 1e-3);
    }
    si.populations[0].circuit = Circuit {
        capacitance: 1e-6,
        channels,
        output: port(circuit.output),
        inputs: port(circuit.inputs.iter().next()).into(),
        sense: None,
    };
    si.simulation.duration = 40e-3;
    si.simulation.step = 1e-5;
    si.record.every = 1e-4;
    si.sources[0].drive = models::constant(10e-6, 5e-3, 30e-3);
    let (hh, si) = (models::run(&hh), models::run(&si));
    assert_eq!(hh.spikes.len(), si.spikes.len());
    for (a, b) in hh.spikes.iter().zip(&si.spikes) {
        assert!((a.time - b.time * 1e3).abs() < 1e-9, "{} and {}", a.time, b.time);
    }
}

#[test]
fn a_run_can_be_stopped_and_a_runaway_is_named() {
    let network = mixed(3);
    let mut calls = 0;
    let stopped = qhh_net::run(&network, 1, &mut |_| {
        calls += 1;
        if calls == 2 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(RunError::Stopped { time }) if time > 1.0 && time < 20.0), "{stopped:?}");

    // A wave that comes back a million times as high after every step.
    let mut network = models::passive_chain(1, 20.0, 0.01);
    let pairs = Pattern::Pairs([(0, 0)].into());
    let echo = Waveguides::new("echo", vec![0], vec![0], pairs, 0.01);
    network.waveguides = vec![Waveguides { gain: 1e12.into(), allow_self: true, ..echo }];
    let error = qhh_net::run(&network, 1, &mut |_| std::ops::ControlFlow::Continue(())).err();
    let Some(RunError::NotFinite { neuron, from, time, likely, so_far }) = &error else { panic!("{error:?}") };
    assert_eq!(neuron, "cell[0]");
    // Rounding is enough to begin with, and a window is no longer than the delay.
    assert!(*time < 5.0 && *time - *from < 0.011, "{error:?}");
    assert!(matches!(likely, Divergence::Gain { .. }), "{likely}");
    // What came before is that of a run that ends there.
    let (so_far, whole) = (so_far.as_ref().unwrap(), models::run(&network.until(*from)));
    assert_eq!((&so_far.traces, &so_far.spikes), (&whole.traces, &whole.spikes));
}

/// What would go on to numbers that are finite and senseless is refused before; a thousandth of it is taken.
#[test]
fn sources_that_take_neurons_beyond_a_kilovolt_are_refused() {
    let refused = |drive: Drive| {
        let mut network = models::passive_chain(1, 20.0, 0.01);
        network.waveguides.clear();
        network.quantum = Some(Quantum::new(0.5));
        network.sources[0].drive = drive;
        let mistakes = network.check();
        assert!(mistakes.iter().all(|mistake| mistake.message.contains("mean nothing")), "{mistakes:?}");
        !mistakes.is_empty()
    };
    let sine = |amplitude| {
        let shape = Shape::Sine { amplitude, omega: 5.0, phase: 0.0 };
        Drive::Current(Current { shape, start: 0.0, stop: f64::INFINITY })
    };
    let packet = |size| {
        let packet = Packet { carrier: 5.0, centre: 5.0, width: 1.0 };
        let state = State::Coherent(Complex64::new(size, 0.0));
        Drive::Packet(PacketSource { packet, input: 0, state })
    };
    let constant = |amplitude| models::constant(amplitude, 1.0, 20.0);
    let samples = |points: &[(f64, f64)]| {
        let shape = Shape::Samples { points: points.to_vec() };
        Drive::Current(Current { shape, start: 0.0, stop: f64::INFINITY })
    };
    assert!(
        refused(samples(&[(0.0, 0.0), (1.0, 1e9), (2.0, 0.0)])) && refused(samples(&[(0.0, 1e9), (1.0, 2.0)]))
    );
    assert!(refused(samples(&[(0.0, 0.0), (5.0, 0.0), (5.0, 1e99), (1e9, 1e99)])));
    // Over within a step, or before anything is seen of it; and not too strong.
    assert!(!refused(samples(&[(0.0, 0.0), (1.0, 0.0), (1.001, 1e9), (1.002, 0.0)])));
    assert!(!refused(samples(&[(0.0, 0.0), (20.0, 1.0), (1e9, 1e99)])));
    assert!(!refused(samples(&[(0.0, 0.0), (1.0, 1e6), (2.0, 0.0)])));
    assert!(refused(constant(1e300)) && refused(constant(-1e9)) && !refused(constant(1e6)));
    assert!(refused(sine(1e300)) && refused(sine(1e9)) && !refused(sine(1e6)));
    assert!(refused(packet(1e100)) && !refused(packet(1e3)));
    // Never on.
    assert!(!refused(models::constant(1e300, 30.0, 40.0)));
}

/// Neurons that the spike has hardly reached exchange next to nothing, and sleep: nothing to compare a balance with.
#[test]
fn energy_balances_in_a_long_chain_that_the_spike_has_not_passed() {
    let outcome = models::run(&models::passive_chain(60, 12.0, 0.01));
    let check = outcome.checks.iter().find(|check| check.name == "energy balance").unwrap();
    assert!(check.holds(), "{}", check.defect);
}
