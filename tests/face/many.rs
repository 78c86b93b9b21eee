//! Many runs: sweeps, learning, prediction.

use std::fs;
use std::ops::ControlFlow;

use qhh::{
    Error, Experiment, FolderSettings, LearningTask, LoadOptions, Model, Progress, Resumed, RunSettings, Sweep,
    SweepSettings,
};

use crate::axon;

fn sweep() -> Sweep {
    let experiment = Experiment::new().vary("sources.step.current.amplitude=5 uA,10 uA,20 uA").unwrap();
    Sweep::of(&axon(), &experiment.measure("spikes").measure("first_spike")).unwrap()
}

#[test]
fn a_sweep_in_memory_is_the_one_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let settings = RunSettings { threads: 2, ..RunSettings::default() };
    let result = sweep().run(&settings, &mut ()).unwrap();
    result.require_all().unwrap();
    let spikes: Vec<_> = result.table().rows.iter().map(|row| row.value(0).unwrap()).collect();
    assert_eq!(spikes.len(), 3);
    // A stronger current fires no fewer and no later.
    assert!(spikes[0] <= spikes[1] && spikes[1] <= spikes[2], "{spikes:?}");
    assert!(result.table().rows[2].value(1) < result.table().rows[1].value(1));
    let out = folder.path().join("out");
    let written = sweep().run_into(&out, &settings, &SweepSettings::default(), &mut ()).unwrap();
    assert_eq!(written.table(), result.table());
    assert_eq!(fs::read_to_string(out.join("report.html")).unwrap(), result.report());
    assert!(qhh::verify(&out).unwrap().is_sound());
}

#[test]
fn a_sweep_that_is_ended_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let settings = RunSettings { threads: 1, ..RunSettings::default() };
    // So many points that a busy machine cannot run them all before the first is reported.
    let runs = 300;
    let experiment =
        Experiment::new().vary(&format!("sources.step.current.amplitude=linear:5 uA:20 uA:{runs}")).unwrap();
    let sweep = || Sweep::of(&axon(), &experiment.clone().measure("spikes")).unwrap();
    let mut first = |_: Progress| ControlFlow::Break(());
    let error = sweep().run_into(&out, &settings, &SweepSettings::default(), &mut first).err();
    let Some(Error::SweepCancelled { done, runs: planned, .. }) = error else { panic!("{error:?}") };
    assert_eq!(planned, runs);
    // Others may be done by the time it is cancelled.
    assert!((1..runs).contains(&done), "{done} points are done");
    let mut points = 0;
    let mut count = |_: Progress| {
        points += 1;
        ControlFlow::Continue(())
    };
    let Resumed::Sweep(result) = qhh::resume(&out, &settings, None, &mut count).unwrap() else {
        panic!("it is a sweep")
    };
    assert_eq!((points, result.table()), (runs - done, sweep().run(&settings, &mut ()).unwrap().table()));
}

#[test]
fn a_point_that_cannot_run_says_so_and_the_others_run() {
    let experiment = Experiment::new().vary("neurons.axon.membrane.capacitance=1 uF,-1 uF").unwrap();
    let sweep = Sweep::of(&axon(), &experiment).unwrap();
    assert!(!sweep.warnings().is_empty());
    let result = sweep.run(&RunSettings::default(), &mut ()).unwrap();
    assert_eq!(result.table().rows[0].value(0), Some(2.0));
    assert!(matches!(result.require_all(), Err(Error::Points { .. })));
}

#[test]
fn learning_in_memory_is_that_of_the_folder_and_its_model_predicts() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let network = "
name: few
simulation: {duration: 10 ms, step: 0.05 ms}
neurons:
  cell:
    count: 4
    membrane: {capacitance: {uniform: [0.5 uF, 2 uF]}}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 40 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
sources:
  input: {into: cell, current: {shape: constant, amplitude: {uniform: [-10 uA, 10 uA]}}}
";
    let task = "
name: sides
network: few.yaml
task: {classes: {file: sides.csv, label: side, symbols: 2}}
symbol: 1 ms
encode: [{source: input, as: amplitude}]
features: [voltage]
seeds: 1
";
    let row = |k: usize| {
        if k.is_multiple_of(2) { format!("left,{},0\n", 4 + k % 3) } else { format!("right,0,{}\n", 4 + k % 5) }
    };
    fs::write(path("few.yaml"), network).unwrap();
    fs::write(path("sides.yaml"), task).unwrap();
    fs::write(path("sides.csv"), format!("side,first,second\n{}", (0..40).map(row).collect::<String>())).unwrap();
    let task = LearningTask::load(path("sides.yaml"), &LoadOptions::default()).unwrap();
    let settings = RunSettings::default();
    let result = task.learn(&settings, &mut ()).unwrap();
    assert_eq!(result.summary.learners[0].test.unwrap().mean, 1.0, "both sides are recognised");
    let folder = FolderSettings::default();
    let written = task.learn_into(&path("out"), &settings, &folder, false, &mut ()).unwrap();
    assert_eq!((&written.summary, &written.model), (&result.summary, &result.model));
    assert_eq!(fs::read_to_string(path("out/model.json")).ok(), result.model);
    assert!(result.report.contains("sides") && !written.report.is_empty());

    fs::write(path("new.csv"), "first,second\n5,0\n0,6\n4,0\n").unwrap();
    let model = Model::open(path("out"), None).unwrap();
    let prediction = model.predict(path("new.csv"), &settings, &mut ()).unwrap();
    assert_eq!(prediction.classes, ["left", "right", "left"]);
    assert_eq!(prediction.csv(), "row,prediction\n0,left\n1,right\n2,left\n");
    let error = model.predict(path("sides.yaml"), &settings, &mut ()).unwrap_err();
    assert!(matches!(error, Error::Data(_)) && error.remedy().is_some(), "{error}");
}
