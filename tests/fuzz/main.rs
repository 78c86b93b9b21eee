//! Inputs nobody would write: none may make the readers panic, take a second, or a gibibyte.
//!
//! `QHH_FUZZ_INPUTS=1000000 cargo test --release -p qhh-results --test fuzz` takes so many for each target; without it, what
//! takes seconds. The inputs are the same everywhere, by their number. What was found stands in `found.rs`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod examples;
mod found;
mod mutate;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use cpu_time::ThreadTime;
use targets::Target;

/// Inputs of each target unless told otherwise.
const FEW: usize = 1000;
/// Time of the processor that one input may take.
const LONGEST: Duration = Duration::from_secs(1);
/// Bytes that all of them together may take.
const MOST_BYTES: u64 = 1 << 30;

fn n_inputs() -> usize {
    std::env::var("QHH_FUZZ_INPUTS").map_or(FEW, |number| number.parse().expect("QHH_FUZZ_INPUTS is a number"))
}

/// The first and the last inputs' numbers are told by whatever fails.
fn feed(target: impl FnOnce() -> Target, examples: &[Vec<u8>]) {
    assert!(examples.len() > 4, "only {} examples", examples.len());
    let mut target = target();
    for example in examples {
        feed_one(&mut target, "example", example);
    }
    for number in 0..n_inputs() {
        feed_one(&mut target, &number.to_string(), &mutate::input(number, examples));
    }
    let peak = peak_memory();
    assert!(peak < MOST_BYTES, "{peak} bytes of memory");
}

fn feed_one(target: &mut Target, number: &str, bytes: &[u8]) {
    let start = ThreadTime::now();
    let ended = catch_unwind(AssertUnwindSafe(|| target(bytes)));
    let took = start.elapsed();
    let input = || bytes.escape_ascii();
    assert!(ended.is_ok(), "input {number}: {}", input());
    assert!(took < LONGEST, "input {number} took {took:?}: {}", input());
}

/// Largest resident memory of this process, where the system tells.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()).unwrap_or(0) << 10
}

#[test]
fn no_network_file_hurts_the_loader() {
    feed(targets::loader, &examples::networks());
}

#[test]
fn no_number_hurts_the_units() {
    feed(targets::units, &examples::quantities());
}

#[test]
fn no_option_hurts_the_file_it_is_for() {
    feed(targets::options, &examples::options());
}

#[test]
fn no_data_file_hurts_its_readers() {
    feed(targets::data_files, &examples::data_files());
}

#[test]
fn no_journal_hurts_the_sweep_that_goes_on() {
    feed(targets::journal, &examples::journals());
}

#[test]
fn no_file_of_results_hurts_its_readers() {
    feed(targets::results, &examples::results());
}

#[test]
fn no_model_hurts_its_readers() {
    feed(targets::model, &examples::models());
}

#[test]
fn no_task_file_hurts_its_reader() {
    feed(targets::task, &examples::tasks());
}

#[test]
fn no_state_hurts_the_run_that_goes_on() {
    feed(targets::checkpoint, &targets::states());
}
