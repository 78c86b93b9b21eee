//! What the system refuses, tried for real where it may be: a full disk, lost permission.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::place::Place;
use crate::require::Need;

/// The right to mount a disk of memory.
pub(crate) static MOUNT: Need = Need {
    missing: "no right to mount a disk",
    remedy: "run the tests as the administrator",
    is_met: || {
        let place = Place::with(&[]);
        fs::create_dir(place.path("disk")).unwrap();
        let done = |command: &str| {
            let status = Command::new("sh")
                .args(["-c", command])
                .current_dir(place.path("."))
                .stderr(Stdio::null())
                .status();
            status.is_ok_and(|status| status.success())
        };
        done("mount -t tmpfs -o size=4k tmpfs disk") && done("umount disk")
    },
    can_be_required: false,
};

/// Somebody who may not write everywhere.
pub(crate) static NO_RIGHTS: Need = Need {
    missing: "nobody without rights",
    remedy: "run the tests as somebody else than the administrator, or install `setpriv`",
    is_met: || {
        let place = Place::with(&[]);
        // Whether there is such a command, and whether the program can be reached by others.
        !is_administrator(&place) || place.under(&format!("exec {OTHER}"), &["--version"]).code == Some(0)
    },
    can_be_required: false,
};

const OTHER: &str = "setpriv --reuid=65534 --regid=65534 --clear-groups";

/// Whether this process may write where nobody may.
fn is_administrator(place: &Place) -> bool {
    let shut = place.path("forbidden");
    fs::create_dir(&shut).unwrap();
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o555)).unwrap();
    let may = fs::write(shut.join("try"), "").is_ok();
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_dir_all(shut).unwrap();
    may
}

/// A small disk of memory, where this may be mounted.
struct Disk(PathBuf);

impl Disk {
    fn new(place: &Place, size: &str) -> Self {
        let path = place.path("disk");
        fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&path).stderr(Stdio::null());
        assert!(mount.status().is_ok_and(|status| status.success()), "no disk may be mounted here");
        Self(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// A run too short for a state of its own is run again once there is room.
pub(crate) fn a_full_disk_keeps_a_short_run_that_went_well() {
    let place = Place::with(&["axon.yaml"]);
    let disk = Disk::new(&place, "24k");
    let ended = place.qhh(&["run", "axon.yaml", "--out", "disk/run", "--seed", "7"]);
    ended.told(
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

pub(crate) fn a_full_disk_beside_an_earlier_run_leaves_that_run_as_it_was() {
    let place = Place::with(&["axon.yaml"]);
    let _disk = Disk::new(&place, "160k");
    place.done(&["run", "axon.yaml", "--out", "disk/run", "--quiet", "--no-report"]);
    fs::write(place.path("disk/rest"), vec![0; 104 << 10]).unwrap();
    let before = place.read("disk/run/summary.json");
    let ended = place.qhh(&["run", "axon.yaml", "--out", "disk/run", "--force", "--seed", "7"]);
    ended.told(1, &["cannot write", "No space left"]);
    assert_eq!(place.read("disk/run/summary.json"), before);
    place.done(&["verify", "disk/run"]);
    assert_eq!(place.names("disk"), ["rest", "run", "run.unfinished"]);
}

/// As somebody who may write nowhere; the administrator may write anywhere.
pub(crate) fn lost_permission_is_told_before_the_run() {
    let place = Place::with(&["axon.yaml"]);
    fs::copy(place.path("axon.yaml"), place.path("secret.yaml")).unwrap();
    fs::create_dir(place.path("shut")).unwrap();
    let mode = |name: &str, mode| fs::set_permissions(place.path(name), fs::Permissions::from_mode(mode)).unwrap();
    mode(".", 0o755);
    mode("shut", 0o555);
    mode("secret.yaml", 0o000);
    let prefix = if is_administrator(&place) { format!("exec {OTHER}") } else { String::new() };
    let ended = place.under(&prefix, &["run", "axon.yaml", "--out", "shut/run"]);
    ended.told(2, &["cannot write", "shut/run", "Permission denied", "--out"]);
    let ended = place.under(&prefix, &["check", "secret.yaml"]);
    ended.told(2, &["secret.yaml", "Permission denied"]);
    mode("shut", 0o755);
    assert_eq!(place.names("shut"), Vec::<String>::new());
}

/// What a run had come to is kept where its results do not fit any more, and written once there is room.
pub(crate) fn a_full_disk_keeps_the_state_of_a_run_that_went_well() {
    let place = Place::with(&["axon.yaml"]);
    let disk = Disk::new(&place, "64k");
    let call = ["run", "axon.yaml", "--out", "disk/run", "--checkpoint-every", "t=5ms"];
    let ended = place.qhh(&call);
    ended.told(1, &["the run went well, but cannot write", "No space left", "`qhh resume disk/run` writes them"]);
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
pub(crate) fn a_full_disk_keeps_what_was_learned() {
    let place = Place::with(&["small.yaml", "few.yaml"]);
    let disk = Disk::new(&place, "48k");
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
    ended.told(1, &["cannot write", "No space left", "`qhh resume disk/small` writes them"]);
    assert_eq!(place.names("disk"), ["small.unfinished"]);
    let room = Command::new("mount").args(["-o", "remount,size=4m"]).arg(&disk.0).status().unwrap();
    assert!(room.success());
    place.done(&["resume", "disk/small", "--quiet"]);
    assert_eq!(place.names("disk"), ["small"]);
    place.done(&["verify", "disk/small", "--quiet"]);
}

/// States that cannot be written are told of, and the run goes on: they hold every step of the mean field, and the results
/// a few samples.
pub(crate) fn a_run_outlives_states_that_cannot_be_kept() {
    let place = Place::with(&["modes.yaml"]);
    let _disk = Disk::new(&place, "256k");
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
    ended.told(0, &["warning: modes: the state at t = ", "cannot be kept, and the run goes on", "No space left"]);
    assert_eq!(ended.stderr.matches("cannot be kept").count(), 1, "said once: {}", ended.stderr);
    assert!(place.path("disk/run/SHA256SUMS").is_file());
    assert_eq!(place.names("disk"), ["run"]);
}
