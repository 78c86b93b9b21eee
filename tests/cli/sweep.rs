//! `qhh sweep`: one table, whatever happens on the way.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::place::{Ended, Place};

/// Runs of the experiment in `sweep.yaml`.
const RUNS: usize = 8 * 2 * 3;

/// Rows of a table by column.
fn table(place: &Place, path: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let text = place.read(path);
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut lines = text.lines().map(cells);
    (lines.next().unwrap(), lines.collect())
}

fn column(place: &Place, path: &str, name: &str) -> Vec<String> {
    let (header, rows) = table(place, path);
    let at = header.iter().position(|title| title == name).unwrap_or_else(|| panic!("{name} in {header:?}"));
    rows.into_iter().map(|row| row[at].clone()).collect()
}

#[test]
fn a_sweep_leaves_a_table_a_page_and_its_experiment() {
    let place = Place::with(&["sweep.yaml"]);
    let printed = place.done(&["sweep", "sweep.yaml"]);
    assert!(printed.starts_with("sweep-sweep\n  runs                  48 done\n"), "{printed}");
    let expected = [
        "SHA256SUMS",
        "experiment.yaml",
        "input.yaml",
        "manifest.json",
        "points.journal",
        "report.html",
        "results.csv",
    ];
    assert_eq!(place.names("sweep-sweep"), expected);
    let (header, rows) = table(&place, "sweep-sweep/results.csv");
    let expected = "point,waveguides.axon.transmission,waveguides.axon.delay (ms),repeat,seed,status,fired,\
                    relay[2].first_spike (ms),relay.voltage.max (mV),axon.speed (1/ms),failed_checks,error";
    assert_eq!(header.join(","), expected);
    assert_eq!(rows.len(), RUNS);
    assert_eq!(rows[3][..6].join(","), "1,0.2,2,0,1,done", "{:?}", rows[3]);
    // What the folder holds gives the same table again.
    place.done(&["sweep", "sweep-sweep/experiment.yaml", "--out", "again", "--quiet"]);
    assert_eq!(place.read("again/results.csv"), place.read("sweep-sweep/results.csv"));
}

/// The same file from standard input, whose mistakes are named by it.
#[test]
fn a_network_comes_from_standard_input_too() {
    let place = Place::with(&["sweep.yaml"]);
    place.done(&["sweep", "sweep.yaml", "--out", "file", "--quiet"]);
    let piped = |args: &[&str]| -> Ended {
        let file = fs::File::open(place.path("sweep.yaml")).unwrap();
        place.command(args).stdin(file).output().unwrap().into()
    };
    assert_eq!(piped(&["sweep", "-", "--quiet"]).code, Some(0));
    assert_eq!(place.read("sweep-sweep/results.csv"), place.read("file/results.csv"));
    let refused = piped(&["sweep", "-", "--set", "simulation.step=0 ms"]);
    assert!(refused.code == Some(2) && refused.stderr.contains("standard input: "), "{}", refused.stderr);
}

/// What a range of `--vary` is refused with is a range that is taken.
#[test]
fn remedies_of_ranges_are_taken_as_they_are_written() {
    let place = Place::with(&["sweep.yaml"]);
    let path = "waveguides.axon.weight";
    let sweep = |values: &str| {
        let vary = format!("{path}={values}");
        place.qhh(&["sweep", "sweep.yaml", "--vary", &vary, "--repeats", "1", "--force", "--quiet", "--no-report"])
    };
    for values in ["1:2", "log:1:2", "1:2:0.3", "log:1:2:1", "2:1:-0.3", "1:1:0.5"] {
        let refused = sweep(values);
        assert_eq!(refused.code, Some(2), "{values}");
        let option = refused.stderr.split("--vary PATH=").nth(1).unwrap_or_else(|| panic!("{}", refused.stderr));
        let taken = sweep(option.split('`').next().unwrap());
        assert_eq!(taken.code, Some(0), "{option}: {}", taken.stderr);
    }
    for (values, steps) in [("1:2:0", "0.1"), ("1:2:-0.1", "0.1"), ("2:1:0.5", "-0.1"), ("1:2:5", "0.1")] {
        let refused = sweep(values);
        assert!(refused.stderr.contains(&format!("such as `{steps}`")), "{}", refused.stderr);
        let (ends, _) = values.rsplit_once(':').unwrap();
        assert_eq!(sweep(&format!("{ends}:{steps}")).code, Some(0), "{ends}");
    }
    let counts = |values: &str| {
        let vary = format!("neurons.relay.count={values}");
        place.qhh(&["sweep", "sweep.yaml", "--vary", &vary, "--repeats", "1", "--force", "--quiet", "--no-report"])
    };
    for values in ["3:5", "3:5:0"] {
        assert!(counts(values).stderr.contains("1`"), "{}", counts(values).stderr);
    }
    assert_eq!(counts("3:5:1").code, Some(0));
    for values in ["1:2:0.5:3", "lin:1:2:3", "range(1,2)", "1,2,", "1;2"] {
        assert!(sweep(values).stderr.contains("from, to and step as `0.1:1:0.05`"), "{values}");
    }
}

