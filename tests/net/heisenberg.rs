//! Field modes through networks: against references, the adiabatic integral, and what unitarity demands.

use qhh_core::circuit::{Initial, PortRole};
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::Gaussian;
use qhh_core::quantum::State;
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::variance::AdiabaticVariance;
use qhh_core::source::Packet;
use qhh_net::network::{
    Delay, Direction, Drive, JointState, Network, Observable, OutputEnvelope, OutputMode, PacketSource, Pattern,
    Population, Search, Source, Waveguides,
};
use qhh_net::outcome::NoiseBudget;
use qhh_net::{Outcome, RunOptions, run_with};

use crate::data::{Reference, worst_of_range};
use crate::gaps::{largest_gap, worst};
use crate::models::{self, passive_chain, run, with_modes};

/// Chain of three with a transmission of 0.8, hbar = 1, as in the reference.
fn noisy_chain(step: f64, modes: usize) -> Network {
    let mut network = passive_chain(3, 20.0, step);
    network.waveguides[0].transmission = 0.8.into();
    with_modes(network, 1.0, 0.0, 200.0, modes)
}

fn totals(outcome: &Outcome, neuron: usize) -> Vec<f64> {
    let of = outcome.variances.iter().find(|v| v.neuron == neuron).unwrap();
    (0..of.n_samples()).map(|k| of.total(k)).collect()
}

/// Variances of three neurons through their spikes: tests/data/README.md.
#[test]
fn the_variance_of_a_spike_is_the_reference() {
    let reference = Reference::load("spike_variance.csv");
    let outcome = run(&noisy_chain(0.01, 48));
    let n = reference.column("t").len();
    for neuron in 0..3 {
        let variance = totals(&outcome, neuron);
        let worst = worst_of_range(&variance[..n], reference.column(&format!("var{neuron}")));
        assert!(worst < 0.01, "neuron {neuron} is off by {worst} of the range");
    }
    for check in &outcome.checks {
        assert!(check.holds(), "{check:?}");
    }
}

/// Order of the step, against a run at a small one.
#[test]
fn the_variance_converges_at_second_order_in_the_step() {
    let of = |step: f64| totals(&run(&noisy_chain(step, 32)), 2);
    let (fine, middle, coarse) = (of(0.0025), of(0.005), of(0.01));
    let off = |a: &[f64]| largest_gap(a, &fine);
    // Against a quarter of the step: (16 - 1)/(4 - 1) = 5.
    let ratio = off(&coarse) / off(&middle);
    assert!((3.8..6.5).contains(&ratio), "{ratio}");
}

/// Amplitudes turn with their frequency, so that those beyond the step's Nyquist frequency (314 rad/ms at the coarsest)
/// are followed as well as the others.
#[test]
fn a_cutoff_beyond_what_the_step_could_sample_costs_no_accuracy() {
    let of = |cutoff: f64, step: f64| {
        let mut network = noisy_chain(step, 64);
        network.quantum.as_mut().unwrap().cutoff = cutoff;
        totals(&run(&network), 2)
    };
    let change = |cutoff: f64| {
        let (fine, coarse) = (of(cutoff, 0.0025), of(cutoff, 0.01));
        let off = largest_gap(&coarse, &fine);
        off / fine.iter().copied().fold(0.0, f64::max)
    };
    let (below, beyond) = (change(200.0), change(1000.0));
    assert!(below < 0.003 && beyond < 1.2 * below, "{below} and {beyond}");
}

/// Response to a packet and what its states add: tests/data/README.md.
#[test]
fn a_squeezed_packet_changes_the_variance_as_in_the_reference() {
    let reference = Reference::load("squeezed_packet.csv");
    let of = |state: State| {
        let mut network = with_modes(passive_chain(1, 20.0, 0.01), 1.0, 0.0, 200.0, 32);
        network.waveguides.clear();
        let packet = Packet { carrier: 6.0, centre: 7.0, width: 1.0 };
        network.sources.push(Source::new(
            "signal",
            vec![0],
            Drive::Packet(PacketSource { packet, input: 0, state }),
        ));
        run(&network)
    };
    let squeezed = State::Squeezed { r: 1.0, phase: 0.0, displacement: Complex64::ZERO };
    let n = reference.column("t").len();
    for (state, column) in [
        (squeezed, "var_change_squeezed_r1"),
        (State::Thermal { photons: 1f64.sinh().powi(2) }, "var_change_thermal_same_n"),
    ] {
        let outcome = of(state);
        let change = &outcome.variances[0].lines.last().unwrap().state;
        let worst = worst_of_range(&change[..n], reference.column(column));
        assert!(worst < 0.01, "{column} is off by {worst} of the range");
        let u: Vec<f64> = outcome.responses[0].values.iter().map(|u| u.re).collect();
        assert!(worst_of_range(&u[..n], reference.column("re_u")) < 0.01);
    }
}

