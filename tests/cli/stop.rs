//! Ctrl-C, and a polite request to end.

#![cfg(unix)]

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::place::Place;

/// Starts something endless, sends it a signal and gives its exit code and how long it took to end.
fn stopped_by(place: &Place, call: &[&str], signal: &str) -> (Option<i32>, Duration) {
    let mut child = place
        .command(&[call, &["--out", "deep/er", "--threads", "2"]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sleep(Duration::from_millis(800));
    assert!(child.try_wait().unwrap().is_none(), "the run ended by itself");
    let start = Instant::now();
    Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    while start.elapsed() < Duration::from_secs(20) {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), start.elapsed());
        }
        sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    panic!("the run did not end");
}

#[test]
fn a_signal_ends_a_run_soon_and_leaves_nothing_behind() {
    let place = Place::with(&["endless.yaml"]);
    for signal in ["-INT", "-TERM"] {
        let (code, took) = stopped_by(&place, &["run", "endless.yaml"], signal);
        assert_eq!(code, Some(130), "{signal}");
        // One second is the promise; a busy machine gets another.
        assert!(took < Duration::from_secs(2), "{signal}: it took {took:?}");
        assert_eq!(place.names("."), ["endless.yaml"], "{signal}");
    }
}

#[test]
fn a_signal_ends_learning_soon_and_leaves_nothing_behind() {
    let place = crate::learn::place();
    let before = place.names(".");
    let call = ["learn", "small.yaml", "--set", "task.narma.steps=3000000"];
    let (code, took) = stopped_by(&place, &call, "-INT");
    assert_eq!(code, Some(130));
    assert!(took < Duration::from_secs(3), "it took {took:?}");
    assert_eq!(place.names("."), before);
}
