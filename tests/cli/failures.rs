//! What goes wrong, how it is told, and the exit code.

use std::fs;
use std::process::Stdio;
use std::time::Instant;

use crate::place::Place;

#[test]
fn every_problem_of_a_file_is_drawn_beside_its_line() {
    let place = Place::with(&["broken.yaml"]);
    for command in ["run", "check"] {
        let ended = place.qhh(&[command, "broken.yaml"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.contains("[broken.yaml:2:24]"), "{}", ended.stderr);
        assert!(ended.stderr.contains("[broken.yaml:5:16]"), "{}", ended.stderr);
        assert!(ended.stderr.contains("membrane: {capacitence: 1 uF}"), "{}", ended.stderr);
        assert!(ended.stderr.contains("help: did you mean `capacitance`?"), "{}", ended.stderr);
        assert!(!ended.stderr.contains('\u{1b}'), "colours where there is no terminal");
    }
}

#[test]
fn an_unreadable_file_is_bad_input() {
    let place = Place::with(&[]);
    fs::write(place.path("bytes.yaml"), [0xff, 0xfe, 0x00, 0x80]).unwrap();
    fs::create_dir(place.path("folder.yaml")).unwrap();
    for file in ["nowhere.yaml", "bytes.yaml", "folder.yaml"] {
        let ended = place.qhh(&["run", file]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(file), "{}", ended.stderr);
    }
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let place = Place::with(&["axon.yaml", "broken.yaml", "memristors.yaml"]);
    let ended = place.qhh(&["run", "axon.yaml", "broken.yaml", "memristors.yaml", "--quiet"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), "axon\nmemristors\n"));
    let checked = place.qhh(&["check", "axon.yaml", "broken.yaml", "memristors.yaml"]);
    assert_eq!(checked.code, Some(2));
    assert!(checked.stdout.contains("axon.yaml\n") && checked.stdout.contains("memristors.yaml\n"));
}

#[test]
fn usage_mistakes_are_bad_input() {
    let place = Place::with(&["axon.yaml"]);
    let usages: [&[&str]; 9] = [
        &[],
        &["fly"],
        &["run"],
        &["run", "axon.yaml", "--set", "nothing"],
        &["run", "axon.yaml", "--seed", "minus one"],
        &["run", "axon.yaml", "--open", "--no-report"],
        &["new"],
        &["new", "unheard-of"],
        &["compare", "axon"],
    ];
    for usage in usages {
        let ended = place.qhh(usage);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{usage:?}");
    }
    for (usage, told) in [
        (&["run", "axon.yaml", "--seed=-1"][..], "`--seed` must be a whole number, not below zero, got `-1`"),
        (&["run", "axon.yaml", "--seed", "1.5"], "got `1.5`"),
        (&["dry-run", "axon.yaml", "--ranks", "0"], "`--ranks` must be at least 1, got `0`"),
        (&["run", "axon.yaml", "--duration", "10"], "write `--set simulation.duration=\"10 ms\"`"),
        (&["check", "axon.yaml", "--hbar=0.5"], "write `--set quantum.hbar=0.5`"),
        (&["sweep", "axon.yaml", "--vary", "simulation.seed=1..9"], "from, to and step as `0.1:1:0.05`"),
    ] {
        let ended = place.qhh(usage);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{usage:?}");
        assert!(ended.stderr.contains(told), "{usage:?}: {}", ended.stderr);
    }
    assert_eq!(place.qhh(&["run", "axon.yaml", "--set", "neurons.axon.wings=2"]).code, Some(2));
    assert_eq!(place.names("."), ["axon.yaml"]);
}

#[test]
fn a_reader_who_leaves_is_no_error() {
    let place = Place::with(&["axon.yaml"]);
    let commands: [&[&str]; 5] = [
        &["schema"],
        &["completions", "bash"],
        &["new", "squid-axon", "-o", "-"],
        &["--help"],
        &["run", "axon.yaml"],
    ];
    for args in commands {
        let mut child = place.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*stderr), (Some(0), ""), "{args:?}");
    }
}