/// At rest the variance is the integral over the impedance, to rounding, whatever the step.
#[test]
fn constant_conductances_give_the_integral_of_the_impedance() {
    for (kt, baths) in [(0.0, 0), (3.0, 0), (0.7, 1)] {
        let circuit = if baths == 1 {
            // Without batteries the neuron rests at 0 and the shared rule is allowed.
            let bare = models::paper_circuit();
            qhh_core::circuit::Circuit { capacitance: 0.1, ..bare }
        } else {
            models::relay_circuit()
        };
        let mut network = with_modes(passive_chain(1, 1.0, 0.05), 0.7, kt, 150.0, 200);
        network.waveguides.clear();
        network.sources.clear();
        network.populations[0] = Population::new("cell", 1, circuit.clone());
        if baths == 1 {
            network.simulation.baths = qhh_core::circuit::BathRule::SharedMode;
        }
        let outcome = run(&network);
        let bath = Bath { hbar: 0.7, thermal_energy: kt, cutoff: 150.0 };
        let rest = circuit.rest_voltage(network.rate_units()).unwrap();
        let g = circuit.conductances(&circuit.steady(rest, network.rate_units()));
        let rule = network.simulation.baths;
        let shares = AdiabaticVariance::new(&circuit, rule, bath, rule.effective_conductance(&g)).shares(&g);
        for (line, share) in outcome.variances[0].lines.iter().zip(&shares) {
            for k in [0, 5, 10] {
                let (modes, integral) = (line.vacuum[k] + line.thermal[k], share.vacuum + share.thermal);
                assert!((modes / integral - 1.0).abs() < 1e-10, "{}: {modes} against {integral}", line.line);
            }
        }
    }
}

/// A passive network at rest without loops: whatever feeds a neuron, its variance is that with vacuum on all ports.
#[test]
fn at_rest_every_neuron_of_a_passive_network_has_the_variance_of_one_alone() {
    let alone = {
        let mut network = with_modes(passive_chain(1, 1.0, 0.05), 1.0, 0.5, 100.0, 160);
        network.waveguides.clear();
        network.sources.clear();
        totals(&run(&network), 0)[3]
    };
    let all: Vec<usize> = (0..8).collect();
    let entry = |name: &str, pattern, delay| Waveguides::new(name, all.clone(), all.clone(), pattern, delay);
    let lossy = |mut entry: Waveguides| {
        entry.transmission = 0.6.into();
        entry.weight = (-0.7).into();
        entry
    };
    // Splitters and combiners, several ways between two neurons, delays between steps; no loops.
    let pairs = [(0, 2), (0, 3), (1, 3), (1, 4), (2, 5), (3, 5), (4, 5), (5, 6), (5, 7), (0, 7), (2, 7)];
    let networks = [
        vec![entry("a", Pattern::Chain, 0.2)],
        vec![entry("a", Pattern::Pairs(pairs.into()), 0.2)],
        vec![lossy(entry("a", Pattern::Pairs(pairs.into()), 0.23))],
        vec![lossy(entry("a", Pattern::Chain, 0.117)), entry("b", Pattern::Pairs(pairs.into()), 0.31)],
    ];
    for waveguides in networks {
        let mut network = with_modes(passive_chain(8, 1.0, 0.05), 1.0, 0.5, 100.0, 160);
        network.sources.clear();
        network.waveguides = waveguides;
        let outcome = run(&network);
        for neuron in 0..8 {
            for variance in totals(&outcome, neuron) {
                let off = (variance / alone - 1.0).abs();
                assert!(off < 1e-9, "{:?}: neuron {neuron} is off by {off}", network.waveguides[0].pattern);
            }
        }
        for check in &outcome.checks {
            assert!(check.holds(), "{check:?}");
        }
    }
}

/// A ring longer than what is solved densely in reasonable time. It looks the same from each of its neurons, whichever the
/// elimination begins with, and on any number of threads.
#[test]
fn equal_neurons_of_a_long_ring_fluctuate_alike() {
    let mut network = with_modes(passive_chain(170, 1.0, 0.05), 1.0, 0.5, 100.0, 16);
    network.sources.clear();
    network.waveguides[0].pattern = Pattern::Ring;
    network.waveguides[0].transmission = 0.9.into();
    network.record.neurons = vec![0, 60, 169];
    let of = |threads| {
        run_with(&network, RunOptions { threads, ..RunOptions::default() }, &mut |_| {
            std::ops::ControlFlow::Continue(())
        })
        .unwrap()
    };
    let outcome = of(1);
    let first = totals(&outcome, 0);
    for neuron in [60, 169] {
        let worst =
            first.iter().zip(totals(&outcome, neuron)).map(|(a, b)| (a / b - 1.0).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-11, "neuron {neuron} is off by {worst}");
    }
    let start = outcome.checks.iter().find(|check| check.name == "stationary start").unwrap();
    assert!(start.defect < 1e-12, "{start:?}");
    assert_eq!(of(3).variances, outcome.variances);
}

