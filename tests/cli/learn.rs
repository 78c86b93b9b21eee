//! `qhh learn` and `qhh predict` as a user meets them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::place::Place;

const NETWORK: &str = include_str!("data/few.yaml");

const TASK: &str = include_str!("data/small.yaml");

const CLASSES: &str = "\
name: sides
network: few.yaml
task: {classes: {file: sides.csv, label: side, symbols: 2}}
symbol: 1 ms
encode: [{source: input, as: amplitude}]
features: [voltage]
seeds: 1
";

pub(crate) fn place() -> Place {
    let place = Place::with(&[]);
    fs::write(place.path("few.yaml"), NETWORK).unwrap();
    fs::write(place.path("small.yaml"), TASK).unwrap();
    fs::write(place.path("sides.yaml"), CLASSES).unwrap();
    let rows: String = (0..40)
        .map(|k| if k % 2 == 0 { format!("left,{},0\n", 4 + k % 3) } else { format!("right,0,{}\n", 4 + k % 5) })
        .collect();
    fs::write(place.path("sides.csv"), format!("side,first,second\n{rows}")).unwrap();
    place
}

#[test]
fn a_task_leaves_a_whole_folder_and_scores_that_can_be_had_again() {
    let place = place();
    let said = place.done(&["learn", "small.yaml"]);
    for learner in ["network", "hbar = 0", "mean field", "echo state", "linear", "quadratic"] {
        assert!(said.contains(&format!("{learner} ")), "{said}");
    }
    let files = [
        "SHA256SUMS",
        "input.yaml",
        "model.json",
        "network.yaml",
        "predictions.csv",
        "report.html",
        "scores.csv",
        "summary.json",
        "task.yaml",
    ];
    assert_eq!(place.names("small"), files);
    assert_eq!(place.read("small/input.yaml"), place.read("few.yaml"));
    place.done(&["learn", "small.yaml", "--out", "again", "--threads", "1", "--quiet"]);
    for file in ["model.json", "network.yaml", "predictions.csv", "scores.csv"] {
        assert_eq!(place.read(&format!("small/{file}")), place.read(&format!("again/{file}")), "{file}");
    }
    // The parts by default, in per cent.
    let split = "split={train: 60 %, validation: 20 %, test: 0.2}";
    place.done(&["learn", "small.yaml", "--out", "split", "--set", split, "--quiet"]);
    assert_eq!(place.read("split/scores.csv"), place.read("small/scores.csv"));
    let page = place.read("small/report.html");
    for part in ["Scores", "What the features are good for", "Prediction against truth", "Learning curve", "Shots"]
    {
        assert!(page.contains(part), "{part}");
    }
    let there = place.qhh(&["learn", "small.yaml"]);
    assert_eq!(there.code, Some(2), "{}", there.stderr);
    assert!(there.stderr.contains("--force"), "{}", there.stderr);
    place.done(&["learn", "small.yaml", "--force", "--set", "seeds=1", "--no-report"]);
    assert!(!place.names("small").contains(&"report.html".to_owned()));
}

#[test]
fn a_model_says_of_rows_what_its_study_said() {
    let place = place();
    place.done(&["learn", "sides.yaml"]);
    assert_eq!(place.done(&["predict", "sides", "sides.csv"]), "predictions.csv\n");
    let said = place.read("predictions.csv");
    let said: Vec<&str> = said.lines().skip(1).collect();
    assert_eq!(said.len(), 40);
    let study = place.read("sides/predictions.csv");
    for line in study.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let row: usize = fields[0].parse().unwrap();
        assert_eq!(said[row], format!("{row},{}", fields[3]), "{line}");
    }
    let matrix = &place.summary("sides")["findings"]["confusion"];
    assert_eq!((&matrix[0][1], &matrix[1][0]), (&Value::from(0), &Value::from(0)), "{matrix}");
    let model = place.done(&["predict", "sides/model.json", "sides.csv", "--out", "-"]);
    assert_eq!(model, place.read("predictions.csv"));
}

