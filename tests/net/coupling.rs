//! Neurons joined by waveguides: references, and what the order of a file and the shape of a run must not change.

use proptest::prelude::*;
use qhh_core::circuit::{Channels, Circuit, Initial, Inputs};
use qhh_core::port::Port;
use qhh_net::network::{
    Delay, Direction, Network, Observable, Parameter, ParameterValues, Pattern, Population, Precision, Source,
    Variation, Waveguides,
};
use qhh_net::{Neurons, Outcome, RunOptions, Simulation};

use crate::data::{Reference, neuron_spikes, worst_of_range};
use crate::gaps::largest_gap;
use crate::models;

fn spikes_of(outcome: &Outcome, neuron: usize) -> Vec<f64> {
    outcome.spikes.iter().filter(|spike| spike.neuron == neuron).map(|spike| spike.time).collect()
}

#[test]
fn a_spike_crosses_the_passive_chain_with_the_reference() {
    let reference = neuron_spikes("passive_chain_spikes.json");
    for sleep in [0.0, 1e-6] {
        let mut network = models::passive_chain(6, 40.0, 0.01);
        network.simulation.sleep = sleep;
        let outcome = models::run(&network);
        for (neuron, expected) in reference.iter().enumerate() {
            let spikes = spikes_of(&outcome, neuron);
            assert_eq!(spikes.len(), expected.len(), "neuron {neuron}: {spikes:?}");
            let gap = (spikes[0] - expected[0]).abs();
            assert!(gap < 0.01, "neuron {neuron} is off by {gap} ms, allowed 0.01 ms");
        }
        let table = Reference::load("passive_chain.csv");
        for neuron in 0..6 {
            for (name, observable) in [("V", Observable::Voltage), ("B", Observable::WaveOut)] {
                let values = outcome.traces.get(neuron, observable).unwrap();
                let error = worst_of_range(values, table.column(&format!("{name}{neuron}")));
                assert!(error < 0.02, "{name}{neuron} is off by {error} of its range");
            }
        }
        for check in &outcome.checks {
            assert!(check.holds(), "{}: defect {}", check.name, check.defect);
        }
    }
}

#[test]
fn a_two_way_pair_echoes_with_the_reference() {
    let mut network = models::passive_chain(2, 40.0, 0.01);
    network.waveguides[0].direction = Direction::TwoWay;
    let outcome = models::run(&network);
    for (neuron, expected) in neuron_spikes("two_way_pair_spikes.json").iter().enumerate() {
        let spikes = spikes_of(&outcome, neuron);
        assert_eq!(spikes.len(), expected.len(), "neuron {neuron}: {spikes:?}");
        for (k, (time, expected)) in spikes.iter().zip(expected).enumerate() {
            let allowed = if k < 2 { 0.02 } else { 0.1 };
            assert!((time - expected).abs() < allowed, "spike {k} of neuron {neuron}: {time} and {expected}");
        }
    }
    let table = Reference::load("two_way_pair.csv");
    for (name, neuron, observable) in
        [("V0", 0, Observable::Voltage), ("B_out0", 0, Observable::WaveOut), ("B_in1", 1, Observable::WaveBack)]
    {
        let values = outcome.traces.get(neuron, observable).unwrap();
        let n = 200; // the first two spikes
        let error = worst_of_range(&values[..n], &table.column(name)[..n]);
        assert!(error < 0.03, "{name} is off by {error} of its range");
    }
}