/// Two neurons on one lossless two-way line: the node sees the line's input impedance, by the textbook's formula, and
/// fluctuates as that impedance dissipates.
#[test]
fn a_two_way_pair_at_rest_fluctuates_as_its_impedance_dissipates() {
    let mut network = with_modes(passive_chain(2, 1.0, 0.05), 1.0, 0.4, 100.0, 160);
    network.sources.clear();
    network.waveguides[0].direction = Direction::TwoWay;
    network.waveguides[0].delay = qhh_net::network::Delay::Time(0.37.into());
    let outcome = run(&network);
    let circuit = models::relay_circuit();
    let rest = circuit.rest_voltage(network.rate_units()).unwrap();
    let g = circuit.conductances(&circuit.steady(rest, network.rate_units())).total();
    let bath = Bath { hbar: 1.0, thermal_energy: 0.4, cutoff: 100.0 };
    // The run is exact at rest, so the integral takes frequencies that see every resonance.
    let integral = |z: &dyn Fn(f64) -> Complex64| -> f64 {
        let n = 2_000_000;
        let step = bath.cutoff / f64::from(n);
        let at = |k: i32| {
            let w = (f64::from(k) + 0.5) * step;
            bath.energy(w) * z(w).re * step / std::f64::consts::PI
        };
        (0..n).map(at).sum()
    };
    let ports: Vec<_> = circuit.ports().map(|(_, port)| port).collect();
    // Admittance of the node without one of its ports.
    let without = |w: f64, port: usize| g + circuit.reactive_admittance(w) - ports[port].admittance(w);
    let series = |w: f64, port: usize| Complex64::new(0.0, -1.0 / (w * ports[port].capacitance));
    // A line of delay tau that ends in `load`.
    let line = |w: f64, load: Complex64| {
        let (z, t) = (ports[0].impedance, Complex64::new(0.0, (w * 0.37).tan()));
        z * (load + z * t) / (z + load * t)
    };
    let first = |w: f64| {
        let load = series(w, 1) + without(w, 1).inv();
        (without(w, 0) + (series(w, 0) + line(w, load)).inv()).inv()
    };
    let second = |w: f64| {
        let load = series(w, 0) + without(w, 0).inv();
        (without(w, 1) + (series(w, 1) + line(w, load)).inv()).inv()
    };
    for (neuron, z) in [(0, &first as &dyn Fn(f64) -> Complex64), (1, &second)] {
        let (variance, integral) = (totals(&outcome, neuron)[4], integral(z));
        assert!((variance / integral - 1.0).abs() < 1e-7, "{variance} against {integral}");
    }
}

/// The commutator of flux and voltage through a spike, which the flux remembers for ever: the more frequencies, the
/// closer.
#[test]
fn the_commutator_of_flux_and_voltage_holds_through_a_spike() {
    let defect = |modes: usize| {
        let outcome = run(&noisy_chain(0.01, modes));
        outcome.checks.iter().find(|check| check.name.contains("from the modes")).unwrap().defect
    };
    let (some, more, many) = (defect(96), defect(192), defect(480));
    assert!(more < 0.5 * some && many < 2e-3, "{some}, {more}, {many}");
}

/// What frequencies leave of that commutator grows with the length of a run, and so does what is expected of it: an axon
/// that fires again and again, from no spike to sixteen. The bound is not above 0.3, nor above what is all of it.
#[test]
fn the_commutator_of_flux_and_voltage_is_judged_by_the_length_of_the_run() {
    let mut bounds = Vec::new();
    for (duration, modes) in [(5.0, 48), (20.0, 48), (60.0, 48), (60.0, 96), (240.0, 48), (240.0, 192)] {
        let axon = models::one_neuron(
            models::squid_circuit(),
            Initial::Rest,
            models::constant(10.0, 5.0, f64::INFINITY),
            duration,
            0.01,
        );
        let outcome = run(&with_modes(axon, 0.1, 0.0, 200.0, modes));
        let check = outcome.checks.iter().find(|check| check.name.contains("from the modes")).unwrap();
        println!("{duration} ms, {modes}: {:.4}, expected below {:.4}", check.defect, check.expected_below);
        assert!(check.holds() && check.expected_below <= 1.0, "{duration} ms, {modes}: {check:?}");
        if modes == 48 {
            assert_eq!(check.meaning.contains("here until"), duration > 200.0, "{check:?}");
        }
        bounds.push(check.expected_below);
    }
    // As long as it was without spikes, and for one spike, the bound is that of the number of frequencies.
    assert_eq!(bounds[..2], [0.3, 0.3]);
}

/// An amplifier adds gain less one: its noise reaches the receiver beside the amplified vacuum.
#[test]
fn an_amplifier_adds_the_noise_that_keeps_the_commutators() {
    let mut network = with_modes(passive_chain(2, 1.0, 0.05), 1.0, 0.0, 100.0, 160);
    network.sources.clear();
    let port = |network: &Network, line: &str| {
        let outcome = run(network);
        let of = outcome.variances[1].lines.iter().find(|l| l.line == line).map_or(0.0, |l| l.vacuum[0]);
        (of, totals(&outcome, 1)[0], outcome)
    };
    let (_, plain, _) = port(&network, "input");
    network.waveguides[0].gain = 3.0.into();
    let (own, amplified, outcome) = port(&network, "input");
    // Vacuum through the input port alone: what it would be were the port open.
    network.waveguides.clear();
    let (open, ..) = port(&network, "input");
    // Gain 3: two units of added noise, and twice more of what the sender sent, which was one.
    assert!((own / (2.0 * open) - 1.0).abs() < 1e-9);
    assert!(((amplified - plain) / (4.0 * open) - 1.0).abs() < 1e-9);
    assert!(
        outcome.checks.iter().all(|check| check.holds() || !check.name.contains("modes")),
        "{:?}",
        outcome.checks
    );
}

