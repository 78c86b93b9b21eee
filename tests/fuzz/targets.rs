//! What must take any bytes whatever: each target is a function of the input, which may refuse but not fail.

use std::fs;
use std::path::Path;

use qhh_core::units::{Dimension, UnitSystem};
use qhh_io::results::sweep::{Manifest, SweepFolder, SweepIntent};
use qhh_io::yaml::{Addition, Override, Reading, Template};
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
    const ENTRIES: [&str; 5] = [
        "sources.kick.current={shape: file, path: in.csv, column: i}",
        "neurons.relay.membrane.capacitance={file: {path: in.csv, column: i}}",
        "waveguides.axon.delay={file: {path: in.csv, column: delay}}",
        "waveguides.axon={from: relay, to: relay, pattern: {file: {path: in.csv}}, delay: 1, allow_self: true}",
        "waveguides.axon={from: relay, to: relay, pattern: {file: {path: in.mtx}}, delay: 1}",
    ];
    let folder = folder();
    Box::new(move |bytes| {
        for name in ["in.csv", "in.mtx"] {
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
    let checked = loaded.and_then(|draft| match draft.network().memory().total() {
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
        Err(error) => {
            assert!(!error.problems.is_empty());
            for place in error.problems.iter().filter_map(|problem| problem.place.as_ref()) {
                assert!(error.text.get(place.span.clone()).is_some(), "{place:?} lies outside the text");
            }
            assert!(!error.to_string().is_empty());
        }
    }
}