/// A small network with everything in it: two kinds of neurons, several inputs, drawn patterns, delays between steps,
/// losses, weights of both signs, parallel waveguides.
fn mixed(seed: u64) -> Network {
    let drive = models::constant(30.0, 1.0, 3.0);
    let mut network = models::one_neuron(models::relay_circuit(), Initial::Rest, drive, 30.0, 0.01);
    network.simulation.seed = seed;
    let two_inputs = Circuit {
        inputs: Inputs::several(&[
            Port { capacitance: 1.0, impedance: 3.0 },
            Port { capacitance: 0.5, impedance: 5.0 },
        ])
        .unwrap(),
        ..models::relay_circuit()
    };
    let single = Circuit { channels: Channels::single(36.0, -77.0), ..models::relay_circuit() };
    network.populations = vec![
        Population::new("beta", 17, models::relay_circuit()),
        Population {
            varied: vec![Variation {
                parameter: Parameter::Capacitance,
                values: ParameterValues::Uniform { low: 0.8, high: 1.2 },
            }],
            ..Population::new("alpha", 9, two_inputs)
        },
        Population::new("gamma", 5, single),
    ];
    network.sources[0].targets = vec![0, 1, 2, 20].into();
    let beta: Vec<usize> = (0..17).collect();
    let alpha: Vec<usize> = (17..26).collect();
    let gamma: Vec<usize> = (26..31).collect();
    network.waveguides = vec![
        Waveguides {
            delay: Delay::Time(ParameterValues::Uniform { low: 0.5, high: 2.0 }),
            transmission: ParameterValues::Uniform { low: 0.5, high: 1.0 },
            ..Waveguides::new("web", beta.clone(), beta.clone(), Pattern::Random { probability: 0.15 }, 1.0)
        },
        Waveguides {
            port: Some("input2".to_owned()),
            weight: ParameterValues::Uniform { low: -1.0, high: 1.0 },
            ..Waveguides::new("up", beta.clone(), alpha.clone(), Pattern::FixedFanIn { k: 3 }, 0.333)
        },
        Waveguides {
            port: Some("input".to_owned()),
            ..Waveguides::new("across", gamma.clone(), alpha.clone(), Pattern::AllToAll, 1.0)
        },
        Waveguides::new("down", alpha.clone(), gamma, Pattern::Pairs([(0, 0), (0, 0), (3, 1)].into()), 0.75),
        Waveguides::new("again", alpha, beta, Pattern::Pairs([(0, 0), (0, 0), (8, 16)].into()), 0.2),
    ];
    network.record.neurons = (0..31).collect();
    network
}

fn run_with(network: &Network, threads: usize, longest_window: u64) -> Outcome {
    let options = RunOptions { threads, longest_window };
    qhh_net::run_with(network, options, &mut |_| std::ops::ControlFlow::Continue(())).unwrap()
}

#[test]
fn threads_and_windows_do_not_change_a_bit() {
    for (sleep, precision) in [(0.0, Precision::F64), (1e-6, Precision::F64), (1e-6, Precision::F32)] {
        let mut network = mixed(3);
        (network.simulation.sleep, network.simulation.precision) = (sleep, precision);
        let reference = run_with(&network, 1, 0);
        assert!(!reference.spikes.is_empty());
        for (threads, window) in [(2, 0), (7, 0), (1, 1), (1, 7), (2, 13)] {
            let other = run_with(&network, threads, window);
            assert_eq!(reference.traces, other.traces, "traces of {threads} threads, windows of {window}");
            assert_eq!(reference.spikes, other.spikes, "spikes of {threads} threads, windows of {window}");
            // As text, in which figures that do not exist are equal too.
            let same = format!("{reference:?}") == format!("{other:?}");
            assert!(same, "{threads} threads, windows of {window}");
        }
    }
}