/// The same bits whoever computes.
#[test]
fn modes_do_not_depend_on_threads_or_windows() {
    let network = noisy_chain(0.02, 32);
    let of = |threads, longest_window| {
        let options = RunOptions { threads, longest_window };
        run_with(&network, options, &mut |_| std::ops::ControlFlow::Continue(())).unwrap()
    };
    let one = of(1, 0);
    for (threads, window) in [(2, 0), (7, 0), (1, 1), (3, 5)] {
        let other = of(threads, window);
        assert_eq!(one.variances, other.variances, "{threads} threads, windows of {window}");
        assert_eq!(one.jitter, other.jitter);
    }
}

/// hbar to 0 at a temperature: Johnson and Nyquist, kT/C of a node whose every rate is far below the cutoff.
#[test]
fn without_hbar_the_variance_is_thermal() {
    let mut network = with_modes(passive_chain(1, 1.0, 0.05), 1e-9, 2.0, 1e6, 200);
    network.waveguides.clear();
    network.sources.clear();
    let variance = totals(&run(&network), 0)[0];
    // Equipartition: kT/C with C = 1; the cutoff cuts off 2/pi (g/C)/w_c.
    assert!((variance - 2.0).abs() < 1e-5, "{variance}");
}

/// Parts by origin add up to the whole.
#[test]
fn a_noise_budget_adds_up() {
    let mut network = noisy_chain(0.02, 32);
    network.record.noise_budget = true;
    network.record.covariance = true;
    network.record.observables =
        vec![Observable::Voltage, Observable::WaveIn, Observable::WaveOut, Observable::WaveBack];
    let outcome = run(&network);
    assert_eq!(outcome.budget.len(), 12, "four quantities of three neurons");
    for NoiseBudget { neuron, observable, shares } in &outcome.budget {
        let own = (*neuron, *observable);
        let variance = outcome.covariances.iter().find(|of| of.a == own && of.b == own).unwrap();
        let largest = variance.values.iter().copied().fold(0.0, f64::max);
        for (k, whole) in variance.values.iter().enumerate() {
            let sum: f64 = shares.iter().map(|share| share.values[k]).sum();
            assert!((sum - whole).abs() < 1e-12 * largest, "{own:?}: {sum} of {whole}");
        }
        let of = |name: &str| shares.iter().find(|share| share.origin == name).map(|share| &share.values);
        if *observable == Observable::WaveIn {
            // Loss of a fifth lets in a fifth of the vacuum, hbar Z wc^2/(8 pi); the rest of it comes from the sender.
            let vacuum = 3.0 * 200.0f64.powi(2) / (8.0 * std::f64::consts::PI);
            let (origin, part) = if *neuron == 0 { ("input", 1.0) } else { ("input loss", 0.2) };
            let values = of(&format!("cell[{neuron}] {origin}")).unwrap();
            assert!(values.iter().all(|value| (value / (part * vacuum) - 1.0).abs() < 1e-6), "{values:?}");
            assert_eq!(shares.len() == 1, *neuron == 0, "nothing else arrives at the first");
        }
        if *observable != Observable::Voltage {
            continue;
        }
        let variance = totals(&outcome, *neuron);
        for (k, whole) in variance.iter().enumerate() {
            let sum: f64 = shares.iter().map(|share| share.values[k]).sum();
            assert!((sum / whole - 1.0).abs() < 1e-12);
        }
        let named = |name: &str| shares.iter().any(|share| share.origin == name);
        assert!(named("cell[0] sodium") && (*neuron == 0 || named("cell[1] input loss")));
    }
}

fn output(name: &str, neuron: usize, port: PortRole, centre: f64) -> OutputMode {
    OutputMode {
        name: name.to_owned(),
        neuron,
        port,
        envelope: OutputEnvelope::Packet(Packet { carrier: 6.0, centre, width: 1.0 }),
    }
}

fn packet_into(neuron: usize, centre: f64, state: State) -> Source {
    let packet = Packet { carrier: 6.0, centre, width: 1.0 };
    Source::new(&format!("signal{neuron}"), vec![neuron], Drive::Packet(PacketSource { packet, input: 0, state }))
}

