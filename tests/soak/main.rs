//! Runs are killed at random moments, gone on with, and must end with the bytes of one that nobody disturbed.
//!
//! `QHH_SOAK_KILLS=100 cargo test --release -p qhh-cli --test soak -- --nocapture` kills a hundred times and says what
//! came of it; without the variable a few times, as `tests/cases` says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "what came of it is the point")]

#[path = "../cases/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod cases;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What is run, in turn: file, command that begins it, folder of its results.
const KINDS: [(&str, &[&str]); 5] = [
    ("waves.yaml", &["run", "--no-report", "--checkpoint-every", "0.15s"]),
    ("modes.yaml", &["run", "--no-report", "--checkpoint-every", "0.15s"]),
    ("samples.yaml", &["run", "--no-report", "--checkpoint-every", "0.15s"]),
    ("sweep.yaml", &["sweep", "--no-report"]),
    ("guess.yaml", &["learn", "--no-report", "--checkpoint-every", "0.1s"]),
];

/// Seed of the moments; another may be given as `QHH_SOAK_SEED`.
const SEED: u64 = 20_240_824;

/// Numbers that look random, the same each time.
struct Moments(u64);

impl Moments {
    /// Below `n`.
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn qhh(place: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qhh"));
    command.args(args).current_dir(place).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Bytes of every file of a folder, without what a run cost and checksums of that.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let mut bytes = fs::read(entry.path()).unwrap();
        if name == "summary.json" {
            let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            for cost in ["cost", "seconds"] {
                summary.as_object_mut().unwrap().remove(cost);
            }
            bytes = summary.to_string().into_bytes();
        }
        // The order in which the runs of a sweep end is nobody's concern.
        if !["SHA256SUMS", "points.journal"].contains(&name.as_str()) {
            files.insert(name, bytes);
        }
    }
    files
}

#[test]
fn killed_runs_end_with_the_bytes_of_undisturbed_ones() {
    let asked = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let kills: u64 = asked("QHH_SOAK_KILLS", cases::KILLS.number() as u64);
    // Every kind has its share.
    let of_one_run = kills.div_ceil(KINDS.len() as u64);
    let mut moments = Moments(asked("QHH_SOAK_SEED", SEED));
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/soak/data")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), place.join(file.file_name())).unwrap();
    }
    let undisturbed: Vec<_> = KINDS
        .iter()
        .map(|(file, begin)| {
            let start = Instant::now();
            let ended =
                qhh(place, &[*begin, &[file, "--out", "whole", "--threads", "2"]].concat()).output().unwrap();
            assert!(ended.status.success(), "{file}: {}", String::from_utf8_lossy(&ended.stderr));
            let files = bytes(&place.join("whole"));
            fs::remove_dir_all(place.join("whole")).unwrap();
            (files, start.elapsed())
        })
        .collect();
    let (mut killed, mut completed, mut in_a_row, mut most) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut kind = 0;
    let mut begun = false;
    while killed < kills || begun {
        let (file, begin) = KINDS[kind];
        let (expected, took) = &undisturbed[kind];
        let threads = (1 + moments.below(3)).to_string();
        let call = if begun && place.join("out").join("manifest.json").exists()
            || place.join("out.unfinished").exists()
        {
            vec!["resume", "out", "--threads", &threads]
        } else {
            [begin, &[file, "--out", "out", "--threads", &threads]].concat()
        };
        let mut child = qhh(place, &call).spawn().unwrap();
        begun = true;
        // Within half the time that the whole run takes; the last one may end in peace.
        let half = u64::try_from(took.as_millis()).unwrap() / 2;
        let patience = Duration::from_millis(20 + moments.below(half.max(100)));
        let start = Instant::now();
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if killed < kills && in_a_row < of_one_run && start.elapsed() > patience {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let Some(status) = ended else {
            killed += 1;
            in_a_row += 1;
            most = most.max(in_a_row);
            continue;
        };
        let mut told = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut told).unwrap();
        assert!(status.success(), "{call:?} after {killed} kills: {told}");
        let found = bytes(&place.join("out"));
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(expected), "{file} after {killed} kills");
        for (name, bytes) in &found {
            assert!(
                bytes == &expected[name],
                "{file}: {name} differs after {killed} kills, {in_a_row} of this run"
            );
        }
        assert!(
            !place.join("out.unfinished").exists() && !place.join(".out.lock").exists(),
            "{file} leaves files"
        );
        fs::remove_dir_all(place.join("out")).unwrap();
        (completed, in_a_row, begun, kind) = (completed + 1, 0, false, (kind + 1) % KINDS.len());
    }
    println!("{killed} kills, up to {most} of one run; {completed} runs completed, every byte as undisturbed");
}
