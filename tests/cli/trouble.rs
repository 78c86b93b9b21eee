//! What the system refuses, tried for real: a full disk, lost permission, readers that leave, folders that vanish.

#![cfg(unix)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::place::{Ended, Place};

/// Files that may grow to half a kilobyte and no further, which is what a quota does: not even what it takes to run it
/// again has room.
#[test]
fn a_file_that_cannot_grow_leaves_no_folder() {
    let place = Place::with(&["axon.yaml", "sweep.yaml"]);
    let before = place.names(".");
    // The signal that comes with it would end the program at once.
    let limit = "trap '' XFSZ; ulimit -f 1;";
    let ended = place.under(limit, &["run", "axon.yaml", "--out", "full/run"]);
    ended.told(1, &["cannot write", "--out"]);
    assert_eq!(ended.stdout, "");
    assert_eq!(place.names("."), before, "nothing is left, hidden or not");
}

#[test]
fn what_cannot_be_printed_is_told() {
    let place = Place::with(&["axon.yaml"]);
    if !PathBuf::from("/dev/full").exists() {
        return;
    }
    for args in [&["schema"][..], &["completions", "bash"], &["check", "axon.yaml"]] {
        let ended = place.under("exec >/dev/full;", args);
        ended.told(1, &["cannot write to standard output"]);
    }
}

#[test]
fn readers_that_leave_early_are_no_error() {
    let place = Place::with(&["axon.yaml"]);
    let program = env!("CARGO_BIN_EXE_qhh");
    for (call, reader) in [
        ("schema", "head -c1"),
        ("schema", "true"),
        ("run axon.yaml --out a", "head -n0"),
        ("check axon.yaml", "true"),
        ("verify a", "true"),
        ("check nowhere.yaml", "true"),
    ] {
        let script = format!("{{ '{program}' {call} 2>err; echo $? >code; }} | {reader} >/dev/null");
        let done = Command::new("sh").args(["-c", &script]).current_dir(place.path(".")).status().unwrap();
        assert!(done.success());
        let expected = if call.contains("nowhere") { "2" } else { "0" };
        assert_eq!(place.read("code").trim(), expected, "{call} | {reader}: {}", place.read("err"));
        assert!(!place.read("err").contains("panicked"), "{}", place.read("err"));
    }
    place.done(&["verify", "a"]);
}

/// A run into `deep/run` while which `deep` goes, and something else happens.
fn loses_its_folder(place: &Place, then: impl FnOnce()) -> Ended {
    fs::create_dir(place.path("deep")).unwrap();
    let call =
        ["run", "endless.yaml", "--out", "deep/run", "--set", "simulation.duration=100000 ms", "--no-report"];
    let child = place.command(&call).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_millis(300));
    // With the lock in it.
    fs::remove_dir_all(place.path("deep")).unwrap();
    then();
    child.wait_with_output().unwrap().into()
}

/// The folder that the results were to be in goes while the run is on: it is made again.
#[test]
fn a_folder_that_vanishes_during_the_run_is_made_again() {
    let place = Place::with(&["endless.yaml"]);
    let ended = loses_its_folder(&place, || {});
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    place.done(&["verify", "deep/run"]);
}

/// A file stands where the folder was: there is no place any more, and nothing of the other's is touched.
#[test]
fn a_folder_that_becomes_a_file_during_the_run_is_told() {
    let place = Place::with(&["endless.yaml"]);
    let ended = loses_its_folder(&place, || fs::write(place.path("deep"), "mine").unwrap());
    ended.told(1, &["deep"]);
    assert_eq!(place.read("deep"), "mine");
    assert_eq!(place.names("."), ["deep", "endless.yaml"]);
}

/// Durations come from a clock that never goes back; the one on the wall is not asked, whatever it jumps to.
#[test]
fn the_clock_on_the_wall_is_never_asked() {
    let word = ["System", "Time"].concat();
    for path in crate::safety::sources(&crate::safety::root().join("crates")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&word) && !text.contains("chrono::"), "{}", path.display());
    }
    let place = Place::with(&["axon.yaml"]);
    place.done(&["run", "axon.yaml", "--quiet"]);
    let cost = &place.summary("axon")["cost"];
    let seconds = |figure: &str| cost[figure].as_f64().unwrap_or_else(|| panic!("{figure}: {cost}"));
    for figure in ["build_seconds", "mean_field_seconds", "cpu_seconds", "neuron_steps_per_second"] {
        assert!(seconds(figure) >= 0.0, "{figure}: {cost}");
    }
    assert!(seconds("build_seconds") + seconds("mean_field_seconds") <= seconds("wall_seconds"), "{cost}");
}
