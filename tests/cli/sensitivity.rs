//! `qhh sensitivity`: derivatives of a number of a run, against runs with other values.

use std::fs;
use std::path::Path;

use crate::place::Place;

/// A place with the chain that the program ships.
fn with_chain() -> Place {
    let place = Place::with(&[]);
    let chain = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks/chain.yaml");
    fs::copy(chain, place.path("chain.yaml")).unwrap();
    place
}

/// Cells of a row of a table by the text of its first column.
fn row(place: &Place, path: &str, first: &str) -> Vec<String> {
    let text = place.read(path);
    let found = text.lines().find(|line| line.starts_with(&format!("{first},")));
    found.unwrap_or_else(|| panic!("{first} in {text}")).split(',').map(str::to_owned).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

/// Time of the first spike of a neuron in a run with a value set.
fn first_spike(place: &Place, neuron: &str, set: &str) -> f64 {
    place.done(&["run", "chain.yaml", "--set", set, "--set", "simulation.sleep=off", "--out", "run", "--force"]);
    number(&row(place, "run/spikes.csv", neuron)[3])
}

#[test]
fn derivatives_are_those_of_runs_with_other_values() {
    let place = with_chain();
    let printed = place.done(&["sensitivity", "chain.yaml", "--of", "relay[4].first_spike"]);
    assert!(printed.starts_with("chain-sensitivity\n  relay[4].first_spike "), "{printed}");
    let again = place.qhh(&["sensitivity", "chain.yaml", "--of", "relay[4].last_spike"]).stderr;
    assert!(
        again.contains("chain-sensitivity exists already") && again.contains("replace it with `--force`"),
        "{again}"
    );
    let expected = [
        "SHA256SUMS",
        "input.yaml",
        "network.yaml",
        "neurons.csv",
        "report.html",
        "sensitivity.csv",
        "sensitivity.json",
        "waveguides.csv",
    ];
    assert_eq!(place.names("chain-sensitivity"), expected);
    for (entry, value, unit) in [
        ("neurons.relay.membrane.capacitance", 1.0, "uF"),
        ("neurons.relay.channels.sodium.conductance", 120.0, "mS"),
        ("neurons.relay.channels.potassium.reversal", -77.0, "mV"),
        ("neurons.relay.output.capacitance", 0.3, "uF"),
        ("neurons.relay.input.impedance", 3.0, "kOhm"),
        ("sources.kick.current.amplitude", 40.0, "uA"),
    ] {
        let cells = row(&place, "chain-sensitivity/sensitivity.csv", entry);
        assert_eq!((number(&cells[1]), cells[2].as_str()), (value, unit), "{entry}");
        let (slope, of_one_percent) = (number(&cells[3]), number(&cells[4]));
        assert!((of_one_percent - 0.01 * value * slope).abs() <= 1e-12 * slope.abs(), "{entry}: {cells:?}");
        let by = 1e-5 * value;
        let at = |x: f64| first_spike(&place, "relay[4]", &format!("{entry}={x} {unit}"));
        let difference = (at(value + by) - at(value - by)) / (2.0 * by);
        assert!((slope - difference).abs() < 1e-4 * difference.abs(), "{entry}: {slope}, by runs {difference}");
    }
    // A count is no number that can be a little more.
    assert!(!place.read("chain-sensitivity/sensitivity.csv").contains("count"));
    // The first is what matters most.
    let text = place.read("chain-sensitivity/sensitivity.csv");
    let effects: Vec<f64> =
        text.lines().skip(1).map(|line| number(line.split(',').nth(4).unwrap()).abs()).collect();
    assert!(effects.is_sorted_by(|a, b| a >= b), "{effects:?}");
    // What all neurons do together is what the entry does.
    let neurons = place.read("chain-sensitivity/neurons.csv");
    let own = neurons.lines().filter(|line| line.contains(",membrane.capacitance,"));
    let sum: f64 = own.map(|line| number(line.split(',').nth(5).unwrap())).sum();
    let entry = number(&row(&place, "chain-sensitivity/sensitivity.csv", "neurons.relay.membrane.capacitance")[3]);
    assert!((sum - entry).abs() < 1e-7 * entry.abs(), "{sum} and {entry}");
    // The last neuron comes after the number, the first before it.
    assert!(neurons.contains("relay[0],") && !neurons.contains("relay[5],"), "{neurons}");
}

#[test]
fn differences_stand_beside_the_derivatives() {
    let place = with_chain();
    let of = "relay[1].voltage.at(8.05 ms)";
    let call = ["sensitivity", "chain.yaml", "--of", of, "--differences", "--out", "one", "--quiet", "-j", "1"];
    assert_eq!(place.done(&call), "one\n");
    let entry = "neurons.relay.channels.chloride.conductance";
    let cells = row(&place, "one/sensitivity.csv", entry);
    let (slope, difference) = (number(&cells[3]), number(&cells[5]));
    assert!((slope - difference).abs() < 1e-5 * slope.abs(), "{cells:?}");
    assert!(place.read("one/report.html").contains("By differences of runs"));
    // Threads change no byte.
    let call = ["sensitivity", "chain.yaml", "--of", of, "--differences", "--out", "two", "-j", "2"];
    let told = place.done(&call);
    let line = told.lines().find(|line| line.contains(entry)).unwrap();
    assert!(line.contains(" for 1 % more, ") && line.ends_with(" by differences"), "{told}");
    for file in ["sensitivity.csv", "neurons.csv", "waveguides.csv"] {
        assert_eq!(place.read(&format!("one/{file}")), place.read(&format!("two/{file}")), "{file}");
    }
}

#[test]
fn what_has_no_derivative_is_refused_before_anything_is_written() {
    let place = with_chain();
    for (of, set, expected) in [
        ("relay[4].spikes", None, "it has no slope; those that have one are `first_spike`"),
        ("relay[4].frist_spike", None, "did you mean `first_spike`?"),
        ("relay[9].first_spike", None, "`relay` has 6 neurons"),
        ("relais.first_spike", None, "did you mean `relay`?"),
        (
            "relay[5].first_spike",
            Some("sources.kick.current.amplitude=1 uA"),
            "choose another neuron, or a number that there is whether or not",
        ),
        ("relay[0].interval", None, "no neuron spikes twice"),
        ("relay[0].voltage.at(400 ms)", None, "the run is from 0 to "),
        ("relay[0].voltage.max", Some("simulation.precision=f32"), "`precision: f32` is too coarse"),
    ] {
        let mut call = vec!["sensitivity", "chain.yaml", "--of", of];
        call.extend(set.iter().flat_map(|set| ["--set", set]));
        let ended = place.qhh(&call);
        assert_eq!(ended.code, Some(2), "{of}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{of}: {}", ended.stderr);
        assert!(!place.path("chain-sensitivity").exists(), "{of}");
    }
    // A folder that is there is not touched.
    place.done(&["sensitivity", "chain.yaml", "--of", "relay[0].voltage.max", "--quiet"]);
    let ended = place.qhh(&["sensitivity", "chain.yaml", "--of", "relay[0].voltage.max"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    place.done(&["sensitivity", "chain.yaml", "--of", "relay[0].voltage.min", "--quiet", "--force"]);
    // It is whole, until somebody writes into it.
    place.done(&["verify", "chain-sensitivity"]);
    fs::write(place.path("chain-sensitivity/sensitivity.csv"), "").unwrap();
    assert_eq!(place.qhh(&["verify", "chain-sensitivity"]).code, Some(3));
}

/// A list changes by one per cent as a whole, each element by its own: also those below zero, and not those that are zero.
#[test]
fn one_per_cent_of_a_list_is_that_of_each_element() {
    let place = with_chain();
    let of = "relay.voltage.mean";
    let settings =
        ["--set", "simulation={duration: 12 ms, step: 0.01 ms, sleep: off}", "--set", "record.every=0.01 ms"];
    let weights = |by: f64| {
        let each = [-0.8, 0.7, 0.0, 0.9, -0.5].map(|weight| (weight * by).to_string());
        format!("[{}]", each.join(", "))
    };
    let set = format!("waveguides.axon.weight={}", weights(1.0));
    place.done(&[&["sensitivity", "chain.yaml", "--of", of, "--set", &set][..], &settings].concat());
    let given = number(&row(&place, "chain-sensitivity/sensitivity.csv", "waveguides.axon.weight")[4]);
    let vary = format!("waveguides.axon.weight=[{}, {}]", weights(0.99), weights(1.01));
    place.done(&[&["sweep", "chain.yaml", "--vary", &vary, "--measure", of][..], &settings].concat());
    let table = place.read("chain-sweep/results.csv");
    let column = table.lines().next().unwrap().split(',').position(|name| name.starts_with(of)).unwrap();
    // Cells of lists have commas: counted from the end.
    let from_end = table.lines().next().unwrap().split(',').count() - column;
    let [below, above] = [1, 2].map(|line| {
        let cells: Vec<&str> = table.lines().nth(line).unwrap().split(',').collect();
        number(cells[cells.len() - from_end])
    });
    let by_runs = 0.5 * (above - below);
    assert!((given - by_runs).abs() < 1e-3 * by_runs.abs(), "{given} where runs give {by_runs}");
}
