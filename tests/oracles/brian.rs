//! Published neurons against Brian2 with the same equations, written from the papers.

use qhh_core::circuit::{Circuit, Initial};
use serde_json::{Value, json};

use crate::models::published::{connor_stevens, morris_lecar, traub_miles, wang_buzsaki};
use crate::models::{constant, one_neuron, run};
use crate::numbers::numbers;
use crate::python::ask;
use crate::require::note;

/// Step of both, in ms, and how far spikes may be apart.
const STEP: f64 = 0.01;
const ALLOWED: f64 = 0.01;

struct Case {
    name: &'static str,
    circuit: Circuit,
    currents: Vec<f64>,
    voltage: f64,
    duration: f64,
}

fn cases() -> Vec<Case> {
    let case = |name, circuit, currents: &[f64], voltage, duration| Case {
        name,
        circuit,
        currents: currents.to_vec(),
        voltage,
        duration,
    };
    vec![
        case("connor-stevens", connor_stevens(), &[9.0, 15.0], -68.0, 130.0),
        case("morris-lecar", morris_lecar(), &[100.0, 110.0], -20.0, 240.0),
        case("wang-buzsaki", wang_buzsaki(), &[0.5, 1.0, 2.0, 4.0], -64.0, 60.0),
        case("traub-miles", traub_miles(None), &[1.0, 3.0, 8.0], -65.0, 60.0),
    ]
}

pub(crate) fn published_neurons_fire_when_brian_says() {
    let question: Value = cases()
        .iter()
        .map(|of| {
            json!({
                "neuron": of.name, "currents": of.currents, "voltage": of.voltage, "duration": of.duration,
                "step": STEP,
            })
        })
        .collect();
    for (case, answer) in cases().into_iter().zip(ask("brian.py", &question)) {
        for (current, expected) in case.currents.iter().zip(answer.as_array().unwrap()) {
            let expected = numbers(expected);
            let initial = Initial::Given { voltage: Some(case.voltage), gates: Vec::new() };
            let drive = constant(*current, 0.0, f64::INFINITY);
            let outcome = run(&one_neuron(case.circuit.clone(), initial, drive, case.duration, STEP));
            let found: Vec<f64> = outcome.spikes.iter().map(|spike| spike.time).collect();
            let of = format!("{} at {current} uA", case.name);
            assert_eq!(found.len(), expected.len(), "{of}: {found:?}, Brian2 {expected:?}");
            let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            note!("{of}: {} spikes, off by {worst:.1e} ms", found.len());
            assert!(!found.is_empty() && worst < ALLOWED, "{of}: off by {worst} ms");
        }
    }
}
