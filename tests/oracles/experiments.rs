//! Figures of the shipped experiments against SciPy's own solution of the same equations.

use std::path::Path;

use serde_json::{Value, json};

use crate::place::Place;
use crate::python::ask;
use crate::require::note;

/// Rows of a shipped experiment by column, with an axis cut down to a few values, and something set.
fn rows(experiment: &str, cut: &str, set: &[&str]) -> Vec<Vec<f64>> {
    let place = Place::with(&[]);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../networks/experiments/{experiment}.yaml"));
    let mut call = vec!["sweep", file.to_str().unwrap(), "--quiet", "--out", "results", "--vary", cut];
    call.extend(set.iter().flat_map(|set| ["--set", set]));
    place.done(&call);
    let table = place.read("results/results.csv");
    let number = |cell: &str| match cell {
        "mean" => 0.0,
        "full" => 1.0,
        cell => cell.parse().unwrap_or(f64::NAN),
    };
    table.lines().skip(1).map(|line| line.split(',').map(number).collect()).collect()
}

fn assert_near(what: &str, ours: f64, theirs: &Value, within: f64) {
    let theirs = theirs.as_f64().unwrap();
    let off = ours / theirs - 1.0;
    note!("{what}: {ours:.6e}, SciPy {theirs:.6e}, off by {off:.1e}");
    assert!(off.abs() < within, "{what}: {ours}, SciPy has {theirs}");
}

/// Memory, noise at rest and jitter at both ends of the impedances and between.
pub(crate) fn the_price_of_memory_is_that_of_scipy() {
    let impedances = [1.0, 30.0, 1000.0];
    let neuron = |z: f64| json!({"output": [0.3, 3.0], "sense": [z, 0.1], "hbar": 0.001, "cutoff": 100.0});
    let with = |z: f64, more: Value| {
        let mut case = neuron(z);
        case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        case
    };
    let cases = impedances.iter().flat_map(|&z| {
        [
            with(z, json!({"kind": "loop", "sine": [1.0, 1.0, 8]})),
            with(z, json!({"kind": "rest"})),
            with(z, json!({"kind": "kicked", "pulse": [40.0, 3.0, 2.0]})),
        ]
    });
    let answers = ask("experiments.py", &cases.collect());
    let cut = "neurons.neuron.sense.impedance=1 kOhm,30 kOhm,1000 kOhm";
    let shipped = rows("measurement_strength", cut, &[]);
    // Up to the spike with a quarter of the step: the slope that a jitter is divided by is that of a whole step, which is
    // right to first order, a percent at 0.01 ms.
    let finer =
        ["simulation.step=0.0025 ms", "simulation.duration=6 ms", "experiment.measures=[\"neuron[1].jitter\"]"];
    let finer = rows("measurement_strength", cut, &finer);
    assert_eq!((shipped.len(), finer.len()), (impedances.len(), impedances.len()));
    for ((row, finer), answer) in shipped.iter().zip(&finer).zip(answers.chunks(3)) {
        assert_near("area", row[5], &answer[0], 1e-3);
        assert_near("variance at rest", row[6], &answer[1], 1e-6);
        assert_near("jitter", row[7], &answer[2]["jitter"], 1e-2);
        assert_near("jitter of finer steps", finer[5], &answer[2]["jitter"], 4e-3);
    }
}

/// Far from the loss of stability and 0.1 % of the current before it, where a resonance is a thousandth of its frequency wide.
pub(crate) fn noise_on_the_way_to_the_bifurcation_is_that_of_scipy() {
    let batteries = [-54.387, -24.387, -21.887];
    let cases = batteries.iter().flat_map(|&chloride| {
        [false, true].into_iter().flat_map(move |responds| {
            let case = |kind: &str| {
                json!({"kind": kind, "chloride": chloride, "responds": responds, "hbar": 0.001, "cutoff": 200.0,
                       "pulse": [8.0, 1.0, 1.0]})
            };
            [case("rest"), case("kicked")]
        })
    });
    let answers = ask("experiments.py", &cases.collect());
    let cut = "neurons.axon.channels.chloride.reversal=-54.387 mV,-24.387 mV,-21.887 mV";
    let rows = rows("threshold_noise", cut, &[]);
    assert_eq!(rows.len(), 2 * batteries.len());
    for (row, answer) in rows.iter().zip(answers.chunks(2)) {
        assert_near(&format!("variance at {} mV", row[1]), row[6], &answer[0], 1e-5);
        assert_near("jitter", row[7], &answer[1]["jitter"], 6e-3);
    }
}

/// With gates that respond the mean and the operator of a weak packet are transmitted alike; with those of the mean the
/// operator is not.
pub(crate) fn a_packet_goes_through_a_neuron_as_scipy_says() {
    let carriers = [0.4, 1.0, 10.0];
    let cases = carriers.iter().flat_map(|&carrier| {
        [false, true].map(|responds| {
            json!({"kind": "packet", "output": [0.3, 3.0], "input": [1.0, 3.0], "packet": [carrier, 6.0],
                   "responds": responds})
        })
    });
    let answers = ask("experiments.py", &cases.collect());
    let cut = "sources.signal.wavepacket.carrier=0.4 rad/ms,1 rad/ms,10 rad/ms";
    let rows = rows("packet_through_a_neuron", cut, &[]);
    assert_eq!(rows.len(), 2 * carriers.len());
    for (row, pair) in rows.iter().zip(answers.chunks(2).flat_map(|pair| [pair, pair])) {
        // The mean is the answer of gates that respond, whatever modes do.
        let own = &pair[usize::from(row[2] == 1.0)];
        for (name, at, theirs) in [
            ("mean on", 6, &pair[1][0]),
            ("operator on", 7, &own[0]),
            ("mean back", 8, &pair[1][1]),
            ("operator back", 9, &own[1]),
        ] {
            assert_near(&format!("{name} at {} rad/ms", row[1]), row[at], theirs, 3e-3);
        }
    }
}
