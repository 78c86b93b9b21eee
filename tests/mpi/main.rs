//! The program `qhh-mpi` under Open MPI's launcher: the same bytes on any number of ranks, and how it ends where it cannot
//! run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dry_run;
mod hosts;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use qhh::ranks::Bandwidth;
use qhh::{FolderSettings, LoadOptions, Network, RunSettings};
use tempfile::TempDir;

/// Three hundred relays in blocks of 16, joined at random with delays between steps, and driven ones among them.
const CROWD: &str = "
name: crowd
simulation: {duration: 20 ms, step: 0.02 ms, seed: 3}
neurons:
  relay:
    count: 300
    membrane: {capacitance: 1 uF}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
sources:
  step:
    into: relay[0..40]
    current: {shape: constant, amplitude: 10 uA, start: 2 ms}
waveguides:
  net: {from: relay, to: relay, pattern: {fixed-fan-in: {k: 4}}, delay: {uniform: [0.5 ms, 2 ms]}}
record: {of: [relay.0, relay.150, relay.299], quantities: [voltage, snapshot], every: 0.2 ms}
";

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::write(place.path("crowd.yaml"), CROWD).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The launcher of so many ranks, without what they are.
    fn launcher(&self, ranks: usize) -> Command {
        let mut command = Command::new("mpirun");
        command
            .args(["-n", &ranks.to_string(), "--oversubscribe"])
            .current_dir(self.0.path())
            .env("NO_COLOR", "1");
        command.envs([("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")]);
        command
    }

    fn command(&self, ranks: usize, args: &[&str]) -> Command {
        let mut command = self.launcher(ranks);
        command.arg(env!("CARGO_BIN_EXE_qhh-mpi")).args(args);
        command
    }

    fn mpirun(&self, ranks: usize, args: &[&str]) -> Output {
        self.command(ranks, args).output().expect("mpirun is installed: apt-get install openmpi-bin")
    }

    fn done(&self, ranks: usize, args: &[&str]) -> String {
        let ended = self.mpirun(ranks, args);
        assert!(ended.status.success(), "{ranks} ranks, {args:?}: {}", text(&ended.stderr));
        text(&ended.stdout)
    }

    /// What one process makes of a network file.
    fn alone(&self, file: &Path, out: &str) {
        let options = LoadOptions { allow_outside: true, ..LoadOptions::default() };
        let network = Network::load_with(file, &options).unwrap();
        let settings = RunSettings { threads: 1, ..RunSettings::default() };
        network.run_into(&self.path(out), &settings, &FolderSettings::default(), &mut ()).unwrap();
    }

    /// Waits until a run has kept states twice.
    fn wait_for_states(&self, out: &str) {
        let state = self.path(&format!("{out}.unfinished/mean-field.previous"));
        let begun = Instant::now();
        while !state.exists() {
            assert!(begun.elapsed() < Duration::from_secs(120), "no state is kept");
            sleep(Duration::from_millis(5));
        }
    }

    /// What ranks took that wrote a folder.
    fn cost(&self, out: &str) -> serde_json::Value {
        let summary = fs::read(self.path(out).join("summary.json")).unwrap();
        serde_json::from_slice::<serde_json::Value>(&summary).unwrap()["cost"]["ranks"].clone()
    }

    /// That two folders hold the same bytes, but for what the runs cost.
    fn same(&self, one: &str, other: &str) {
        let names = |folder: &str| {
            let mut names: Vec<_> =
                fs::read_dir(self.path(folder)).unwrap().map(|of| of.unwrap().file_name()).collect();
            names.sort();
            names
        };
        assert_eq!(names(one), names(other));
        for name in names(one) {
            let name = name.to_str().unwrap();
            let bytes = |folder: &str| {
                let bytes = fs::read(self.path(folder).join(name)).unwrap();
                match name {
                    "summary.json" => {
                        let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                        summary.as_object_mut().unwrap().remove("cost");
                        summary.to_string().into_bytes()
                    }
                    "SHA256SUMS" | "report.html" => Vec::new(),
                    _ => bytes,
                }
            };
            assert!(bytes(one) == bytes(other), "{name} differs between {one} and {other}");
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn folders_hold_the_same_bytes_on_any_number_of_ranks_and_threads() {
    let place = Place::new();
    place.alone(&place.path("crowd.yaml"), "alone");
    for ranks in [1, 2, 3, 4, 7] {
        for threads in ["1", "2"] {
            let out = format!("on-{ranks}-{threads}");
            place.done(ranks, &["run", "crowd.yaml", "--threads", threads, "--quiet", "--out", &out]);
            place.same("alone", &out);
        }
    }
    let cost = |out: &str| place.cost(out);
    assert_eq!(cost("on-4-1")["ranks"], 4);
    assert!(cost("on-4-1")["exchanged_bytes"].as_u64().unwrap() > 100_000);
    assert_eq!(cost("on-1-1")["exchanged_bytes"], 0);
    let network = Network::load(place.path("crowd.yaml")).unwrap();
    let predicted = network.on_ranks(4, Bandwidth::DEFAULT.parse().unwrap()).unwrap();
    assert_eq!(cost("on-4-1")["expected_bytes"], predicted.division.bytes());
}

#[test]
fn shipped_networks_hold_the_same_bytes_on_three_ranks() {
    let place = Place::new();
    let networks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks");
    let mut files: Vec<_> = fs::read_dir(networks).unwrap().map(|of| of.unwrap().path()).collect();
    files.sort();
    let small = files.iter().filter(|file| {
        let name = file.file_stem().unwrap().to_str().unwrap();
        file.extension().is_some_and(|end| end == "yaml") && name != "million"
    });
    for file in small {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let together = format!("{name}-on-3");
        place.alone(file, name);
        let arguments = ["run", file.to_str().unwrap(), "--threads", "1", "--quiet", "--out", &together];
        place.done(3, &arguments);
        place.same(name, &together);
    }
}

/// Relays for a few steps, so many that they take far more than the program.
const MANY: usize = 300_000;

/// What a run of so many relays, joined by this pattern, took of memory at most on the largest of so many ranks.
fn peak(place: &Place, (ranks, relays): (usize, usize), pattern: &str) -> f64 {
    let out = format!("{ranks}-{relays}");
    let set = many(relays, pattern);
    let mut args = vec!["run", "crowd.yaml", "--threads", "1", "--quiet", "--force", "--out", &out];
    args.extend(set.iter().flat_map(|set| ["--set", set.as_str()]));
    place.done(ranks, &args);
    place.cost(&out)["peak_memory_bytes"].as_f64().unwrap()
}

/// The crowd as so many relays, joined by this pattern, none of which sleeps.
fn many(relays: usize, pattern: &str) -> [String; 8] {
    [
        format!("neurons.relay.count={relays}"),
        format!("waveguides.net.pattern={pattern}"),
        "waveguides.net.delay=0.4 ms".to_owned(),
        "simulation.duration=0.8 ms".to_owned(),
        "simulation.sleep=0".to_owned(),
        "sources.step.current.start=0 ms".to_owned(),
        "record.of=relay.0".to_owned(),
        "record.quantities=[voltage]".to_owned(),
    ]
}

/// A rank of four takes a quarter of what one process does, a fifth more at most, and ports that it hears of others.
#[test]
fn no_rank_holds_more_than_its_part_of_the_network() {
    let place = Place::new();
    for (pattern, most_heard) in
        [("{grid: {width: 500, neighbours: 4}}", 2_000), ("{fixed-fan-in: {k: 6}}", MANY * 3 / 4)]
    {
        let [one, four] = [1, 4].map(|ranks| {
            // The program itself, with its MPI.
            let program = peak(&place, (ranks, 64), pattern.replace("500", "8").as_str());
            peak(&place, (ranks, MANY), pattern) - program
        });
        // Of each port heard, waves of three windows of 20 steps, and who it is.
        let heard = most_heard as f64 * (3.0 * 20.0 * 8.0 + 60.0);
        let most = 1.2 * one / 4.0 + heard;
        assert!(
            four < most,
            "{pattern}: {four:e} bytes on the largest of four ranks, {one:e} on one, allowed {most:e}"
        );
        assert!(one > 6e7, "{one:e} bytes on one rank: too few to tell");
    }
}

#[test]
fn errors_are_estimated_on_several_ranks() {
    let place = Place::new();
    let set = ["--set", "simulation.duration=4 ms", "--threads", "1"];
    let told = place.done(2, &[&["run", "crowd.yaml", "--estimate-error"], &set[..]].concat());
    assert!(told.contains("give the same bits"), "{told}");
}

#[test]
fn a_rank_that_dies_ends_the_run_with_its_name_and_the_run_goes_on() {
    let place = Place::new();
    let long = ["--set", "simulation.duration=400 ms", "--threads", "1"];
    place.done(2, &[&["run", "crowd.yaml", "--quiet", "--out", "whole"], &long[..]].concat());
    let every = ["--quiet", "--out", "killed", "--checkpoint-every", "t=5ms"];
    let mut command = place.command(3, &[&["run", "crowd.yaml"], &every[..], &long[..]].concat());
    let running = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    place.wait_for_states("killed");
    let (rank, process) = other_rank(&running);
    assert!(Command::new("kill").args(["-9", &process]).status().unwrap().success());
    let killed = Instant::now();
    let ended = running.wait_with_output().unwrap();
    assert!(killed.elapsed() < Duration::from_secs(20), "it ended after {:?}", killed.elapsed());
    assert!(!ended.status.success());
    let told = text(&ended.stderr) + &text(&ended.stdout);
    assert!(told.contains(&format!("process rank {rank} ")), "{told}");
    assert!(!place.path("killed").exists(), "nothing half-written");
    place.done(4, &["resume", "killed", "--quiet", "--threads", "1"]);
    place.same("whole", "killed");
}

/// The launcher hands Ctrl-C on a second later, and kills another second later: whole states are left.
#[test]
fn ctrl_c_at_the_launcher_ends_the_run_within_seconds_and_it_goes_on() {
    let place = Place::new();
    let long = ["--set", "simulation.duration=4000 ms", "--threads", "1", "--quiet"];
    place.done(2, &[&["run", "crowd.yaml", "--out", "whole"], &long[..]].concat());
    let every = ["--out", "stopped", "--checkpoint-every", "t=5ms"];
    let mut command = place.command(3, &[&["run", "crowd.yaml"], &every[..], &long[..]].concat());
    let running = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    place.wait_for_states("stopped");
    assert!(Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap().success());
    let stopped = Instant::now();
    let ended = running.wait_with_output().unwrap();
    assert!(stopped.elapsed() < Duration::from_secs(20), "it ended after {:?}", stopped.elapsed());
    assert!(!ended.status.success());
    assert!(!place.path("stopped").exists(), "nothing half-written");
    place.done(2, &["resume", "stopped", "--quiet", "--threads", "1"]);
    place.same("whole", "stopped");
}

/// Number and process of a rank other than the first among the children of a launcher.
fn other_rank(launcher: &Child) -> (String, String) {
    let id = launcher.id().to_string();
    let of = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    let mut ranks = of.split_whitespace().filter_map(|process| {
        let variables = fs::read(format!("/proc/{process}/environ")).ok()?;
        let variables = text(&variables);
        let rank = variables.split('\0').find_map(|of| of.strip_prefix("OMPI_COMM_WORLD_RANK="))?;
        (rank != "0").then(|| (rank.to_owned(), process.to_owned()))
    });
    ranks.next_back().expect("there are several ranks")
}

#[test]
fn a_launcher_of_another_mpi_is_refused_once() {
    let place = Place::new();
    for (rank, told) in [("0", true), ("3", false)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qhh-mpi"));
        command.args(["run", "crowd.yaml"]).current_dir(place.path("."));
        let ended = command.env("PMI_SIZE", "4").env("PMI_RANK", rank).output().unwrap();
        assert_eq!(ended.status.code(), Some(2));
        let stderr = text(&ended.stderr);
        assert_eq!(
            stderr.contains("PMI_SIZE says that 4 processes were started, and each is alone"),
            told,
            "{stderr}"
        );
    }
    assert!(!place.path("crowd").exists());
}

#[test]
fn ranks_with_other_arguments_are_refused_once() {
    let place = Place::new();
    fs::write(place.path("other.yaml"), CROWD.replace("20 ms", "10 ms")).unwrap();
    let mut command = place.launcher(1);
    command.args([env!("CARGO_BIN_EXE_qhh-mpi"), "run", "crowd.yaml", ":", "-n", "1"]);
    let ended = command.args([env!("CARGO_BIN_EXE_qhh-mpi"), "run", "other.yaml"]).output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let stderr = text(&ended.stderr);
    assert_eq!(stderr.matches("rank 1 was started with other arguments than rank 0").count(), 1, "{stderr}");
    assert!(!place.path("crowd").exists());
}

#[test]
fn mistakes_and_too_many_ranks_are_reported_once() {
    let place = Place::new();
    let ended = place.mpirun(3, &["run", "nowhere.yaml"]);
    assert_eq!(text(&ended.stderr).matches("nowhere.yaml").count(), 1, "{}", text(&ended.stderr));
    assert!(!ended.status.success());
    let usage = place.mpirun(2, &["run"]);
    assert_eq!(text(&usage.stderr).matches("Usage:").count(), 1, "{}", text(&usage.stderr));
    let few = ["--set", "neurons.relay.count=41", "--set", "record.of=relay.0", "--quiet"];
    let ended = place.mpirun(7, &[&["run", "crowd.yaml"], &few[..]].concat());
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let told = "warning: crowd: 3 blocks of neurons on 7 ranks, which leaves 4 without any: start fewer";
    assert_eq!(text(&ended.stderr).matches(told).count(), 1, "{}", text(&ended.stderr));
}
