//! The commands besides `run`.

use std::fs;

use crate::place::Place;

const TEMPLATES: [&str; 10] = [
    "three-channel",
    "single-channel",
    "squid-axon",
    "quantum-source",
    "custom-channel",
    "chain",
    "feedforward",
    "ring",
    "entangled-pair",
    "sweep",
];

#[test]
fn every_template_checks_and_runs_as_it_is() {
    let place = Place::with(&[]);
    let list = place.done(&["new", "--list"]);
    for template in TEMPLATES {
        assert!(list.contains(template), "{list}");
        let file = format!("{template}.yaml");
        assert_eq!(place.done(&["new", template]), format!("{file}\n"));
        assert!(place.read(&file).starts_with("# yaml-language-server: $schema="), "{file}");
        let checked = place.qhh(&["check", &file]);
        assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""), "{file}");
        let ran = place.qhh(&["run", &file]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{file}");
    }
}

/// The template of a sweep sweeps, and that of a task comes with its network.
#[test]
fn templates_of_sweeps_and_tasks_do_what_they_are_for() {
    let place = Place::with(&[]);
    place.done(&["new", "sweep"]);
    assert!(place.done(&["check", "sweep.yaml"]).contains("13 runs by `qhh sweep`"));
    place.done(&["sweep", "sweep.yaml", "--quiet", "--set", "simulation.duration=20 ms"]);
    let table = place.read("sweep-sweep/results.csv");
    assert_eq!(table.lines().count(), 14, "{table}");
    assert_eq!(place.done(&["new", "learning"]), "learning.yaml\nlearning-network.yaml\n");
    let told = place.done(&["check", "learning.yaml"]);
    assert!(told.contains("NARMA-10 over 600 symbols") && told.contains("10 neurons"), "{told}");
    place.done(&["check", "learning-network.yaml"]);
    let set = ["--set", "task.narma.steps=300", "--set", "seeds=1", "--no-report", "--quiet"];
    place.done(&[&["learn", "learning.yaml"][..], &set].concat());
    assert!(place.path("learning/scores.csv").is_file());
    // Neither file is overwritten, and nothing is written where one of them is there.
    assert_eq!(place.qhh(&["new", "learning"]).code, Some(2));
    assert_eq!(place.done(&["new", "custom", "--out", "-"]), place.done(&["new", "custom-channel", "--out", "-"]));
}

