//! Folders that hold, and folders that do not.

use std::fs;

use crate::place::Place;

#[test]
fn what_a_run_leaves_passes_and_every_damaged_file_is_named() {
    let place = Place::with(&["memristors.yaml", "modes.yaml"]);
    place.done(&["run", "memristors.yaml", "modes.yaml", "--quiet"]);
    let told = place.done(&["verify", "memristors", "modes"]);
    assert!(told.contains("variances are the sum of their lines"), "{told}");
    assert_eq!(place.done(&["verify", "memristors", "modes", "--quiet"]), "");
    every_damaged_file_is_named(&place, "memristors");
    fs::write(place.path("memristors/notes.txt"), "mine").unwrap();
    fs::remove_file(place.path("memristors/loops.csv")).unwrap();
    let ended = place.qhh(&["verify", "modes", "memristors", "--quiet"]);
    assert_eq!(ended.code, Some(3));
    assert!(ended.stdout.contains("loops.csv is missing"), "{}", ended.stdout);
    assert!(ended.stdout.contains("notes.txt was not written by the run"), "{}", ended.stdout);
    assert!(ended.stderr.starts_with("error: memristors does not hold: 3 faults"), "{}", ended.stderr);
}

fn every_damaged_file_is_named(place: &Place, folder: &str) {
    for name in place.names(folder) {
        let path = place.path(&format!("{folder}/{name}"));
        let bytes = fs::read(&path).unwrap();
        let mut damaged = bytes.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        fs::write(&path, &damaged).unwrap();
        let ended = place.qhh(&["verify", folder]);
        assert_eq!(ended.code, Some(3), "{name}: {}{}", ended.stdout, ended.stderr);
        // A damaged list of checksums blames the file it speaks of.
        assert!(
            name == "SHA256SUMS" || ended.stdout.contains(&format!("{name} has been changed")),
            "{}",
            ended.stdout
        );
        fs::write(&path, &bytes).unwrap();
    }
}

#[test]
fn what_learning_and_sweeps_leave_passes_and_every_damaged_file_is_named() {
    let place = crate::learn::place();
    place.done(&["learn", "sides.yaml", "--quiet"]);
    let sweep = ["sweep", "few.yaml", "--vary", "quantum.hbar=0.1,0.2", "--quiet"];
    place.done(&sweep);
    place.done(&["verify", "sides", "few-sweep"]);
    for folder in ["sides", "few-sweep"] {
        every_damaged_file_is_named(&place, folder);
    }
    // What was made of the same files is told by them whatever the checksums say.
    let scores = place.read("sides/scores.csv").replacen("network", "Network", 1);
    fs::write(place.path("sides/scores.csv"), scores).unwrap();
    let ended = place.qhh(&["verify", "sides"]);
    assert!(ended.stdout.contains("scores.csv does not have the scores of summary.json"), "{}", ended.stdout);
    // A sweep that is not done says so; done, it holds again.
    let journal = place.read("few-sweep/points.journal");
    fs::write(place.path("few-sweep/points.journal"), journal.lines().next().unwrap().to_owned() + "\n").unwrap();
    let ended = place.qhh(&["verify", "few-sweep"]);
    assert!(ended.stdout.contains("1 of 2 runs are finished; `qhh resume`"), "{}", ended.stdout);
    place.done(&sweep);
    place.done(&["verify", "few-sweep"]);
}

/// A file, what is done to it, and what is then told.
type Change<'a> = (&'a str, &'a dyn Fn(&str) -> String, &'a str);