/// The same network with populations, sources and waveguides in another order is the same network.
#[test]
fn the_order_of_entries_does_not_matter() {
    let network = mixed(5);
    let mut other = network.clone();
    other.populations.reverse();
    other.waveguides.reverse();
    let renumber = |neuron: usize| {
        let (population, index) = network.locate(neuron).unwrap();
        other.first_of(&population.name).unwrap() + index
    };
    let renumbered = |neurons: &Neurons| neurons.iter().map(renumber).collect::<Neurons>();
    let targets = renumbered(&network.sources[0].targets).ascending();
    let ends: Vec<_> = other.waveguides.iter().map(|w| (renumbered(&w.from), renumbered(&w.to))).collect();
    let renumbering: Vec<usize> = (0..31).map(renumber).collect();
    other.sources[0].targets = targets;
    for (waveguides, (from, to)) in other.waveguides.iter_mut().zip(ends) {
        (waveguides.from, waveguides.to) = (from, to);
    }
    let (a, b) = (models::run(&network), models::run(&other));
    for (neuron, &renumbered) in renumbering.iter().enumerate() {
        for observable in [Observable::Voltage, Observable::WaveOut, Observable::WaveIn] {
            let (a, b) = (a.traces.get(neuron, observable), b.traces.get(renumbered, observable));
            assert_eq!(a, b, "{observable:?} of {}", network.neuron_name(neuron));
        }
    }
}

/// Which neuron has which number within its population changes no more than the rounding of sums.
#[test]
fn the_order_of_neurons_does_not_matter() {
    let mut network = models::passive_chain(7, 25.0, 0.01);
    let places = [3_u32, 6, 0, 5, 1, 4, 2];
    let chain: Vec<(u32, u32)> = (0..6).map(|k| (places[k], places[k + 1])).collect();
    let straight = models::run(&network);
    network.sources[0].targets = vec![places[0] as usize].into();
    network.waveguides[0].pattern = Pattern::Pairs(chain.into());
    let permuted = models::run(&network);
    for (neuron, place) in places.iter().enumerate() {
        let at = |outcome: &Outcome, neuron| outcome.traces.get(neuron, Observable::Voltage).unwrap().to_vec();
        assert_eq!(at(&straight, neuron), at(&permuted, *place as usize), "neuron {neuron}");
    }
}

#[test]
fn no_neuron_reacts_before_its_delay() {
    for delay in [0.01, 0.037, 1.0, 1.2345] {
        let mut network = models::passive_chain(3, 12.0, 0.01);
        network.record.every = 0.01;
        network.waveguides[0].delay = Delay::Time(delay.into());
        let outcome = models::run(&network);
        let begins = |neuron: usize| {
            let v = outcome.traces.get(neuron, Observable::Voltage).unwrap();
            outcome.traces.times[v.iter().position(|x| (x - v[0]).abs() > 1e-9).unwrap()]
        };
        for neuron in 1..3 {
            // Onsets are known to a step: where a delay falls between steps, each further hop may be off by one.
            let hops = neuron as f64;
            let whole = (delay / 0.01 - (delay / 0.01_f64).round()).abs() < 1e-9;
            let earliest = 5.0 + hops * delay - if whole { 0.0 } else { (hops - 1.0) * 0.01 };
            assert!(
                begins(neuron) > earliest - 1e-9,
                "neuron {neuron} moves at {}, delay {delay}",
                begins(neuron)
            );
        }
    }
}

/// Delays between steps are met at second order.
#[test]
fn delays_between_steps_converge_at_second_order() {
    let times = |step: f64| {
        let mut network = models::passive_chain(4, 15.0, step);
        network.waveguides[0].delay = Delay::Time(0.98765.into());
        models::run(&network).spikes.iter().map(|spike| spike.time).collect::<Vec<_>>()
    };
    let fine = times(0.000_5);
    assert_eq!(fine.len(), 4);
    let error = |step| largest_gap(&times(step), &fine);
    let (coarse, half) = (error(0.02), error(0.01));
    assert!(half < 0.01 && coarse / half > 3.0, "worst gaps {coarse} and {half} ms");
}

