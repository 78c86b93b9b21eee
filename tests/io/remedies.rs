//! What a message says to write is written in place of what was typed, and the file is sound.

use std::path::Path;

use qhh_format::yaml;

/// Five neurons, a mode into the first and waveguides among all.
fn file(of: &[(&str, &str)]) -> String {
    let mut text = "\
name: net
simulation: {duration: 20 ms}
quantum: {hbar: 0.1}
neurons:
  relay:
    count: 5
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}, sodium: {conductance: 120 mS}, chloride: {conductance: 0.3 mS}}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
sources: {light: {into: INTO, current: {shape: mode, zero_point: 0.5 uA, frequency: 10 rad/ms}, state: STATE}}
waveguides: {axon: {from: relay, to: relay, pattern: PATTERN, delay: 1 ms, loss: LOSS}}
record: {budget_of: [BUDGET]}
"
    .to_owned();
    let defaults = [
        ("INTO", "relay.0"),
        ("STATE", "vacuum"),
        ("PATTERN", "chain"),
        ("LOSS", "0.2"),
        ("BUDGET", "relay.1.voltage at 3 ms"),
    ];
    for (what, typed) in of.iter().chain(&defaults) {
        text = text.replace(what, typed);
    }
    text
}

/// The file with the remedy of its one mistake, the first thing between backquotes, in place of what is pointed at.
fn followed(text: &str) -> String {
    let error = yaml::load_text(Path::new("net.yaml"), text, &[]).err().unwrap_or_else(|| panic!("taken: {text}"));
    let problem = &error.problems[0];
    let (help, place) = (problem.help.as_deref().unwrap(), problem.place.as_ref().unwrap());
    let remedy = help.split('`').nth(1).unwrap_or_else(|| panic!("{error}"));
    format!("{}{remedy}{}", &text[..place.span.start], &text[place.span.end..])
}

#[test]
fn remedies_are_taken_as_they_are_written() {
    for (what, typed) in [
        ("STATE", "cat"),
        ("STATE", "coherent"),
        ("STATE", "squeezed"),
        ("STATE", "fock"),
        ("STATE", "thermal"),
        ("STATE", "superposition"),
        ("STATE", "{cat: 2}"),
        ("STATE", "{cat: even}"),
        ("STATE", "{cat: 1-2i}"),
        ("STATE", "{coherent: 2i}"),
        ("STATE", "{squeezed: 0.5}"),
        ("STATE", "{superposition: 3}"),
        ("STATE", "{superposition: [1]}"),
        ("PATTERN", "fixed-fan-in"),
        ("PATTERN", "random"),
        ("PATTERN", "small-world"),
        ("PATTERN", "grid"),
        ("PATTERN", "pairs"),
        ("PATTERN", "{fixed-fan-in: 2}"),
        ("PATTERN", "{random: 0.3}"),
        ("LOSS", "{uniform: [0.1, 3 dB]}"),
        ("INTO", "relay 0"),
        ("INTO", "relay-3"),
        ("INTO", "rely.2"),
        ("INTO", "relay 0..3"),
        ("INTO", "relay.7"),
        ("BUDGET", "relay.1"),
        ("BUDGET", "relay.voltage at 3 ms"),
    ] {
        let wrong = file(&[(what, typed)]);
        let right = followed(&wrong);
        let loaded = yaml::load_text(Path::new("net.yaml"), &right, &[]);
        assert!(loaded.is_ok(), "{typed}: {}", loaded.unwrap_err());
    }
}

