#![no_main]

#[path = "../../tests/fuzz/targets.rs"]
#[allow(dead_code)]
mod targets;

use std::cell::RefCell;

thread_local! {
    static TARGET: RefCell<targets::Target> = RefCell::new(targets::checkpoint());
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TARGET.with_borrow_mut(|target| target(bytes)));