/// With gates that hardly move (the whole run is a hundredth of a millisecond) the circuit is linear: the answer to
/// two sources is the sum of the answers to each.
#[test]
fn answers_superpose_while_the_gates_stand_still() {
    let run = |amplitudes: [f64; 2]| {
        let mut network = models::passive_chain(4, 0.01, 1e-5);
        // Bare channels: without batteries the resting voltage is 0 and nothing drifts.
        network.populations[0].circuit.channels = Channels::three([36.0, 120.0, 0.3], None);
        network.waveguides[0].delay = Delay::Time(0.001.into());
        network.waveguides[0].direction = Direction::TwoWay;
        network.record.every = 1e-4;
        network.sources = (0..2)
            .map(|k| Source::new(&format!("s{k}"), vec![3 * k], models::constant(amplitudes[k], 0.0, 0.005)))
            .collect();
        let outcome = models::run(&network);
        (0..4).map(|n| outcome.traces.get(n, Observable::Voltage).unwrap().to_vec()).collect::<Vec<_>>()
    };
    let (one, two, both) = (run([1e-3, 0.0]), run([0.0, 2e-3]), run([1e-3, 2e-3]));
    let peak = both.iter().flatten().fold(0.0f64, |peak, v| peak.max(v.abs()));
    for neuron in 0..4 {
        for k in 0..both[neuron].len() {
            let gap = (one[neuron][k] + two[neuron][k] - both[neuron][k]).abs();
            assert!(gap < 1e-9 * peak, "neuron {neuron}, sample {k}: {gap} of {peak}");
        }
    }
}

#[test]
fn sleep_changes_spike_times_by_less_than_its_tolerance() {
    let network = |sleep| {
        let mut network = models::passive_chain(64, 150.0, 0.01);
        network.simulation.sleep = sleep;
        models::run(&network)
    };
    let (awake, asleep) = (network(0.0), network(1e-6));
    assert_eq!(awake.spikes.len(), asleep.spikes.len());
    for (a, b) in awake.spikes.iter().zip(&asleep.spikes) {
        assert_eq!(a.neuron, b.neuron);
        assert!((a.time - b.time).abs() < 1e-6, "neuron {}: {} and {}", a.neuron, a.time, b.time);
    }
    let v = |outcome: &Outcome, n| outcome.traces.get(n, Observable::Voltage).unwrap().to_vec();
    for neuron in [0, 31, 63] {
        let gap = largest_gap(&v(&awake, neuron), &v(&asleep, neuron));
        assert!(gap < 1e-4, "neuron {neuron} differs by {gap} mV");
    }
}

/// A current so weak that it moves a neuron by less than the tolerance between two looks whether it may sleep still takes it as
/// far as it would awake.
#[test]
fn a_neuron_into_which_a_current_goes_stays_awake() {
    let end = |amplitude, step, sleep| {
        let circuit = models::squid_circuit();
        let mut network =
            models::one_neuron(circuit, Initial::Rest, models::constant(amplitude, 0.0, 50.0), 50.0, step);
        network.simulation.sleep = sleep;
        let outcome = models::run(&network);
        let voltages = outcome.traces.get(0, Observable::Voltage).unwrap();
        (outcome.spikes.len(), *voltages.last().unwrap(), voltages[0])
    };
    for (amplitude, step, sleep) in [(1e-5, 0.01, 1e-6), (7.0, 0.002, 0.1), (0.01, 0.01, 1e-3)] {
        let (spikes, asleep, rest) = end(amplitude, step, sleep);
        let (awake_spikes, awake, _) = end(amplitude, step, 0.0);
        assert_eq!(spikes, awake_spikes, "{amplitude} uA");
        assert!((awake - rest).abs() > sleep, "{amplitude} uA moves it by more: {rest} to {awake} mV");
        assert_eq!(asleep.to_bits(), awake.to_bits(), "{amplitude} uA: {asleep} and {awake} mV");
    }
}

