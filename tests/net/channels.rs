//! Channels as data: published neurons against an independent solver, gates written out against built-in ones, and what
//! physics demands of any channels.

use proptest::prelude::*;
use qhh_core::channel::Channel;
use qhh_core::circuit::{BathRule, Channels, Circuit, Initial};
use qhh_core::gating::{Formula, Gate, Gating, Law};
use qhh_core::name::Name;
use qhh_core::port::Port;
use qhh_core::source::{Current, Shape};
use qhh_net::network::{Drive, Feedback, Fluctuations, Method, Observable};
use qhh_net::{Network, Outcome};
use serde_json::Value;

use crate::data;
use crate::gaps::largest_gap;
use crate::models::published::{
    channel, circuit, connor_stevens, leak, morris_lecar, published, traub_miles, wang_buzsaki,
};
use crate::models::{self, constant, one_neuron};

fn formula(text: &str) -> Formula {
    Formula::new(text, &[]).unwrap()
}

/// Circuit, current and starting voltage of each case of tests/data/channels/published.py.
fn cases() -> Vec<(&'static str, Circuit, f64, f64)> {
    let squid = |celsius: Option<f64>| {
        let potassium = channel("potassium", Gating::potassium(celsius), 36.0, -77.0);
        let sodium = channel("sodium", Gating::sodium(celsius), 120.0, 50.0);
        circuit(1.0, vec![potassium, sodium, leak(0.3, -54.387)])
    };
    vec![
        ("squid at 6.3", squid(None), 10.0, -65.0),
        ("squid at 14", squid(Some(14.0)), 15.0, -65.0),
        ("connor-stevens", connor_stevens(), 9.0, -68.0),
        ("morris-lecar", morris_lecar(), 100.0, -20.0),
        ("wang-buzsaki", wang_buzsaki(), 2.0, -64.0),
        ("traub-miles", traub_miles(None), 3.0, -65.0),
        ("m-current", traub_miles(Some(published("m-current", 0.07))), 4.0, -65.0),
        ("h-current", circuit(1.0, vec![leak(0.1, -70.0), published("h-current", 0.05)]), -1.5, -70.0),
        ("calcium-l", traub_miles(Some(published("calcium-l", 0.1))), 3.0, -65.0),
    ]
}

