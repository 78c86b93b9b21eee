//! Networks from values, changed by path, with their mistakes, warnings and cost.

use std::path::Path;

use qhh::{Error, ErrorKind, LoadOptions, Network, Override, Purpose};
use serde::Serialize;

use crate::{AXON, axon};

#[test]
fn a_network_built_entry_by_entry_is_the_one_of_the_file() {
    let built = Network::builder("axon")
        .set("simulation", "{duration: 30 ms, step: 0.01 ms}")
        .set("neurons.axon.membrane.capacitance", "1 uF")
        .set("neurons.axon.channels.potassium", "{conductance: 36 mS, reversal: -77 mV}")
        .set("neurons.axon.channels.sodium.conductance", "120 mS")
        .set("neurons.axon.channels.sodium.reversal", "50 mV")
        .set("neurons.axon.channels.chloride", "{conductance: 0.3 mS, reversal: -54.387 mV}")
        .set("sources.step.into", "axon")
        .set("sources.step.current", "{shape: constant, amplitude: 10 uA, start: 5 ms}")
        .set("record.quantities", vec!["voltage".to_owned(), "g_K".to_owned()])
        .set("record.every", 0.1)
        .build()
        .unwrap();
    assert_eq!(built, axon());
}

#[test]
fn maps_keep_the_order_in_which_neurons_are_numbered() {
    #[derive(Serialize)]
    struct Cell {
        circuit: &'static str,
        membrane: std::collections::BTreeMap<&'static str, &'static str>,
        channels: serde_json::Value,
    }
    #[derive(Serialize)]
    struct Neurons {
        zeta: Cell,
        alpha: Cell,
    }
    #[derive(Serialize)]
    struct Document {
        name: &'static str,
        simulation: serde_json::Value,
        neurons: Neurons,
    }
    let cell = || Cell {
        circuit: "single-channel",
        membrane: [("capacitance", "1 uF")].into(),
        channels: serde_json::json!({"potassium": {"conductance": "36 mS"}}),
    };
    let neurons = Neurons { zeta: cell(), alpha: cell() };
    let document = Document { name: "two", simulation: serde_json::json!({"duration": 5}), neurons };
    let network = Network::from_value(&document).unwrap();
    assert_eq!([0, 1].map(|neuron| network.net().neuron_name(neuron)), ["zeta[0]", "alpha[0]"]);
    let built = Network::builder("two").set("neurons.zeta", "{}").set("neurons.alpha", "{}").build();
    let paths: Vec<_> = built.unwrap_err().mistakes().into_iter().map(|mistake| mistake.path).collect();
    let place = |name: &str| paths.iter().position(|path| path.starts_with(name)).unwrap();
    assert!(place("neurons.zeta") < place("neurons.alpha"), "{paths:?}");
}

#[test]
fn a_network_of_the_engine_is_taken_as_it_is_or_refused() {
    let network = axon();
    assert_eq!(Network::from_net(network.net()).unwrap().net(), network.net());
    let mut sampled = network.net().clone();
    let shape = qhh::qhh_core::source::Shape::Samples { points: vec![(0.0, 1.0), (5.0, 2.0)] };
    let current = qhh::qhh_core::source::Current { shape, start: 0.0, stop: 30.0 };
    sampled.sources[0].drive = qhh::qhh_net::network::Drive::Current(current);
    let error = Network::from_net(&sampled).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
}

#[test]
fn values_are_set_as_the_program_sets_them() {
    let network = axon();
    let changed = network.set("neurons.axon.count", 3).unwrap().set("simulation.step", 0.02).unwrap();
    let options = LoadOptions {
        set: vec![
            Override::parse("neurons.axon.count=3").unwrap(),
            Override::parse("simulation.step=0.02 ms").unwrap(),
        ],
        ..LoadOptions::default()
    };
    assert_eq!(changed, Network::from_text("axon.yaml", AXON, &options).unwrap());
    assert_eq!(changed.values_set(), ["neurons.axon.count = 3", "simulation.step = 0.02"]);
    assert_eq!(network, axon(), "the one it was made from is as it was");
    // No number takes nothing away.
    for value in [f64::NAN, f64::INFINITY] {
        let error = network.set("simulation.spike_threshold", value).unwrap_err();
        assert_eq!(error.mistakes()[0].path, "simulation.spike_threshold");
    }
    let error = network.set("neurons.axn.count", 3).unwrap_err();
    assert!(error.mistakes()[0].remedy.as_ref().unwrap().contains("axon"), "{error}");
}

#[test]
fn every_mistake_has_its_place_and_remedy() {
    let text = AXON.replace("120 mS", "120 mV").replace("into: axon", "into: axn");
    let mistakes = Network::validate(&text);
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    let (conductance, into) = (&mistakes[0], &mistakes[1]);
    assert_eq!(
        (conductance.line, conductance.path.as_str()),
        (Some(9), "neurons.axon.channels.sodium.conductance")
    );
    assert_eq!(conductance.column, Some(AXON.lines().nth(8).unwrap().find("120").unwrap() + 1));
    assert_eq!((into.line, into.path.as_str()), (Some(12), "sources.step.into"));
    assert!(mistakes.iter().all(|mistake| mistake.file == Path::new("network")), "{mistakes:?}");
    assert!(into.remedy.as_ref().unwrap().contains("axon"), "{mistakes:?}");
    assert_eq!(Network::validate(AXON), []);
    let error = Network::from_yaml(&text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    let lost = Network::load("nowhere.yaml").unwrap_err();
    assert!(matches!(lost, Error::Network(_)), "{lost}");
    assert_eq!(lost.mistakes()[0].file, Path::new("nowhere.yaml"));
}

#[test]
fn what_is_hardly_meant_is_said() {
    let strong = axon().set("sources.step.current.amplitude", "10 A").unwrap();
    let warnings = strong.warnings();
    assert!(warnings[0].path.starts_with("sources.step"), "{warnings:?}");
    assert_eq!(axon().warnings(), []);
}

#[test]
fn what_a_run_takes_is_told_beforehand() {
    let modes = axon()
        .set_all(&[
            Override::parse("quantum={hbar: 0.1, fluctuations: heisenberg, modes: 50}").unwrap(),
            Override::parse("simulation.step=0.02").unwrap(),
        ])
        .unwrap();
    let estimate = modes.resources();
    let of_modes = estimate.modes.unwrap();
    assert_eq!((of_modes.frequencies, estimate.samples), (50, None));
    // 1500 steps at each of 50 frequencies of three lines.
    assert!((of_modes.steps - 1500.0 * 50.0 * 3.0).abs() < 0.4 * 1500.0 * 150.0, "{}", of_modes.steps);
    assert!(estimate.memory_bytes(4).driven > estimate.memory_bytes(1).driven);
    assert_eq!(estimate.fluctuation_seconds(2), 0.5 * estimate.fluctuation_seconds(1));
    estimate.require_memory(2).unwrap();
    // Hundreds of gigabytes.
    let error = axon().set("neurons.axon.count", 1_000_000_000_u64).unwrap_err();
    assert!(matches!(error, Error::Resources { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.remedy().unwrap().contains("`count`"));
    let graph = LoadOptions { purpose: Purpose::Graph, ..LoadOptions::default() };
    assert_eq!(Network::from_text("axon.yaml", AXON, &graph).unwrap(), axon());
}
