//! Variances of single numbers by their origin, where the answers are known.

use qhh_core::circuit::Initial;
use qhh_net::Outcome;
use qhh_net::network::{Feedback, Figure, Fluctuations, Network, ParameterValues};
use qhh_net::outcome::Origins;

use crate::models::{
    chain_of, constant, one_neuron, passive_chain, relay_circuit, run, squid_circuit, with_modes,
};

fn budgeted(network: Network, (cutoff, feedback): (f64, Feedback), figures: Vec<Figure>) -> Outcome {
    let mut network = with_modes(network, 1.0, 0.0, cutoff, 2);
    let quantum = network.quantum.as_mut().unwrap();
    (quantum.fluctuations, quantum.feedback) = (Fluctuations::None, feedback);
    network.record.budget_of = figures;
    run(&network)
}

fn of_line(outcome: &Outcome, line: &str) -> f64 {
    let origins = &outcome.origins[0];
    origins.shares.iter().filter(|share| origins.line(share) == line).map(|share| share.variance).sum()
}

/// Bare axon, 3 ms after a pulse of 40 uA for 2 ms began: an integral over frequencies of the responses of an independent
/// solver, 15.1196 mV²; from kernels at steps of 0.001 ms 15.106, of which potassium 10.842, sodium 3.269, chloride 0.995
/// (shared/physics.md, section 15).
#[test]
fn a_bare_axon_after_a_pulse_has_the_variance_of_two_other_solvers() {
    let at = |step: f64| {
        let network = one_neuron(squid_circuit(), Initial::Rest, constant(40.0, 1.0, 3.0), 5.0, step);
        budgeted(network, (200.0, Feedback::Full), vec![Figure::Voltage { neuron: 0, time: 4.0 }])
    };
    let (coarse, fine) = (at(0.01), at(0.005));
    let variance = |of: &Outcome| of.origins[0].variance;
    // Second order, carried on.
    let limit = (4.0 * variance(&fine) - variance(&coarse)) / 3.0;
    assert!((limit / 15.1196 - 1.0).abs() < 1e-3, "{limit} from {} and {}", variance(&coarse), variance(&fine));
    for (line, expected) in [("potassium", 10.842), ("sodium", 3.269), ("chloride", 0.995)] {
        let found = of_line(&fine, line);
        assert!((found / expected - 1.0).abs() < 4e-3, "{line}: {found}, expected {expected}");
    }
}

/// tests/data/README.md: the integral of section 5 of a neuron at rest.
#[test]
fn a_bare_axon_at_rest_has_the_variance_of_the_integral() {
    for (feedback, expected) in [(Feedback::Mean, 1.2266), (Feedback::Full, 1.3996)] {
        let network = one_neuron(squid_circuit(), Initial::Rest, constant(0.0, 0.0, 1.0), 1.0, 0.005);
        let outcome = budgeted(network, (200.0, feedback), vec![Figure::Voltage { neuron: 0, time: 0.5 }]);
        let found = outcome.origins[0].variance;
        assert!((found / expected - 1.0).abs() < 1e-3, "{feedback:?}: {found}, expected {expected}");
    }
}

/// By linear response a spike's time varies as the voltage does there, over the square of its slope.
#[test]
fn a_spike_varies_in_time_as_the_jitter_of_field_modes() {
    let at = |step: f64, feedback: Feedback| {
        let network = passive_chain(2, 14.0, step);
        let mut network = with_modes(network, 0.5, 0.3, 60.0, 2);
        let quantum = network.quantum.as_mut().unwrap();
        (quantum.modes, quantum.feedback) = (None, feedback);
        network.record.budget_of =
            vec![Figure::Spike { neuron: 1, number: 0 }, Figure::Spike { neuron: 1, number: 5 }];
        let outcome = run(&network);
        let (origins, jitter) = (&outcome.origins[0], outcome.jitter.iter().find(|of| of.neuron == 1).unwrap());
        assert!((origins.value.unwrap() - jitter.time).abs() < 1e-9);
        // A spike that never happens.
        assert!(outcome.origins[1].value.is_none() && outcome.origins[1].shares.is_empty());
        assert!(outcome.checks.iter().any(|check| check.name.starts_with("origins of noise") && check.holds()));
        (origins.variance / jitter.deviation.powi(2) - 1.0).abs()
    };
    for feedback in [Feedback::Mean, Feedback::Full] {
        // Second order leaves a sixteenth; where in a step the crossing is changes the error by as much again.
        let (coarse, fine) = (at(0.02, feedback), at(0.005, feedback));
        assert!(fine < 0.25 * coarse && fine < 1e-3, "{feedback:?}: {coarse} and {fine}");
    }
}

