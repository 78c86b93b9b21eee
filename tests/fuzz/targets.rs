//! What must take any bytes whatever: each target is a function of the input, which may refuse but not fail.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use qhh_core::units::{Dimension, UnitSystem};
use qhh_format::yaml::{Addition, LoadError, Override, Reading, Template};
use qhh_net::engine::{Checkpoint, Observer, State};
use qhh_net::{Progress, RunOptions, Simulation};
use qhh_results::sweep::{Manifest, SweepFolder, SweepIntent};
use qhh_results::unfinished::{Intent, RunIntent, Unfinished};
use tempfile::TempDir;

/// Something that takes any bytes.
pub(crate) type Target = Box<dyn FnMut(&[u8])>;

/// Bytes of memory a network may announce to be looked at further: as the program, which asks before it checks.
const ROOM: f64 = 16e6;

/// A network of which the parts stand in its own examples.
const BASE: &str = "\
name: base
simulation: {duration: 5 ms}
neurons:
  relay:
    count: 4
    circuit: single-channel
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
sources:
  kick: {into: relay, current: {shape: constant, amplitude: 3 uA}}
waveguides:
  axon: {from: relay, to: relay, pattern: chain, delay: 1 ms}
experiment:
  vary: {waveguides.axon.delay: [1 ms, 2 ms]}
";

/// A network to be told something.
const TOLD: &str = "\
name: told
simulation: {duration: 5 ms}
quantum: {hbar: 0.5, fluctuations: adiabatic, cutoff: 50}
neurons:
  cell:
    count: 16
    circuit: single-channel
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}}
sources:
  input: {into: cell, current: {shape: constant, amplitude: 3 uA}}
";

/// The network file: text, shape, meaning, check, and what is spelled out reads again.
pub(crate) fn loader() -> Target {
    Box::new(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        load(Path::new("nowhere/net.yaml"), &text, Vec::new(), &[]);
    })
}

/// Numbers with units, in every system, as every dimension; what is shown reads back.
pub(crate) fn units() -> Target {
    const DIMENSIONS: [Dimension; 15] = [
        Dimension::NUMBER,
        Dimension::VOLTAGE,
        Dimension::VOLTAGE_SQUARED,
        Dimension::TIME,
        Dimension::FREQUENCY,
        Dimension::CONDUCTANCE,
        Dimension::IMPEDANCE,
        Dimension::CAPACITANCE,
        Dimension::CURRENT,
        Dimension::POWER,
        Dimension::ENERGY,
        Dimension::ACTION,
        Dimension::LENGTH,
        Dimension::VELOCITY,
        Dimension::TEMPERATURE,
    ];
    Box::new(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        for system in [UnitSystem::HodgkinHuxley, UnitSystem::Si, UnitSystem::Raw] {
            for dimension in DIMENSIONS {
                match system.parse(&text, dimension) {
                    Ok(value) => {
                        let shown = system.display(value, dimension);
                        let again = system.parse(&shown, dimension);
                        assert!(
                            value.is_finite() && again.is_ok(),
                            "`{text}` is {shown}, which reads as {again:?}"
                        );
                    }
                    Err(error) => assert!(!error.to_string().is_empty()),
                }
            }
        }
    })
}

/// What the command line puts into a file: `--set` by each line, then `--vary` by each line.
pub(crate) fn options() -> Target {
    Box::new(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        let (mut overrides, mut additions) = (Vec::new(), Vec::new());
        for line in text.split('\n') {
            match (line.strip_prefix("--vary "), Override::parse(line)) {
                (Some(line), _) => additions.extend(Addition::vary(line)),
                (None, set) => overrides.extend(set),
            }
        }
        load(Path::new("nowhere/net.yaml"), BASE, overrides, &additions);
    })
}

/// Data files as every entry reads them that may name one.
pub(crate) fn data_files() -> Target {
    const ENTRIES: [&str; 7] = [
        "sources.kick.current={shape: file, path: in.csv, column: i}",
        "neurons.relay.membrane.capacitance={file: {path: in.csv, column: i}}",
        "waveguides.axon.delay={file: {path: in.csv, column: delay}}",
        "waveguides.axon={from: relay, to: relay, pattern: {file: {path: in.csv}}, delay: 1, allow_self: true}",
        "waveguides.axon={from: relay, to: relay, pattern: {file: {path: in.mtx}}, delay: 1}",
        "waveguides.axon={from: relay, to: relay, pattern: {file: in.h5}, delay: 1, allow_self: true}",
        "waveguides.axon={from: relay, to: relay, pattern: {file: {path: in.h5, population: one, edge_types: in.csv}}}",
    ];
    let folder = folder();
    Box::new(move |bytes| {
        for name in ["in.csv", "in.mtx", "in.h5"] {
            fs::write(folder.path().join(name), bytes).expect("the folder can be written");
        }
        for entry in ENTRIES {
            let overrides = Override::parse(entry).into_iter().collect();
            load(&folder.path().join("net.yaml"), BASE, overrides, &[]);
        }
    })
}

