//! Random networks, the engine against a slow and plain solver of the same equations ([`reference`]), and against
//! itself: in single precision, on other threads, in other windows; two in three are told to the engine in another system
//! of [`units`] than to the reference. A tenth as many have their fluctuations at the start
//! compared with a dense system of all voltages and waves ([`dense`]), told to the engine in units of the sizes of
//! laboratories, and those through a run with plain responses ([`moments`]). `tests/ngspice` compares as many with ngspice.
//!
//! `QHH_DIFFERENTIAL=1000 cargo test --release -p qhh-results --test differential -- --nocapture` compares so many, without
//! it as many as `tests/cases` says. Each is the same everywhere, by its number. One that fails is made as small as it can be while it still
//! fails, and written to a file, which is compared again so:
//!
//! ```text
//! NETWORK=FILE cargo test -p qhh-results --test differential -- --nocapture --ignored given
//! ```
//!
//! No tolerance is fitted: the engine is of second order, so halving its step must leave about a quarter of the error,
//! and less than three eighths, half way to the half that a method of first order leaves. What is wrong leaves all of
//! it. A network that is about to fire or not shows its order only at finer steps, down to a sixteenth.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "the deviations are worth reading")]
#![allow(unreachable_pub, reason = "modules of one test binary")]

mod backwards;
mod bounds;
mod budgets;
#[path = "../cases/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod cases;
mod compare;
mod dense;
mod fluctuations;
#[path = "../gaps/mod.rs"]
mod gaps;
mod generate;
mod moments;
#[path = "../ranks/mod.rs"]
#[expect(dead_code, reason = "shared with tests/net")]
mod ranks;
mod reference;
mod response;
mod sampled;
mod shrink;
#[path = "../spice/mod.rs"]
#[expect(dead_code, reason = "shared with tests/ngspice")]
mod spice;
mod tally;
mod through;
mod together;
mod transposed;
mod trying;
mod units;
mod variance;
mod warm;

use std::path::Path;

use cases::COUPLINGS_OFF;
use qhh_format::yaml;
use qhh_net::Network;
use qhh_net::network::{Fluctuations, Quantum};
use trying::{all, as_file, finds_couplings_off, n_networks};

/// How the test is called that compares a given network.
const GIVEN: &str = "--ignored given";

#[test]
fn random_networks_agree_with_the_plain_reference() {
    let mut worst = compare::Found::default();
    all((0..n_networks()).map(generate::network), compare::compare, |found| worst.take(found));
    println!("{worst}");
}

#[test]
fn couplings_a_little_off_are_found() {
    finds_couplings_off((0..20).map(generate::network), compare::against, "second order");
}

/// Field modes of those that have any included.
#[test]
fn random_networks_have_the_same_bits_on_any_number_of_ranks() {
    let few = n_networks().div_ceil(10);
    let fluctuating = (0..few).map(generate::fluctuating).chain((0..few).map(generate::driven));
    all((0..n_networks()).map(generate::network).chain(fluctuating), together::compare, |()| ());
}

/// Whatever the units its file is written in.
#[test]
fn random_networks_read_back_in_every_system_of_units() {
    for network in (0..n_networks()).map(generate::network) {
        let (network, _) = as_file(&network).unwrap();
        let told = units::Units::of(&network).told(&network);
        let (read, _) = as_file(&told).unwrap_or_else(|| panic!("{} cannot run", network.name));
        // A factor for each target is written as a spread of amplitudes, and read back in place of the amplitude.
        let without = |network: &Network| Network { sources: Vec::new(), ..network.clone() };
        assert!(without(&read) == without(&told), "{}", network.name);
        let scaled = |network: &Network| network.sources.iter().any(|source| source.scale.is_some());
        assert!(scaled(&told) || read == told, "sources of {}", network.name);
    }
}

#[test]
fn variances_of_random_networks_agree_with_the_dense_reference() {
    let mut worst = variance::Found::default();
    let networks = (0..n_networks().div_ceil(10)).map(generate::fluctuating);
    all(networks, variance::compare, |found| worst.take(found));
    println!("{worst}");
    assert!(worst.mostly_resolved(), "too many networks tell nothing");
}

#[test]
fn couplings_a_little_off_are_found_in_variances() {
    finds_couplings_off((0..10).map(generate::fluctuating), variance::against, "the step explain");
}

#[test]
fn fluctuations_through_a_run_agree_with_plain_responses() {
    let mut worst = through::Found::default();
    let networks = (0..n_networks().div_ceil(10)).map(generate::driven);
    all(networks, through::compare, |found| worst.take(found));
    println!("{worst}");
}

/// Beside the same mean field.
#[test]
fn couplings_a_little_off_are_found_in_fluctuations() {
    finds_couplings_off((0..COUPLINGS_OFF.number()).map(generate::driven), through::against, "second order");
}