/// Each with an exit code of 2 and what to do.
#[test]
fn models_and_data_that_do_not_fit_are_refused() {
    let place = place();
    place.done(&["learn", "sides.yaml"]);
    let refused = |args: &[&str], words: &[&str]| {
        let ended = place.qhh(args);
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.stderr);
        for word in words {
            assert!(ended.stderr.contains(word), "{args:?} lacks `{word}`: {}", ended.stderr);
        }
        assert!(!place.path("predictions.csv").exists());
    };
    fs::write(place.path("other.yaml"), NETWORK.replace("count: 4", "count: 5")).unwrap();
    refused(&["predict", "sides", "sides.csv", "--network", "other.yaml"], &["another network", "help:"]);
    let model = place.read("sides/model.json");
    fs::write(place.path("sides/model.json"), model.replacen("\"seed\": 1", "\"seed\": 2", 1)).unwrap();
    refused(&["predict", "sides", "sides.csv"], &["damaged", "checksum"]);
    fs::write(place.path("sides/model.json"), model.replacen("\"version\": 2", "\"version\": 7", 1)).unwrap();
    refused(&["predict", "sides", "sides.csv"], &["format 7", "format 2"]);
    fs::write(place.path("sides/model.json"), "{}").unwrap();
    refused(&["predict", "sides", "sides.csv"], &["no model of qhh"]);
    fs::write(place.path("sides/model.json"), &model).unwrap();
    refused(&["predict", "sides", "none.csv"], &["cannot read none.csv"]);
    fs::write(place.path("bad.csv"), "side,first,second\nleft,1,\n").unwrap();
    refused(&["predict", "sides", "bad.csv"], &["bad.csv, line 2, column `second`", "empty"]);
    fs::write(place.path("bad.csv"), "side,first\nleft,1\n").unwrap();
    refused(&["predict", "sides", "bad.csv"], &["no column `second`", "`first`"]);
    refused(&["predict", "few.yaml", "sides.csv"], &["no model of qhh"]);
}