/// Ends and step in several units of one kind are one range; numbers without a unit beside such with one are refused for that
/// alone.
#[test]
fn a_range_may_be_typed_in_several_units() {
    let place = Place::with(&["sweep.yaml"]);
    let sweep = |values: &str, out: &str| {
        let vary = format!("waveguides.axon.delay={values}");
        let call =
            ["sweep", "sweep.yaml", "--vary", &vary, "--repeats", "1", "--quiet", "--no-report", "--out", out];
        place.qhh(&call)
    };
    for (values, out) in [("0.5 ms:1.5 ms:0.5 ms", "one"), ("0.5 ms:1500 us:500 us", "several")] {
        assert_eq!(sweep(values, out).code, Some(0), "{values}");
    }
    assert_eq!(place.read("one/results.csv"), place.read("several/results.csv"));
    for values in ["0.5:2:500 us", "0.5 ms:2 mV:500 us"] {
        let refused = sweep(values, "no");
        assert!(refused.stderr.contains("where the range began with"), "{}", refused.stderr);
        assert!(!refused.stderr.contains("steps of"), "{}", refused.stderr);
    }
}

/// A measure keeps its title whichever way its neuron is written, and one that is misspelt is found before anything runs,
/// also where the file is not swept.
#[test]
fn a_measure_is_understood_when_the_file_is_read() {
    let place = Place::with(&["sweep.yaml"]);
    let text = place.read("sweep.yaml").replace("200 ms", "2 ms");
    let (network, _) = text.split_once("experiment:").unwrap();
    let write = |measures: &str| {
        let block = format!("experiment: {{repeats: 2, measures: [{measures}]}}\n");
        fs::write(place.path("sweep.yaml"), format!("{network}{block}")).unwrap();
    };
    write("{measure: relay.0.spikes, label: How often it fired}");
    place.done(&["sweep", "sweep.yaml", "--quiet", "--out", "out"]);
    assert!(place.read("out/report.html").contains("How often it fired"));
    write("relay.0.spikes, 'relay[0].spikes'");
    let refused = place.qhh(&["run", "sweep.yaml"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("`relay[0].spikes` is measured twice"), "{}", refused.stderr);
    write("relay.0.spiks");
    let refused = place.qhh(&["check", "sweep.yaml"]);
    assert!(
        refused.stderr.contains("spiks") && refused.stderr.contains("experiment.measures"),
        "{}",
        refused.stderr
    );
}

/// A value that a list has twice is warned of, in whichever units it was typed.
#[test]
fn a_value_that_is_listed_twice_is_warned_of() {
    let place = Place::with(&["sweep.yaml"]);
    let check = |values: &str| {
        let vary = format!("waveguides.axon.delay={values}");
        let call = ["sweep", "sweep.yaml", "--vary", &vary, "--set", "simulation.duration=2 ms", "--repeats", "1"];
        place.qhh(&[&call[..], &["--no-report", "--force", "--out", "out"]].concat()).stderr
    };
    for values in ["0.5 ms,1 ms,500 us", "0.5,1,5e-4 s"] {
        let twice = "`waveguides.axon.delay` has the value 0.5 ms twice, and its points run twice: leave one out";
        assert!(check(values).contains(twice), "{}", check(values));
    }
    assert!(!check("0.5 ms,1 ms,5 ms").contains("twice"));
}

/// A point is what `--set` makes of the file, to the last digit.
#[test]
fn a_point_is_the_run_that_set_gives() {
    let place = Place::with(&["sweep.yaml"]);
    place.done(&["sweep", "sweep.yaml", "--quiet"]);
    let (_, rows) = table(&place, "sweep-sweep/results.csv");
    for row in [&rows[8], &rows[RUNS - 1]] {
        let settings = [
            format!("waveguides.axon.transmission={}", row[1]),
            format!("waveguides.axon.delay={} ms", row[2]),
            format!("simulation.seed={}", row[4]),
        ];
        let mut call = vec!["run", "sweep.yaml", "--force", "--quiet"];
        call.extend(settings.iter().flat_map(|setting| ["--set", setting]));
        place.done(&call);
        let spikes = place.read("sweep/spikes.csv");
        let first = spikes.lines().find_map(|line| line.strip_prefix("relay[2],0,2,")).unwrap_or_default();
        let first = first.trim_end_matches(',');
        assert_eq!(row[7], first, "{row:?}");
    }
}

/// Values and measures that are the same have the same columns, with or without quotes, with dots or brackets.
#[test]
fn columns_have_one_name_whatever_was_typed() {
    let place = Place::with(&["sweep.yaml"]);
    let text = place.read("sweep.yaml");
    fs::write(place.path("sweep.yaml"), text.split_once("experiment:").unwrap().0).unwrap();
    let table = |out: &str, vary: [&str; 2], measures: [&str; 3]| {
        let mut call = vec!["sweep", "sweep.yaml", "--quiet", "--no-report", "--out", out];
        call.extend(vary.iter().flat_map(|vary| ["--vary", vary]));
        call.extend(measures.iter().flat_map(|measure| ["--measure", measure]));
        place.done(&call);
        place.read(&format!("{out}/results.csv"))
    };
    let plain = table(
        "plain",
        ["waveguides.axon.transmission=0.4,0.9", "record.quantities[0]=voltage,g_K"],
        ["relay[2].spikes", "relay[0..1].spikes", "spikes"],
    );
    let head = "point,waveguides.axon.transmission,record.quantities[0],repeat,seed,status,relay[2].spikes,relay[0..1].spikes,spikes";
    assert!(plain.starts_with(head), "{plain}");
    let other = table(
        "other",
        ["waveguides.\"axon\".transmission = 0.4, 0.9", "record.quantities.0=voltage,g_K"],
        ["relay.2.spikes", " relay[0..1] .spikes", "spikes"],
    );
    assert_eq!(other, plain);
    // Bare numbers are in the network's units.
    let delays = |out: &str, delays: &str| {
        let vary = format!("waveguides.axon.delay={delays}");
        table(
            out,
            [&vary, "record.quantities[0]=voltage,g_K"],
            ["relay[2].spikes", "relay[0..1].spikes", "spikes"],
        )
    };
    let typed = delays("typed", "1 ms, 2 ms");
    assert!(typed.starts_with("point,waveguides.axon.delay (ms),record.quantities[0],"), "{typed}");
    assert_eq!(delays("bare", "1, 2"), typed);
    let twice = |options: [&str; 4]| place.qhh(&[&["sweep", "sweep.yaml"][..], &options].concat());
    let ended = twice(["--vary", "neurons.relay.count=2,3", "--vary", "record.quantities.0=voltage"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let ended = twice(["--measure", "relay.2.spikes", "--measure", "relay[2].spikes"]);
    assert_ne!(ended.code, Some(0));
    let vary = ["--vary", "waveguides.axon.transmission=0.4,0.9", "--measure", "relay.2.spikes"];
    let ended = place.qhh(&[&["sweep", "sweep.yaml", "--measure", "relay[2].spikes"][..], &vary].concat());
    ended.told(2, &["`relay[2].spikes` is measured twice", "name each measure once"]);
}

/// Tables have the network's own units, whatever was typed, in every format.
#[test]
fn a_table_is_the_same_in_whichever_unit_values_are_typed() {
    let place = Place::with(&["sweep.yaml"]);
    let text = place.read("sweep.yaml").replace("200 ms", "20 ms");
    fs::write(place.path("sweep.yaml"), text.split_once("experiment:").unwrap().0).unwrap();
    let sweep = |format: &str, options: &[&str]| {
        let call = ["sweep", "sweep.yaml", "--quiet", "--force", "--out", "out", "--format", format];
        place.done(&[&call[..], options].concat());
        let page = place.read("out/report.html");
        (fs::read(place.path(&format!("out/results.{format}"))).unwrap(), page)
    };
    let csv = |options: &[&str]| String::from_utf8(sweep("csv", options).0).unwrap();
    let lossy = ["--set", "waveguides.axon.transmission=null"];
    for format in ["csv", "parquet", "arrow"] {
        let first = sweep(format, &["--vary", "waveguides.axon.delay=0.5ms,1ms"]);
        for typed in ["500us,1000us", "0.5 ms,1000us", "0.5,1e-3 s", "linear:500us:1000us:2", "0.5ms:1ms:0.5ms"] {
            let other = sweep(format, &["--vary", &format!("waveguides.axon.delay={typed}")]);
            assert!(other == first, "{typed} in {format}");
        }
    }
    let one_to_other = |path: &str, typed: [&str; 2], head: &str| {
        let of = |typed: &str| csv(&["--vary", &format!("{path}={typed}")]);
        assert_eq!(of(typed[0]), of(typed[1]), "{path}");
        assert!(of(typed[0]).starts_with(&format!("point,{head},repeat,")), "{}", of(typed[0]));
    };
    one_to_other("waveguides.axon.transmission", ["10 %,0.9", "0.1,90 %"], "waveguides.axon.transmission");
    one_to_other(
        "sources.rain.current.interval",
        ["log:0.1ms:1ms:4", "log:100us:1000us:4"],
        "sources.rain.current.interval (ms)",
    );
    one_to_other("neurons.relay.count", ["3,2", "[3, 2]"], "neurons.relay.count");
    // Also where values make no network, and in what is said of them.
    let wrong = |typed: &str| {
        let vary = format!("waveguides.axon.delay={typed}");
        let ended = place.qhh(&["sweep", "sweep.yaml", "--quiet", "--force", "--out", "out", "--vary", &vary]);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("failed, the first at waveguides.axon.delay = -0.1 ms:"),
            "{}",
            ended.stderr
        );
        place.read("out/results.csv")
    };
    assert_eq!(wrong("-0.1 ms,1 ms"), wrong("-100 us,1 ms"));
    // A loss is a share, however it is typed.
    let loss = csv(&[&lossy[..], &["--vary", "waveguides.axon.loss=0.1,10 %,3 dB"]].concat());
    let shares: Vec<&str> = loss.lines().skip(1).map(|row| row.split(',').nth(1).unwrap()).collect();
    assert_eq!(shares, ["0.1", "0.1", "0.49881276637272776"], "{loss}");
    let even = csv(&[&lossy[..], &["--vary", "waveguides.axon.loss=1 dB:3 dB:1 dB"]].concat());
    let listed = csv(&[&lossy[..], &["--vary", "waveguides.axon.loss=1 dB,2 dB,3 dB"]].concat());
    assert_eq!(even, listed);
    // Words stay words, and so does a list that has some.
    let mixed = csv(&["--vary", "simulation.sleep=off,1 mV,1000 uV"]);
    let cells: Vec<&str> = mixed.lines().map(|row| row.split(',').nth(1).unwrap()).collect();
    assert_eq!(cells, ["simulation.sleep", "off", "1 mV", "1000 uV"], "{mixed}");
    // What is searched is shown in the same units.
    let find = |ends: &str| {
        let find = format!("waveguides.axon.delay={ends}");
        csv(&["--find", &find, "--where", "relay[2].spikes >= 1"])
    };
    let found = find("1 ms:20 ms");
    assert!(found.starts_with("point,repeat,seed,status,threshold (ms),holds_at (ms),fails_at (ms),"), "{found}");
    assert_eq!(find("1000 us:20000 us"), found);
    let find = |ends: &str| {
        let find = format!("waveguides.axon.loss={ends}");
        csv(&[&lossy[..], &["--find", &find, "--where", "relay[2].spikes >= 1"]].concat())
    };
    let threshold = |table: &str| table.lines().nth(1).unwrap().split(',').nth(4).unwrap().parse::<f64>().unwrap();
    let (share, decibels) = (threshold(&find("0:0.99")), threshold(&find("0 dB:20 dB")));
    assert!((share - decibels).abs() < 0.003, "{share} {decibels}");
}

#[test]
fn options_go_before_the_file_and_threads_change_nothing() {
    let place = Place::with(&["sweep.yaml"]);
    let call = |threads: &'static str, out: &'static str| {
        let vary = "waveguides.axon.transmission=linear:0.3:0.9:4";
        let options = ["--repeats", "2", "--measure", "spikes", "--measure", "relay[1].last_spike"];
        let base = ["sweep", "sweep.yaml", "--quiet", "--vary", vary, "--threads", threads, "--out", out];
        place.done(&[&base[..], &options].concat());
        place.read(&format!("{out}/results.csv"))
    };
    let one = call("1", "one");
    assert_eq!(one.lines().count(), 1 + 4 * 2 * 2, "{one}");
    assert!(
        one.starts_with(
            "point,waveguides.axon.transmission,waveguides.axon.delay (ms),repeat,seed,status,spikes,"
        )
    );
    assert_eq!(one, call("5", "five"));
}

/// Killed at any moment, by a signal that no program can answer.
#[cfg(unix)]
#[test]
fn a_killed_sweep_goes_on_where_it_was_to_the_same_bytes() {
    let place = Place::with(&["sweep.yaml"]);
    let length = "simulation.duration=500 ms";
    place.done(&["sweep", "sweep.yaml", "--quiet", "--set", length, "--out", "whole", "--threads", "2"]);
    let lines = || fs::read_to_string(place.path("killed/points.journal")).map_or(0, |text| text.lines().count());
    let mut killed_at = Vec::new();
    for threads in ["2", "1", "3"] {
        let before = lines();
        let mut child = place
            .command(&["sweep", "sweep.yaml", "--set", length, "--out", "killed", "--threads", threads])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while lines() < before + 4 && start.elapsed() < Duration::from_secs(60) {
            sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed_at.push(lines());
    }
    assert!(killed_at[0] >= 4 && killed_at[2] < RUNS, "killed after {killed_at:?} runs");
    assert!(!place.path("killed/results.csv").exists(), "a table that is there is whole");
    let finished = place.read("killed/points.journal");
    let ended = place.qhh(&["sweep", "sweep.yaml", "--set", length, "--out", "killed", "--threads", "2"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("runs are finished already"), "{}", ended.stderr);
    assert_eq!(place.read("killed/results.csv"), place.read("whole/results.csv"));
    assert_eq!(place.read("killed/report.html"), place.read("whole/report.html"));
    // No run was made again: what was finished stands, and each number stands once.
    let journal = place.read("killed/points.journal");
    assert!(journal.starts_with(&finished[..finished.rfind('\n').unwrap()]));
    let numbers: Vec<u64> = journal
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line.split_once(' ')?.1).ok())
        .map(|line| line["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers.len(), RUNS);
    assert_eq!(numbers.into_iter().collect::<BTreeSet<_>>().len(), RUNS);
}

#[cfg(unix)]
#[test]
fn a_signal_keeps_what_is_finished_and_says_how_to_go_on() {
    let place = Place::with(&["sweep.yaml"]);
    let child = place
        .command(&["sweep", "sweep.yaml", "--set", "simulation.duration=3000 ms", "--threads", "2"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let journal = place.path("sweep-sweep/points.journal");
    let start = Instant::now();
    while fs::read_to_string(&journal).map_or(0, |text| text.lines().count()) < 2 {
        assert!(start.elapsed() < Duration::from_secs(60), "nothing was finished");
        sleep(Duration::from_millis(5));
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let ended: crate::place::Ended = child.wait_with_output().unwrap().into();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""));
    let told = ended.stderr.lines().last().unwrap();
    assert!(told.contains("of 48 runs are kept in sweep-sweep; the same command goes on"), "{told}");
}

#[test]
fn a_changed_file_is_refused_and_never_mixed() {
    let place = Place::with(&["sweep.yaml"]);
    place.done(&["sweep", "sweep.yaml", "--quiet"]);
    let first = place.read("sweep-sweep/results.csv");
    // A comment changes nothing.
    let text = place.read("sweep.yaml");
    fs::write(place.path("sweep.yaml"), format!("# looked at again\n{text}")).unwrap();
    let ended = place.qhh(&["sweep", "sweep.yaml"]);
    assert_eq!(ended.code, Some(0));
    assert!(ended.stderr.contains("48 of 48 runs are finished already"), "{}", ended.stderr);
    fs::write(place.path("sweep.yaml"), text.replace("amplitude: 40 uA", "amplitude: 41 uA")).unwrap();
    let ended = place.qhh(&["sweep", "sweep.yaml"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(ended.stderr, @r"
    error: sweep-sweep holds the results of another experiment: the file or the options have changed
      help: choose another place with `--out`, or begin anew with `--force`, which drops what is there
    ");
    assert_eq!(place.read("sweep-sweep/results.csv"), first);
    place.done(&["sweep", "sweep.yaml", "--force", "--quiet"]);
    assert_ne!(place.read("sweep-sweep/results.csv"), first);
    assert_eq!(place.read("sweep-sweep/points.journal").lines().count(), RUNS);
}

/// Comments and all, in the folder and in those of its runs, also of parts and after resuming.
#[test]
fn the_file_of_a_sweep_is_kept_as_its_author_wrote_it() {
    let place = Place::with(&["sweep.yaml"]);
    let text = format!("# Mine, in my own order.\n{}", place.read("sweep.yaml").replace("200 ms", "20 ms"));
    fs::write(place.path("sweep.yaml"), &text).unwrap();
    let vary = ["--vary", "waveguides.axon.transmission=0.5,0.9", "--repeats", "1", "--keep-runs", "--quiet"];
    let call = [&["sweep", "sweep.yaml"][..], &vary].concat();
    place.done(&call);
    for file in ["input.yaml", "runs/0/input.yaml", "runs/3/input.yaml"] {
        assert_eq!(place.read(&format!("sweep-sweep/{file}")), text, "{file}");
    }
    assert!(place.read("sweep-sweep/SHA256SUMS").contains("  input.yaml\n"));
    place.done(&["verify", "sweep-sweep"]);
    // Another comment makes no other sweep: what is there is of when it began.
    fs::write(place.path("sweep.yaml"), format!("# Later.\n{text}")).unwrap();
    place.done(&call);
    assert_eq!(place.read("sweep-sweep/input.yaml"), text);
    // A run that is made on resuming is of the same file.
    let journal = place.read("sweep-sweep/points.journal");
    let kept = journal.split_inclusive('\n').filter(|line| !line.contains("\"number\":3,"));
    let kept: String = kept.collect();
    fs::write(place.path("sweep-sweep/points.journal"), kept).unwrap();
    fs::remove_dir_all(place.path("sweep-sweep/runs/3")).unwrap();
    for file in ["SHA256SUMS", "results.csv"] {
        fs::remove_file(place.path(&format!("sweep-sweep/{file}"))).unwrap();
    }
    place.done(&["resume", "sweep-sweep", "--quiet"]);
    assert_eq!(place.read("sweep-sweep/runs/3/input.yaml"), text);
    place.done(&["verify", "sweep-sweep"]);
    place.done(&[&call[..], &["--force"]].concat());
    assert_eq!(place.read("sweep-sweep/input.yaml"), format!("# Later.\n{text}"));
    // Also before there are checksums, and beside parts.
    place.done(&[&call[..], &["--shard", "1/2"]].concat());
    place.done(&[&call[..], &["--shard", "2/2"]].concat());
    fs::write(place.path("sweep-sweep-2-of-2/input.yaml"), "name: other\n").unwrap();
    let ended = place.qhh(&["verify", "sweep-sweep-2-of-2"]);
    let said = ended.stdout + &ended.stderr;
    assert!(said.contains("input.yaml does not have the hash that manifest.json gives"), "{said}");
    let parts = ["--merge", "sweep-sweep-1-of-2", "sweep-sweep-2-of-2", "--out", "put"];
    place.done(&[&call[..], &parts].concat());
    assert_eq!(place.read("put/input.yaml"), format!("# Later.\n{text}"));
}

#[test]
fn force_replaces_no_more_than_a_sweep() {
    let place = Place::with(&["sweep.yaml", "axon.yaml"]);
    place.done(&["run", "axon.yaml", "--quiet"]);
    fs::create_dir(place.path("precious")).unwrap();
    fs::write(place.path("precious/thesis.tex"), "years of work").unwrap();
    for out in ["precious", "axon", "axon.yaml", "."] {
        let ended = place.qhh(&["sweep", "sweep.yaml", "--force", "--out", out]);
        assert_eq!(ended.code, Some(2), "{out}: {}", ended.stderr);
    }
    assert_eq!(place.names("precious"), ["thesis.tex"]);
    place.done(&["sweep", "sweep.yaml", "--quiet", "--out", "kept"]);
    assert_eq!(place.qhh(&["run", "axon.yaml", "--force", "--out", "kept"]).code, Some(2));
    assert!(place.path("kept/results.csv").exists());
}

#[test]
fn points_that_fail_are_told_apart_and_stop_no_other() {
    let place = Place::with(&["sweep.yaml"]);
    let vary = "waveguides.axon.transmission=0.5,1.5,0.9";
    let ended = place.qhh(&["sweep", "sweep.yaml", "--vary", vary, "--repeats", "1", "--measure", "spikes"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(
        column(&place, "sweep-sweep/results.csv", "status"),
        ["done", "done", "invalid", "invalid", "done", "done"]
    );
    assert!(ended.stderr.contains("2 of 6 runs failed, the first at waveguides.axon.transmission = 1.5"));
    let page = place.read("sweep-sweep/report.html");
    assert!(page.contains("Runs without measures") && page.contains("is a share of the power"));
    // They are finished, too.
    let again = place.qhh(&["sweep", "sweep.yaml", "--vary", vary, "--repeats", "1", "--measure", "spikes"]);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("6 of 6 runs are finished already"), "{}", again.stderr);
}

#[test]
fn a_measure_that_some_points_lack_leaves_their_cells_empty() {
    let place = Place::with(&["sweep.yaml"]);
    let call =
        ["sweep", "sweep.yaml", "--set", "experiment=null", "--vary", "neurons.relay.count=3,4", "--measure"];
    let ended = place.qhh(&[&call[..], &["relay[3].spikes", "--measure", "fired"]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("1 of 2 points lack a measure, whose cells stay empty"), "{}", ended.stderr);
    let cells = column(&place, "sweep-sweep/results.csv", "relay[3].spikes");
    assert!(cells[0].is_empty() && !cells[1].is_empty(), "{cells:?}");
    assert_eq!(column(&place, "sweep-sweep/results.csv", "status"), ["done", "done"]);
    // What no point has is mistyped.
    let ended = place.qhh(&[&call[..], &["relay[4].spikes", "--out", "none"]].concat());
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("there is no `relay[4]`"), "{}", ended.stderr);
}

#[test]
fn kept_runs_are_folders_like_any_other() {
    let place = Place::with(&["sweep.yaml"]);
    let vary = "waveguides.axon.transmission=0.5,0.9";
    place.done(&["sweep", "sweep.yaml", "--vary", vary, "--repeats", "1", "--keep-runs", "--quiet"]);
    assert_eq!(place.names("sweep-sweep/runs"), ["0", "1", "2", "3"]);
    place.done(&["compare", "sweep-sweep/runs/0", "sweep-sweep/runs/3"]);
    let fired = column(&place, "sweep-sweep/results.csv", "fired");
    for (run, fired) in fired.iter().enumerate() {
        let summary = place.summary(&format!("sweep-sweep/runs/{run}"));
        let spikes = place.read(&format!("sweep-sweep/runs/{run}/spikes.csv"));
        let neurons: BTreeSet<&str> = spikes.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(neurons.len().to_string(), *fired, "{}", summary["name"]);
    }
    let page = place.read("sweep-sweep/report.html");
    assert!(page.contains("href=\"runs&#x2f;0&#x2f;report.html\""));
    assert!(page.contains("<h1>sweep: sweep</h1>"), "it says what it is");
    assert!(page.contains("\"label\":\"fired\",\"unit\":\"\",\"whole\":true"), "neurons are counted");
}

#[test]
fn a_page_speaks_of_repeats_where_there_are_some() {
    let place = Place::with(&["sweep.yaml"]);
    let vary = |values| ["--vary", values];
    let axes =
        [vary("waveguides.axon.transmission=0.5,0.7,0.9"), vary("waveguides.axon.delay=1 ms,2 ms,3 ms")].concat();
    for (repeats, caption) in [("1", "<p>Blank where the run has"), ("2", "<p>Means over repeats; blank where")] {
        let call = ["sweep", "sweep.yaml", "--set", "simulation.duration=20 ms", "--repeats", repeats, "--force"];
        place.done(&[&call[..], &axes, &["--quiet"]].concat());
        assert!(place.read("sweep-sweep/report.html").contains(caption), "{repeats}");
    }
}

#[test]
fn a_threshold_is_found_with_its_spread_over_repeats() {
    let place = Place::with(&["sweep.yaml"]);
    let text = place.read("sweep.yaml");
    fs::write(place.path("sweep.yaml"), text.split_once("experiment:").unwrap().0).unwrap();
    let condition = "relay[2].spikes >= 1";
    let find = |ends: &'static str, rest: &[&'static str]| {
        let base = ["sweep", "sweep.yaml", "--where", condition, "--find", ends, "--force"];
        place.qhh(&[&base[..], rest].concat())
    };
    let path = "waveguides.axon.transmission";
    let around = find(path, &["--set", "sources.rain.current.amplitude=0 uA"]);
    assert_eq!(around.code, Some(0), "{}", around.stderr);
    let threshold: f64 = column(&place, "sweep-sweep/results.csv", "threshold")[0].parse().unwrap();
    assert!((0.2..0.3).contains(&threshold), "{threshold}");
    let spread = find("waveguides.axon.transmission=0.01:1", &["--tolerance", "0.002", "--repeats", "6"]);
    assert_eq!(spread.code, Some(0), "{}", spread.stderr);
    let found = column(&place, "sweep-sweep/results.csv", "threshold");
    assert_eq!(found.len(), 6);
    assert!(found.iter().collect::<BTreeSet<_>>().len() > 1, "noise moves it: {found:?}");
    assert!(place.read("sweep-sweep/report.html").contains("Over the repeats"));
    let nothing = find("waveguides.axon.transmission=0.8:0.9", &["--set", "sources.rain.current.amplitude=0 uA"]);
    assert_eq!(nothing.code, Some(1));
    insta::assert_snapshot!(nothing.stderr, @"error: `relay[2].spikes >= 1` holds at 0.8 and 0.9 of waveguides.axon.transmission alike");
    assert_eq!(column(&place, "sweep-sweep/results.csv", "status"), ["everywhere"]);
}

#[test]
fn mistakes_in_an_experiment_are_shown_where_they_stand() {
    let place = Place::with(&["sweep.yaml", "axon.yaml"]);
    let text = place.read("sweep.yaml");
    let mut messages = Vec::new();
    let edits = [
        ("waveguides.axon.transmission:", "waveguides.axon.transmision:"),
        ("[1 ms, 2 ms]", "[1 mS, 2 mS]"),
        ("step: 0.1", "step: 0.3"),
        ("step: 0.1", "step: 1e-9"),
        ("[0.2, 0.9]", "[0.2 mS, 0.9 uF]"),
        ("relay.voltage.max", "relay.variance.max"),
        ("[fired,", "[fird,"),
        ("repeats: 3", "repeats: 3\n  find: {path: waveguides.axon.delay, from: 1, to: 2, where: spikes}"),
        ("repeats: 3", "repeats: 3\n  design: sobol"),
        ("repeats: 3", "design: zip"),
        ("waveguides.axon.delay: [1 ms, 2 ms]", "simulation.seed: [1, 2]"),
    ];
    for (from, to) in edits {
        assert!(text.contains(from));
        fs::write(place.path("wrong.yaml"), text.replace(from, to)).unwrap();
        let ended = place.qhh(&["sweep", "wrong.yaml"]);
        assert_eq!(ended.code, Some(2), "{to}: {}", ended.stderr);
        messages.push(format!("{to}\n{}", ended.stderr));
    }
    for call in [
        &["sweep", "axon.yaml"][..],
        &["sweep", "axon.yaml", "--vary", "neurons.axom.count=1,2"],
        &["sweep", "axon.yaml", "--vary", "neurons.axon.membrane.capacitance=1 ms:3 ms:1 ms"],
        &["sweep", "axon.yaml", "--repeats", "2", "--measure", "axon.spiks"],
        &["sweep", "axon.yaml", "--vary", "neurons"],
    ] {
        let ended = place.qhh(call);
        assert_eq!(ended.code, Some(2), "{call:?}: {}", ended.stderr);
        messages.push(format!("{}\n{}", call.join(" "), ended.stderr));
    }
    assert_eq!(place.names("."), ["axon.yaml", "sweep.yaml", "wrong.yaml"]);
    insta::assert_snapshot!(messages.join("\n"));
}

/// Parts that ran by themselves, put together in another order, are the sweep; what is missing or of another sweep is said.
#[test]
fn parts_put_together_are_the_sweep() {
    let place = Place::with(&["sweep.yaml"]);
    place.done(&["sweep", "sweep.yaml", "--keep-runs", "--quiet", "-j", "1", "--out", "whole"]);
    for part in ["1/3", "3/3"] {
        let printed = place.done(&["sweep", "sweep.yaml", "--keep-runs", "--shard", part]);
        let folder = format!("sweep-sweep-{}", part.replace('/', "-of-"));
        assert!(printed.starts_with(&format!("{folder}\n  \u{2713} part {part}: 16 runs finished")), "{printed}");
        assert!(!place.path(&format!("{folder}/results.csv")).exists());
    }
    let merge = ["sweep", "sweep.yaml", "--keep-runs", "--quiet", "--out", "put", "--merge"];
    let folders = ["sweep-sweep-3-of-3", "sweep-sweep-1-of-3"];
    let ended = place.qhh(&[&merge[..], &folders[..]].concat());
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("part 2/3 is missing: 16 of 48 runs are in none of the folders"),
        "{}",
        ended.stderr
    );
    // Nothing of a part that is finished is damaged.
    let ended = place.qhh(&["verify", folders[0]]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    for told in [
        "this is part 3/3 of a sweep, all 16 runs of it finished",
        "help: the table is made of all parts together",
    ] {
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
    // A part that was stopped knows which it is.
    place.done(&["sweep", "sweep.yaml", "--keep-runs", "--shard", "2/3", "--quiet", "--out", "second"]);
    fs::write(place.path("second/points.journal"), "").unwrap();
    fs::remove_dir_all(place.path("second/runs")).unwrap();
    place.done(&["resume", "second", "--quiet"]);
    place.done(&[&merge[..], &["second"][..]].concat());
    for file in ["results.csv", "report.html", "experiment.yaml", "manifest.json", "runs/07/spikes.csv"] {
        assert_eq!(place.read(&format!("put/{file}")), place.read(&format!("whole/{file}")), "{file}");
    }
    place.done(&["verify", "put"]);
    let other = ["--set", "simulation.duration=7 ms"];
    let ended = place.qhh(
        &[&["sweep", "sweep.yaml", "--quiet", "--out", "other"], &other[..], &["--merge", "second"]].concat(),
    );
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("second"), "{}", ended.stderr);
    let ended = place.qhh(&["sweep", "sweep.yaml", "--shard", "4/3"]);
    assert!(
        ended.code == Some(2) && ended.stderr.contains("write 2/8 for the second of eight"),
        "{}",
        ended.stderr
    );
}
