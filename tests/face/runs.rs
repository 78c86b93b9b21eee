//! Runs: what comes out, and the folder.

use std::fs;
use std::ops::ControlFlow;

use qhh::{CheckpointInterval, Error, ErrorKind, FolderSettings, Progress, Resumed, RunResult, RunSettings};

use crate::{axon, files};

#[test]
fn traces_spikes_and_tables_are_in_memory() {
    let result = axon().run(&RunSettings::default(), &mut ()).unwrap();
    assert_eq!(result.time().len(), 301);
    let voltage = result.trace("axon", "voltage").unwrap();
    assert_eq!(voltage, result.trace("axon[0]", "voltage").unwrap());
    assert_eq!(result.trace("axon[1]", "voltage"), None);
    assert_eq!(result.trace("axon[0]", "n"), None);
    let traces: Vec<_> = result.traces().map(|trace| (trace.neuron, trace.quantity, trace.unit)).collect();
    assert_eq!(traces, [("axon[0]".to_owned(), "voltage", "mV"), ("axon[0]".to_owned(), "g_K", "mS")]);
    // The spike of the squid axon rises from -65 mV to about 40 mV.
    assert!(voltage.iter().any(|v| *v > 35.0) && (voltage[0] + 65.0).abs() < 0.1);
    assert_eq!(result.outcome().spikes.len(), 2);
    let tables = result.tables().unwrap();
    let names: Vec<&str> = tables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["spikes", "firing_rates", "traces"]);
    assert_eq!(tables[2].1.names(), ["t", "axon[0].voltage", "axon[0].g_K"]);
    assert_eq!(tables[2].1.get("axon[0].voltage").cloned().unwrap().numbers().unwrap(), voltage);

    let json = serde_json::to_value(&result).unwrap();
    assert_eq!(json["tables"]["traces"]["t"].as_array().unwrap().len(), 301);
    assert_eq!(json["tables"]["spikes"]["neuron"], serde_json::json!(["axon[0]", "axon[0]"]));
    assert_eq!(json["summary"]["outcome"]["spikes"]["total"], 2);
    assert!(json["states"].is_null());
}

#[test]
fn a_run_saved_is_the_folder_that_a_run_into_it_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let (saved, written) = (folder.path().join("saved"), folder.path().join("written"));
    let network = axon().set("quantum", "{hbar: 0.1, fluctuations: heisenberg, modes: 20}").unwrap();
    let settings = RunSettings { threads: 2, ..RunSettings::default() };
    let result = network.run(&settings, &mut ()).unwrap();
    result.save(&saved, &FolderSettings::default()).unwrap();
    let again = network.run_into(&written, &settings, &FolderSettings::default(), &mut ()).unwrap();
    assert_eq!(files(&saved), files(&written));
    assert_eq!(again.outcome(), result.outcome());

    let opened = RunResult::open(&written).unwrap();
    assert_eq!(opened.outcome().traces, result.outcome().traces);
    assert_eq!(opened.outcome().variances, result.outcome().variances);
    assert_eq!(opened.net(), network.net());
    let copied = folder.path().join("copied");
    opened.save(&copied, &FolderSettings::default()).unwrap();
    assert_eq!(files(&copied), files(&written));
    assert!(fs::read_to_string(copied.join("report.html")).unwrap() == opened.report());

    let error = result.save(&saved, &FolderSettings::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(error.remedy().unwrap(), "choose another place with `out`, or replace it with `force`");
    result.save(&saved, &FolderSettings { force: true, ..FolderSettings::default() }).unwrap();
    assert_eq!(qhh::verify(&saved).unwrap().faults, Vec::<String>::new());
    fs::write(saved.join("traces.csv"), "t\n0\n").unwrap();
    assert!(qhh::verify(&saved).unwrap().faults[0].starts_with("traces.csv"));
}

