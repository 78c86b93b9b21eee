//! The commands besides `run`.

use std::fs;

use crate::place::Place;

const TEMPLATES: [&str; 5] = ["three-channel", "single-channel", "squid-axon", "quantum-source", "custom-channel"];

#[test]
fn every_template_checks_and_runs_as_it_is() {
    let place = Place::with(&[]);
    let list = place.done(&["new", "--list"]);
    for template in TEMPLATES {
        assert!(list.contains(template), "{list}");
        let file = format!("{template}.yaml");
        assert_eq!(place.done(&["new", template]), format!("{file}\n"));
        assert!(place.read(&file).starts_with("# yaml-language-server: $schema="), "{file}");
        let checked = place.qhh(&["check", &file]);
        assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""), "{file}");
        let ran = place.qhh(&["run", &file]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{file}");
    }
}

#[test]
fn a_template_never_overwrites_a_file_unasked() {
    let place = Place::with(&[]);
    fs::write(place.path("squid-axon.yaml"), "mine").unwrap();
    let ended = place.qhh(&["new", "squid-axon"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(place.read("squid-axon.yaml"), "mine");
    place.done(&["new", "squid-axon", "--out", "other.yaml"]);
    place.done(&["new", "squid-axon", "--force"]);
    assert_eq!(place.done(&["new", "squid-axon", "--out", "-"]), place.read("other.yaml"));
    assert_eq!(place.names("."), ["other.yaml", "squid-axon.yaml"]);
    assert_eq!(place.qhh(&["new", "squid-axon", "--out", "no/such/folder.yaml"]).code, Some(2));
}

#[test]
fn checking_says_what_would_run_and_writes_nothing() {
    let place = Place::with(&["axon.yaml", "endless.yaml"]);
    insta::assert_snapshot!(place.done(&["check", "axon.yaml"]), @"
    axon.yaml
      name      axon
      neurons   1 neuron in 1 population, 1 source
      steps     2000 of 0.01 ms
      samples   201, one every 0.1 ms
      recorded  2 columns from 1 neuron
      memory    about 16.0 MB
      results   about 10.9 kB as CSV
      states    up to 48.9 kB of the disk, if any are kept for `qhh resume`
    ");
    place.done(&["check", "endless.yaml"]);
    assert_eq!(place.names("."), ["axon.yaml", "endless.yaml"]);
}

#[test]
fn checking_tells_what_field_modes_take() {
    let place = Place::with(&["modes.yaml"]);
    let told = place.done(&["check", "modes.yaml"]);
    // Three channels, two ports: ten lines, five of which reach both neurons; 16 frequencies, 400 steps.
    assert!(told.contains(" on one thread: 96000 steps of one frequency of one line in one neuron"), "{told}");
}

#[test]
fn the_schema_is_json_that_knows_every_block() {
    let schema: serde_json::Value = serde_json::from_str(&Place::with(&[]).done(&["schema"])).unwrap();
    for block in ["name", "simulation", "quantum", "neurons", "sources", "record"] {
        assert!(schema["properties"][block].is_object(), "{block}");
    }
}

#[test]
fn every_shell_gets_its_completions() {
    let place = Place::with(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(place.done(&["completions", shell]).contains("threads"), "{shell}");
    }
}

#[test]
fn runs_are_compared_on_one_page() {
    let place = Place::with(&["axon.yaml", "memristors.yaml"]);
    place.done(&["run", "axon.yaml", "memristors.yaml"]);
    assert_eq!(place.done(&["compare", "axon", "memristors"]), "compare.html\n");
    let page = place.read("compare.html");
    assert!(page.contains("axon") && page.contains("memristors"));
    assert_eq!(place.qhh(&["compare", "axon", "memristors"]).code, Some(2), "the page exists");
    place.done(&["compare", "axon", "memristors", "--out", "other.html"]);
    place.done(&["compare", "axon", "memristors", "--force"]);
}

#[test]
fn only_whole_results_are_compared() {
    let place = Place::with(&["axon.yaml"]);
    place.done(&["run", "axon.yaml"]);
    fs::create_dir(place.path("empty")).unwrap();
    for (folder, told) in [("empty", "has no summary.json"), ("nowhere", "no folder"), ("axon.yaml", "no folder")]
    {
        let ended = place.qhh(&["compare", "axon", folder]);
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
    fs::remove_file(place.path("axon/traces.csv")).unwrap();
    let ended = place.qhh(&["compare", "axon", "axon"]);
    assert!(ended.stderr.contains("has no traces.csv"), "{}", ended.stderr);
    assert_eq!(place.names("."), ["axon", "axon.yaml", "empty"]);
}
