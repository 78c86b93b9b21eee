//! Overrides: the same checks as the file's, and the option by name when they fail.

use std::path::Path;

use qhh_core::quantum::State;
use qhh_format::yaml::{self, LoadError, Loaded, Override};
use qhh_net::network::Drive;

use crate::fixtures::{FULL, LEAST};

fn with(text: &str, options: &[&str]) -> Result<Loaded, LoadError> {
    let overrides: Vec<Override> = options.iter().map(|text| Override::parse(text).unwrap()).collect();
    yaml::load_text(Path::new("net.yaml"), text, &overrides)
}

fn refusal(text: &str, option: &str) -> String {
    let error = with(text, &[option]).unwrap_err();
    assert!(error.to_string().contains("setting "), "{error}");
    error.to_string()
}

#[test]
fn a_value_deep_in_the_file_is_replaced() {
    let loaded = with(FULL, &["neurons.relay.output.capacitance=500 nF", "simulation.seed=7"]).unwrap();
    assert_eq!(loaded.network.populations[0].circuit.output.unwrap().capacitance, 0.5);
    assert_eq!(loaded.network.simulation.seed, 7);
    assert!(loaded.yaml.contains("seed: 7\n"));
}

#[test]
fn a_block_that_is_not_there_is_made() {
    let loaded = with(LEAST, &["quantum.hbar=0.5", "quantum.cutoff=100 rad/ms"]).unwrap();
    let quantum = loaded.network.quantum.unwrap();
    assert_eq!((quantum.hbar, quantum.cutoff), (0.5, 100.0));
}

#[test]
fn flow_maps_and_elements_of_lists_are_values_too() {
    let state = "sources.light.state={coherent: {amplitude: 3}}";
    let loaded = with(FULL, &[state, "sources.swing.into[1]=relay[5]"]).unwrap();
    let source = |name: &str| loaded.network.sources.iter().find(|s| s.name == name).unwrap();
    assert!(
        matches!(&source("light").drive, Drive::Mode(mode) if matches!(mode.state, State::Coherent(a) if a.re == 3.0))
    );
    assert_eq!(source("swing").targets, vec![1, 2, 3, 5].into());
}

#[test]
fn null_takes_an_optional_entry_away() {
    assert!(with(FULL, &["quantum=null"]).unwrap().network.quantum.is_none());
}

#[test]
fn later_overrides_win() {
    let loaded = with(LEAST, &["simulation.seed=2", "simulation.seed=3"]).unwrap();
    assert_eq!(loaded.network.simulation.seed, 3);
}

#[test]
fn mistakes_name_the_option() {
    let cases = [
        "neurons.relay.output.capacitence=1 uF",
        "neurons.rely.count=2",
        "neurons.relay.count=2.5",
        "simulation.duration=5 mV",
        "simulaton.duration=5 ms",
        "sources.swing.into[2]=lone",
        "name.first=x",
        "quantum.hbar=0.5",
        "record.quantities=[voltag]",
        "simulation.seed=[1, 2",
        "quantum.fluctuations=wignr",
        "sources[0].current.amplitude=3 uA",
        "sources.swing.into=null",
        "relay[0].channels.potassium.conductance=30 mS",
        "relay.conductance=30 mS",
        "neurons.relay[0].channels.potassium.conductance=30 mS",
        "neurons.relay.0=2",
        "neurons.relay.channels.potassium.conductance[0]=30 mS",
        "neurons.relay.capacitance=2 uF",
    ];
    let messages: Vec<String> = cases.iter().map(|option| refusal(FULL, option)).collect();
    insta::assert_snapshot!(messages.join("\n\n"));
}

#[test]
fn an_incomplete_block_made_by_an_option_names_it() {
    insta::assert_snapshot!(refusal(LEAST, "quantum.cutoff=100 rad/ms"), @"
    net.yaml: setting quantum.cutoff=100 rad/ms: `quantum` gives neither `hbar` nor `scale`: it needs exactly one of them
      help: add `hbar: 0.5` or `scale: {capacitance: 1 pF, voltage: 1 uV, time: 1 ns}`
    ");
}

/// What was set is meant, and the file's own value is in the way; what was taken away is missed by its option.
#[test]
fn the_way_out_is_to_take_away_the_other_value() {
    let chain = |value: &str| {
        LEAST.to_owned()
            + &format!(
                "waveguides:\n  axon: {{from: lone, to: lone, allow_self: true, pattern: one-to-one, delay: 1 ms, {value}}}\n"
            )
    };
    for (own, set, told) in [
        ("loss: 3 dB", "transmission=0.5", "`--set waveguides.axon.loss=null`"),
        ("transmission: 0.5", "loss=3 dB", "`--set waveguides.axon.transmission=null`"),
        ("loss: 3 dB", "delay=null", "setting waveguides.axon.delay=null: `waveguides.axon` lacks `delay`"),
        ("loss: 3 dB", "delay=", "there is no value to set"),
    ] {
        let refused = refusal(&chain(own), &format!("waveguides.axon.{set}"));
        assert!(refused.contains(told), "{set}: {refused}");
    }
}

#[test]
fn what_is_no_override_says_how_one_looks() {
    insta::assert_snapshot!(Override::parse("simulation.seed").unwrap_err(), @"`simulation.seed` sets nothing: write PATH=VALUE, such as `simulation.duration=40 ms`");
    insta::assert_snapshot!(Override::parse("a..b=1").unwrap_err(), @"`a..b` is not a path: write keys with dots between them and `[0]` for an element of a list");
    insta::assert_snapshot!(Override::parse("a[x]=1").unwrap_err(), @"`a[x]` is not a path: write keys with dots between them and `[0]` for an element of a list");
    assert_eq!(Override::parse("a = b = c").unwrap().value, " b = c");
}

/// An option whose variable is empty takes nothing away.
#[test]
fn an_empty_value_is_refused() {
    insta::assert_snapshot!(refusal(LEAST, "neurons.lone.count="), @"
    net.yaml: setting neurons.lone.count=: there is no value to set
      help: write a value behind the `=`, or `neurons.lone.count=null` to take the entry away
    ");
}