/// The journal of a sweep that was stopped, and its manifest.
pub(crate) fn journal() -> Target {
    let folder = folder();
    let template =
        Template::load_text(Path::new("net.yaml"), BASE, &Reading::default(), &[]).expect("it is sound");
    let manifest =
        Manifest::new(&template, &[], "base", 2, false, SweepIntent::default()).expect("there are no data files");
    let sound = serde_json::to_vec(&manifest).expect("it is plain");
    Box::new(move |bytes| {
        let open = |manifest_file: &[u8], journal: &[u8]| {
            fs::write(folder.path().join("manifest.json"), manifest_file).expect("the folder can be written");
            fs::write(folder.path().join("points.journal"), journal).expect("the folder can be written");
            SweepFolder::open(folder.path(), &manifest, &template, &[], false)
        };
        match open(&sound, bytes) {
            // A half-written line has been ended: what is read again is the same.
            Ok((sweep, finished)) => {
                drop(sweep);
                let again = SweepFolder::open(folder.path(), &manifest, &template, &[], false);
                let again = again.expect("it was open before").1;
                assert_eq!(format!("{finished:?}"), format!("{again:?}"));
            }
            Err(error) => panic!("a journal must never be refused: {error}"),
        }
        if let Err(error) = open(bytes, b"") {
            assert!(!error.to_string().is_empty());
        }
    })
}

/// A folder of results in which one file has been changed: its name is the input's first line.
pub(crate) fn results() -> Target {
    let place = folder();
    let folder = place.path().join("run");
    write_results(&folder);
    let files = result_files(&folder);
    Box::new(move |bytes| {
        // Kept, so that the place lasts as long as the target.
        let _ = &place;
        let (name, text) = bytes.split_at(bytes.iter().position(|&byte| byte == b'\n').unwrap_or(0));
        let place =
            files.iter().position(|(known, _)| known.as_bytes() == name).unwrap_or(bytes.len() % files.len());
        let (name, sound) = &files[place];
        fs::write(folder.join(name), text.get(1..).unwrap_or_default()).expect("the folder can be written");
        if let Err(error) = qhh_results::read(&folder) {
            assert!(!error.to_string().is_empty());
        }
        fs::write(folder.join(name), sound).expect("the folder can be written");
    })
}