/// A network at rest in vacuum sends vacuum, whatever its splitters and losses; at a temperature, thermal states.
#[test]
fn what_leaves_a_network_at_rest_is_vacuum() {
    for kt in [0.0, 2.0] {
        let mut network = with_modes(passive_chain(3, 16.0, 0.02), 1.0, kt, 120.0, 64);
        network.sources.clear();
        network.waveguides[0].transmission = 0.5.into();
        network.modes = vec![output("a", 0, PortRole::Output, 8.0), output("b", 2, PortRole::Output, 8.0)];
        let outcome = run(&network);
        let states = outcome.states.as_ref().unwrap();
        assert!(states.defect() < 1e-9, "{}", states.defect());
        // What leaves the first arrives, two delays later, in part at the last.
        assert!((1e-4..0.1).contains(&states.overlap(0, 1)), "{}", states.overlap(0, 1));
        // Quanta of all frequencies of the envelope's spectrum, a normal distribution about the carrier, count alike.
        let deviation = output("a", 0, PortRole::Output, 8.0).envelope.packets()[0].bandwidth();
        let photons = if kt == 0.0 {
            0.0
        } else {
            let at = |k: i32| (0.01 * f64::from(k), 1.0 / ((6.0 + 0.01 * f64::from(k) * deviation) / kt).exp_m1());
            let weighed = (-600..=600).map(at).map(|(x, n)| 0.01 * n * (-0.5 * x * x).exp()).sum::<f64>();
            weighed / std::f64::consts::TAU.sqrt()
        };
        for j in 0..2 {
            assert!(states.means[j].norm() < 1e-9 && states.m[(j, j)].norm() < 1e-8);
            let n = states.n[(j, j)].re;
            assert!((n - photons).abs() < 1e-8 + 1e-3 * photons, "{n} photons, expected {photons}");
        }
    }
}

/// Without hbar a packet brings no wave, and still takes the place of the heat in its own mode: as with a small hbar.
#[test]
fn a_packet_of_no_size_is_a_cold_mode_on_a_warm_line() {
    let of = |hbar: f64| {
        let mut network = with_modes(passive_chain(2, 8.0, 0.02), hbar, 1.7, 120.0, 48);
        let packet = Packet { carrier: 6.0, centre: 4.0, width: 0.5 };
        let state = State::Coherent(Complex64::new(0.7, 0.0));
        network.sources =
            vec![Source::new("cold", vec![0], Drive::Packet(PacketSource { packet, input: 0, state }))];
        let outcome = run(&network);
        [totals(&outcome, 0), totals(&outcome, 1)].concat()
    };
    let (none, small) = (of(0.0), of(1e-7));
    let (least, most) = none.iter().fold((f64::INFINITY, 0.0f64), |(a, b), x| (a.min(*x), b.max(*x)));
    assert!(least < 0.99 * most, "the cold mode is seen: {least} to {most}");
    for (a, b) in none.iter().zip(&small) {
        assert!((a - b).abs() < 1e-5 * most, "{a} and {b}");
    }
}

/// Conductances that change within a spike mix creation and annihilation; the commutators stay.
#[test]
fn commutators_of_outgoing_modes_hold_through_a_spike() {
    let mut network = noisy_chain(0.01, 96);
    network.modes = vec![
        output("first", 0, PortRole::Output, 7.0),
        output("second", 1, PortRole::Output, 9.0),
        output("back", 0, PortRole::Input(0), 7.0),
    ];
    let outcome = run(&network);
    let states = outcome.states.unwrap();
    assert!(states.defect() < 1e-6, "{}", states.defect());
    let state = states.gaussian(&[0]).unwrap();
    // Driven by a classical pulse through conductances that change: noisier than vacuum, with a mean.
    assert!(states.means[0].norm() > 0.1 && state.purity().unwrap() < 1.0);
}

/// What a spike makes of the heat of lines at low frequencies, it makes of few quanta at the carrier: their number does not
/// depend on how closely low frequencies, at which warm lines have quanta without bound, are resolved.
#[test]
fn quanta_of_warm_lines_behind_a_spike_do_not_depend_on_the_frequencies() {
    let quanta = |n_modes: usize| {
        let mut network = noisy_chain(0.01, n_modes);
        let quantum = network.quantum.as_mut().unwrap();
        (quantum.hbar, quantum.thermal_energy) = (0.5, 20.0);
        network.modes = vec![output("first", 0, PortRole::Output, 7.0)];
        let states = run(&network).states.unwrap();
        assert!(states.defect() < 1e-6, "{}", states.defect());
        states.n[(0, 0)].re
    };
    let (few, many) = (quanta(48), quanta(384));
    assert!((few - many).abs() < 1e-5 * many, "{few} and {many}");
}

/// With frozen conductances (no batteries, no drive) a packet is filtered: what comes back at the input port is the
/// reflection coefficient at the carrier, and a squeezed state loses purity as the square says.
#[test]
fn a_packet_on_a_passive_neuron_is_reflected_as_its_impedance_says() {
    let circuit = qhh_core::circuit::Circuit { capacitance: 0.1, ..models::relay_circuit() };
    let squeezed = State::Squeezed { r: 0.8, phase: 0.3, displacement: Complex64::new(1e-3, 0.0) };
    let mut network = with_modes(passive_chain(1, 70.0, 0.01), 1.0, 0.0, 120.0, 96);
    network.waveguides.clear();
    network.populations[0] = Population::new("cell", 1, circuit.clone());
    let packet = Packet { carrier: 6.0, centre: 35.0, width: 6.0 };
    let source = PacketSource { packet, input: 0, state: squeezed.clone() };
    network.sources = vec![Source::new("signal", vec![0], Drive::Packet(source))];
    network.modes = vec![OutputMode {
        name: "back".to_owned(),
        neuron: 0,
        port: PortRole::Input(0),
        envelope: OutputEnvelope::Packet(packet),
    }];
    let outcome = run(&network);
    let states = outcome.states.unwrap();
    let rest = circuit.rest_voltage(network.rate_units()).unwrap();
    let g = circuit.conductances(&circuit.steady(rest, network.rate_units())).total();
    // B = A + Z I, I = (V - 2A) Y_p, V = 2A Y_p z: at e^{-iwt}, conjugates.
    let port = circuit.inputs.iter().next().unwrap();
    let (y, z) = (port.admittance(6.0), circuit.impedance(g, 6.0));
    let reflection = (1.0 + port.impedance * 2.0 * y * (y * z - 1.0)).conj();
    let (mu, nu) = states.through[0].coefficients[0];
    assert!((mu - reflection).norm() < 5e-3 * reflection.norm(), "{mu} against {reflection}");
    assert!(nu.norm() < 1e-6);
    let (n, m) = (squeezed.moments().n, squeezed.moments().m);
    assert!((states.n[(0, 0)].re - mu.norm_sqr() * n).abs() < 1e-6);
    assert!((states.m[(0, 0)] - mu * mu * m).norm() < 1e-6);
    // The rest is vacuum: the map adds nothing but what keeps the commutator.
    let map = states.linear_map(0, &states.through[0]).unwrap();
    assert!((map.rest[(0, 0)] - 0.5 * (1.0 - mu.norm_sqr())).abs() < 1e-6, "{map:?}");
}