/// The template of a fit: checked, fitted, and its result run; each command knows files of other kinds.
#[test]
fn new_writes_a_fit_with_its_network_and_commands_know_one_from_another() {
    let place = Place::with(&[]);
    assert_eq!(place.done(&["new", "fit"]), "fit.yaml\nfit-network.yaml\n");
    let told = place.done(&["check", "fit.yaml"]);
    for part in ["2 values", "waveguides.axon.delay", "`spike-times`", "L-BFGS", "memory", "can be fitted"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    place.done(&["fit", "fit.yaml"]);
    place.done(&["run", "fit/fitted.yaml", "--out", "after", "--no-report"]);
    let spikes = place.read("after/spikes.csv");
    let of_second = spikes.lines().find(|line| line.contains("relay[1]")).expect("the second neuron fires");
    let time = of_second.split(',').find_map(|cell| cell.parse::<f64>().ok().filter(|time| time.fract() != 0.0));
    assert!(time.is_some_and(|time| (time - 5.0).abs() < 1e-3), "{spikes}");
    place.done(&["new", "learning"]);
    for (command, file, message) in [
        ("run", "fit.yaml", "this is a fit, not a network"),
        ("learn", "fit.yaml", "this is a fit, not a learning task"),
        ("learn", "fit-network.yaml", "this is a network, not a learning task"),
        ("fit", "fit-network.yaml", "this is a network, not a fit"),
        ("fit", "learning.yaml", "this is a learning task, not a fit"),
        ("watch", "fit.yaml", "is a fit, and `qhh watch` runs networks"),
    ] {
        let ended = place.qhh(&[command, file]);
        assert_eq!(ended.code, Some(2), "{command} {file}");
        assert!(ended.stderr.contains(message), "{command} {file}: {}", ended.stderr);
    }
}

#[test]
fn a_task_and_a_network_are_told_apart() {
    let place = Place::with(&["axon.yaml"]);
    place.done(&["new", "learning"]);
    let ended = place.qhh(&["run", "learning.yaml"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("this is a learning task") && ended.stderr.contains("qhh learn"),
        "{}",
        ended.stderr
    );
    let ended = place.qhh(&["learn", "axon.yaml"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("this is a network") && ended.stderr.contains("qhh run"), "{}", ended.stderr);
}

#[test]
fn a_template_never_overwrites_a_file_unasked() {
    let place = Place::with(&[]);
    fs::write(place.path("squid-axon.yaml"), "mine").unwrap();
    let ended = place.qhh(&["new", "squid-axon"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(place.read("squid-axon.yaml"), "mine");
    place.done(&["new", "squid-axon", "--out", "other.yaml"]);
    place.done(&["new", "squid-axon", "--force"]);
    assert_eq!(place.done(&["new", "squid-axon", "--out", "-"]), place.read("other.yaml"));
    assert_eq!(place.names("."), ["other.yaml", "squid-axon.yaml"]);
    assert_eq!(place.qhh(&["new", "squid-axon", "--out", "no/such/folder.yaml"]).code, Some(2));
}

#[test]
fn checking_says_what_would_run_and_writes_nothing() {
    let place = Place::with(&["axon.yaml", "endless.yaml"]);
    insta::assert_snapshot!(place.done(&["check", "axon.yaml"]), @"
    axon.yaml
      name         axon
      neurons      1 neuron in 1 population, 1 source
      waveguides   none
      steps        2000 of 0.01 ms
      samples      201, one every 0.1 ms
      recorded     2 columns from 1 neuron
      time         less than a second on one thread
      memory       about 17.0 MB
      results      about 10.9 kB as CSV
      checkpoints  up to 48.9 kB on disk, if the run is long enough to keep checkpoints for `qhh resume`
      ✓ can run
    ");
    place.done(&["check", "endless.yaml"]);
    assert_eq!(place.names("."), ["axon.yaml", "endless.yaml"]);
}

#[test]
fn checking_predicts_a_run_on_several_ranks() {
    let place = Place::with(&[]);
    place.done(&["new", "chain"]);
    let check = ["check", "chain.yaml", "--set", "neurons.relay.count=200", "--ranks", "3"];
    let told = place.done(&[&check[..], &["--network", "10Gbit"]].concat());
    for of in ["3 ranks, 64 to 72 neurons each; 13 blocks in all", "hears up to 1 port of others", "at 10 Gbit/s"]
    {
        assert!(told.contains(of), "{of}: {told}");
    }
    let ended = place.qhh(&[&check[..], &["--network", "fast"]].concat());
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("`fast` is no speed of a network"), "{}", ended.stderr);
}

#[test]
fn checking_tells_what_field_modes_take() {
    let place = Place::with(&["modes.yaml"]);
    let told = place.done(&["check", "modes.yaml"]);
    // Three channels, two ports: ten lines, five of which reach both neurons; 16 frequencies, 400 steps.
    assert!(told.contains(" on one thread: 96000 steps of one frequency of one line in one neuron"), "{told}");
}

#[test]
fn the_schema_is_json_that_knows_every_block() {
    let schema: serde_json::Value = serde_json::from_str(&Place::with(&[]).done(&["schema"])).unwrap();
    for block in ["name", "simulation", "quantum", "neurons", "sources", "record"] {
        assert!(schema["properties"][block].is_object(), "{block}");
    }
}

/// A page for the program and one for each of its commands, in the language of man.
#[test]
fn every_command_has_a_manual_page() {
    let place = Place::with(&[]);
    assert_eq!(place.done(&["man", "pages/man1"]), "pages/man1\n");
    for page in ["qhh.1", "qhh-run.1", "qhh-sweep.1", "qhh-new.1"] {
        let text = place.read(&format!("pages/man1/{page}"));
        assert!(text.contains(".TH qhh") && text.contains(".SH SYNOPSIS"), "{page}: {text}");
    }
    assert!(place.read("pages/man1/qhh-run.1").contains("checkpoint"));
    let page = place.read("pages/man1/qhh-sweep.1");
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    let last = ["FILES", "EXIT STATUS", "NOTES", "EXAMPLES"].map(|name| format!("\"{name}\""));
    assert_eq!(headings[headings.len() - 4..], last, "{headings:?}");
    let of_examples = page.split(".SH \"EXAMPLES\"").nth(1).unwrap();
    assert!(of_examples.contains("\n  qhh sweep sweep.yaml\n") && of_examples.contains("/2 "), "{of_examples}");
}

#[test]
fn every_shell_gets_its_completions() {
    let place = Place::with(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(place.done(&["completions", shell]).contains("threads"), "{shell}");
    }
}

#[test]
fn runs_are_compared_on_one_page() {
    let place = Place::with(&["axon.yaml", "memristors.yaml"]);
    place.done(&["run", "axon.yaml", "memristors.yaml"]);
    assert_eq!(place.done(&["compare", "axon", "memristors"]), "compare.html\n");
    let page = place.read("compare.html");
    assert!(page.contains("axon") && page.contains("memristors"));
    assert_eq!(place.qhh(&["compare", "axon", "memristors"]).code, Some(2), "the page exists");
    place.done(&["compare", "axon", "memristors", "--out", "other.html"]);
    place.done(&["compare", "axon", "memristors", "--force"]);
}

#[test]
fn only_whole_results_are_compared() {
    let place = Place::with(&["axon.yaml"]);
    place.done(&["run", "axon.yaml"]);
    fs::create_dir(place.path("empty")).unwrap();
    for (folder, told) in [("empty", "has no summary.json"), ("nowhere", "no folder"), ("axon.yaml", "is a file")]
    {
        let ended = place.qhh(&["compare", "axon", folder]);
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
    fs::remove_file(place.path("axon/traces.csv")).unwrap();
    let ended = place.qhh(&["compare", "axon", "axon"]);
    assert!(ended.stderr.contains("has no traces.csv"), "{}", ended.stderr);
    assert_eq!(place.names("."), ["axon", "axon.yaml", "empty"]);
}

/// The circuit of a network and the spikes of its run; what has no place in them is named.
#[test]
fn sonata_is_exported_and_read_as_a_pattern() {
    let place = Place::with(&[]);
    place.done(&["new", "chain"]);
    let exported = place.qhh(&["export", "chain.yaml", "--to", "sonata", "--out", "circuit"]);
    let warning = "warning: chain.yaml: SONATA has no place for `sources`, which is left out\n";
    assert_eq!((exported.code, exported.stdout.as_str(), exported.stderr.as_str()), (Some(0), "", warning));
    let mut names = place.names("circuit");
    names.sort();
    let files = ["circuit_config.json", "components", "edge_types.csv", "edges.h5", "node_types.csv", "nodes.h5"];
    assert_eq!(names, files);
    let again = ["export", "chain.yaml", "--to", "sonata", "--out", "circuit"];
    place.qhh(&again).told(2, &["circuit exists already", "--force"]);
    assert_eq!(place.qhh(&[&again[..], &["--force"]].concat()).code, Some(0));
    place.qhh(&["export", "chain.yaml", "--to", "sonata"]).told(2, &["a folder of files", "--out"]);

    let chain = place.read("chain.yaml");
    let start = chain.find("    pattern: chain").unwrap();
    let end = start + chain[start..].find('\n').unwrap();
    let own = format!("{}    pattern: {{file: circuit/edges.h5}}{}", &chain[..start], &chain[end..]);
    let own = own
        .lines()
        .filter(|line| !["delay:", "transmission:"].iter().any(|key| line.trim_start().starts_with(key)))
        .collect::<Vec<_>>()
        .join("\n");
    fs::write(place.path("joined.yaml"), own.replace("name: chain", "name: joined")).unwrap();
    place.done(&["run", "chain.yaml"]);
    let joined = place.qhh(&["run", "joined.yaml"]);
    assert_eq!(joined.code, Some(0), "{}", joined.stderr);
    assert!(joined.stderr.contains("not taken: gain"), "{}", joined.stderr);
    assert_eq!(place.read("joined/spikes.csv"), place.read("chain/spikes.csv"));

    place.done(&["export", "joined", "--to", "sonata", "--out", "spikes.h5"]);
    let bytes = fs::read(place.path("spikes.h5")).unwrap();
    assert!(bytes.starts_with(b"\x89HDF\r\n"), "{} bytes", bytes.len());
    place.qhh(&["export", "joined", "--to", "spice"]).told(2, &["only spikes are exported", "--to sonata"]);
    place.qhh(&["export", "joined", "--to", "sonata", "--out", "spikes.h5"]).told(2, &["exists already"]);
}
