//! States of outgoing modes as a user reads them, of networks in `tests/faults` that once gave wrong figures.

use std::f64::consts::PI;
use std::path::Path;

use serde_json::Value;

use crate::place::{Ended, Place};

/// A case's network in a place of its own, with replacements of its text.
fn case(name: &str, replaced: &[(&str, &str)]) -> Place {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/faults").join(name).join("net.yaml");
    let mut text = std::fs::read_to_string(file).unwrap();
    for (from, to) in replaced {
        assert!(text.contains(from), "{name} has no {from}");
        text = text.replace(from, to);
    }
    let place = Place::with(&[]);
    std::fs::write(place.path("net.yaml"), text).unwrap();
    place
}

/// `states.json` of a run that must succeed.
fn states_of(name: &str, replaced: &[(&str, &str)]) -> Value {
    let place = case(name, replaced);
    place.done(&["run", "net.yaml", "--out", "out", "--no-report"]);
    serde_json::from_str(&place.read("out/states.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// That a network is refused before it runs, by both commands.
fn refused(name: &str, replaced: &[(&str, &str)]) -> Ended {
    let place = case(name, replaced);
    let ended = place.qhh(&["run", "net.yaml", "--out", "out", "--no-report"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let ended = place.qhh(&["check", "net.yaml"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    ended
}

/// Modes on one carrier that lie many widths apart turn against each other across the band: frequencies must resolve
/// that, or they seem to be one mode.
#[test]
fn modes_far_apart_are_independent() {
    for late in ["20 ms", "13.5 ms"] {
        let states = states_of("q01-overlap-of-far-modes", &[("centre: 20 ms", &format!("centre: {late}"))]);
        let pair = &states["pairs"][0];
        assert!(number(&pair["overlap"]) < 1e-6, "{late}: {pair}");
        assert!(
            number(&pair["log_negativity"]) < 1e-6 && number(&pair["mutual_information"]).abs() < 1e-6,
            "{pair}"
        );
        assert!(!states["together"].is_null());
    }
}

#[test]
fn modes_close_to_each_other_overlap_as_their_envelopes_do() {
    // Two and three widths: e^{-tau^2/(8 s^2)}.
    for (late, apart) in [("7 ms", 2.0f64), ("7.5 ms", 3.0)] {
        let states = states_of("q01-overlap-of-far-modes", &[("centre: 20 ms", &format!("centre: {late}"))]);
        let overlap = number(&states["pairs"][0]["overlap"]);
        assert!((overlap - (-apart * apart / 8.0).exp()).abs() < 2e-3, "{late}: {overlap}");
    }
}

/// A passive network at rest in the cold makes no photons, however long the search and narrow its packets.
#[test]
fn vacuum_in_gives_no_photons_in_the_brightest_mode() {
    for width in ["0.3", "0.5"] {
        let states = states_of("q02-photons-from-vacuum", &[("width: 0.3", &format!("width: {width}"))]);
        for mode in states["modes"].as_array().unwrap() {
            assert!(number(&mode["photons"]).abs() < 3e-3, "{width}: {}", mode["photons"]);
            assert!(number(&mode["commutator_defect"]) < 1e-3, "{width}: {}", mode["commutator_defect"]);
        }
    }
}

/// What two squeezed packets bring is found again, in two modes: sinh^2 r quanta each.
#[test]
fn squeezed_packets_are_found_again() {
    for (r, quanta) in [("1", 1.0f64.sinh().powi(2)), ("0.6", 0.6f64.sinh().powi(2))] {
        let states = states_of(
            "q02b-photons-from-squeezed-packets",
            &[("squeezed: {r: 1}", &format!("squeezed: {{r: {r}}}"))],
        );
        for mode in states["modes"].as_array().unwrap() {
            assert!((number(&mode["photons"]) / quanta - 1.0).abs() < 1e-4, "{r}: {}", mode["photons"]);
            assert!((number(&mode["purity"]) - 1.0).abs() < 1e-3, "{r}: {}", mode["purity"]);
        }
    }
}

/// The brightest mode of a squeezed packet is in the packet's state, and the run checks what `verify` checks.
#[test]
fn the_brightest_mode_is_in_the_state_of_the_packet() {
    let place = case("q03-dominant-mode-is-no-state", &[]);
    place.done(&["run", "net.yaml", "--out", "out", "--no-report"]);
    let states: Value = serde_json::from_str(&place.read("out/states.json")).unwrap();
    for mode in states["modes"].as_array().unwrap() {
        let off = number(&mode["photons"]) / 1.0f64.sinh().powi(2) - 1.0;
        assert!(off.abs() < 1e-3, "{mode}");
        let variance = number(&mode["smallest_variance"]);
        assert!((variance / (0.5 * (-2.0f64).exp()) - 1.0).abs() < 5e-3, "{variance}");
        let purity = number(&mode["purity"]);
        assert!(purity > 0.995 && purity <= 1.0, "{purity}");
    }
    place.done(&["verify", "out"]);
    let checks = place.summary("out")["outcome"]["checks"].to_string();
    assert!(checks.contains("outgoing modes are in states"), "{checks}");
    // One photon is one photon.
    let one = states_of("q03-dominant-mode-is-no-state", &[("squeezed: {r: 1}", "fock: {n: 1}")]);
    assert!((number(&one["modes"][0]["photons"]) - 1.0).abs() < 1e-3, "{}", one["modes"][0]["photons"]);
}

#[test]
fn negativity_volumes_are_within_their_errors() {
    let cases = [
        ("q04-negativity-of-0-and-64", 0.002_020_991_3),
        ("q05-negativity-of-two-inputs", 1.0 / PI),
        ("q06-negativity-of-a-large-cat", (-2.0f64 * 1e6 * 5.4e-11).exp() / PI),
    ];
    for (name, expected) in cases {
        let states = states_of(name, &[]);
        let input = &states["modes"][0]["input"];
        let (volume, error) = (number(&input["negativity_volume"]), number(&input["negativity_error"]));
        assert!((volume - expected).abs() < error + 1e-4 * expected, "{name}: {volume} +- {error}");
        assert!(error < 0.02 * expected, "{name}: {volume} +- {error}");
    }
}

/// What cannot be trusted is null, with the reason.
#[test]
fn a_negativity_beyond_sixteen_digits_is_null() {
    let states = states_of("q06-negativity-of-a-large-cat", &[("amplitude: 1000", "amplitude: 1e9")]);
    let input = &states["modes"][0]["input"];
    assert!(input["negativity_volume"].is_null() && input["negativity_error"].is_null(), "{input}");
    assert!(input["negativity_problem"].as_str().unwrap().contains("cannot be resolved"), "{input}");
}

/// The quiet quadrature of strong squeezing, behind a mirror that takes next to nothing of a packet that the run does not cut.
#[test]
fn strong_squeezing_keeps_its_digits() {
    for r in [3.0, 10.0, 18.0, 30.0, 60.0f64] {
        let whole = [("duration: 20", "duration: 40"), ("centre: 10", "centre: 20")];
        let strength = format!("r: {r}");
        let states = states_of("q13-strong-squeezing", &[&whole[..], &[("r: 10", &strength)]].concat());
        let mode = &states["modes"][0];
        let (variance, purity) = (number(&mode["smallest_variance"]), number(&mode["purity"]));
        // Half of what is lost, a few of the last digit.
        let lost = variance - 0.5 * (-2.0 * r).exp();
        assert!((0.0..1e-5 * variance + 2e-14).contains(&lost), "{r}: {variance}, {lost} of it lost");
        assert!(purity <= 1.0, "{r}: {purity}");
        let db = number(&mode["squeezing_db"]);
        assert!((db + 10.0 * (2.0 * variance).log10()).abs() < 1e-6, "{r}: {db}");
    }
}

/// The purity of a photon is not that of the Gaussian state with its moments, 1/3.
#[test]
fn the_purity_of_a_photon_is_its_own() {
    let states = states_of("q13-strong-squeezing", &[("squeezed: {r: 10}", "fock: {n: 1}")]);
    let purity = number(&states["modes"][0]["purity"]);
    assert!((purity - 1.0).abs() < 1e-6, "{purity}");
}

#[test]
fn superpositions_that_cancel_or_overflow_are_refused_before_the_run() {
    let name = "q11-superposition-that-cancels";
    let ended = refused(name, &[]);
    assert!(ended.stderr.contains("cancel"), "{}", ended.stderr);
    let both = "[{n: 0, amplitude: 1}, {n: 0, amplitude: -1}]";
    refused(name, &[(both, "[{n: 2, amplitude: 0.3}, {n: 2, amplitude: -0.1}, {n: 2, amplitude: -0.2}]")]);
    refused(name, &[(both, "[{n: 0, amplitude: 1e155}, {n: 1, amplitude: 1e155}]")]);
    refused(name, &[(both, "[{n: 0, amplitude: 1e-170}]")]);
}

#[test]
fn outgoing_modes_without_hbar_are_refused_before_the_run() {
    let ended = refused("q12-hbar-zero-with-modes", &[]);
    assert!(ended.stderr.contains("hbar"), "{}", ended.stderr);
    refused("q12-hbar-zero-with-modes", &[("fock: {n: 1}", "vacuum")]);
}

/// Two modes leave each neuron of an entangled pair: more is shared between the neurons than between any two modes.
#[test]
fn parties_may_be_neurons() {
    let place = Place::with(&[]);
    let network = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks/entangled_pair.yaml");
    place.done(&["run", network.to_str().unwrap(), "--out", "out", "--no-report"]);
    let states: Value = serde_json::from_str(&place.read("out/states.json")).unwrap();
    let neurons = states["together"]["neurons"].as_array().unwrap();
    assert_eq!(neurons.len(), 2);
    assert_eq!(neurons[0]["modes"], serde_json::json!(["back_left", "on_left"]));
    let of = |value: &Value| number(&value["log_negativity"]);
    // A party and all others: the same from both sides, up to 2 r, above that of any pair.
    assert!((of(&neurons[0]) - of(&neurons[1])).abs() < 1e-9);
    let best = states["pairs"].as_array().unwrap().iter().map(of).fold(0.0, f64::max);
    assert!(of(&neurons[0]) > best + 1e-3 && of(&neurons[0]) < 2.0, "{} and {best}", neurons[0]);
}
