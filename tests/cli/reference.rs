//! Shipped networks, from the file to the tables of their folders, against other people's numbers: origin and
//! tolerances in `tests/data/README.md`.

use std::path::{Path, PathBuf};

use crate::gaps::largest_gap;
use crate::place::Place;

fn from_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A table of numbers by column name.
struct Table {
    names: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl Table {
    fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let names = lines.next().unwrap().split(',').map(str::to_owned).collect();
        let rows = lines.map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect();
        Self { names, rows }
    }

    fn reference(name: &str) -> Self {
        Self::parse(&std::fs::read_to_string(from_root("tests/data").join(name)).unwrap())
    }

    fn column(&self, name: &str) -> Vec<f64> {
        let place = self.names.iter().position(|n| n == name);
        let place = place.unwrap_or_else(|| panic!("no column {name} in {:?}", self.names));
        self.rows.iter().map(|row| row[place]).collect()
    }
}

/// Largest distance between two columns, as a part of the reference's range.
fn worst_of_range(values: &[f64], reference: &[f64]) -> f64 {
    assert_eq!(values.len(), reference.len());
    let fold = |start, f: fn(f64, f64) -> f64| reference.iter().copied().fold(start, f);
    let range = fold(f64::MIN, f64::max) - fold(f64::MAX, f64::min);
    largest_gap(values, reference) / range
}

fn paper_follows(network: &str, reference: &str, columns: &[(&str, &str)]) {
    let place = Place::with(&[]);
    let file = from_root(&format!("networks/{network}.yaml"));
    place.done(&["run", file.to_str().unwrap(), "--no-report"]);
    let traces = Table::parse(&place.read(&format!("{network}/traces.csv")));
    let reference = Table::reference(reference);
    assert!(worst_of_range(&traces.column("t"), &reference.column("t")) < 1e-12);
    for (quantity, name) in columns {
        let error = worst_of_range(&traces.column(&format!("cell[0].{quantity}")), &reference.column(name));
        assert!(error < 1e-3, "{network}: {quantity} is off by {error} of its range, allowed 1e-3");
    }
}

const THREE: &[(&str, &str)] =
    &[("voltage", "V"), ("current", "I"), ("g_K", "g_K"), ("g_Na", "g_Na"), ("n", "n"), ("m", "m"), ("h", "h")];

#[test]
fn the_papers_three_channel_neuron_follows_its_reference() {
    paper_follows("paper_three_channel", "paper_three_channel_shared_mode.csv", THREE);
}

#[test]
fn the_three_channel_neuron_with_independent_baths_follows_its_reference() {
    paper_follows("paper_three_channel_independent", "paper_three_channel_independent.csv", THREE);
}

#[test]
fn the_papers_single_channel_neuron_follows_its_reference() {
    let columns = &[("voltage", "V"), ("current", "I"), ("g_K", "g_K"), ("n", "n")];
    paper_follows("paper_single_channel", "paper_single_channel.csv", columns);
}

#[test]
fn the_squid_axon_fires_with_its_reference_at_every_current() {
    let text = std::fs::read_to_string(from_root("tests/data/squid_step_spikes.json")).unwrap();
    let reference: serde_json::Value = serde_json::from_str(&text).unwrap();
    let file = from_root("networks/squid_axon.yaml");
    for (current, expected) in reference["spikes"].as_object().unwrap() {
        let place = Place::with(&[]);
        let set = format!("sources.step.current.amplitude={current} uA");
        place.done(&["run", file.to_str().unwrap(), "--set", &set, "--no-report"]);
        let spikes = place.read("squid_axon/spikes.csv");
        let times: Vec<f64> = spikes
            .lines()
            .skip(1)
            .map(|line| line.strip_prefix("axon[0],0,0,").unwrap().trim_end_matches(',').parse().unwrap())
            .collect();
        let expected: Vec<f64> = expected.as_array().unwrap().iter().map(|t| t.as_f64().unwrap()).collect();
        assert_eq!(times.len(), expected.len(), "at {current} uA: {times:?}");
        for (time, expected) in times.iter().zip(&expected) {
            assert!((time - expected).abs() < 0.01, "at {current} uA: {time}, expected {expected} ms");
        }
    }
}

/// A spike 0.003 ms late is off by about a hundredth of the range on its upstroke.
#[test]
fn the_squid_axon_follows_its_reference_all_along() {
    let place = Place::with(&[]);
    let file = from_root("networks/squid_axon.yaml");
    place.done(&["run", file.to_str().unwrap(), "--no-report"]);
    let traces = Table::parse(&place.read("squid_axon/traces.csv"));
    let reference = Table::reference("squid_step_10uA.csv");
    for (quantity, name) in [("voltage", "V"), ("n", "n"), ("m", "m"), ("h", "h")] {
        let error = worst_of_range(&traces.column(&format!("axon[0].{quantity}")), &reference.column(name));
        assert!(error < 0.015, "{quantity} is off by {error} of its range");
    }
}