/// Two neurons that share no line are entangled by a two-mode squeezed pair of packets, the less the more is lost.
#[test]
fn a_two_mode_squeezed_pair_entangles_neurons_that_share_no_line() {
    let negativity = |r: f64| {
        let mut network = with_modes(passive_chain(2, 16.0, 0.02), 1.0, 0.0, 120.0, 64);
        network.waveguides.clear();
        network.sources = vec![packet_into(0, 8.0, State::Vacuum), packet_into(1, 8.0, State::Vacuum)];
        let state = Gaussian::two_mode_squeezed(r, 0.4).unwrap();
        network.states = vec![JointState { name: "pair".to_owned(), sources: vec![0, 1], state }];
        network.modes = vec![output("a", 0, PortRole::Input(0), 8.0), output("b", 1, PortRole::Input(0), 8.0)];
        let outcome = run(&network);
        let variance = &outcome.variances[0].lines.last().unwrap().state;
        assert!(r == 0.0 || variance.iter().copied().fold(0.0, f64::max) > 0.0);
        let states = outcome.states.unwrap();
        assert!(states.are_independent(&[0, 1]));
        states.gaussian(&[0, 1]).unwrap().log_negativity(&[0]).unwrap()
    };
    let (none, some, more) = (negativity(0.0), negativity(0.5), negativity(1.0));
    assert!(none < 1e-6 && some > 0.1 && more > some && more < 2.0, "{none}, {some}, {more}");
}

/// Everything at rest and at zero temperature: what leaves a passive network is vacuum again, and what arrives at the end
/// of a waveguide is what left a delay before, `<B(t - tau) B(t)> = (hbar Z/4 pi) int w cos(w tau) dw`.
#[test]
fn waves_of_a_network_at_rest_are_those_of_the_vacuum() {
    let (hbar, cutoff, z, tau) = (0.5, 60.0, 3.0, 1.0);
    let mut network = with_modes(passive_chain(2, 2.0, 0.01), hbar, 0.0, cutoff, 256);
    network.sources.clear();
    network.record.observables = vec![Observable::Voltage, Observable::WaveOut, Observable::WaveIn];
    network.record.covariance = true;
    let outcome = run(&network);
    let of = |a: (usize, Observable), b: (usize, Observable)| {
        let of_pair = |c: &&qhh_net::outcome::Covariance| [(a, b), (b, a)].contains(&(c.a, c.b));
        &outcome.covariances.iter().find(of_pair).unwrap().values
    };
    assert_eq!(outcome.covariances.len(), 21);
    let unit = hbar * z / (4.0 * std::f64::consts::PI);
    let vacuum = unit * cutoff * cutoff / 2.0;
    let delayed = unit * (((cutoff * tau).cos() - 1.0) / (tau * tau) + cutoff * (cutoff * tau).sin() / tau);
    let (out, arriving) = ((0, Observable::WaveOut), (1, Observable::WaveIn));
    for k in 0..outcome.traces.times.len() {
        for wave in [out, arriving, (1, Observable::WaveOut), (0, Observable::WaveIn)] {
            let variance = of(wave, wave)[k];
            assert!((variance / vacuum - 1.0).abs() < 1e-6, "{wave:?}: {variance}, vacuum {vacuum}");
        }
        let both = of(out, arriving)[k];
        assert!((both - delayed).abs() < 1e-6 * vacuum, "{both} is not {delayed}");
        let voltage = (1, Observable::Voltage);
        let variance = outcome.variances[1].total(k);
        assert!((of(voltage, voltage)[k] / variance - 1.0).abs() < 1e-12);
    }
}

