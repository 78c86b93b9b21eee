//! What the system refuses, tried for real: a full disk, lost permission, readers that leave, folders that vanish.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::place::{Ended, Place};
use crate::require;

/// The program under a shell that first does something: `limits` with the program and its arguments behind it.
fn under(place: &Place, limits: &str, args: &[&str]) -> Ended {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limits} exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_qhh")]).args(args);
    command.current_dir(place.path(".")).env("NO_COLOR", "1").output().unwrap().into()
}

/// Ended as a failure of the system does: told in a sentence, without a panic.
fn told(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, Some(code), "{}", ended.stderr);
    for word in words {
        assert!(ended.stderr.contains(word), "`{word}` is missing: {}", ended.stderr);
    }
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
}

/// Files that may grow to half a kilobyte and no further, which is what a quota does: not even what it takes to run it
/// again has room.
#[test]
fn a_file_that_cannot_grow_leaves_no_folder() {
    let place = Place::with(&["axon.yaml", "sweep.yaml"]);
    let before = place.names(".");
    // The signal that comes with it would end the program at once.
    let limit = "trap '' XFSZ; ulimit -f 1;";
    let ended = under(&place, limit, &["run", "axon.yaml", "--out", "full/run"]);
    told(&ended, 1, &["cannot write", "--out"]);
    assert_eq!(ended.stdout, "");
    assert_eq!(place.names("."), before, "nothing is left, hidden or not");
}

/// A small disk of memory, where this may be mounted.
struct Disk(PathBuf);

impl Disk {
    fn new(place: &Place, size: &str) -> Option<Self> {
        let path = place.path("disk");
        fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&path).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(path));
        }
        require::skipped("no disk may be mounted here");
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// A run too short for a state of its own is run again once there is room.
#[test]
fn a_full_disk_keeps_a_short_run_that_went_well() {
    let place = Place::with(&["axon.yaml"]);
    let Some(disk) = Disk::new(&place, "24k") else { return };
    let ended = place.qhh(&["run", "axon.yaml", "--out", "disk/run", "--seed", "7"]);
    told(
        &ended,
        1,
        &[
            "the run went well, but cannot write",
            "No space left",
            "`qhh resume disk/run` runs it again and writes them",
        ],
    );
    assert_eq!(ended.stderr.matches("No space left").count(), 1, "{}", ended.stderr);
    assert_eq!(place.names("disk"), ["run.unfinished"]);
    let room = Command::new("mount").args(["-o", "remount,size=4m"]).arg(&disk.0).status().unwrap();
    assert!(room.success());
    place.done(&["resume", "disk/run"]);
    assert_eq!(place.names("disk"), ["run"]);
    place.done(&["run", "axon.yaml", "--quiet", "--seed", "7"]);
    for file in ["traces.csv", "spikes.csv", "network.yaml"] {
        assert_eq!(place.read(&format!("disk/run/{file}")), place.read(&format!("axon/{file}")), "{file}");
    }
}

#[test]
fn a_full_disk_beside_an_earlier_run_leaves_that_run_as_it_was() {
    let place = Place::with(&["axon.yaml"]);
    let Some(_disk) = Disk::new(&place, "160k") else { return };
    place.done(&["run", "axon.yaml", "--out", "disk/run", "--quiet", "--no-report"]);
    fs::write(place.path("disk/rest"), vec![0; 112 << 10]).unwrap();
    let before = place.read("disk/run/summary.json");
    let ended = place.qhh(&["run", "axon.yaml", "--out", "disk/run", "--force", "--seed", "7"]);
    told(&ended, 1, &["cannot write", "No space left"]);
    assert_eq!(place.read("disk/run/summary.json"), before);
    place.done(&["verify", "disk/run"]);
    assert_eq!(place.names("disk"), ["rest", "run", "run.unfinished"]);
}

