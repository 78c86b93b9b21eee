//! A target of `tests/fuzz` as a search by coverage: it begins with the target's examples, and every other change to an
//! input is one of those that the stable test makes, so that it stays near the border of what is sound.

#[path = "../../tests/fuzz/examples.rs"]
mod examples;
#[path = "../../tests/fuzz/mutate.rs"]
#[allow(dead_code, reason = "only the stable test draws whole inputs")]
mod mutate;
#[path = "../../tests/fuzz/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

/// A target and what its inputs are made from.
pub struct Search {
    target: targets::Target,
    examples: Vec<Vec<u8>>,
}

impl Search {
    /// The search of this name. The corpus, if it is empty, is begun with the examples.
    pub fn of(name: &str) -> Self {
        let (target, examples) = match name {
            "loader" => (targets::loader(), examples::networks()),
            "units" => (targets::units(), examples::quantities()),
            "options" => (targets::options(), examples::options()),
            "data_files" => (targets::data_files(), examples::data_files()),
            "journal" => (targets::journal(), examples::journals()),
            "results" => (targets::results(), examples::results()),
            "model" => (targets::model(), examples::models()),
            "task" => (targets::task(), examples::tasks()),
            "checkpoint" => (targets::checkpoint(), targets::states()),
            _ => panic!("there is no target `{name}`"),
        };
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        if fs::read_dir(&corpus).is_ok_and(|mut entries| entries.next().is_none()) {
            for (number, example) in examples.iter().enumerate() {
                fs::write(corpus.join(format!("example-{number}")), example).expect("the corpus can be written");
            }
        }
        Self { target, examples }
    }

    /// Takes one input.
    pub fn feed(&mut self, bytes: &[u8]) {
        (self.target)(bytes);
    }

    /// Changes the first `size` bytes of `data` and tells how many there are then, at most `max_size`.
    pub fn change(&self, data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
        if seed.is_multiple_of(2) {
            return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
        }
        let mut bytes = mutate::Draw::of(seed.into()).changes(data[..size].to_vec(), &self.examples);
        bytes.truncate(max_size);
        data[..bytes.len()].copy_from_slice(&bytes);
        bytes.len()
    }
}

/// The whole of a fuzz target: the entry points of libFuzzer around the [`Search`] of this name.
#[macro_export]
macro_rules! search {
    ($name:literal) => {
        thread_local! {
            static SEARCH: std::cell::RefCell<$crate::Search> = std::cell::RefCell::new($crate::Search::of($name));
        }

        libfuzzer_sys::fuzz_target!(
            init: SEARCH.with_borrow(|_| ()),
            |bytes: &[u8]| SEARCH.with_borrow_mut(|search| search.feed(bytes))
        );

        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            SEARCH.with_borrow(|search| search.change(data, size, max_size, seed))
        });
    };
}