/// Covariances through a spike, with a squeezed packet: a positive matrix at every time, and that of the voltages alone
/// the variances told elsewhere.
#[test]
fn covariances_through_a_spike_belong_to_one_state() {
    let mut network = with_modes(passive_chain(3, 12.0, 0.02), 0.5, 2.0, 200.0, 64);
    let packet = Packet { carrier: 6.0, centre: 6.0, width: 1.0 };
    let state = State::Squeezed { r: 1.0, phase: 0.4, displacement: Complex64::ZERO };
    let drive = Drive::Packet(PacketSource { packet, input: 0, state });
    network.sources.push(Source::new("signal", 0..1, drive));
    network.record.observables = vec![Observable::Voltage, Observable::WaveOut];
    network.record.covariance = true;
    let outcome = run(&network);
    let n = 6;
    for k in 0..outcome.traces.times.len() {
        let mut matrix = qhh_core::nalgebra::DMatrix::<f64>::zeros(n, n);
        let mut pairs = outcome.covariances.iter();
        for i in 0..n {
            for j in 0..=i {
                let covariance = pairs.next().unwrap();
                (matrix[(i, j)], matrix[(j, i)]) = (covariance.values[k], covariance.values[k]);
                if i == j && covariance.a.1 == Observable::Voltage {
                    let variance = outcome.variances.iter().find(|v| v.neuron == covariance.a.0).unwrap().total(k);
                    let relative = covariance.values[k] / variance - 1.0;
                    assert!(relative.abs() < 1e-9, "sample {k}: off by {relative}");
                }
            }
        }
        let least = matrix.clone().symmetric_eigenvalues().min();
        assert!(least > -1e-9 * matrix.amax(), "sample {k}: {least}");
    }
}

/// One squeezed packet holds all the quanta that come back from a passive neuron: one mode has them, and its envelope is
/// the packet's, filtered and so a little different.
#[test]
fn the_dominant_mode_of_a_reflected_packet_holds_all_its_quanta() {
    let mut network = with_modes(passive_chain(1, 40.0, 0.01), 1.0, 0.0, 120.0, 96);
    network.waveguides.clear();
    let packet = Packet { carrier: 6.0, centre: 18.0, width: 2.0 };
    let state = State::Squeezed { r: 0.8, phase: 0.3, displacement: Complex64::ZERO };
    network.sources = vec![Source::new(
        "signal",
        vec![0],
        Drive::Packet(PacketSource { packet, input: 0, state: state.clone() }),
    )];
    let back =
        |name: &str, envelope| OutputMode { name: name.to_owned(), neuron: 0, port: PortRole::Input(0), envelope };
    let search = Search { carrier: 6.0, width: 1.0, from: 12.0, to: 26.0, count: 3 };
    network.modes =
        vec![back("same", OutputEnvelope::Packet(packet)), back("found", OutputEnvelope::Dominant(search))];
    let states = run(&network).states.unwrap();
    let names: Vec<&str> = states.modes.iter().map(|mode| mode.name.as_str()).collect();
    assert_eq!(names, ["same", "found.1", "found.2", "found.3"]);
    let photons = |mode: usize| states.n[(mode, mode)].re;
    assert!((photons(1) - states.modes[1].quanta.unwrap()).abs() < 1e-9);
    // All of the packet's quanta are in the first, none in the others.
    let all: f64 = state.moments().n * {
        let (mu, _) = states.through[0].coefficients[1];
        mu.norm_sqr()
    };
    assert!((photons(1) - all).abs() < 1e-6 && photons(1) > photons(0), "{} {} {all}", photons(1), photons(0));
    assert!(photons(2).abs() < 1e-6 && photons(3).abs() < 1e-6, "{} {}", photons(2), photons(3));
    for (j, k) in [(1, 2), (1, 3), (2, 3)] {
        assert!(states.overlap(j, k) < 1e-9, "{}", states.overlap(j, k));
    }
    // The found envelope has the packet's length, and lies a little after it: what is filtered is late.
    let dt = 0.02;
    let moments = (0..2000).map(|k| f64::from(k) * dt).fold([0.0; 2], |[norm, mean], t| {
        let square = states.modes[1].envelope(t).norm_sqr() * dt;
        [norm + square, mean + t * square]
    });
    // Its commutator is 1, which counts each frequency w/w0: the norm is 1 up to the square of the bandwidth.
    assert!((moments[0] - 1.0).abs() < 1e-2, "{}", moments[0]);
    assert!((0.0..0.5).contains(&(moments[1] - 18.0)), "{}", moments[1]);
}

/// The covariance of three outgoing modes of a linear chain behind a squeezed packet, as `benches/moments.rs` times it,
/// against a run with an eighth of the step and four times the frequencies.
#[test]
fn three_linear_modes_are_right_to_a_millionth() {
    let states = run(&models::three_linear_modes(0.01, 48)).states.unwrap();
    let fine = run(&models::three_linear_modes(0.00125, 192)).states.unwrap();
    let largest = fine.n.iter().map(|z| z.norm()).fold(0.0, f64::max);
    let error = |a: &qhh_core::nalgebra::DMatrix<Complex64>, b: &qhh_core::nalgebra::DMatrix<Complex64>| {
        (a - b).iter().map(|z| z.norm()).fold(0.0, worst)
    };
    assert!(largest > 0.1, "{largest}");
    let off = worst(error(&states.n, &fine.n), error(&states.m, &fine.m));
    assert!(off < 1e-6, "off by {off}");
}