/// A word that takes no values, and keys that belong inside of a map.
#[test]
fn what_stands_in_place_of_a_map_is_shown_as_it_should_stand() {
    let help = |what, typed| {
        let error = yaml::load_text(Path::new("net.yaml"), &file(&[(what, typed)]), &[]).unwrap_err();
        error.problems[0].help.clone().unwrap()
    };
    for (what, typed, shown) in [
        ("PATTERN", "{chain: true}", "`chain` takes no values: write `pattern: chain`"),
        ("PATTERN", "{k: 3}", "write `{fixed-fan-in: {k: 3}}`"),
        (
            "PATTERN",
            "{neighbours: 4}",
            "write `{small-world: {neighbours: 4, rewire: 0.1}}` or `{grid: {neighbours: 4, width: 1}}`",
        ),
        ("PATTERN", "{feedforward: {layers: 3}}", "write the size of each layer, such as `layers: [2, 2, 1]`"),
        (
            "PATTERN",
            "feedforward",
            "name them one by one, `from: [first, second]`, or write `{feedforward: {layers: [3, 2]}}`",
        ),
        ("STATE", "{vacuum: 0}", "`vacuum` takes no values: write `state: vacuum`"),
        ("STATE", "{real: 1}", "write `{coherent: {real: 1}}` or `{cat: {real: 1, parity: even}}`"),
    ] {
        assert_eq!(help(what, typed), shown, "{typed}");
    }
}

/// A channel is given the conductance of its own name, and others none.
#[test]
fn conductances_are_those_of_the_channel() {
    for (channel, typed, shown) in [
        ("sodium", "{reversal: 50 mV}", "add `conductance: 120 mS`"),
        ("potassium", "{}", "add `conductance: 36 mS`"),
        ("leak", "[0.3 mS, -54 mV]", "write `{conductance: 0.3 mS, reversal: -54 mV}`"),
        ("leak", "[]", "write `{conductance: 0.3 mS}`"),
        ("sodium", "120 mS", "write `{conductance: 120 mS}`; keys here: "),
        ("calcium", "{gating: leak}", "add `conductance` with its value, in mS"),
    ] {
        let text = file(&[]);
        let (before, rest) = text.split_once("channels: {").unwrap();
        let (_, after) = rest.split_once("}}\n").unwrap();
        let text = format!("{before}channels: {{{channel}: {typed}}}\n{after}");
        let error = yaml::load_text(Path::new("net.yaml"), &text, &[]).unwrap_err();
        let help = error.problems[0].help.clone().unwrap();
        assert!(help.starts_with(shown), "{channel}: {typed}: {error}");
    }
}

/// Every size that does not fit is answered with those that do.
#[test]
fn patterns_that_do_not_fit_say_what_does() {
    for (typed, shown) in [
        ("{fixed-fan-in: {k: 9}}", "write `k: 4` or less"),
        ("{small-world: {neighbours: 5, rewire: 0.1}}", "`neighbours` can be 2, 4"),
        ("{grid: {width: 2}}", "`width` can be 1, 5"),
        ("{grid: {width: 1, neighbours: 6}}", "write `neighbours: 4` or `neighbours: 8`"),
        ("{pairs: [[0, 5]]}", "write 0 to 4"),
        ("{feedforward: {layers: [2, 2]}}", "write sizes that add up to 5"),
        ("{feedforward: {layers: [3, 2], fan_out: 4}}", "write `fan_out: 2` or less"),
    ] {
        let error = yaml::load_text(Path::new("net.yaml"), &file(&[("PATTERN", typed)]), &[]).unwrap_err();
        assert!(error.problems[0].message.ends_with(shown), "{error}");
    }
}

/// One waveguide whose loss is evenly spaced has the first; the warning is of the loss that was typed.
#[test]
fn losses_are_warned_of_as_losses() {
    let text = file(&[
        ("from: relay, to: relay", "from: relay.0, to: relay.1"),
        ("PATTERN", "one-to-one"),
        ("LOSS", "{linear: [0.1, 0.3]}"),
    ]);
    let loaded = yaml::load_text(Path::new("net.yaml"), &text, &[]).unwrap_or_else(|error| panic!("{error}"));
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert_eq!(
        warning,
        "waveguides.axon.loss: `linear` gives a single waveguide its first value, 0.1, and 0.3 to none: write `0.1`, or have more \
         than one"
    );
    assert_eq!(loaded.network.waveguides[0].transmission.range(), (0.9, 0.9));
}