/// Populations are counts and waveguides are rules until it is known that they fit.
#[test]
fn what_no_memory_holds_is_refused_at_once_with_its_size() {
    const HUGE: &str = "
name: huge
simulation: {duration: 10 ms}
neurons:
  cell:
    count: 900000000
    membrane: {capacitance: {uniform: [0.9 uF, 1.1 uF]}}
    channels: {potassium: {conductance: 36 mS}, sodium: {conductance: 120 mS}, chloride: {conductance: 0.3 mS}}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
  lone: {count: 90000000, circuit: single-channel, membrane: {capacitance: 1 uF}, channels: {potassium: {conductance: 1 mS}}}
sources:
  drive: {into: [cell, lone], current: {shape: constant, amplitude: {uniform: [6 uA, 9 uA]}}}
waveguides:
  web: {from: cell, to: cell, pattern: {fixed-fan-in: {k: 10}}, delay: {uniform: [1 ms, 2 ms]}, transmission: {uniform: [0.4, 0.5]}}
  back: {from: [\"cell[5..899999999]\", \"cell[0..4]\"], to: cell, pattern: one-to-one, delay: 1 ms, direction: two-way}
  all: {from: cell, to: cell, pattern: {random: {probability: 1e-8}}, delay: 1 ms}
";
    let place = Place::with(&[]);
    fs::write(place.path("huge.yaml"), HUGE).unwrap();
    let begun = Instant::now();
    for (command, parts) in [
        ("run", &["neurons", "waveguides", "waves under way", "samples"][..]),
        ("check", &["neurons", "waveguides", "waves under way", "samples"]),
        ("graph", &["neurons", "waveguides"]),
    ] {
        let ended = place.qhh(&[command, "huge.yaml"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
        let (takes, free) = ended.stderr.split_once(" of memory, and ").expect(&ended.stderr);
        assert!(takes.contains("huge would take about "), "{takes}");
        assert!(takes.ends_with(" GB") || takes.ends_with(" TB"), "{takes}");
        for part in parts {
            assert!(free.contains(&format!("{part} ")), "{free}");
        }
        assert!(free.contains("are free: ") && free.contains("help: lower a `count`"), "{free}");
    }
    assert!(begun.elapsed().as_secs() < 10, "told after {:?}", begun.elapsed());
    assert_eq!(place.names("."), ["huge.yaml"]);
    for (set, told) in [
        ("neurons.cell.count=5000000000", "must be between 1 and 1000000000, got 5000000000"),
        ("record.of=cell", "names 900000000 neurons, above the 100000000 that can be recorded"),
    ] {
        let ended = place.qhh(&["run", "huge.yaml", "--set", set]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
}

/// Mean trajectories of every step: two of a million million steps fit into no memory.
#[test]
fn field_modes_that_do_not_fit_are_refused_with_a_way_out() {
    let place = Place::with(&["modes.yaml"]);
    let ended = place.qhh(&["run", "modes.yaml", "--set", "simulation.duration=1e10 ms"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    for told in ["field modes", "are free", "without `noise_budget`", "fluctuations: adiabatic"] {
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
    let sampled = [
        "--set",
        "quantum={hbar: 0.5, cutoff: 100, fluctuations: wigner}",
        "--set",
        "record.quantities=[voltage]",
    ];
    let ended =
        place.qhh(&[&["run", "modes.yaml", "--set", "simulation.duration=1e10 ms"][..], &sampled[..]].concat());
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    for told in ["samples of the fields", "are free", "fluctuations: heisenberg"] {
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
    assert_eq!(place.names("."), ["modes.yaml"]);
}

/// Data files in folders that `net.yaml` does not stand above: by an absolute path, by `..`, by a link.
#[cfg(unix)]
fn reaching_out() -> (Place, [String; 3]) {
    let place = Place::with(&[]);
    fs::create_dir_all(place.path("mine")).unwrap();
    fs::write(place.path("in.csv"), "t,i\n0,0\n1,40\n5,40\n").unwrap();
    std::os::unix::fs::symlink(place.path("in.csv"), place.path("mine/link.csv")).unwrap();
    let absolute = place.path("in.csv").to_str().unwrap().to_owned();
    let network = format!(
        "name: reach\nsimulation: {{duration: 5 ms}}\nneurons:\n  cell:\n    circuit: single-channel\n    \
         membrane: {{capacitance: 1 uF}}\n    channels: {{potassium: {{conductance: 36 mS}}}}\nsources:\n  \
         in: {{into: cell, current: {{shape: file, path: {absolute}, column: i}}}}\n"
    );
    fs::write(place.path("mine/net.yaml"), network).unwrap();
    (place, [absolute, "../in.csv".to_owned(), "link.csv".to_owned()])
}

#[cfg(unix)]
#[test]
fn data_files_outside_the_folder_are_refused_with_the_way_to_take_them() {
    let (place, paths) = reaching_out();
    for path in &paths {
        let set = format!("sources.in.current.path={path}");
        let by_option: &[&[&str]] = &[&["run"], &["check"], &["graph"], &["sweep", "--repeats", "2"]];
        for command in by_option {
            let call = [*command, &["mine/net.yaml", "--set", &set]].concat();
            let ended = place.qhh(&call);
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{call:?}");
            assert!(ended.stderr.contains("--allow-outside"), "{call:?}: {}", ended.stderr);
        }
    }
    let ended = place.qhh(&["check", "mine/net.yaml"]);
    assert!(ended.stderr.contains("[mine/net.yaml:9:"), "{}", ended.stderr);
    assert_eq!(place.names("."), ["in.csv", "mine"], "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn results_with_data_from_outside_run_again_without_it() {
    let (place, paths) = reaching_out();
    for (k, path) in paths.iter().enumerate() {
        let set = format!("sources.in.current.path={path}");
        let out = |what: &str| format!("{what}{k}");
        let network = ["mine/net.yaml", "--set", &set, "--allow-outside", "--quiet", "--no-report", "--out"];
        place.done(&[&["check"], &network[..4]].concat());
        place.done(&[&["graph"], &network[..4]].concat());
        place.done(&[&["run"][..], &network, &[&out("run")]].concat());
        place.done(&[&["sweep", "--repeats", "2"][..], &network, &[&out("sweep")]].concat());
    }
    fs::remove_file(place.path("in.csv")).unwrap();
    for k in 0..paths.len() {
        let (run, sweep) = (format!("run{k}"), format!("sweep{k}"));
        place.done(&["run", &format!("{run}/network.yaml"), "--out", "again", "--force"]);
        assert_eq!(place.read("again/traces.csv"), place.read(&format!("{run}/traces.csv")));
        place.done(&["sweep", &format!("{sweep}/experiment.yaml"), "--out", "more", "--force"]);
        assert_eq!(place.read("more/results.csv"), place.read(&format!("{sweep}/results.csv")));
    }
}

/// Field modes of many neurons that are all recorded: `check` refuses what `run` would refuse.
#[test]
fn check_refuses_field_modes_that_find_no_memory_as_a_run_does() {
    let free = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:").map(str::to_owned))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    });
    if free.is_none_or(|kilobytes| kilobytes > 40e6) {
        return;
    }
    let place = Place::with(&[]);
    place.done(&["new", "chain"]);
    let set =
        ["neurons.relay.count=20000", "quantum={hbar: 0.1, fluctuations: heisenberg}", "record.every=0.05 ms"];
    let call = |command: &'static str| {
        let mut call = vec![command, "chain.yaml"];
        call.extend(set.iter().flat_map(|set| ["--set", set]));
        place.qhh(&call)
    };
    for command in ["check", "run"] {
        let ended = call(command);
        assert_eq!(ended.code, Some(2), "{command}: {}", ended.stderr);
        assert!(ended.stderr.contains("of memory, and "), "{command}: {}", ended.stderr);
        assert!(!ended.stdout.contains("can run"), "{command}: {}", ended.stdout);
    }
    assert_eq!(place.names("."), ["chain.yaml"]);
}

#[test]
fn what_is_typed_beside_files_is_answered_in_words() {
    let place = Place::with(&[]);
    place.done(&["new", "chain"]);
    let vary = ["sweep", "chain.yaml", "--vary", "simulation.seed=1,2"];
    let find = ["sweep", "chain.yaml", "--find", "waveguides.axon.transmission", "--where"];
    for (call, told) in [
        (&["new"][..], "`qhh new --list` lists them"),
        (&["run", "chain.yaml", "-n", "4"], "`qhh run` has no option `-n`"),
        (&["run", "chain.yaml", "--threads", "-1"], "numbers here are not below zero"),
        (&["channels", "m-curent"], "did you mean `m-current`?"),
        (&["check", "chain.yaml", "--set", "count=3"], "did you mean `neurons.relay.count`"),
        (&["check", "chain.yaml", "--set", "hbar=1"], "`quantum.hbar`"),
        (
            &["check", "chain.yaml", "--set", "waveguides.axon.loss=3 dB"],
            "`--set waveguides.axon.transmission=null` takes that away",
        ),
        (
            &["check", "chain.yaml", "--set", "neurons.relay.channels.potassium.reversal=- 77 mV"],
            "no space behind the minus: `-77 mV`",
        ),
        (
            &["sweep", "chain.yaml", "--vary", "simulation.seed=1,2", "--measure", "spikes", "--measure", "spiks"],
            "--measure spiks: there is no measure `spiks`",
        ),
        (&["check", "chain.yaml", "--set", "simulation.duration=1e9 s"], "shorten `simulation.duration`"),
        (
            &["check", "chain.yaml", "--set", "waveguides.axon.delay="],
            "setting waveguides.axon.delay=: there is no value to set",
        ),
        (
            &["sweep", "chain.yaml", "--vary", "waveguides.axon.delay="],
            "`waveguides.axon.delay=` gives no values: write them as `1,2,5`",
        ),
        (
            &[&vary[..], &["--measure", "relay[2].spikes,relay[1].spikes"]].concat(),
            "give each measure its own `--measure`",
        ),
        (&[&vary[..], &["--measure", "relay[2].voltage.at(2 s)"]].concat(), "the run is from 0 to 40 ms"),
        (&[&find[..], &["relay[2].spikes => 1"]].concat(), "the sign is written `>=`, not `=>`"),
        (&[&find[..], &["relay[2].rate > 5 mV"]].concat(), "such as `50 Hz`"),
        (&["verify", "chain.yaml"], "chain.yaml is a file, not a folder of results"),
        (&["compare", "chain.yaml", "chain"], "chain.yaml is a file, not a folder of results"),
    ] {
        let ended = place.qhh(call);
        assert_eq!(ended.code, Some(2), "{call:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(told), "{call:?}: {}", ended.stderr);
    }
    assert!(place.done(&["channels", "m-current"]).contains("m-current"));
}
