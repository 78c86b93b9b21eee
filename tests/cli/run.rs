//! A run: what its folder holds and what it prints.

use std::io::Write;
use std::process::Stdio;

use crate::gaps::largest_gap;
use crate::place::Place;

/// The text with `#` for every number: what they are is others' to test.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut number = false;
    for (k, c) in text.char_indices() {
        let next_digit = text[k + c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit() || c == '-');
        let goes_on =
            c.is_ascii_digit() || (number && ".e-".contains(c) && next_digit) || (c == '-' && next_digit);
        if goes_on && !number {
            shape.push('#');
        }
        if !goes_on {
            shape.push(c);
        }
        number = goes_on;
    }
    shape
}

#[test]
fn a_run_leaves_a_whole_folder_and_says_what_came_out() {
    let place = Place::with(&["axon.yaml"]);
    insta::assert_snapshot!(shape(&place.done(&["run", "axon.yaml"])), @"
    axon
      spikes          #, the first at # ms (axon[#])
      peak voltage    # mV at # ms (axon[#])
      lowest voltage  # mV at # ms (axon[#])
      voltage         ▂▂▂▂▂▂▂▂▂▂▃██▇▅▄▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▂▂  axon[#], # to # ms
      page            open axon/report.html
      ✓ # of # checks hold, in # s
    ");
    let tables = [
        "firing_rates.csv",
        "input.yaml",
        "network.yaml",
        "report.html",
        "spikes.csv",
        "summary.json",
        "traces.csv",
    ];
    assert_eq!(place.names("axon"), [&["SHA256SUMS"][..], &tables].concat());
    let rates = place.read("axon/firing_rates.csv");
    assert!(
        rates.starts_with(
            "neuron,population,index,spikes,mean_rate,mean_interval,interval_cv,first_spike,last_spike\n"
        ),
        "{rates}"
    );
    assert!(rates.contains("\naxon[0],0,0,1,0.05,,,"), "{rates}");
    assert_eq!(place.names("."), ["axon", "axon.yaml"]);
    let traces = place.read("axon/traces.csv");
    assert!(traces.starts_with("t,axon[0].voltage,axon[0].n\n0,-6"), "{}", &traces[..60]);
    assert_eq!(traces.lines().count(), 202);
    let spikes = place.read("axon/spikes.csv");
    assert!(spikes.starts_with("neuron,population,index,time,variance\naxon[0],0,0,"), "{spikes}");
    let summary = place.summary("axon");
    assert_eq!(summary["outcome"]["spikes"]["total"], spikes.lines().count() - 1);
    assert_eq!(summary["network"]["simulation"]["step"], "0.01 ms");
    assert_eq!(summary["name"], "axon");
    assert!(summary["cost"]["wall_seconds"].as_f64().unwrap() > 0.0);
}

/// Comments and all, beside what was resolved from it; checksums cover it, and whoever reads the folder writes it again.
#[test]
fn the_file_is_kept_as_its_author_wrote_it() {
    let place = Place::with(&["axon.yaml"]);
    let text = format!("# Mine, in my own order.\n{}", place.read("axon.yaml"));
    std::fs::write(place.path("mine.yaml"), &text).unwrap();
    place.done(&["run", "mine.yaml", "--out", "mine", "--set", "simulation.duration=12 ms", "--no-report"]);
    assert_eq!(place.read("mine/input.yaml"), text);
    assert!(place.read("mine/network.yaml").contains("duration: 12 ms"));
    assert!(place.read("mine/SHA256SUMS").contains("  input.yaml\n"), "{}", place.read("mine/SHA256SUMS"));
    place.done(&["verify", "mine"]);
    let mut child = place.command(&["run", "-", "--out", "piped", "--no-report"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(place.read("piped/input.yaml"), text);
    // From the resolved network, the same numbers.
    place.done(&["run", "mine/network.yaml", "--out", "again", "--no-report"]);
    assert_eq!(place.read("again/traces.csv"), place.read("mine/traces.csv"));
    place.done(&["compare", "mine", "again"]);
    std::fs::write(place.path("mine/input.yaml"), "name: other\n").unwrap();
    assert_eq!(place.qhh(&["verify", "mine"]).code, Some(3));
}

/// Recorded at every step, the variance at a spike lies on the line between those of the two steps around it.
#[test]
fn spikes_have_the_variance_of_their_voltage_where_field_modes_were_computed() {
    let place = Place::with(&["modes.yaml"]);
    let record = "record={of: 'relay[0]', every: 0.02 ms, quantities: [voltage, variance]}";
    place.done(&["run", "modes.yaml", "--no-report", "--set", record]);
    let spikes = place.read("modes/spikes.csv");
    let cells: Vec<Vec<&str>> = spikes.lines().skip(1).map(|row| row.split(',').collect()).collect();
    assert_eq!(cells.iter().map(|row| row[0]).collect::<Vec<_>>(), ["relay[0]", "relay[1]"], "{spikes}");
    assert_eq!(cells[1][4], "", "only recorded neurons have variances");
    let (time, variance): (f64, f64) = (cells[0][3].parse().unwrap(), cells[0][4].parse().unwrap());
    let step = (time / 0.02).floor();
    let at = |k: f64| -> f64 {
        let rows = place.read("modes/variance.csv");
        let rows = rows.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
        let here = rows.filter(|row| (row[0].parse::<f64>().unwrap() - 0.02 * k).abs() < 1e-6);
        here.map(|row| row[5..].iter().map(|part| part.parse::<f64>().unwrap()).sum::<f64>()).sum()
    };
    let (before, after) = (at(step), at(step + 1.0));
    let between = before + (time / 0.02 - step) * (after - before);
    assert!((after - before).abs() > 0.01 * before, "the variance changes there: {before}, {after}");
    assert!((variance - between).abs() < 1e-9 * between, "{variance}, by the table {between}");
    place.done(&["verify", "modes"]);
}

#[test]
fn fluctuations_and_loops_have_tables_of_their_own() {
    let place = Place::with(&["memristors.yaml"]);
    insta::assert_snapshot!(shape(&place.done(&["run", "memristors.yaml"])), @"
    memristors
      spikes            not counted: without reversal potentials there is no threshold unless `simulation.spike_threshold` is given
      peak voltage      # at # (one[#])
      largest variance  # at # (one[#]), # % of it vacuum, gates held
      voltage           ▇██▆▄▂▁▃▄▅▅▅▄▃▂▃▃▄▄▄▄▃▃▃▃▄▄▄▄▃▃▃▃▃▄▄▄▄▃▃  one[#], # to #
      page              open memristors/report.html
      ✓ # of # checks hold, in # s
    ");
    assert!(
        place
            .read("memristors/variance.csv")
            .starts_with("t,neuron,population,index,line,vacuum,thermal,state\n0,one[0],0,0,")
    );
    let hysteresis = "neuron,population,index,channel,frequency,period,start,area,peak_voltage,peak_current\none[0],0,0,potassium,10,1,";
    assert!(place.read("memristors/hysteresis.csv").starts_with(hysteresis));
    assert!(
        place
            .read("memristors/loops.csv")
            .starts_with("neuron,population,index,channel,t,voltage,current\none[0],0,0,potassium,")
    );
    let outcome = &place.summary("memristors")["outcome"];
    assert_eq!(outcome["largest_variance"]["neuron"], "one[0]");
    assert!(outcome["variances"][0]["cutoff"]["statement"].as_str().unwrap().contains("cutoff"));
    assert!(outcome["hysteresis"][0]["first_area"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_resolved_network_runs_to_the_same_numbers() {
    let place = Place::with(&["memristors.yaml"]);
    place.done(&["run", "memristors.yaml"]);
    place.done(&["run", "memristors/network.yaml", "--out", "again"]);
    for file in ["spikes.csv", "traces.csv", "variance.csv", "loops.csv", "network.yaml"] {
        let (first, second) = (place.read(&format!("memristors/{file}")), place.read(&format!("again/{file}")));
        assert!(first == second, "{file} differs");
    }
    assert_eq!(place.summary("memristors")["network_sha256"], place.summary("again")["network_sha256"]);
}

#[test]
fn files_a_network_refers_to_go_with_it() {
    let place = Place::with(&["axon.yaml"]);
    std::fs::write(place.path("stimulus.csv"), "t,current\n5,0\n6,40\n8,0\n").unwrap();
    let current = "sources.kick.current={shape: file, path: stimulus.csv, column: current}";
    place.done(&["run", "axon.yaml", "--set", current]);
    std::fs::remove_file(place.path("stimulus.csv")).unwrap();
    place.done(&["run", "axon/network.yaml", "--out", "again"]);
    assert_eq!(place.read("axon/traces.csv"), place.read("again/traces.csv"));
}

/// The same bytes in every file, apart from what the run cost.
#[test]
fn the_results_do_not_depend_on_the_number_of_threads() {
    let place = Place::with(&["crowd.yaml"]);
    for threads in ["1", "2", "7"] {
        place.done(&["run", "crowd.yaml", "--no-report", "--threads", threads, "--out", threads]);
    }
    let summary = |folder| {
        let mut summary = place.summary(folder);
        let cost = summary.as_object_mut().unwrap().remove("cost").unwrap();
        assert_eq!(cost["threads"].to_string(), folder);
        summary.to_string()
    };
    assert!(place.summary("1")["outcome"]["spikes"]["total"].as_u64().unwrap() > 100);
    for other in ["2", "7"] {
        assert_eq!(place.names("1"), place.names(other));
        for file in place.names("1") {
            let text = |folder| match file.as_str() {
                "summary.json" => summary(folder),
                // Two runs never cost the same.
                "SHA256SUMS" => {
                    let text = place.read(&format!("{folder}/{file}"));
                    text.lines().filter(|line| !line.ends_with("summary.json")).collect::<Vec<_>>().join("\n")
                }
                _ => place.read(&format!("{folder}/{file}")),
            };
            assert!(text("1") == text(other), "{file} differs between 1 and {other} threads");
        }
    }
}

#[test]
fn settings_and_seeds_are_overridden() {
    let place = Place::with(&["axon.yaml"]);
    let changes = ["--set", "sources.kick.current.amplitude=1 uA", "--set", "name=weak", "--seed", "42"];
    place.done(&[&["run", "axon.yaml"], &changes[..]].concat());
    let summary = place.summary("weak");
    assert_eq!(summary["seed"], 42);
    assert_eq!(summary["outcome"]["spikes"]["total"], 0);
    assert!(place.read("weak/network.yaml").contains("amplitude: 1 uA\n"), "{}", place.read("weak/network.yaml"));
}

#[test]
fn quiet_prints_the_folder_alone_and_no_report_writes_none() {
    let place = Place::with(&["axon.yaml"]);
    let ended = place.qhh(&["run", "axon.yaml", "--quiet", "--no-report", "--out", "deep/er"]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "deep/er\n", ""));
    assert!(!place.names("deep/er").contains(&"report.html".to_owned()));
}

#[test]
fn short_runs_say_nothing_on_standard_error() {
    let place = Place::with(&["axon.yaml"]);
    assert_eq!(place.qhh(&["run", "axon.yaml"]).stderr, "");
}

#[test]
fn several_files_have_a_folder_and_a_block_each() {
    let place = Place::with(&["axon.yaml", "memristors.yaml"]);
    let stdout = place.done(&["run", "axon.yaml", "memristors.yaml", "--out", "results"]);
    assert_eq!(place.names("results"), ["axon", "memristors"]);
    assert!(stdout.starts_with("results/axon\n") && stdout.contains("\n\nresults/memristors\n"), "{stdout}");
}

#[cfg(unix)]
#[test]
fn the_folder_has_the_rights_of_any_other() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(&["axon.yaml"]);
    place.done(&["run", "axon.yaml"]);
    std::fs::create_dir(place.path("other")).unwrap();
    let mode = |name| std::fs::metadata(place.path(name)).unwrap().permissions().mode();
    assert_eq!(mode("axon"), mode("other"));
}

/// A transient is run once; what follows goes on from where it ended.
#[test]
fn a_run_starts_from_the_snapshot_of_another() {
    let place = Place::with(&["axon.yaml"]);
    let drive = "sources.kick.current={shape: constant, amplitude: 10 uA}";
    let run = |out: &str, more: &[&str]| {
        let call = ["run", "axon.yaml", "--out", out, "--no-report", "--quiet", "--set", drive];
        place.done(&[&call[..], &["--set", "record.quantities=[voltage, snapshot]"], more].concat());
    };
    let voltages = |out: &str| -> Vec<f64> {
        let text = place.read(&format!("{out}/traces.csv"));
        text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse().unwrap()).collect()
    };
    run("whole", &["--set", "simulation.duration=45 ms"]);
    run("transient", &["--set", "simulation.duration=25 ms"]);
    assert!(
        place
            .read("transient/snapshot-axon.csv")
            .starts_with("neuron,population,index,voltage,n,m,h\naxon[0],0,0,")
    );
    let from = "neurons.axon.initial={from: transient/snapshot-axon.csv}";
    run("rest", &["--set", from, "--set", "simulation.duration=20 ms"]);
    let (whole, rest) = (voltages("whole"), voltages("rest"));
    assert!(rest.iter().any(|v| *v > 0.0), "it fires again");
    // Gates are moved on by half a step and back again, at the same voltage: rounding alone, that a spike amplifies.
    let gap = largest_gap(&rest, &whole[250..]);
    assert!(gap < 1e-6, "{gap} mV");
    // The copy in the results is read again.
    place.done(&["run", "rest/network.yaml", "--out", "again", "--no-report", "--quiet"]);
    assert_eq!(voltages("again"), rest);
}