/// A neuron that would fire by itself when pushed ever so slightly is never put to rest.
#[test]
fn an_unstable_rest_point_is_not_slept_at() {
    // A chloride battery this high makes the rest point unstable: the neuron fires without any source.
    let channels = Channels::three([36.0, 120.0, 0.3], [-77.0, 50.0, -20.0]);
    let circuit = Circuit { channels, ..models::squid_circuit() };
    let initial = Initial::Given { voltage: Some(-60.0), gates: vec![None, None, None] };
    let mut network = models::one_neuron(circuit, initial, models::constant(0.0, 0.0, 1.0), 100.0, 0.01);
    network.simulation.sleep = 5.0;
    let spikes = models::run(&network).spikes.len();
    network.simulation.sleep = 0.0;
    assert_eq!(spikes, models::run(&network).spikes.len());
    assert!(spikes > 3, "{spikes} spikes");
}

#[test]
fn single_precision_follows_double() {
    let network = |precision| {
        let mut network = models::passive_chain(6, 40.0, 0.01);
        network.simulation.precision = precision;
        models::run(&network)
    };
    let (double, single) = (network(Precision::F64), network(Precision::F32));
    assert_eq!(double.spikes.len(), single.spikes.len());
    for (a, b) in double.spikes.iter().zip(&single.spikes) {
        assert!((a.time - b.time).abs() < 2e-3, "{} and {}", a.time, b.time);
    }
}

