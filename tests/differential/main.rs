//! Random networks, the engine against a slow and plain solver of the same equations ([`reference`]), and against
//! itself: in single precision, on other threads, in other windows; two in three are told to the engine in another system
//! of [`units`] than to the reference. A tenth as many are compared with ngspice, where it
//! is installed ([`ngspice`]), have their fluctuations at the start compared with a dense system of all voltages and
//! waves ([`dense`]), told to the engine in units of the sizes of laboratories, and those through a run with plain responses ([`moments`]).
//!
//! `QHH_DIFFERENTIAL=1000 cargo test --release -p qhh-results --test differential -- --nocapture` compares so many, without
//! it fifty. Each is the same everywhere, by its number. One that fails is made as small as it can be while it still
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
mod compare;
mod dense;
mod exported;
mod fluctuations;
#[path = "../gaps/mod.rs"]
mod gaps;
mod generate;
mod moments;
mod ngspice;
mod reference;
mod response;
mod sampled;
mod shrink;
#[path = "../spice/mod.rs"]
mod spice;
mod tally;
mod through;
mod units;
mod variance;
mod warm;

use std::path::{Path, PathBuf};

use qhh_core::source::{Current, Shape};
use qhh_format::yaml::{self, Draft, Reading, Template};
use qhh_net::Network;
use qhh_net::network::{Drive, Fluctuations, Quantum};
use qhh_net::spread::Spread;
use spice::simulator::is_installed;

/// Networks compared unless told otherwise.
const FEW: usize = 50;

fn n_networks() -> usize {
    std::env::var("QHH_DIFFERENTIAL").map_or(FEW, |number| number.parse().expect("QHH_DIFFERENTIAL is a number"))
}

/// Any file; its network is replaced.
const ANY: &str = "{name: any, simulation: {duration: 1 ms}, neurons: {any: {circuit: single-channel, \
    membrane: {capacitance: 1 uF}, channels: {potassium: {conductance: 36 mS}}}}}";

/// A network as its file gives it, and the file; none if it cannot run. With samples of a current, as it is.
fn as_file(network: &Network) -> Option<(Network, String)> {
    // Samples stand in a file of their own, which a network alone does not have.
    let sampled = |drive: &Drive| matches!(drive, Drive::Current(Current { shape: Shape::Samples { .. }, .. }));
    if network.sources.iter().any(|source| sampled(&source.drive)) {
        return network.check().is_empty().then(|| (network.clone(), format!("{network:#?}")));
    }
    let template = Template::load_text(Path::new("any.yaml"), ANY, &Reading::default(), &[]).unwrap();
    let mut draft: Draft = template.at(&[]).unwrap();
    *draft.network_mut() = network.clone();
    let written = draft.check().ok()?.yaml;
    let read = |text: &str| yaml::load_text(Path::new("random.yaml"), text, &[]);
    let loaded =
        read(&written).unwrap_or_else(|error| panic!("what is written does not read: {error}\n{written}"));
    let again = read(&loaded.yaml).unwrap();
    assert!(again.network == loaded.network, "it reads back as another network:\n{written}");
    Some((loaded.network.into_network(), loaded.yaml))
}

/// Compares, and if that fails writes the smallest network that still fails.
fn tried<T>(network: &Network, compare: impl Fn(&Network) -> Result<T, String>) -> Result<T, String> {
    let name = network.name.clone();
    let (network, _) = as_file(network).unwrap();
    let problem = match compare(&network) {
        Ok(found) => return Ok(found),
        Err(problem) => problem,
    };
    let fails = |network: &Network| as_file(network).and_then(|(network, _)| compare(&network).err());
    let (small, problem) = shrink::shrink(network, problem, &fails);
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.yaml"));
    std::fs::write(&file, as_file(&small).unwrap().1).unwrap();
    Err(format!(
        "network {name}, made smaller: {problem}\n  NETWORK={} cargo test -p qhh-results --test differential -- \
         --nocapture --ignored given",
        file.display()
    ))
}

