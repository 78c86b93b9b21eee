//! `qhh graph`: the summary, the drawings, where they go.

use std::fs;

use crate::place::Place;

#[test]
fn a_network_is_summed_up_and_nothing_written() {
    let place = Place::with(&["axon.yaml"]);
    insta::assert_snapshot!(place.done(&["graph", "axon.yaml"]), @"
        axon.yaml
          populations  axon: 1 neuron
          waveguides   none
          components   1 neuron joined to none
          ✓ no network: 1 neuron joined to none
        ");
    assert_eq!(place.names("."), ["axon.yaml"]);
}

#[test]
fn drawings_go_into_files_that_are_never_replaced_unasked() {
    let place = Place::with(&["axon.yaml"]);
    let drawn = &["graph", "axon.yaml", "--svg", "axon.svg", "--dot", "axon.dot"];
    assert!(place.done(drawn).contains("populations"));
    let (svg, dot) = (place.read("axon.svg"), place.read("axon.dot"));
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
    assert!(dot.starts_with("digraph \"axon\" {"), "{dot}");
    fs::write(place.path("axon.svg"), "mine").unwrap();
    let ended = place.qhh(drawn);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("give another name, or replace it with `--force`"), "{}", ended.stderr);
    assert_eq!(place.read("axon.svg"), "mine");
    place.done(&[drawn.as_slice(), &["--force"]].concat());
    assert_eq!(place.read("axon.svg"), svg);
}

#[test]
fn a_drawing_on_standard_output_stands_alone() {
    let place = Place::with(&["axon.yaml"]);
    let svg = place.done(&["graph", "axon.yaml", "--svg", "-"]);
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
    let dot = place.done(&["graph", "axon.yaml", "--dot", "-", "--svg", "axon.svg"]);
    assert!(dot.starts_with("digraph ") && dot.ends_with("}\n"), "{dot}");
    assert_eq!(place.read("axon.svg"), svg);
    let ended = place.qhh(&["graph", "axon.yaml", "--svg", "-", "--dot", "-"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
}

#[test]
fn settings_and_mistakes_are_those_of_a_run() {
    let place = Place::with(&["axon.yaml", "broken.yaml"]);
    let three = place.done(&["graph", "axon.yaml", "--set", "neurons.axon.count=3"]);
    assert!(three.contains("axon: 3 neurons"), "{three}");
    assert_eq!(place.qhh(&["graph", "broken.yaml"]).code, Some(2));
    assert_eq!(place.qhh(&["graph", "nowhere.yaml"]).code, Some(2));
}

#[test]
fn a_large_network_is_drawn_by_population_and_says_so() {
    let place = Place::with(&["crowd.yaml"]);
    let ended = place.qhh(&["graph", "crowd.yaml", "--svg", "crowd.svg"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("shows populations and counts"), "{}", ended.stderr);
    assert!(place.read("crowd.svg").contains("1000 neurons"));
}

const CHAIN: &str = "
name: chain
simulation: {duration: 40 ms}
neurons:
  relay:
    count: 6
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}, sodium: {conductance: 120 mS}, chloride: {conductance: 0.3 mS}}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
waveguides:
  axon: {from: relay, to: relay, pattern: chain, delay: 1 ms}
";

#[test]
fn a_chain_is_summed_up_and_drawn() {
    let place = Place::with(&[]);
    fs::write(place.path("chain.yaml"), CHAIN).unwrap();
    let text = place.done(&["graph", "chain.yaml", "--svg", "chain.svg", "--dot", "chain.dot"]);
    for told in ["axon: chain, 5 from relay to relay, 1 ms", "6, with 1 neuron each", "100 steps of 0.01 ms"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(place.read("chain.svg").matches("class=\"arrow\"").count(), 5);
    assert_eq!(place.read("chain.dot").matches(" -> ").count(), 5);
}
