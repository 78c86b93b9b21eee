//! Ranks on hosts of their own, which are network namespaces joined by a bridge: they share no memory, and their
//! connections can be cut. Needs root and `ip` (iproute2).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::{Place, text};

/// Stands for ssh: the commands of a host run in its namespace, under its name.
const AGENT: &str = "#!/bin/sh
host=qhh-${1##*.}; shift
exec ip netns exec $host unshare --uts sh -c \"hostname $host; $*\"
";

/// The hosts have one set of names: tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Two hosts, 10.77.0.2 and 10.77.0.3, gone when it is dropped.
struct Hosts<'a> {
    place: &'a Place,
    agent: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl<'a> Hosts<'a> {
    fn new(place: &'a Place) -> Self {
        let agent = place.path("agent");
        fs::write(&agent, AGENT).unwrap();
        fs::set_permissions(&agent, fs::Permissions::from_mode(0o755)).unwrap();
        let hosts = Self { place, agent, _turn: TURN.lock().unwrap_or_else(PoisonError::into_inner) };
        sh(
            "ip link add qhh-bridge type bridge; ip addr add 10.77.0.1/24 dev qhh-bridge; ip link set qhh-bridge up",
        );
        for host in [2, 3] {
            sh(&format!(
                "ip netns add qhh-{host}; ip link add qhh-to-{host} type veth peer name eth0 netns qhh-{host}
                ip link set qhh-to-{host} master qhh-bridge up; ip -n qhh-{host} link set lo up
                ip -n qhh-{host} addr add 10.77.0.{host}/24 dev eth0; ip -n qhh-{host} link set eth0 up"
            ));
        }
        hosts
    }

    /// Two ranks on each host, with what docs/cluster.md says of connections that are lost.
    fn mpirun(&self, args: &[&str]) -> Command {
        let mut command = self.place.launcher(4);
        command.args(["--host", "10.77.0.2:2,10.77.0.3:2", "--mca", "plm_rsh_agent"]).arg(&self.agent);
        let parameters = [
            ("btl", "tcp,self"),
            ("btl_tcp_if_include", "10.77.0.0/24"),
            ("oob_tcp_if_include", "10.77.0.0/24"),
            ("oob_tcp_keepalive_time", "3"),
            ("oob_tcp_keepalive_intvl", "1"),
            ("oob_tcp_keepalive_probes", "3"),
        ];
        for (name, value) in parameters {
            command.args(["--mca", name, value]);
        }
        command.arg(env!("CARGO_BIN_EXE_qhh-mpi")).args(args);
        command
    }
}

impl Drop for Hosts<'_> {
    fn drop(&mut self) {
        let _ = Command::new("sh")
            .args([
                "-c",
                "for of in to-2 to-3 bridge; do ip link del qhh-$of; done; ip netns del qhh-2; ip netns del qhh-3",
            ])
            .status();
    }
}

fn sh(commands: &str) {
    let ended = Command::new("sh").args(["-ec", commands]).output().unwrap();
    assert!(ended.status.success(), "{commands}: {}", text(&ended.stderr));
}

#[test]
#[ignore = "needs root for network namespaces: cargo test -p qhh-mpi --features mpi -- --ignored"]
fn a_connection_that_is_lost_ends_the_run_within_seconds_and_it_goes_on() {
    let place = Place::new();
    let long = ["--set", "simulation.duration=400 ms", "--threads", "1", "--quiet"];
    place.done(2, &[&["run", "crowd.yaml", "--out", "whole"], &long[..]].concat());
    let hosts = Hosts::new(&place);
    let every = ["--out", "cut", "--checkpoint-every", "t=5ms"];
    let mut command = hosts.mpirun(&[&["run", "crowd.yaml"], &every[..], &long[..]].concat());
    let running = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    place.wait_for_states("cut");
    sh("ip link set qhh-to-3 down");
    let cut = Instant::now();
    let ended = running.wait_with_output().unwrap();
    assert!(cut.elapsed() < Duration::from_secs(30), "it ended after {:?}", cut.elapsed());
    assert!(!ended.status.success());
    let told = text(&ended.stderr) + &text(&ended.stdout);
    assert!(told.contains("10.77.0.3") || told.contains("qhh-3"), "{told}");
    assert!(!place.path("cut").exists(), "nothing half-written");
    drop(hosts);
    place.done(3, &["resume", "cut", "--quiet", "--threads", "1"]);
    place.same("whole", "cut");
}

/// A slow line delays what is sent by up to a tenth of a second, and drops what waits longer: waves come late, and again.
#[test]
#[ignore = "needs root for network namespaces: cargo test -p qhh-mpi --features mpi -- --ignored"]
fn waves_that_come_late_and_are_sent_again_change_nothing() {
    let place = Place::new();
    place.alone(&place.path("crowd.yaml"), "alone");
    let hosts = Hosts::new(&place);
    let run = |out: &str| {
        let begun = Instant::now();
        let mut command = hosts.mpirun(&["run", "crowd.yaml", "--threads", "1", "--quiet", "--out", out]);
        let ended = command.output().unwrap();
        assert!(ended.status.success(), "{}", text(&ended.stderr));
        place.same("alone", out);
        begun.elapsed()
    };
    let fast = run("fast");
    for link in ["qhh-to-2", "qhh-to-3"] {
        sh(&format!("tc qdisc add dev {link} root tbf rate 2mbit burst 4kb latency 100ms"));
    }
    let slow = run("slow");
    assert!(slow > fast, "{slow:?} over a slow line, {fast:?} over a fast one");
}