/// Until the pulse at 5 ms nothing moves, and what then stays as it began is not stepped: against the same network with a
/// current too small to be noticed from the start, which has every step made.
#[test]
fn what_stays_as_it_began_need_not_be_stepped() {
    let mut network = noisy_chain(0.01, 32);
    network.waveguides[0].delay = Delay::Time(1.005.into());
    network.record.covariance = true;
    network.record.observables = vec![Observable::Voltage, Observable::WaveOut, Observable::WaveIn];
    let mode = |name: &str, neuron, centre| OutputMode {
        name: name.to_owned(),
        neuron,
        port: PortRole::Output,
        envelope: OutputEnvelope::Packet(Packet { carrier: 6.0, centre, width: 0.5 }),
    };
    network.modes = vec![mode("before", 0, 3.0), mode("during", 0, 7.0), mode("after", 2, 12.0)];
    let still = run(&network);
    network.sources.push(Source::new("whisper", vec![0, 1, 2], models::constant(1e-7, 0.0, 20.0)));
    let stepped = run(&network);
    let near = |what: &str, a: &[f64], b: &[f64]| {
        let largest = a.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        let off = a.iter().zip(b).fold(0.0f64, |most, (x, y)| worst(most, (x - y).abs()));
        assert!(off < 1e-6 * largest, "{what}: off by {off} of {largest}");
        off
    };
    for neuron in 0..3 {
        assert!(near("variance", &totals(&still, neuron), &totals(&stepped, neuron)) > 0.0);
    }
    // What arrives on an open line is the same to the last bit.
    let pairs = || still.covariances.iter().zip(&stepped.covariances);
    let moved = pairs().filter(|(a, b)| near("covariance", &a.values, &b.values) > 0.0).count();
    assert!(2 * moved > pairs().count(), "{moved}");
    let parts = |outcome: &Outcome| -> Vec<f64> {
        let states = outcome.states.as_ref().unwrap();
        states.n.iter().chain(states.m.iter()).flat_map(|z| [z.re, z.im]).collect()
    };
    assert!(near("states", &parts(&still), &parts(&stepped)) > 0.0);
}

/// A network that rests is solved backwards from what is recorded; a current too small to be noticed has every line
/// followed forwards. Loops within each other and one behind another, ways around them, loss and an amplifier.
#[test]
fn a_network_at_rest_is_the_same_forwards_and_backwards() {
    let mut network = with_modes(passive_chain(9, 1.0, 0.05), 1.0, 0.3, 90.0, 40);
    network.sources.clear();
    let all: Vec<usize> = (0..9).collect();
    let entry = |name: &str, pairs: &[(u32, u32)], delay: f64| {
        let entry = Waveguides::new(name, all.clone(), all.clone(), Pattern::Pairs(pairs.to_vec().into()), delay);
        Waveguides { transmission: 0.7.into(), gain: 1.15.into(), ..entry }
    };
    let web = [(0, 1), (1, 2), (2, 0), (1, 0), (2, 3), (3, 4), (4, 5), (5, 4), (1, 5), (0, 6), (3, 7), (5, 8)];
    network.waveguides = vec![entry("web", &web, 0.117), entry("own", &[(6, 6), (2, 6)], 0.25)];
    network.waveguides[1].allow_self = true;
    network.record.neurons = vec![2, 3, 5, 6];
    network.record.observables = vec![Observable::Voltage, Observable::WaveIn, Observable::WaveOut];
    network.record.covariance = true;
    network.record.noise_budget = true;
    let rests = run(&network);
    network.sources = vec![Source::new("whisper", all.clone(), models::constant(1e-7, 0.0, 1.0))];
    let stepped = run(&network);
    let near = |what: &str, a: &[f64], b: &[f64], size: f64| {
        let off = a.iter().zip(b).fold(0.0f64, |most, (x, y)| worst(most, (x - y).abs()));
        assert!(off < 1e-6 * size, "{what}: off by {off} of {size}");
    };
    assert_eq!(rests.covariances.len(), 78, "pairs of three quantities of four neurons");
    for (a, b) in rests.covariances.iter().zip(&stepped.covariances) {
        let variance = |of| rests.covariances.iter().find(|own| (own.a, own.b) == (of, of)).unwrap().values[0];
        near(&format!("{:?} and {:?}", a.a, a.b), &a.values, &b.values, (variance(a.a) * variance(a.b)).sqrt());
    }
    for (a, b) in rests.budget.iter().zip(&stepped.budget) {
        assert!(a.shares.len() > 8, "{:?} hears {} lines", a.neuron, a.shares.len());
        let size = a.shares.iter().map(|share| share.values[0].abs()).fold(0.0, f64::max);
        for (a, b) in a.shares.iter().zip(&b.shares) {
            assert_eq!(a.origin, b.origin);
            near(&a.origin, &a.values, &b.values, size);
        }
    }
    let defect = |outcome: &Outcome, name: &str| {
        outcome.checks.iter().find(|check| check.name.starts_with(name)).unwrap().defect
    };
    assert!(defect(&rests, "stationary start") < 1e-12);
    let commutators = [&rests, &stepped].map(|outcome| defect(outcome, "commutator [phi, V]"));
    assert!((commutators[0] - commutators[1]).abs() < 1e-6, "{commutators:?}");
}