/// Models.
pub(crate) fn model() -> Target {
    let folder = folder();
    Box::new(move |bytes| {
        let path = folder.path().join("model.json");
        fs::write(&path, bytes).expect("the folder can be written");
        match qhh_results::learning::model::read::<serde_json::Value>(&path) {
            Ok((model, network)) => {
                let again = qhh_results::learning::model::text(&model, &network, "qhh");
                assert!(again.is_ok(), "a model that reads cannot be written");
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    })
}

/// Task files, beside a network and small data that the shipped ones would fit.
pub(crate) fn task() -> Target {
    let folder = folder();
    let put =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("the folder can be written");
    put("net.yaml", TOLD);
    fs::create_dir(folder.path().join("data")).expect("the folder can be written");
    put("data/sunspots.csv", "year,number\n1700,5\n1701,11\n1702,16\n1703,23\n");
    put("data/digits.csv", "digit,r0c0,r0c1\n0,1,2\n1,3,4\n0,5,6\n2,7,8\n");
    put("data/japanese_vowels.csv", "utterance,speaker,c1,c2\n1,1,0.5,1\n1,1,2,3\n2,2,-0.5,1\n3,1,4,4\n");
    Box::new(move |bytes| {
        let path = folder.path().join("task.yaml");
        fs::write(&path, bytes).expect("the folder can be written");
        match qhh_format::task::load(&path, &Reading::default()) {
            Ok(task) => assert!(
                task.study.reservoir.plan.symbol_steps > 0
                    && !task.study.reservoir.plan.features.is_empty()
                    && !task.study.seeds.is_empty()
            ),
            Err(error) => look_at(&error),
        }
    })
}

/// States of runs: as a file, and as what a checksum has let through.
pub(crate) fn checkpoint() -> Target {
    let folder = folder();
    let loaded = base();
    let fingerprint = loaded.fingerprint().expect("there are no data files");
    let intent = Intent::Run(RunIntent {
        format: qhh_results::Format::CSV,
        report: false,
        force: false,
        set: Vec::new(),
        verify: false,
        tolerance: None,
        every: "never".to_owned(),
        file: None,
    });
    let network = Some(&loaded);
    let begun = Unfinished::begin(&folder.path().join("run"), ("base", &fingerprint), network, intent);
    let unfinished = begun.expect("the folder can be written");
    Box::new(move |bytes| {
        // Kept, so that the place lasts as long as the target.
        let _ = &folder;
        for name in ["mean-field.checkpoint", "answers.journal"] {
            fs::write(unfinished.path().join(name), bytes).expect("the folder can be written");
        }
        assert!(unfinished.answers().is_ok());
        if let Err(error) = unfinished.resumable(&fingerprint) {
            assert!(!error.to_string().is_empty());
        }
        let kept = Checkpoint::in_memory(Some(bytes.to_vec()), None);
        let options = RunOptions { threads: 1, ..RunOptions::default() };
        let ended =
            Simulation::from_checked(&loaded.network, options).resume(kept, &mut |_| ControlFlow::Continue(()));
        if let Err(error) = ended {
            assert!(!error.to_string().is_empty());
        }
    })
}

/// States of the network of [`checkpoint`], all along its run.
pub(crate) fn states() -> Vec<Vec<u8>> {
    struct Keeper(Vec<Vec<u8>>);
    impl Observer for Keeper {
        fn progress(&mut self, _: Progress) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
        fn wants_state(&mut self, _: Progress) -> bool {
            true
        }
        fn keep(&mut self, state: &State<'_>) {
            let mut bytes = Vec::new();
            state.write_to(&mut bytes).expect("memory takes everything");
            self.0.push(bytes);
        }
    }
    let mut keeper = Keeper(Vec::new());
    let options = RunOptions { threads: 1, ..RunOptions::default() };
    Simulation::from_checked(&base().network, options)
        .resume(Checkpoint::default(), &mut keeper)
        .expect("it runs");
    keeper.0
}

fn base() -> qhh_format::yaml::Loaded {
    let template =
        Template::load_text(Path::new("net.yaml"), BASE, &Reading::default(), &[]).expect("it is sound");
    template.at(&[]).and_then(qhh_format::yaml::UncheckedNetwork::check).expect("it is sound")
}

/// Results with tables of most kinds.
pub(crate) fn write_results(out: &Path) {
    let more = [
        "quantum={hbar: 0.5, fluctuations: adiabatic, cutoff: 50}",
        "record.quantities=[voltage, variance, wave_out, hysteresis]",
        "sources.kick.current={shape: sine, amplitude: 3 uA, frequency: 5 rad/ms}",
    ];
    let overrides = more.iter().filter_map(|option| Override::parse(option).ok()).collect();
    let reading = Reading { overrides, ..Reading::default() };
    let template = Template::load_text(Path::new("net.yaml"), BASE, &reading, &[]).expect("it is sound");
    let loaded = template.at(&[]).and_then(qhh_format::yaml::UncheckedNetwork::check).expect("it is sound");
    let network = loaded.network.into_network();
    let go_on = &mut |_| std::ops::ControlFlow::Continue(());
    let outcome = qhh_net::run(&network, 1, go_on).expect("it runs");
    let cost = qhh_results::Cost {
        wall_seconds: 1.0,
        build_seconds: 0.5,
        mean_field_seconds: None,
        cpu_seconds: 1.0,
        neuron_steps_per_second: 1.0,
        peak_memory_bytes: 1,
        threads: 1,
        ranks: None,
    };
    let run = qhh_results::FinishedRun {
        network,
        network_yaml: loaded.yaml,
        input: loaded.input.to_string(),
        warnings: loaded.warnings.clone(),
        outcome,
        cost,
        version: "0.1.0".to_owned(),
        verification: None,
        incomplete: None,
        set: Vec::new(),
    };
    let options = qhh_results::WriteOptions::default();
    qhh_results::write(&run, &loaded.resolved, &[], &options, out).expect("it can be written");
}

/// Names and contents of the files of a folder, by name.
pub(crate) fn result_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("it was written").map(|entry| entry.expect("it was written"));
    let named = entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    let mut files: Vec<_> = named.map(|(name, path)| (name, fs::read(path).expect("it was written"))).collect();
    files.sort();
    files
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is a temporary folder")
}

/// Reads as the program does: what the network announces is asked before anything grows to it.
fn load(file: &Path, text: &str, overrides: Vec<Override>, additions: &[Addition]) {
    let reading = Reading { overrides, ..Reading::default() };
    let loaded = Template::load_text(file, text, &reading, additions).and_then(|template| {
        template.text(&[]);
        template.at(&[])
    });
    let checked = loaded.and_then(|draft| match draft.network().memory().of_run() {
        size if size > ROOM => Ok(None),
        _ => draft.check().map(Some),
    });
    match checked {
        Ok(Some(loaded)) if loaded.attachments.is_empty() => {
            let again = Template::load_text(file, &loaded.yaml, &Reading::default(), &[]);
            if let Err(error) = again.and_then(|template| template.at(&[])?.check()) {
                panic!("what is spelled out does not read again: {error}");
            }
        }
        Ok(_) => {}
        Err(error) => look_at(&error),
    }
}

/// What is refused has a reason, and a place in the text if any.
fn look_at(error: &LoadError) {
    assert!(!error.problems.is_empty());
    for place in error.problems.iter().filter_map(|problem| problem.place.as_ref()) {
        assert!(error.text.get(place.span.clone()).is_some(), "{place:?} lies outside the text");
    }
    assert!(!error.to_string().is_empty());
}