#[test]
fn an_observer_sees_all_of_a_run_and_ends_it() {
    let mut last = 0;
    let mut seen = |progress: Progress| {
        assert!(progress.done >= last && progress.total == 3000);
        last = progress.done;
        ControlFlow::Continue(())
    };
    axon().run(&RunSettings::default(), &mut seen).unwrap();
    assert_eq!(last, 3000);
    let mut early = |progress: Progress| {
        if progress.done >= 1000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let error = axon().run(&RunSettings::default(), &mut early).unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error}");
}

#[test]
fn a_run_ended_by_its_observer_is_resumed_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
    let settings = RunSettings::default();
    let kept = FolderSettings { checkpoint_interval: "t=5ms".parse().unwrap(), ..FolderSettings::default() };
    axon().run_into(&whole, &settings, &kept, &mut ()).unwrap();
    let mut early = |progress: Progress| {
        if progress.done >= 1000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let error = axon().run_into(&stopped, &settings, &kept, &mut early).unwrap_err();
    assert!(matches!(error, Error::RunCancelled { has_state: true, .. }), "{error}");
    let error = axon().run_into(&stopped, &settings, &kept, &mut ()).unwrap_err();
    assert!(error.remedy().unwrap().starts_with("go on with it with `resume`"), "{error}");
    let mut first = None;
    let mut seen = |progress: Progress| {
        first.get_or_insert(progress.done);
        ControlFlow::Continue(())
    };
    let resumed = qhh::resume(&stopped, &settings, None, &mut seen).unwrap();
    assert!(matches!(resumed, Resumed::Run { .. }));
    assert!((1000..1200).contains(&first.unwrap()), "it goes on where it was: {first:?}");
    assert_eq!(files(&stopped), files(&whole));
    let resumed = qhh::resume(&stopped, &settings, None, &mut ()).unwrap();
    assert!(matches!(resumed, Resumed::Whole { .. }));
}

#[test]
fn a_run_that_breaks_down_says_where_and_keeps_what_came_before() {
    // A loop with an amplifier, which blows up.
    let broken = axon()
        .set("neurons.axon.output", "{capacitance: 0.3 uF, impedance: 3 kOhm}")
        .and_then(|axon| axon.set("neurons.axon.input", "{capacitance: 1 uF, impedance: 3 kOhm}"))
        .and_then(|axon| axon.set("simulation.duration", "200 ms"))
        .and_then(|axon| {
            let echo =
                "{from: axon, to: axon, pattern: {pairs: [[0, 0]]}, allow_self: true, delay: 1 ms, gain: 1e12}";
            axon.set("waveguides.echo", echo)
        })
        .unwrap();
    let Err(Error::Run { cause: qhh::qhh_net::RunError::NotFinite { neuron, so_far, from, .. }, .. }) =
        broken.run(&RunSettings::default(), &mut ())
    else {
        panic!("it breaks down")
    };
    let so_far = so_far.unwrap();
    assert_eq!((neuron.as_str(), so_far.n_steps as f64), ("axon[0]", (from / 0.01).round()));
    assert!(from > 0.0 && so_far.traces.columns[0].values.iter().all(|voltage| voltage.is_finite()));
}

#[test]
fn errors_of_figures_are_estimated_and_a_tolerance_required() {
    let settings = RunSettings { estimate_error: true, tolerance: Some(1e-9), ..RunSettings::default() };
    let network = axon().set("simulation.duration", "12 ms").unwrap();
    let result = network.run(&settings, &mut ()).unwrap();
    assert!(result.verification().unwrap().threads.is_some());
    let error = result.require_tolerance().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Check);
    let settings = RunSettings { tolerance: Some(0.1), ..settings };
    network.run(&settings, &mut ()).unwrap().require_tolerance().unwrap();
}

#[test]
fn intervals_are_as_typed() {
    let parse = |text: &str| text.parse::<CheckpointInterval>();
    assert_eq!(parse("10min").unwrap(), CheckpointInterval::default());
    for wrong in ["10", "-1s", "5 days", "t", "1e30h"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}