/// The dense reference itself, where the answer is known.
#[test]
fn the_dense_reference_has_the_variance_of_a_resistor_and_a_capacitor() {
    // (hbar/pi) int w Re z dw = hbar/(2 pi R C^2) ln(1 + (w_c R C)^2).
    let text = "{name: leak, simulation: {duration: 4 ms}, neurons: {leak: {membrane: {capacitance: 2 uF}, channels: \
                {potassium: {conductance: 0 mS}, sodium: {conductance: 0 mS}, chloride: {conductance: 0.5 mS}}}}}";
    let network = yaml::load_text(Path::new("leak.yaml"), text, &[]).unwrap().network.into_network();
    let quantum = Quantum { cutoff: 10.0, ..Quantum::new(0.7) };
    let variance = dense::Dense::new(&network).moments(&quantum).covariance[(0, 0)];
    let exact = 0.7 / (2.0 * std::f64::consts::PI * 8.0) * 1601f64.ln();
    assert!((variance / exact - 1.0).abs() < 1e-10, "{variance} and {exact}");
}

/// The plain responses themselves, where the answer is known: at rest nothing changes, and 24 frequencies are enough
/// for one resistor.
#[test]
fn plain_responses_of_a_resistor_and_a_capacitor_keep_their_variance() {
    let text = "{name: leak, simulation: {duration: 4 ms}, neurons: {leak: {membrane: {capacitance: 2 uF}, channels: \
                {potassium: {conductance: 0 mS}, sodium: {conductance: 0 mS}, chloride: {conductance: 0.5 mS}}}}}";
    let mut network = yaml::load_text(Path::new("leak.yaml"), text, &[]).unwrap().network.into_network();
    network.quantum = Some(Quantum { cutoff: 10.0, modes: Some(24), ..Quantum::new(0.7) });
    network.record.every = 0.5;
    let exact = 0.7 / (2.0 * std::f64::consts::PI * 8.0) * 1601f64.ln();
    let truth = through::Truth::of(&network, &network, 0.00125);
    assert_eq!(truth.moments.len(), 9);
    for moments in truth.moments {
        let variance = moments[(0, 0)];
        assert!((variance / exact - 1.0).abs() < 1e-8, "{variance} and {exact}");
    }
}

/// And what they are allowed to err themselves, where it is not.
#[test]
fn plain_responses_hardly_change_at_half_their_step() {
    for number in 2..4 {
        let network = through::prepared(&as_file(&generate::driven(number)).unwrap().0);
        let at = |step: f64| through::Truth::of(&network, &network, step);
        let change = at(generate::STEP / 16.0).errors(&at(generate::STEP / 32.0).moments);
        println!("plain responses of network {number} change by {change:?} at half the step");
        assert!(change.iter().all(|change| *change < through::OWN), "{change:?}");
    }
}

/// The reference itself, where the answer is known.
#[test]
fn the_reference_charges_a_membrane_as_an_exponential() {
    // Passive membrane: V = I R (1 - e^(-t/RC)), the gates held shut by a potassium that does not conduct.
    let text = "{name: leak, simulation: {duration: 4 ms}, neurons: {leak: {membrane: {capacitance: 2 uF}, channels: \
                {potassium: {conductance: 0 mS}, sodium: {conductance: 0 mS}, chloride: {conductance: 0.5 mS}}}}, \
                sources: {kick: {into: leak, current: {shape: constant, amplitude: 3 uA}}}}";
    let network = yaml::load_text(Path::new("leak.yaml"), text, &[]).unwrap().network.into_network();
    let course = &reference::courses(&network, 0.02)[0];
    for (k, v) in course.voltage.iter().enumerate() {
        let exact = 6.0 * (1.0 - (-(k as f64) * 0.02 / 4.0).exp());
        assert!((v - exact).abs() < 1e-10, "{v} and {exact} at step {k}");
    }
}

#[test]
#[ignore = "compares the network file that `NETWORK` names"]
fn the_given_network_agrees() {
    let path = std::env::var_os("NETWORK").expect("`NETWORK` names a network file");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let network = yaml::load(&path, &[]).unwrap_or_else(|error| panic!("{error}")).network.into_network();
    let by_modes = network.quantum.is_some_and(|quantum| quantum.fluctuations == Fluctuations::Heisenberg);
    let mut all: Vec<Result<String, String>> = Vec::new();
    if by_modes {
        all.push(variance::compare(&network).map(|found| found.to_string()));
        all.push(through::compare(&network).map(|found| found.to_string()));
    } else {
        all.push(compare::compare(&network).map(|found| found.to_string()));
    }
    for found in all {
        println!("{}", found.unwrap_or_else(|problem| panic!("{problem}")));
    }
}