/// Noise from before a wave could arrive moves nothing: what reaches the last of a chain was emitted a delay earlier.
#[test]
fn noise_counts_no_later_than_it_can_arrive() {
    let mut network = passive_chain(3, 10.0, 0.02);
    network.sources[0].drive = constant(40.0, 1.0, 3.0);
    let outcome = budgeted(network, (100.0, Feedback::Full), vec![Figure::Voltage { neuron: 2, time: 9.0 }]);
    let origins = &outcome.origins[0];
    for (neuron, earliest) in [(0u32, 2.0), (1, 1.0)] {
        let (_, parts) = origins.emitted.iter().find(|of| of.0 == neuron).unwrap();
        let size: f64 = parts.iter().map(|part| part.abs()).sum();
        let late = parts[1..].iter().zip(&origins.times).filter(|(_, from)| **from > 9.0 - earliest + 0.05);
        let late: f64 = late.map(|(part, _)| part.abs()).sum();
        assert!(size > 0.0 && late < 1e-12 * size, "{neuron}: {late} of {size}");
    }
    let whole: f64 = origins.emitted.iter().flat_map(|(_, parts)| parts).sum();
    assert!((whole / origins.variance - 1.0).abs() < 1e-9);
}

/// At rest the variance is the same at all times, so that of a run shorter than the delay has the noise that was under way when it
/// began.
#[test]
fn noise_that_is_under_way_when_the_run_begins_counts() {
    let at = |duration: f64| {
        let mut network = passive_chain(2, duration, 0.02);
        network.sources.clear();
        network.waveguides = vec![chain_of(vec![0, 1], 6.0)];
        let figures = vec![Figure::Voltage { neuron: 1, time: duration - 1.0 }];
        let origins = budgeted(network, (100.0, Feedback::Full), figures).origins.remove(0);
        let of = |neuron: u32| -> f64 {
            origins.shares.iter().filter(|share| share.neuron == neuron).map(|share| share.variance).sum()
        };
        [of(0), of(1)]
    };
    let (short, long) = (at(4.0), at(30.0));
    for (short, long) in short.into_iter().zip(long) {
        assert!(long > 0.0 && (short / long - 1.0).abs() < 1e-5, "{short} in a short run, {long} in a long one");
    }
}

/// Of a chain whose waveguides pass a thousandth of the power, noise from five neurons away is left out; what is near counts as in
/// a chain without those neurons, where the vacuum of an open port stands for theirs.
#[test]
fn noise_from_too_far_to_count_is_left_out() {
    let of = |count: usize| {
        let mut network = passive_chain(count, 16.0, 0.02);
        network.sources.clear();
        network.waveguides[0].transmission = ParameterValues::Same(1e-3);
        let figures = vec![Figure::Voltage { neuron: count - 1, time: 14.0 }];
        budgeted(network, (100.0, Feedback::Full), figures).origins.remove(0)
    };
    let (six, three) = (of(6), of(3));
    assert!((six.variance / three.variance - 1.0).abs() < 1e-6, "{} and {}", six.variance, three.variance);
    assert!(six.error < 2e-5, "{}", six.error);
    let of = |origins: &Origins, neuron: u32| -> f64 {
        let own =
            origins.shares.iter().filter(|share| share.neuron == neuron && origins.line(share) == "potassium");
        own.map(|share| share.variance).sum()
    };
    for (far, near) in [(5, 2), (4, 1)] {
        let (of_six, of_three) = (of(&six, far), of(&three, near));
        assert!((of_six / of_three - 1.0).abs() < 1e-6, "{of_six} and {of_three}");
    }
    assert!(six.shares.iter().all(|share| share.neuron > 0), "{:?}", six.shares);
}

#[test]
fn what_has_no_budget_is_refused() {
    let refused = |change: &dyn Fn(&mut Network), word: &str| {
        let network = one_neuron(relay_circuit(), Initial::Rest, constant(10.0, 1.0, 3.0), 5.0, 0.02);
        let mut network = with_modes(network, 1.0, 0.0, 100.0, 2);
        network.record.budget_of = vec![Figure::Voltage { neuron: 0, time: 4.0 }];
        assert!(network.check().is_empty(), "{:?}", network.check());
        change(&mut network);
        let mistakes = network.check();
        assert!(
            mistakes.iter().any(|of| of.path.starts_with("record.budget_of") && of.message.contains(word)),
            "{mistakes:?}"
        );
    };
    refused(&|network| network.quantum = None, "add `quantum");
    refused(&|network| network.quantum.as_mut().unwrap().hbar = 0.0, "are 0");
    refused(&|network| network.simulation.precision = qhh_net::network::Precision::F32, "f32");
    refused(&|network| network.record.budget_of = vec![Figure::Voltage { neuron: 0, time: 5.5 }], "ends at 5");
    refused(&|network| network.record.budget_of = vec![Figure::Spike { neuron: 3, number: 0 }], "no such neuron");
}