#[test]
fn what_cannot_be_printed_is_told() {
    let place = Place::with(&["axon.yaml"]);
    if !PathBuf::from("/dev/full").exists() {
        return;
    }
    for args in [&["schema"][..], &["completions", "bash"], &["check", "axon.yaml"]] {
        let ended = under(&place, "exec >/dev/full;", args);
        told(&ended, 1, &["cannot write to standard output"]);
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

/// As somebody who may write nowhere; the administrator may write anywhere.
#[test]
fn lost_permission_is_told_before_the_run() {
    let place = Place::with(&["axon.yaml"]);
    fs::copy(place.path("axon.yaml"), place.path("secret.yaml")).unwrap();
    fs::create_dir(place.path("shut")).unwrap();
    let mode = |name: &str, mode| fs::set_permissions(place.path(name), fs::Permissions::from_mode(mode)).unwrap();
    mode(".", 0o755);
    mode("shut", 0o555);
    mode("secret.yaml", 0o000);
    let root = fs::write(place.path("shut/try"), "").is_ok();
    let other = "setpriv --reuid=65534 --regid=65534 --clear-groups";
    if root {
        fs::remove_file(place.path("shut/try")).unwrap();
        // Whether there is such a command, and whether the program can be reached by others.
        let reached = under(&place, &format!("exec {other}"), &["--version"]);
        if reached.code != Some(0) {
            require::skipped("it runs as one who may do everything, and cannot become another");
            return;
        }
    }
    let prefix = if root { format!("exec {other}") } else { String::new() };
    let ended = under(&place, &prefix, &["run", "axon.yaml", "--out", "shut/run"]);
    told(&ended, 2, &["cannot write", "shut/run", "Permission denied", "--out"]);
    let ended = under(&place, &prefix, &["check", "secret.yaml"]);
    told(&ended, 2, &["secret.yaml", "Permission denied"]);
    mode("shut", 0o755);
    assert_eq!(place.names("shut"), Vec::<String>::new());
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
    told(&ended, 1, &["deep"]);
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
    for figure in ["wall_seconds", "build_seconds", "cpu_seconds", "neuron_steps_per_second"] {
        assert!(cost[figure].as_f64().unwrap() >= 0.0, "{figure}: {cost}");
    }
}

/// What a run had come to is kept where its results do not fit any more, and written once there is room.
#[test]
fn a_full_disk_keeps_the_state_of_a_run_that_went_well() {
    let place = Place::with(&["axon.yaml"]);
    let Some(disk) = Disk::new(&place, "64k") else { return };
    let call = ["run", "axon.yaml", "--out", "disk/run", "--checkpoint-every", "t=5ms"];
    let ended = place.qhh(&call);
    told(
        &ended,
        1,
        &["the run went well, but cannot write", "No space left", "`qhh resume disk/run` writes them"],
    );
    assert_eq!(place.names("disk"), ["run.unfinished"]);
    let room = Command::new("mount").args(["-o", "remount,size=4m"]).arg(&disk.0).status().unwrap();
    assert!(room.success());
    place.done(&["resume", "disk/run"]);
    assert_eq!(place.names("disk"), ["run"]);
    place.done(&["verify", "disk/run", "--quiet"]);
    place.done(&["run", "axon.yaml", "--quiet"]);
    for file in ["traces.csv", "spikes.csv", "network.yaml"] {
        assert_eq!(place.read(&format!("disk/run/{file}")), place.read(&format!("axon/{file}")), "{file}");
    }
}

/// So are a network's answers to a task.
#[test]
fn a_full_disk_keeps_what_was_learned() {
    let place = crate::learn::place();
    let Some(disk) = Disk::new(&place, "48k") else { return };
    let ended = place.qhh(&[
        "learn",
        "small.yaml",
        "--out",
        "disk/small",
        "--set",
        "seeds=1",
        "--set",
        "features=[voltage]",
        "--set",
        "shots=null",
    ]);
    told(&ended, 1, &["cannot write", "No space left", "`qhh resume disk/small` writes them"]);
    assert_eq!(place.names("disk"), ["small.unfinished"]);
    let room = Command::new("mount").args(["-o", "remount,size=4m"]).arg(&disk.0).status().unwrap();
    assert!(room.success());
    place.done(&["resume", "disk/small", "--quiet"]);
    assert_eq!(place.names("disk"), ["small"]);
    place.done(&["verify", "disk/small", "--quiet"]);
}

/// States that cannot be written are told of, and the run goes on: they hold every step of the mean field, and the results
/// a few samples.
#[test]
fn a_run_outlives_states_that_cannot_be_kept() {
    let place = Place::with(&["modes.yaml"]);
    let Some(_disk) = Disk::new(&place, "256k") else { return };
    let call = [
        "run",
        "modes.yaml",
        "--out",
        "disk/run",
        "--no-report",
        "--checkpoint-every",
        "t=50ms",
        "--set",
        "simulation.duration=300 ms",
        "--set",
        "record={every: 50 ms, quantities: [voltage, variance]}",
    ];
    let ended = place.qhh(&call);
    told(
        &ended,
        0,
        &["warning: modes: the state at t = ", "cannot be kept, and the run goes on", "No space left"],
    );
    assert_eq!(ended.stderr.matches("cannot be kept").count(), 1, "said once: {}", ended.stderr);
    assert!(place.path("disk/run/SHA256SUMS").is_file());
    assert_eq!(place.names("disk"), ["run"]);
}
