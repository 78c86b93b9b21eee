//! What a good file becomes: units, defaults, names, data files, and the schema it obeys.

use std::fs;
use std::path::Path;

use qhh_core::circuit::Initial;
use qhh_core::source::Shape;
use qhh_format::yaml::{self, Loaded};
use qhh_net::network::Observable as O;
use qhh_net::network::{Drive, Fluctuations};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::fixtures::{FULL, LEAST};

fn load(text: &str) -> Loaded {
    yaml::load_text(Path::new("net.yaml"), text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_least_file_gets_the_documented_defaults() {
    let network = load(LEAST).network;
    assert_eq!((network.simulation.step, network.simulation.seed), (0.01, 1));
    assert_eq!(network.populations[0].count, 1);
    assert_eq!(network.populations[0].initial, Initial::Rest);
    assert_eq!(network.record.every, 0.1);
    assert_eq!(network.record.observables, [O::Voltage, O::Current, O::G_K]);
    assert!(network.quantum.is_none() && !network.record.hysteresis);
}

/// What is recorded by default is what those fluctuations tell.
#[test]
fn the_default_record_fits_every_kind_of_fluctuations() {
    let parts = [O::Variance, O::VarianceVacuum, O::VarianceThermal, O::VarianceState];
    let kinds = [("none", &parts[..0]), ("adiabatic", &parts), ("heisenberg", &parts), ("wigner", &parts[..1])];
    for (kind, told) in kinds {
        let network = load(&format!("{LEAST}\nquantum: {{hbar: 0.5, fluctuations: {kind}}}\n")).network;
        let variances = network.record.observables.iter().copied().filter(|o| o.is_variance());
        assert_eq!(variances.collect::<Vec<_>>(), told, "{kind}");
    }
}

#[test]
fn units_become_numbers_of_the_system() {
    let network = load(FULL).network;
    let relay = &network.populations[0].circuit;
    assert_eq!(relay.capacitance, 1.0);
    assert_eq!((relay.output.unwrap().capacitance, relay.output.unwrap().impedance), (0.3, 3.0));
    let quantum = network.quantum.unwrap();
    assert!((quantum.hbar - 0.105).abs() < 1e-3 && (quantum.thermal_energy - 0.138).abs() < 1e-3);
    assert_eq!((quantum.cutoff, quantum.fluctuations), (200.0, Fluctuations::Adiabatic));
    assert!(network.record.hysteresis);
    assert!(network.record.observables.contains(&O::VarianceState));
}

#[test]
fn names_stand_for_neurons() {
    let network = load(FULL).network;
    let targets =
        |name: &str| network.sources.iter().find(|s| s.name == name).unwrap().targets.iter().collect::<Vec<_>>();
    assert_eq!(targets("steady"), [0, 1, 2, 3, 4, 5]);
    assert_eq!(targets("swing"), [1, 2, 3, 6]);
}

/// Dots need no quotes, not even within brackets.
#[test]
fn addresses_with_dots_mean_those_with_brackets() {
    let with = |into: &str| {
        let sources = format!("\nsources:\n  s: {{into: {into}, current: {{shape: constant, amplitude: 1}}}}\n");
        let text = LEAST.replace("  cell:\n", "  cell:\n    count: 5\n") + &sources;
        load(&text).network.sources[0].targets.iter().collect::<Vec<_>>()
    };
    assert_eq!(with("cell.3"), [3]);
    assert_eq!(with("cell.1..3"), [1, 2, 3]);
    assert_eq!(with("[cell.4, cell.0..1]"), with(r#"["cell[4]", "cell[0..1]"]"#));
}

#[test]
fn loss_is_what_transmission_lacks() {
    let transmission = |value: &str| {
        let port = "    output: {capacitance: 0.3 uF, impedance: 3 kOhm}\n    input: {capacitance: 1 uF, impedance: 3 kOhm}\n";
        let waveguides = format!("\nwaveguides:\n  axon: {{from: cell, pattern: chain, delay: 1 ms, {value}}}\n");
        let text = LEAST.replace("  cell:\n", &format!("  cell:\n    count: 3\n{port}")) + &waveguides;
        let network = load(&text).network;
        let spread = &network.waveguides[0].transmission;
        let mut none = ChaCha8Rng::seed_from_u64(0);
        (0..2).map(|arm| spread.value(arm, 2, &mut none)).collect::<Vec<f64>>()
    };
    assert_eq!(transmission("loss: 20 %"), [0.8, 0.8]);
    assert_eq!(transmission("loss: 0.25"), [0.75, 0.75]);
    assert_eq!(transmission("transmission: 37.5 %"), [0.375, 0.375]);
    let [three, ten] = transmission("loss: [3 dB, 10 dB]")[..] else { panic!("two waveguides") };
    assert!((three - 0.501_187_233_627_272_2).abs() < 1e-15 && (ten - 0.1).abs() < 1e-15);
    assert_eq!(transmission("loss: {linear: [10 %, 30 %]}"), [0.9, 0.7]);
}

#[test]
fn every_unit_system_has_its_own_defaults() {
    let raw = "{name: raw, units: raw, simulation: {duration: 10}, quantum: {hbar: 1}, neurons: {a: {circuit: single-channel, membrane: {capacitance: 1e-6}, channels: {potassium: {conductance: 1.33}}}}}";
    let loaded = load(raw);
    assert_eq!((loaded.network.simulation.step, loaded.network.quantum.unwrap().cutoff), (0.001, 200.0));
    // 10 000 steps of which every tenth is kept.
    assert_eq!(loaded.network.steps_per_sample(), 10);
    let si = load(&raw.replace("units: raw", "units: si"));
    assert_eq!((si.network.simulation.step, si.network.quantum.unwrap().cutoff), (1e-5, 2e5));
    // A million steps: no more than 10 000 samples.
    assert_eq!(si.network.steps_per_sample(), 100);
}

#[test]
fn noise_depends_on_the_name_and_not_on_the_order() {
    let noise =
        |name: &str| format!("  {name}: {{into: cell, current: {{shape: noise, amplitude: 1, interval: 1}}}}\n");
    let numbers = |text: String, name: &str| {
        let network = load(&format!("{LEAST}sources:\n{text}")).network;
        match &network.sources.iter().find(|source| source.name == name).unwrap().drive {
            Drive::Current(current) => match current.shape {
                Shape::Noise { draws, .. } => draws,
                _ => panic!("no noise"),
            },
            Drive::Mode(_) | Drive::Packet(_) => panic!("no current"),
        }
    };
    let (ab, ba) = (noise("a") + &noise("b"), noise("b") + &noise("a"));
    assert_eq!(numbers(ab.clone(), "a"), numbers(ba, "a"));
    assert_ne!(numbers(ab.clone(), "a"), numbers(ab, "b"));
}

#[test]
fn merges_bring_in_what_they_name() {
    let text = FULL.replace("    channels: {potassium: {conductance: 36}}", "    channels: {potassium: {conductance: 36}}\n  twin:\n    membrane: {capacitance: 2 uF}\n    channels: {<<: *squid, chloride: {conductance: 0}}");
    let network = load(&text).network;
    let twin = &network.populations[2].circuit;
    assert_eq!(twin.channels[1].conductance, 120.0);
    assert_eq!(twin.channels[2].conductance, 0.0);
}

#[test]
fn a_data_file_becomes_a_current_and_an_attachment() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in.csv"), "time, i\n0, 0\n1.5, 2e0\n3,-1\n").unwrap();
    let current = "current: {shape: file, path: in.csv, column: i, time_column: time}";
    let text = format!("{LEAST}sources:\n  rec:\n    into: cell\n    {current}\n");
    let path = folder.path().join("net.yaml");
    fs::write(&path, text).unwrap();
    let loaded = yaml::load(&path, &[]).unwrap();
    let Drive::Current(read) = &loaded.network.sources[0].drive else { panic!("no current") };
    assert_eq!(read.shape, Shape::Samples { points: vec![(0.0, 0.0), (1.5, 2.0), (3.0, -1.0)] });

    let results = tempfile::tempdir().unwrap();
    for attachment in &loaded.attachments {
        fs::copy(&attachment.source, results.path().join(&attachment.name)).unwrap();
    }
    let again = results.path().join("network.yaml");
    fs::write(&again, &loaded.yaml).unwrap();
    assert_eq!(yaml::load(&again, &[]).unwrap().network, loaded.network);
}

#[test]
fn broken_data_files_are_named_by_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("words", "t,i\n0,1\n1,abc\n"),
        ("backwards", "t,i\n0,1\n2,1\n1,1\n"),
        ("ragged", "t,i\n0,1\n1\n"),
        ("short", "t,i\n0,1\n"),
        ("titles", "t,current\n0,1\n1,1\n"),
        ("infinite", "t,i\n0,1\ninf,1\n"),
        ("binary", "t,i\n0,\u{7}\u{1b}[2J\n"),
    ];
    let mut messages = Vec::new();
    for (name, text) in files {
        fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
        messages.push(file_problem(folder.path(), &format!("{name}.csv")));
    }
    for path in ["/etc/passwd", "../up.csv", "none.csv", "."] {
        messages.push(file_problem(folder.path(), path));
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.csv")).unwrap();
        messages.push(file_problem(folder.path(), "link.csv"));
    }
    insta::assert_snapshot!(messages.join("\n"));
}

fn file_problem(folder: &Path, path: &str) -> String {
    let current = format!("current: {{shape: file, path: {path}, column: i}}");
    let text = format!("{LEAST}sources:\n  rec:\n    into: cell\n    {current}\n");
    let error = yaml::load_text(&folder.join("net.yaml"), &text, &[]).unwrap_err();
    let problem = &error.problems[0];
    let line = problem.place.as_ref().unwrap().line;
    format!("{line}: {}\n   {}", problem.message, problem.help.as_deref().unwrap_or(""))
}

#[test]
fn every_key_of_the_schema_is_described_and_none_is_left_open() {
    fn visit(schema: &serde_json::Value, path: &str, keys: &mut usize) {
        for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
            *keys += 1;
            let described = inner["description"].is_string() || inner["const"].is_string();
            // An externally tagged state describes its one key by its branch.
            assert!(described || schema["description"].is_string(), "{path}.{key}");
        }
        if schema["properties"].is_object() {
            assert_eq!(schema["additionalProperties"], false, "{path}");
        }
        match schema {
            serde_json::Value::Object(map) => {
                map.iter().for_each(|(key, inner)| visit(inner, &format!("{path}.{key}"), keys));
            }
            serde_json::Value::Array(list) => list.iter().for_each(|inner| visit(inner, path, keys)),
            _ => {}
        }
    }
    let mut keys = 0;
    visit(&yaml::schema(), "", &mut keys);
    assert!(keys > 80, "{keys} keys");
}

