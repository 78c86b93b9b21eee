//! Fluctuations of whole networks against independent solvers: where the numbers come from stands in
//! `tests/data/README.md`.

use std::ops::ControlFlow;
use std::path::Path;

use qhh_format::yaml;
use qhh_net::network::{Feedback, Fluctuations, Observable, Quantum};
use qhh_net::{Network, Outcome, RunOptions, run_with};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A network of the repository.
pub fn load(path: &str) -> Network {
    yaml::load(&root().join(path), &[]).unwrap_or_else(|error| panic!("{error}")).network.into_network()
}

/// A network of the references.
pub fn given(name: &str) -> Network {
    load(&format!("tests/data/fluctuations/{name}.yaml"))
}

/// Numbers of a reference, after a key.
pub fn numbers(name: &str, key: &str) -> Vec<f64> {
    let path = root().join(format!("tests/data/fluctuations/{name}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut numbers = Vec::new();
    for after in text.split(&format!("\"{key}\":")).skip(1) {
        let list = after.split('"').next().unwrap();
        let parts = list.split(|c: char| "[]{},".contains(c) || c.is_whitespace());
        numbers.extend(parts.filter_map(|part| part.parse::<f64>().ok()));
    }
    assert!(!numbers.is_empty(), "no {key} in {name}.json");
    numbers
}

pub fn run(network: &Network) -> Outcome {
    let options = RunOptions { threads: 2, longest_window: 0 };
    run_with(network, options, &mut |_| ControlFlow::Continue(())).unwrap_or_else(|error| panic!("{error}"))
}

pub fn with_quantum(mut network: Network, change: impl Fn(&mut Quantum)) -> Network {
    change(network.quantum.as_mut().unwrap());
    network
}

/// A warm resistor and capacitor have kT/C.
#[test]
fn samples_of_a_warm_resistor_and_capacitor_have_its_variance() {
    let outcome = run(&given("wigner_thermal_rc"));
    let (expected, sigma) =
        (numbers("wigner_thermal_rc", "variance")[0], numbers("wigner_thermal_rc", "one_sigma_of_20000")[0]);
    let of = &outcome.ensemble.unwrap().neurons[0];
    for (variance, error) in of.variance.iter().zip(&of.variance_error) {
        assert!((error / sigma - 1.0).abs() < 0.1, "{error}");
        assert!((variance - expected).abs() < 3.5 * sigma, "{variance}, not {expected}");
    }
}

/// The same with other numbers: cold enough for both parts to count.
#[test]
fn samples_of_a_lukewarm_resistor_and_capacitor_agree_with_field_modes() {
    let network = with_quantum(given("wigner_thermal_rc"), |quantum| {
        *quantum = Quantum { hbar: 0.4, thermal_energy: 0.3, cutoff: 60.0, samples: 8000, ..*quantum };
    });
    let exact = run(&with_quantum(network.clone(), |quantum| quantum.fluctuations = Fluctuations::Heisenberg));
    let of = &run(&network).ensemble.unwrap().neurons[0];
    for (k, (variance, error)) in of.variance.iter().zip(&of.variance_error).enumerate() {
        let expected = exact.variances[0].total(k);
        assert!((variance - expected).abs() < 4.0 * error, "{variance} +- {error}, not {expected}");
    }
}

/// Half a step more than a hundred, an amplifier behind.
#[test]
fn samples_keep_their_variance_through_delays_between_steps() {
    let network = given("wigner_fractional_delay");
    assert_eq!(network.quantum.unwrap().feedback, Feedback::Mean);
    let expected = numbers("wigner_fractional_delay", "variance_n1")[0];
    let of = &run(&network).ensemble.unwrap().neurons[1];
    let n = of.variance.len() as f64;
    for (variance, error) in of.variance.iter().zip(&of.variance_error) {
        assert!((variance - expected).abs() < 3.5 * error, "{variance} +- {error}, not {expected}");
    }
    // Neighbouring samples are not independent: the mean of all is at least three times as certain as one.
    let (mean, error) = (of.variance.iter().sum::<f64>() / n, of.variance_error[0] / 3.0);
    assert!((mean - expected).abs() < 3.5 * error, "{mean} +- {error}, not {expected}");
}

/// The covariance matrix and the noise budgets of five neurons: fan-in, amplifiers, four delays.
#[test]
fn covariances_at_rest_are_those_of_the_dense_solver() {
    let mut network = given("rest_a_T0");
    network.simulation.duration = 2.0 * network.simulation.step;
    network.record.every = network.simulation.step;
    let exact = numbers("rest_a_T0", "covariance");
    let outcome = run(&network);
    for covariance in &outcome.covariances {
        let (i, j) = (covariance.a.0, covariance.b.0);
        let expected = exact[5 * i + j];
        for value in &covariance.values {
            assert!((value - expected).abs() < 1e-5, "{i}, {j}: {value}, not {expected}");
        }
    }
    for variance in &outcome.variances {
        assert!((variance.total(0) - exact[6 * variance.neuron]).abs() < 1e-5);
    }
    for budget in outcome.budget.iter().filter(|budget| budget.observable == Observable::Voltage) {
        let sum: f64 = budget.shares.iter().map(|share| share.values[0]).sum();
        assert!((sum - exact[6 * budget.neuron]).abs() < 1e-5, "budget of {}: {sum}", budget.neuron);
    }
}

/// What the run says of its frequencies.
pub fn stated(outcome: &Outcome) -> f64 {
    let all = outcome.approximations.iter();
    let statement = &all.clone().find(|a| a.name == "fluctuations: heisenberg").unwrap().statement;
    let (_, after) = statement.split_once("miss the variance by ").unwrap();
    after.split_once(' ').unwrap().0.parse().unwrap()
}

/// Too few frequencies for the delays: the run says by how much its covariances are off, and more.
#[test]
fn too_few_frequencies_are_announced() {
    let mut network = with_quantum(given("rest_a_T0"), |quantum| quantum.modes = Some(64));
    network.simulation.duration = 0.01;
    network.record.every = 0.01;
    let exact = numbers("rest_a_T0", "covariance");
    let outcome = run(&network);
    let relative = |c: &qhh_net::outcome::Covariance| {
        let (i, j) = (c.a.0, c.b.0);
        (c.values[0] - exact[5 * i + j]).abs() / (exact[6 * i] * exact[6 * j]).sqrt()
    };
    let off = outcome.covariances.iter().map(relative).fold(0.0, f64::max);
    assert!(off > 1e-3, "{off}: enough after all");
    let stated = stated(&outcome);
    assert!(off < stated && stated < 30.0 * off, "off by {off}, stated {stated}");
}

/// A lossless line that goes both ways, a millisecond long.
#[test]
fn a_line_of_two_ways_has_the_variance_of_the_contour_at_rest() {
    let network = given("two_way_rest_1");
    let exact = numbers("two_way_rest_1", "variance");
    let outcome = run(&network);
    for variance in &outcome.variances {
        for k in 0..variance.n_samples() {
            let (value, expected) = (variance.total(k), exact[variance.neuron]);
            assert!((value - expected).abs() < 1e-4, "neuron {}: {value}, not {expected}", variance.neuron);
        }
    }
    assert!(stated(&outcome) < 1e-5, "{}", stated(&outcome));
}

/// The same with other numbers, warm, and in a ring: against a dense solver on the real axis, where enough is lost for
/// it to see the echoes.
#[test]
fn echoes_at_rest_agree_with_the_dense_solver() {
    for (kt, delay, transmission, cutoff) in
        [(0.0, 0.4, 0.9, 40.0), (0.7, 0.25, 0.8, 30.0), (0.05, 0.6, 0.7, 20.0)]
    {
        let mut network = with_quantum(given("two_way_rest_1"), |quantum| {
            (quantum.thermal_energy, quantum.cutoff, quantum.hbar) = (kt, cutoff, 0.6);
        });
        network.waveguides[0].delay = qhh_net::network::Delay::Time(delay.into());
        network.waveguides[0].transmission = transmission.into();
        network.record.covariance = true;
        let exact = crate::dense::Dense::new(&network).moments(&network.quantum.unwrap());
        assert!(exact.own_error < 1e-6, "{}", exact.own_error);
        let outcome = run(&network);
        for covariance in &outcome.covariances {
            let (i, j) = (covariance.a.0, covariance.b.0);
            let expected = exact.covariance[(i, j)];
            let size = (exact.covariance[(i, i)] * exact.covariance[(j, j)]).sqrt();
            let off = (covariance.values[0] - expected).abs() / size;
            assert!(off < 2e-6, "{i}, {j} at kT = {kt}: {}, not {expected}", covariance.values[0]);
        }
    }
}
