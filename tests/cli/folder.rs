//! Where results go, and what is never overwritten.

use std::fs;

use crate::place::Place;

#[test]
fn a_file_runs_again_and_its_earlier_results_stay_beside() {
    let place = Place::with(&["axon.yaml"]);
    place.done(&["run", "axon.yaml", "--set", "simulation.seed=5"]);
    let first = place.read("axon/summary.json");
    for again in ["axon.1", "axon.2"] {
        let ended = place.qhh(&["run", "axon.yaml"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stderr.contains(&format!("the earlier run are now in {again}")), "{}", ended.stderr);
    }
    assert_eq!(place.read("axon.1/summary.json"), first);
    place.done(&["verify", "axon", "axon.1", "axon.2"]);
    assert_eq!(place.names("."), ["axon", "axon.1", "axon.2", "axon.yaml"]);
    // What no run has written is not moved.
    fs::remove_file(place.path("axon/summary.json")).unwrap();
    assert_eq!(place.qhh(&["run", "axon.yaml"]).code, Some(2));
    assert_eq!(place.names("."), ["axon", "axon.1", "axon.2", "axon.yaml"]);
}

#[test]
fn an_existing_folder_is_refused_before_the_run() {
    let place = Place::with(&["axon.yaml"]);
    place.done(&["run", "axon.yaml"]);
    let first = place.read("axon/summary.json");
    let ended = place.qhh(&["run", "axon.yaml", "--out", "axon"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("axon exists already") && ended.stderr.contains("--force"), "{}", ended.stderr);
    assert_eq!(place.read("axon/summary.json"), first);
    assert_eq!(place.names("."), ["axon", "axon.yaml"]);
}

#[test]
fn force_replaces_an_earlier_run_whole() {
    let place = Place::with(&["axon.yaml"]);
    place.done(&["run", "axon.yaml"]);
    fs::write(place.path("axon/stray.txt"), "left over").unwrap();
    place.done(&["run", "axon.yaml", "--force", "--no-report"]);
    let tables = ["firing_rates.csv", "input.yaml", "network.yaml", "spikes.csv", "summary.json", "traces.csv"];
    assert_eq!(place.names("axon"), [&["SHA256SUMS"][..], &tables].concat());
    assert_eq!(place.names("."), ["axon", "axon.yaml"]);
}

#[test]
fn a_network_may_replace_the_folder_it_lies_in() {
    let place = Place::with(&["axon.yaml"]);
    place.done(&["run", "axon.yaml"]);
    place.done(&["run", "axon/network.yaml", "--out", "axon", "--force"]);
    assert_eq!(place.names("."), ["axon", "axon.yaml"]);
}

#[test]
fn force_never_touches_what_no_run_has_written() {
    let place = Place::with(&["axon.yaml"]);
    fs::create_dir(place.path("precious")).unwrap();
    fs::write(place.path("precious/thesis.tex"), "years of work").unwrap();
    for out in ["precious", "axon.yaml", "."] {
        let ended = place.qhh(&["run", "axon.yaml", "--force", "--out", out]);
        assert_eq!(ended.code, Some(2), "{out}: {}", ended.stderr);
    }
    assert_eq!(place.read("precious/thesis.tex"), "years of work");
    // Nor is it said that it might.
    let ended = place.qhh(&["run", "axon.yaml", "--out", "precious"]);
    assert!(ended.stderr.contains("so nothing may replace it"), "{}", ended.stderr);
    assert!(ended.stderr.contains("choose another place with `--out`"), "{}", ended.stderr);
}

#[test]
fn two_networks_of_one_name_do_not_share_a_folder() {
    let place = Place::with(&["axon.yaml"]);
    fs::copy(place.path("axon.yaml"), place.path("twin.yaml")).unwrap();
    for force in [&[][..], &["--force"]] {
        let ended = place.qhh(&[&["run", "axon.yaml", "twin.yaml"], force].concat());
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stdout.starts_with("axon\n"), "{}", ended.stdout);
        assert_eq!(place.names("."), ["axon", "axon.yaml", "twin.yaml"]);
    }
}

#[test]
fn an_impossible_folder_is_told_at_once() {
    let place = Place::with(&["endless.yaml"]);
    for out in ["endless.yaml/under", "endless.yaml/far/under", ".", "/"] {
        let ended = place.qhh(&["run", "endless.yaml", "--out", out]);
        assert_eq!(ended.code, Some(2), "{out}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("error: "), "{out}: {}", ended.stderr);
    }
    if cfg!(target_os = "linux") {
        assert_eq!(place.qhh(&["run", "endless.yaml", "--out", "/proc/results"]).code, Some(2));
    }
    assert_eq!(place.names("."), ["endless.yaml"]);
}

#[test]
fn two_runs_into_one_folder_do_not_mix() {
    let place = Place::with(&["axon.yaml"]);
    let slow = ["run", "axon.yaml", "--quiet", "--set", "simulation.duration=4 s", "--no-report"];
    let mut first = place.command(&slow).spawn().unwrap();
    let second = place.qhh(&slow);
    let first = first.wait().unwrap();
    // Whichever is through first has the folder; the other is refused, before or after its run, and leaves nothing.
    let codes = [first.code(), second.code];
    assert!(codes.contains(&Some(0)) && codes.iter().any(|code| *code != Some(0)), "{codes:?}: {}", second.stderr);
    assert_eq!(place.names("."), ["axon", "axon.yaml"]);
    place.done(&["verify", "axon"]);
}