/// The step the benchmarks use: the mean period of firing is off by at most 0.02 % at 0.025 ms.
#[test]
fn periods_are_within_two_parts_in_ten_thousand_at_the_benchmarks_step() {
    let periods = |step: f64, precision| {
        let drive = models::constant(1.0, 0.0, f64::INFINITY);
        let mut network = models::one_neuron(models::squid_circuit(), Initial::Rest, drive, 200.0, step);
        let n = 24;
        network.populations[0].count = n;
        network.sources[0].targets = (0..n).into();
        network.sources[0].scale = Some(ParameterValues::Linear { from: 6.3, to: 20.0 });
        network.simulation.precision = precision;
        network.record.neurons.clear();
        let outcome = models::run(&network);
        (0..n)
            .map(|neuron| {
                let spikes = spikes_of(&outcome, neuron);
                (spikes[spikes.len() - 1] - spikes[1]) / (spikes.len() - 2) as f64
            })
            .collect::<Vec<_>>()
    };
    let exact = periods(0.001, Precision::F64);
    for (step, precision, allowed) in
        [(0.025, Precision::F64, 2e-4), (0.025, Precision::F32, 3e-4), (0.05, Precision::F64, 1e-3)]
    {
        let errors = periods(step, precision).iter().zip(&exact).map(|(a, b)| (a / b - 1.0).abs()).sum::<f64>();
        let mean = errors / exact.len() as f64;
        assert!(mean < allowed, "mean period error {mean} at {step} ms, {precision:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::cases::PATTERNS.random()))]

    /// Whatever the splitters, losses, weights and delays: no more energy arrives than was sent.
    #[test]
    fn passive_networks_make_no_energy(seed in 0_u64..1000, loss in 0.0..1.0f64, weight in 0.1..3.0f64, k in 1_usize..6) {
        let mut network = mixed(seed);
        network.waveguides[1].pattern = Pattern::FixedFanIn { k };
        network.waveguides[1].weight = ParameterValues::Uniform { low: -weight, high: weight };
        network.waveguides[0].transmission = ParameterValues::Uniform { low: loss, high: 1.0 };
        let outcome = models::run(&network);
        let waves = outcome.waves.unwrap();
        prop_assert!(waves.sent > 0.0);
        prop_assert!(waves.arrived <= waves.sent, "{} arrived, {} sent", waves.arrived, waves.sent);
        for check in outcome.checks {
            prop_assert!(check.holds(), "{}: defect {}", check.name, check.defect);
        }
    }
}

#[test]
fn a_network_says_what_is_wrong_with_its_waveguides() {
    let wrong = |change: &dyn Fn(&mut Network)| {
        let mut network = models::passive_chain(4, 5.0, 0.01);
        change(&mut network);
        let mistakes = network.check();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        format!("{}: {}", mistakes[0].path, mistakes[0].message)
    };
    let cases: Vec<(String, &str)> = vec![
        (
            wrong(&|n| n.waveguides[0].delay = Delay::Time(0.004.into())),
            "a delay of 0.004 ms is shorter than a step of 0.01 ms",
        ),
        (
            wrong(&|n| n.waveguides[0].transmission = 1.21.into()),
            "largest singular value of its scattering matrix is 1.1",
        ),
        (
            wrong(&|n| n.waveguides[0].pattern = Pattern::FixedFanIn { k: 4 }),
            "there are 3 to choose from: write `k: 3` or less",
        ),
        (wrong(&|n| n.waveguides[0].pattern = Pattern::Pairs([(1, 1)].into())), "joins a neuron to itself"),
        (wrong(&|n| n.populations[0].circuit.output = None), "`cell` has no output port"),
        (
            wrong(&|n| {
                n.populations[0].circuit.inputs = Inputs::NONE;
                n.populations[0].inputs.clear();
            }),
            "`cell` has no input port",
        ),
        (wrong(&|n| n.waveguides[0].port = Some("far".to_owned())), "no input port `far`"),
        (
            wrong(&|n| {
                n.waveguides[0].direction = Direction::TwoWay;
                n.waveguides[0].pattern = Pattern::AllToAll;
            }),
            "a two-way line must be",
        ),
        (wrong(&|n| n.waveguides[0].gain = 0.5.into()), "at least 1"),
        (
            wrong(&|n| n.waveguides[0].delay = Delay::Time(ParameterValues::Each([1.0, 2.0].into()))),
            "2 values are listed for 3 waveguides",
        ),
        (wrong(&|n| n.simulation.method = qhh_net::network::Method::Adiabatic), "reversal"),
    ];
    for (message, part) in cases {
        assert!(message.contains(part), "{message}: no `{part}`");
    }
}

/// The amplifier's noise is booked; its power is allowed.
#[test]
fn an_amplifier_must_be_asked_for_and_books_its_noise() {
    let mut network = models::passive_chain(4, 20.0, 0.01);
    network.waveguides[0].gain = 2.0.into();
    let outcome = models::run(&network);
    let gain = outcome.approximations.iter().find(|a| a.name == "gain").unwrap();
    assert!(gain.statement.contains("up to 1.000 times"), "{}", gain.statement);
    let waves = outcome.waves.unwrap();
    assert!(waves.amplified && waves.arrived > waves.sent);
}

/// Of transmissions above 1 the check looks at the coupling itself, in blocks of either precision.
#[test]
fn a_checked_network_runs_as_the_network_itself() {
    for precision in [Precision::F64, Precision::F32] {
        let mut network = models::passive_chain(3, 20.0, 0.02);
        network.simulation.precision = precision;
        network.waveguides[0].pattern = Pattern::Pairs([(0, 1), (0, 2)].into());
        network.waveguides[0].transmission = ParameterValues::Each([1.5, 0.3].into());
        let plain = models::run(&network);
        let checked = network.clone().checked().unwrap();
        let mut go_on = |_| std::ops::ControlFlow::Continue(());
        let spared =
            Simulation::from_checked(&checked, RunOptions { threads: 1, ..RunOptions::default() }).run(&mut go_on);
        assert_eq!(spared.as_ref(), Ok(&plain));
        assert!(plain.traces.get(1, Observable::WaveIn).unwrap().iter().any(|wave| *wave != 0.0));
        network.waveguides[0].transmission = ParameterValues::Each([1.9, 0.3].into());
        let mistakes = network.clone().checked().unwrap_err();
        assert_eq!(mistakes, network.check());
        assert!(mistakes[0].message.contains("power from nothing"), "{}", mistakes[0].message);
    }
}