/// Compares networks, and takes in what each comes to; a few that fail are enough.
fn all<T>(
    networks: impl Iterator<Item = Network>,
    compare: impl Fn(&Network) -> Result<T, String>,
    mut take: impl FnMut(&T),
) {
    let mut failures = Vec::new();
    for network in networks {
        match tried(&network, &compare) {
            Ok(found) => take(&found),
            Err(failure) => failures.push(failure),
        }
        if failures.len() > 4 {
            break;
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn random_networks_agree_with_the_plain_reference() {
    let mut worst = compare::Found::default();
    all((0..n_networks()).map(generate::network), compare::compare, |found| worst.take(found));
    println!("{worst}");
}

fn is_coupled(network: &Network) -> bool {
    network.waveguides.iter().any(|entry| network.n_arms(entry) > 0)
}

/// The network with waveguides that let through a hundredth less of the amplitude.
fn couplings_off(network: &Network) -> Network {
    let mut other = network.clone();
    for entry in &mut other.waveguides {
        entry.transmission = match entry.transmission {
            Spread::Uniform { low, high } => Spread::Uniform { low: 0.98 * low, high: 0.98 * high },
            ref all => Spread::Same(0.98 * all.range().0),
        };
    }
    other
}

/// What a comparison is worth: couplings that are off by a part in a hundred are told, by the expected word, in most
/// networks that have any, but for those in which hardly anything happens.
fn finds_couplings_off<T>(
    networks: impl Iterator<Item = Network>,
    against: impl Fn(&Network, &Network) -> Result<T, String>,
    word: &str,
) {
    let (mut coupled, mut found) = (0, 0);
    for network in networks.map(|network| as_file(&network).unwrap().0).filter(is_coupled) {
        let problem = against(&network, &couplings_off(&network)).err();
        coupled += 1;
        found += usize::from(problem.is_some_and(|problem| problem.contains(word)));
    }
    println!("couplings a hundredth off: found in {found} of {coupled} networks");
    assert!(2 * found > coupled, "found in {found} of {coupled} networks");
}

#[test]
fn couplings_a_little_off_are_found() {
    finds_couplings_off((0..20).map(generate::network), compare::against, "second order");
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
    finds_couplings_off((0..6).map(generate::driven), through::against, "second order");
}

#[test]
fn random_networks_agree_with_ngspice() {
    if !is_installed() {
        return;
    }
    let mut worst = ngspice::Found::default();
    let networks = (0..n_networks().div_ceil(10)).map(generate::network);
    all(networks, ngspice::compare, |found| worst.take(found));
    println!("{worst}");
    assert!(worst.mostly_settled(), "too many networks tell nothing");
}

/// The netlist that users get is written by the program itself, from what it resolved.
#[test]
fn exported_netlists_have_the_same_spikes() {
    if !is_installed() {
        return;
    }
    let mut worst = exported::Found::default();
    let networks = (0..2 * n_networks()).map(generate::network);
    all(networks, exported::compare, |found| worst.take(*found));
    println!("{worst:?}");
    assert!(worst.spikes >= 2 * n_networks(), "too few spikes tell anything: {worst:?}");
    assert!(worst.voltage < 0.05, "{worst:?}");
}

/// Channels of the library and written out, instantaneous gates, and gates that follow a detector.
#[test]
fn exported_netlists_know_every_channel() {
    if !is_installed() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (file, set, spikes) in [
        ("networks/connor_stevens.yaml", "", 3),
        ("networks/morris_lecar.yaml", "", 3),
        ("networks/fast_spiking.yaml", "", 3),
        ("networks/custom_channel.yaml", "", 0),
        ("networks/chain.yaml", "{impedance: 30 kOhm, response_time: 0.1 ms}", 4),
    ] {
        let mut overrides = vec![yaml::Override { path: "quantum.hbar".to_owned(), value: "0.5".to_owned() }];
        if set.is_empty() {
            overrides.clear();
        } else {
            overrides.push(yaml::Override { path: "neurons.relay.sense".to_owned(), value: set.to_owned() });
        }
        let network = yaml::load(&folder.join(file), &overrides).unwrap().network.into_network();
        let found = exported::compare(&network).unwrap_or_else(|problem| panic!("{file}: {problem}"));
        println!("{file}: {found:?}");
        assert!(found.spikes >= spikes, "{file}: {found:?}");
        assert!(found.voltage < if spikes == 0 { 1e-3 } else { 0.1 }, "{file}: {found:?}");
    }
}

#[test]
fn couplings_a_little_off_are_found_by_ngspice() {
    if is_installed() {
        finds_couplings_off((0..10).map(generate::network), ngspice::against, "apart from ngspice");
    }
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
        if is_installed() {
            all.push(ngspice::compare(&network).map(|found| found.to_string()));
        }
    }
    for found in all {
        println!("{}", found.unwrap_or_else(|problem| panic!("{problem}")));
    }
}