fn driven(circuit: &Circuit, current: f64, start: f64, duration: f64, step: f64) -> Network {
    let initial = Initial::Given { voltage: Some(start), gates: Vec::new() };
    one_neuron(circuit.clone(), initial, constant(current, 0.0, f64::INFINITY), duration, step)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn spikes(outcome: &Outcome) -> Vec<f64> {
    outcome.spikes.iter().map(|spike| spike.time).collect()
}

/// Published neurons against scipy: tests/data/README.md.
#[test]
fn published_neurons_fire_when_an_independent_solver_says() {
    let reference = data::json("channels/published.json");
    for (name, circuit, current, start) in cases() {
        let case = &reference["cases"][name];
        let (expected, times, voltages) =
            (numbers(&case["spikes"]), numbers(&case["times"]), numbers(&case["voltages"]));
        // Errors of the step add up from spike to spike: of two neurons that fire on and on the first 80 ms are enough.
        let goes_on = ["traub-miles", "m-current", "calcium-l"].contains(&name);
        let duration = if goes_on { 80.0 } else { *times.last().unwrap() };
        let expected: Vec<f64> = expected.into_iter().filter(|t| *t < duration).collect();
        let mut network = driven(&circuit, current, start, duration, 0.01);
        network.record.every = 0.1;
        let outcome = models::run(&network);
        let found = spikes(&outcome);
        assert_eq!(found.len(), expected.len(), "{name}: {found:?}");
        let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        println!("{name}: {} spikes, off by {worst:.1e} ms", found.len());
        assert!(worst < 0.01, "{name}: off by {worst} ms");
        if expected.is_empty() {
            let trace = outcome.traces.get(0, Observable::Voltage).unwrap();
            for (t, v) in times.iter().zip(&voltages) {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sample")]
                let sample = (t / 0.1).round() as usize;
                assert!((trace[sample] - v).abs() < 1e-4, "{name} at {t} ms: {} and {v}", trace[sample]);
            }
        }
        assert!(outcome.checks.iter().all(qhh_net::outcome::Check::holds), "{name}: {:?}", outcome.checks);
    }
}

/// Gates that lag and gates that follow at once: halving the step divides the error by four.
#[test]
fn any_channels_converge_at_second_order() {
    let reference = data::json("channels/published.json");
    for (name, steps) in
        [("connor-stevens", [0.04, 0.02]), ("morris-lecar", [0.1, 0.05]), ("wang-buzsaki", [0.005, 0.0025])]
    {
        let (_, circuit, current, start) = cases().into_iter().find(|case| case.0 == name).unwrap();
        let expected = numbers(&reference["cases"][name]["spikes"]);
        let error = |step: f64| {
            let network = driven(&circuit, current, start, expected.last().unwrap() + 5.0, step);
            let found = spikes(&models::run(&network));
            found.last().unwrap() - expected.last().unwrap()
        };
        let [coarse, fine] = steps.map(error);
        let order = (coarse / fine).log2();
        assert!((1.7..2.3).contains(&order), "{name}: order {order}, errors {coarse} and {fine} ms");
    }
}

/// What the step leaves of a neuron that fires on and on is a phase of second order, the same part of every period: over 300 ms
/// of an M current 0.027 ms at a step of 0.01 ms, a quarter of that at half the step, and without it the spikes are the solver's.
#[test]
fn what_adds_up_from_spike_to_spike_is_of_second_order() {
    let reference = data::json("channels/published.json");
    let (name, circuit, current, start) = cases().into_iter().find(|case| case.0 == "m-current").unwrap();
    let expected = numbers(&reference["cases"][name]["spikes"]);
    let errors = |step: f64| -> Vec<f64> {
        let found = spikes(&models::run(&driven(&circuit, current, start, 300.0, step)));
        assert_eq!(found.len(), expected.len());
        found.iter().zip(&expected).map(|(a, b)| a - b).collect()
    };
    let (coarse, fine) = (errors(0.01), errors(0.005));
    for (k, (coarse, fine)) in coarse.iter().zip(&fine).enumerate() {
        let left = (4.0 * fine - coarse) / 3.0;
        assert!(left.abs() < 1e-4, "spike {k}: {coarse} and {fine} ms leave {left}");
    }
    let (third, last) = (coarse[10] / expected[10], coarse[30] / expected[30]);
    println!("late by {:.4} % at spike 10, {:.4} % at spike 30", 100.0 * third, 100.0 * last);
    assert!((third / last - 1.0).abs() < 0.1 && last < 1e-4, "{third} and {last} of the time");
}

/// The rate of a fast-spiking interneuron at five currents.
#[test]
fn the_rate_follows_the_current_as_an_independent_solver_says() {
    let reference = data::json("channels/published.json");
    for (current, rate) in reference["wang-buzsaki rates in Hz by uA"].as_object().unwrap() {
        let outcome = models::run(&driven(&wang_buzsaki(), current.parse().unwrap(), -64.0, 400.0, 0.01));
        let [.., before, last] = spikes(&outcome)[..] else { panic!("too few spikes at {current} uA") };
        let (found, expected) = (1e3 / (last - before), rate.as_f64().unwrap());
        assert!((found / expected - 1.0).abs() < 3e-4, "{current} uA: {found} and {expected} Hz");
    }
}

fn written_potassium() -> Gating {
    let law =
        Law::Rates { opening: formula("0.1*linoid((v + 55)/10)"), closing: formula("0.125*exp(-(v + 65)/80)") };
    Gating::custom(vec![Gate::new(Name::N, 4, law, None, None).unwrap()], Vec::new(), None)
}

/// The papers' memristor written out, under a sine: by the kernel of the papers and by tables.
#[test]
fn a_memristor_written_out_is_the_built_in_one() {
    for method in [Method::Langevin, Method::Adiabatic] {
        let run = |gating: Gating| {
            let circuit = circuit(0.05, vec![channel("potassium", gating, 1.33, None)]);
            let shape = Shape::Sine { amplitude: 20.0, omega: 3.0, phase: 0.0 };
            let drive = Drive::Current(Current { shape, start: 0.0, stop: f64::INFINITY });
            let initial = Initial::Given { voltage: Some(0.0), gates: vec![Some(0.4)] };
            let mut network = one_neuron(circuit, initial, drive, 20.0, 0.01);
            network.simulation.method = method;
            network.record.observables = vec![Observable::Voltage, Observable::N, Observable::G_K];
            network.record.hysteresis = true;
            models::run(&network)
        };
        let (built_in, written) = (run(Gating::potassium(None)), run(written_potassium()));
        for observable in [Observable::Voltage, Observable::N, Observable::G_K] {
            let of = |outcome: &Outcome| outcome.traces.get(0, observable).unwrap().to_vec();
            let (a, b) = (of(&built_in), of(&written));
            let size = a.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            let gap = largest_gap(&a, &b) / size;
            assert!(gap < 1e-9, "{method:?}, {}: {gap}", observable.name());
        }
        let area = |outcome: &Outcome| outcome.loops[0].hysteresis.periods.last().unwrap().area;
        assert!((area(&written) / area(&built_in) - 1.0).abs() < 1e-8);
    }
}

fn noisy(circuit: Circuit, current: f64, fluctuations: Fluctuations) -> Outcome {
    let drive = constant(current, 0.5, 1.5);
    let mut network = one_neuron(circuit, Initial::Rest, drive, 4.0, 0.02);
    network.record.every = 0.2;
    let mut network = models::with_modes(network, 0.3, 0.2, 50.0, 2);
    let quantum = network.quantum.as_mut().unwrap();
    (quantum.modes, quantum.feedback, quantum.fluctuations) = (None, Feedback::Mean, fluctuations);
    models::run(&network)
}

fn eight_channels() -> Circuit {
    let more = ["m-current", "h-current", "calcium-l", "connor-stevens-a", "wang-buzsaki-potassium"];
    let mut channels: Vec<Channel> = traub_miles(None).channels.to_vec();
    channels.extend(more.map(|name| published(name, 0.01)));
    channels[2] = leak(0.3, -70.0);
    Circuit { output: Some(Port { capacitance: 0.3, impedance: 3.0 }), ..circuit(1.0, channels) }
}

/// At rest nothing moves, and field modes give each of nine lines the share that the conductances of the instant do.
#[test]
fn every_channel_is_a_line_of_its_own_in_field_modes_and_at_rest_adiabatic() {
    let units = qhh_core::gates::RateUnits { millivolts: 1.0, milliseconds: 1.0 };
    assert!(eight_channels().rest(units).unwrap().is_stable());
    let (modes, adiabatic) = (
        noisy(eight_channels(), 0.0, Fluctuations::Heisenberg),
        noisy(eight_channels(), 0.0, Fluctuations::Adiabatic),
    );
    let (modes, adiabatic) = (&modes.variances[0], &adiabatic.variances[0]);
    assert_eq!(modes.lines.len(), 9);
    for (a, b) in modes.lines.iter().zip(&adiabatic.lines) {
        assert_eq!(a.line, b.line);
        let (a, b) = (a.vacuum[3] + a.thermal[3], b.vacuum[3] + b.thermal[3]);
        assert!((a - b).abs() < 1e-6 * modes.total(3), "{a} and {b}");
    }
}

/// What physics demands of a run with eight channels, through a pulse.
#[test]
fn the_checks_of_a_run_hold_with_eight_channels() {
    let outcome = noisy(eight_channels(), 30.0, Fluctuations::Heisenberg);
    assert!(!outcome.spikes.is_empty());
    for check in &outcome.checks {
        assert!(check.holds(), "{check:?}");
    }
}

#[test]
fn threads_and_neighbours_change_nothing_of_any_channels() {
    let mut network = driven(&wang_buzsaki(), 2.0, -64.0, 20.0, 0.02);
    network.populations[0].count = 19;
    network.populations.push(qhh_net::network::Population::new("other", 3, eight_channels()));
    network.sources[0].targets = (0..21).step_by(3).collect::<Vec<_>>().into();
    network.record.neurons = vec![0, 18, 20];
    let run = |threads| qhh_net::run(&network, threads, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    let one = run(1);
    assert_eq!(run(2), one);
    let alone = models::run(&driven(&wang_buzsaki(), 2.0, -64.0, 20.0, 0.02));
    assert_eq!(one.traces.get(0, Observable::Voltage), alone.traces.get(0, Observable::Voltage));
}

/// A gate of random rates, or steady state and time constant, or none of it.
fn gates() -> impl Strategy<Value = Gate> {
    (1u32..5, 0usize..3, -60.0..20.0f64, 3.0..30.0f64, any::<bool>(), 0.05..20.0f64).prop_map(
        |(power, kind, half, width, falls, time)| {
            let slope = if falls { -width } else { width };
            let steady = format!("sigmoid((v - {half})/{slope})");
            let law = match kind {
                0 => Law::Rates {
                    opening: formula(&format!("linoid((v - {half})/{slope})/{time}")),
                    closing: formula(&format!("exp(-(v - {half})/{slope}/3)/{time}")),
                },
                1 => Law::Relaxing {
                    steady: formula(&steady),
                    time_constant: formula(&format!("0.02 + {time}*exp(-((v - {half})/40)^2)")),
                },
                _ => Law::Instant { steady: formula(&steady) },
            };
            Gate::new(Name::new("x"), power, law, None, None).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::cases::CHANNELS.random()))]

    /// Random channels, without and with memory: gates stay between 0 and 1, energy balances, commutators hold, shares are
    /// the whole, and a passive neuron rises above nothing.
    #[test]
    fn the_checks_of_a_run_hold_whatever_the_channels(
        gatings in prop::collection::vec((prop::collection::vec(gates(), 1..4), 0.05..3.0f64, -90.0..60.0f64), 1..9),
        shared in any::<bool>(),
    ) {
        let mut channels: Vec<Channel> = gatings
            .into_iter()
            .enumerate()
            .map(|(k, (gates, conductance, reversal))| {
                let gating = Gating::custom(gates, Vec::new(), None);
                channel(&format!("c{k}"), gating, conductance, (!shared).then_some(reversal))
            })
            .collect();
        channels.push(Channel { reversal: (!shared).then_some(-65.0), ..leak(0.3, 0.0) });
        let circuit = Circuit {
            output: Some(Port { capacitance: 0.5, impedance: 2.0 }),
            ..circuit(1.0, channels)
        };
        let initial = Initial::Given { voltage: Some(-40.0), gates: Vec::new() };
        let mut network = one_neuron(circuit, initial, constant(5.0, 2.0, 4.0), 10.0, 0.005);
        network.simulation.baths = if shared { BathRule::SharedMode } else { BathRule::Independent };
        let outcome = models::run(&models::with_variance(network, 0.4, 0.1, 100.0));
        for check in &outcome.checks {
            prop_assert!(check.holds(), "{check:?}");
        }
    }
}

/// The papers' three channels in another order are no kernel's own, and the same neuron.
#[test]
fn the_papers_channels_in_another_order_are_the_same_neuron() {
    let papers = models::squid_circuit();
    let turned: Channels = papers.channels.iter().rev().cloned().collect();
    let turned = Circuit { channels: turned, ..papers.clone() };
    assert!(papers.papers().is_some() && turned.papers().is_none());
    let run = |circuit: &Circuit| spikes(&models::run(&driven(circuit, 10.0, -60.0, 60.0, 0.01)));
    let (a, b) = (run(&papers), run(&turned));
    assert_eq!(a.len(), b.len());
    assert!(largest_gap(&a, &b) < 1e-6, "{}", largest_gap(&a, &b));
}