#[test]
fn mistakes_of_a_task_are_shown_with_their_lines_all_at_once() {
    let place = place();
    let task = "\
name: wrong
network: few.yaml
task: {classes: {file: holes.csv, label: side}}
symbol: 0.07 ms
encode: [{source: inputt, as: amplitude}]
features: [voltage, {quantity: spikes, of: \"cell[9]\"}, modes]
readout: {ridge: {alphas: [0]}}
split: {train: 0.9, validation: 0.2, test: 0.2}
shots: [1]
seeds: 0
";
    fs::write(place.path("wrong.yaml"), task).unwrap();
    fs::write(place.path("holes.csv"), "side,first\nleft,1\nright,one\nleft,2\nright,3\n").unwrap();
    let ended = place.qhh(&["learn", "wrong.yaml"]);
    assert_eq!(ended.code, Some(2));
    insta::assert_snapshot!("learn-mistakes", ended.stderr);
    fs::write(place.path("wrong.yaml"), TASK.replace("narma", "narmaa").replace("washout", "wash_out")).unwrap();
    let ended = place.qhh(&["learn", "wrong.yaml"]);
    assert_eq!(ended.code, Some(2));
    insta::assert_snapshot!("learn-words", ended.stderr);
    let set = place.qhh(&["learn", "small.yaml", "--set", "readout.logistic.C=[1]"]);
    assert_eq!(set.code, Some(2));
    assert!(set.stderr.contains("`logistic` is for classes"), "{}", set.stderr);
    let none = place.qhh(&["learn", "small.yaml", "--set", "network=gone.yaml"]);
    assert!(none.stderr.contains("no network file `gone.yaml`"), "{}", none.stderr);
    let short = place.qhh(&["learn", "small.yaml", "--set", "task.narma.steps=22"]);
    assert_eq!(short.code, Some(2));
    assert!(short.stderr.contains("to train, validate and test with"), "{}", short.stderr);
    for (set, told) in [
        ("seeds=[1, 2, 1]", "seed 1 is listed twice"),
        ("task.narma.order=0", "must be from 1 to 30, got 0"),
        ("readout=lasso", "write `{ridge: "),
    ] {
        let ended = place.qhh(&["learn", "small.yaml", "--set", set]);
        assert_eq!(ended.code, Some(2), "{set}");
        assert!(ended.stderr.contains(told), "{set}: {}", ended.stderr);
    }
    assert_eq!(place.names(".").iter().filter(|name| name.starts_with('.')).count(), 0);
}

/// What only learning finds out has its place in the file and a remedy, too.
#[test]
fn what_a_network_cannot_learn_is_shown_at_its_entry() {
    let place = place();
    let twice =
        "encode=[{source: input, as: amplitude, range: [0, 1]}, {source: input, as: amplitude, range: [0, 2]}]";
    for (set, words) in [
        (twice, &["the amplitude of `input` is set by entry 0 already", "`inputs: [a, b]`"][..]),
        ("encode[0].as=phase", &["the phase of source `input` takes", "choose another `as`"]),
        ("encode[0].as=squeezing", &["the state of source `input` takes a quantum source, not a current"]),
        ("features=[n]", &["`n` cannot be sampled with shots", "leave `shots` out"]),
        (
            "split={train: 160 %, validation: 0.2, test: 0.2}",
            &["`split.train` must be between 0 and 1, got 160 %", "write a value such as `0.5`"],
        ),
        (
            "split={train: 0.2, validation: 0.2, test: 60}",
            &["`split.test` must be between 0 and 1, got 60", "write `60 %` if per cent are meant"],
        ),
        (
            "split={train: 0.2, validation: 0.2, test: 0 %}",
            &["`split.test` must be above 0 and below 1, got 0", "write a share such as `0.2` or `20 %`"],
        ),
    ] {
        let ended = place.qhh(&["learn", "small.yaml", "--set", set]);
        assert_eq!(ended.code, Some(2), "{set}: {}", ended.stderr);
        let flat = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(flat.contains(word), "{set} lacks `{word}`: {}", ended.stderr);
        }
    }
    fs::write(place.path("same.csv"), "side,first,second\nleft,1,2\nleft,2,3\nleft,3,5\nleft,4,1\n").unwrap();
    let ended = place.qhh(&["learn", "small.yaml", "--set", "task={classes: {file: same.csv, label: side}}"]);
    assert!(
        ended.stderr.contains("has the label `left`: a task of classes needs two at least"),
        "{}",
        ended.stderr
    );
}

/// What can be learned but is hardly meant.
#[test]
fn tasks_that_are_hardly_meant_are_warned_of() {
    let place = place();
    let mut rows = place.read("sides.csv");
    rows.push_str("middle,1,1\n");
    fs::write(place.path("sides.csv"), rows).unwrap();
    fs::write(place.path("level.csv"), "side,first,second\n".to_owned() + &"left,1,3\nright,2,3\n".repeat(10))
        .unwrap();
    for (file, set, told) in [
        ("sides.yaml", "seeds=1", "task: class `middle` has 1 of 41 examples"),
        ("sides.yaml", "task={classes: {file: level.csv, label: side}}", "the input `second` is 3 in every row"),
        ("sides.yaml", "readout={ridge: {folds: 99}}", "readout: 99 folds of a training part of 24 rows"),
        ("sides.yaml", "baselines=[quadratic, linear]", "baselines: `quadratic` is left out: it is for series"),
        ("small.yaml", "history=299", "a row has the features of 299 symbols, and there are 280"),
        (
            "small.yaml",
            "encode=[{source: input, as: amplitude, range: [0, 1e7]}]",
            "encode[0].range: at 10000000 times",
        ),
    ] {
        let ended = place.qhh(&["check", file, "--set", set]);
        assert_eq!(ended.code, Some(0), "{set}: {}", ended.stderr);
        assert!(ended.stderr.contains(told), "{set}: {}", ended.stderr);
        assert!(ended.stdout.contains("can learn, with "), "{}", ended.stdout);
    }
    let plain = place.qhh(&["check", "small.yaml"]);
    assert!(!plain.stderr.contains("warning"), "{}", plain.stderr);
    for (set, told) in [
        ("features=[voltage, voltage]", "the same neurons are read for this once already"),
        (
            "task={sequences: {file: sides.csv, label: side, sequence: side}}",
            "`side` is both `sequence` and `label`",
        ),
    ] {
        let ended = place.qhh(&["check", "small.yaml", "--set", set]);
        assert_eq!(ended.code, Some(2), "{set}");
        assert!(ended.stderr.contains(told), "{set}: {}", ended.stderr);
    }
}

/// Before the network runs, and whatever the machine.
#[test]
fn features_beyond_any_memory_are_refused() {
    let place = place();
    let sets = ["task.narma.steps=10000000", "history=100000"].map(|set| ["--set", set]).concat();
    let ended = place.qhh(&[&["learn", "small.yaml"][..], &sets].concat());
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    for word in ["would take about", "TB of memory", "features ", "help: give fewer symbols"] {
        assert!(ended.stderr.contains(word), "{}", ended.stderr);
    }
    assert!(!place.path("small").exists());
}

#[test]
fn an_unreadable_shot_is_refused_with_a_reason() {
    let place = place();
    let ended = place.qhh(&["learn", "small.yaml", "--set", "features=[n]"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("`n` cannot be sampled with shots"), "{}", ended.stderr);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Tasks that come with the program, in small: a few symbols or examples, one seed, exact.
#[test]
fn every_task_that_is_shipped_learns() {
    let manual = fs::read_to_string(root().join("docs/learning.md")).unwrap();
    let folder = root().join("networks/learning");
    let mut tasks = 0;
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "yaml")) {
        let text = fs::read_to_string(file).unwrap();
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert!(manual.contains(&format!("{name}.yaml")), "docs/learning.md does not tell of {name}.yaml");
        let place = Place::with(&[]);
        let file = file.to_str().unwrap();
        let Some(task) = text.lines().find(|line| line.starts_with("task: {")) else {
            place.done(&["check", file]);
            continue;
        };
        tasks += 1;
        let kind = task.trim_start_matches("task: {").split(':').next().unwrap();
        let few = match kind {
            // Hundreds of runs of many neurons are for users.
            "classes" | "sequences" => continue,
            "series" => Vec::new(),
            "cylinder-bell-funnel" => vec![format!("task.{kind}.examples=60")],
            "capacity" => vec!["task={capacity: {delays: [8, 4], steps: 400}}".to_owned()],
            _ => vec![format!("task.{kind}.steps=400")],
        };
        // Every baseline that is cheap.
        let baselines = "baselines=[hbar-zero, mean-field, linear, quadratic]";
        let quick = ["seeds=1", "shots=null", baselines, "readout={ridge: {alphas: [0.1], folds: 2}}"];
        let mut call = vec!["learn", file, "--quiet", "--no-report", "--out", "out"];
        for set in few.iter().map(String::as_str).chain(quick) {
            call.extend(["--set", set]);
        }
        let ended = place.qhh(&call);
        // Of the baselines those that make sense for the task.
        let is_sound = ended.stderr.lines().all(|line| line.contains(" is left out: "));
        assert!(ended.code == Some(0) && is_sound, "{name}: {}", ended.stderr);
    }
    assert!(tasks >= 8, "{tasks} tasks");
}

#[test]
fn every_key_and_word_of_a_task_is_in_its_manual() {
    let schema: Value = serde_json::from_str(&Place::with(&[]).done(&["learn", "--schema"])).unwrap();
    let mut names = BTreeSet::new();
    crate::docs::collect_names(&schema, &mut names);
    assert!(names.len() > 60, "{names:?}");
    let manual = fs::read_to_string(root().join("docs/learning.md")).unwrap();
    let words: BTreeSet<&str> = manual.split(|c: char| !(c.is_alphanumeric() || "_-".contains(c))).collect();
    let missing: Vec<_> = names.iter().filter(|name| !words.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/learning.md does not tell of {missing:?}");
}

#[test]
fn a_task_reads_nothing_outside_its_folder_unless_it_is_told() {
    let place = place();
    fs::create_dir(place.path("inner")).unwrap();
    let task = CLASSES.replace("few.yaml", "../few.yaml");
    fs::write(place.path("inner/network.yaml"), task).unwrap();
    let task = CLASSES.replace("sides.csv", "../sides.csv");
    fs::write(place.path("inner/data.yaml"), task).unwrap();
    for file in ["few.yaml", "sides.csv"] {
        fs::copy(place.path(file), place.path(&format!("inner/{file}"))).unwrap();
    }
    for (name, outside) in [("network", "../few.yaml"), ("data", "../sides.csv")] {
        let file = format!("inner/{name}.yaml");
        let ended = place.qhh(&["learn", &file, "--out", name]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        let told = format!("`{outside}` does not stay within the folder of the task file");
        assert!(ended.stderr.contains(&told) && ended.stderr.contains("--allow-outside"), "{}", ended.stderr);
        place.done(&["learn", &file, "--out", name, "--allow-outside", "--quiet"]);
    }
}

#[test]
fn what_was_learned_from_is_written_on_request() {
    let place = place();
    place.done(&["learn", "small.yaml", "--export", "--quiet", "--no-report", "--set", "shots=null"]);
    let lines = |file: &str| place.read(&format!("small/{file}")).lines().map(str::to_owned).collect::<Vec<_>>();
    for seed in [1, 2] {
        let (features, targets) =
            (lines(&format!("features_seed{seed}.csv")), lines(&format!("targets_seed{seed}.csv")));
        assert_eq!((features.len(), targets.len()), (301, 301));
        assert!(features[0].starts_with("row,cell[0] voltage,cell[1] voltage,"), "{}", features[0]);
        assert_eq!(targets[0], "row,part,fold,predicted_row,input input,target");
        assert!(targets[1].starts_with("0,,,0,") && targets[21].starts_with("20,train,0,20,"), "{}", targets[21]);
    }
    place.done(&["verify", "small"]);
    place.done(&["learn", "sides.yaml", "--export", "--quiet", "--no-report"]);
    let labels = lines("../sides/targets_seed1.csv");
    assert!(labels[0] == "row,part,fold,predicted_row,target" && labels[1].ends_with(",left"), "{labels:?}");
}