#[test]
fn the_shipped_networks_load_and_give_themselves_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let loaded = yaml::load(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
            if loaded.attachments.is_empty() {
                assert_eq!(load(&loaded.yaml).network, loaded.network, "{}", path.display());
            }
        }
    }
}

/// One laboratory, one hbar: in `si` the model's uF, mV and ms are the same circuit's as in `hodgkin-huxley`.
#[test]
fn the_laboratory_scale_means_the_same_in_every_unit_system() {
    let quantum = |units: &str| {
        let text = format!(
            "{LEAST}units: {units}\nquantum: {{scale: {{capacitance: 1 pF, voltage: 1 uV, time: 1 ns}}, temperature: 10 mK}}\n"
        );
        let text =
            if units == "raw" { text.replace(" ms}", "}").replace(" uF", "").replace(" mS", "") } else { text };
        load(&text).network.quantum.unwrap()
    };
    let (hh, si, raw) = (quantum("hodgkin-huxley"), quantum("si"), quantum("raw"));
    assert!((hh.hbar - 0.105_457).abs() < 1e-6 && (hh.thermal_energy - 0.138_065).abs() < 1e-6, "{hh:?}");
    assert!((si.hbar / hh.hbar - 1e-15).abs() < 1e-27, "uF mV² ms is 1e-15 J s");
    assert!((si.thermal_energy / hh.thermal_energy - 1e-12).abs() < 1e-24, "uF mV² is 1e-12 J");
    assert_eq!((raw.hbar, raw.thermal_energy), (hh.hbar, hh.thermal_energy));
}