/// Someone who changes numbers may make new checksums too; the physics is harder to convince.
#[test]
fn numbers_that_do_not_hold_together_fail_whatever_their_checksums() {
    let place = Place::with(&["axon.yaml", "memristors.yaml"]);
    place.done(&["run", "axon.yaml", "memristors.yaml", "--quiet"]);
    let changes: [Change<'_>; 4] = [
        (
            "axon/spikes.csv",
            &|text| text.lines().next().unwrap().to_owned() + "\n",
            "spikes where the voltage crosses",
        ),
        ("axon/spikes.csv", &|text| text.to_owned() + "axon[0],0,0,0.5,\n", "spikes in time order"),
        ("axon/traces.csv", &|text| text.replacen("\n0.1,-", "\n0.1,-9", 1), "voltages within their range"),
        (
            "memristors/traces.csv",
            &|text| {
                let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
                let place = rows[0].split(',').position(|name| name == "one[0].variance").unwrap();
                let mut cells: Vec<String> = rows[5].split(',').map(str::to_owned).collect();
                cells[place] = format!("{}", 3.0 * cells[place].parse::<f64>().unwrap());
                rows[5] = cells.join(",");
                rows.join("\n") + "\n"
            },
            "variances are the sum of their lines",
        ),
    ];
    for (file, change, failing) in changes {
        let text = place.read(file);
        let changed = change(&text);
        assert_ne!(changed, text, "{file}");
        fs::write(place.path(file), changed).unwrap();
        let ended = place.qhh(&["verify", file.split('/').next().unwrap()]);
        assert_eq!(ended.code, Some(3), "{file}: {}", ended.stdout);
        assert!(ended.stdout.contains(&format!("FAILS             {failing}")), "{failing}: {}", ended.stdout);
        fs::write(place.path(file), text).unwrap();
    }
}

#[test]
fn what_is_no_folder_of_results_is_bad_input() {
    let place = Place::with(&["axon.yaml"]);
    fs::create_dir(place.path("empty")).unwrap();
    for folder in ["nowhere", "empty", "axon.yaml"] {
        assert_eq!(place.qhh(&["verify", folder]).code, Some(2), "{folder}");
    }
}

#[test]
fn a_verified_run_tells_errors_and_a_tolerance_that_is_not_reached_ends_with_3() {
    let place = Place::with(&["axon.yaml", "modes.yaml"]);
    let coarse = ["run", "axon.yaml", "--set", "simulation.step=0.05 ms", "--quiet"];
    let told = place.done(&[
        "run",
        "axon.yaml",
        "--set",
        "simulation.step=0.05 ms",
        "--estimate-error",
        "--threads",
        "2",
    ]);
    assert!(told.contains("first spike of axon[0]") && told.contains(" ± "), "{told}");
    assert!(told.contains("2 and 1 give the same bits"), "{told}");
    let summary = place.summary("axon");
    // Against a run whose own error is hundreds of times smaller.
    place.done(&["run", "axon.yaml", "--set", "simulation.step=0.002 ms", "--quiet", "--out", "fine"]);
    let first = |summary: &serde_json::Value| summary["outcome"]["spikes"]["first_time"].as_f64().unwrap();
    let error = (first(&summary) - first(&place.summary("fine"))).abs();
    let figures = summary["verification"]["figures"].as_array().unwrap();
    let told = figures.iter().find(|figure| figure["name"] == "first spike of axon[0]").unwrap();
    let estimate = told["error"].as_f64().unwrap();
    assert!((0.5 * error..2.0 * error).contains(&estimate), "error {error}, estimated {estimate}");
    assert!(place.read("axon/report.html").contains("Numerical errors"));
    place.done(&["verify", "axon", "fine"]);

    let strict = [&coarse[..], &["--estimate-error", "--tolerance", "1e-9", "--out", "strict"]].concat();
    let ended = place.qhh(&strict);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), "strict\n"), "{}", ended.stderr);
    assert!(ended.stderr.contains("beyond the tolerance of 0.000000001"), "{}", ended.stderr);
    assert_eq!(place.qhh(&["run", "axon.yaml", "--tolerance", "0.1"]).code, Some(2));

    place.done(&["run", "modes.yaml", "--verify", "--quiet", "--no-report"]);
    let summary = place.summary("modes");
    let figures = summary["verification"]["figures"].as_array().unwrap();
    let variance = figures.iter().find(|figure| figure["name"] == "largest variance of relay[0]").unwrap();
    assert!(variance["modes"].as_f64().unwrap() > 0.0, "{variance}");
    assert!(variance["twice_cutoff"].as_f64().unwrap() > variance["value"].as_f64().unwrap(), "{variance}");
}
