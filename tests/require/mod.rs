//! Programs that tests compare with. With `QHH_REQUIRE_ORACLES=1`, as `.ci/run` sets it, a missing one fails the test;
//! without, the test is skipped and says so. Needs no crates, so that any test may include it by path.

use std::io::Write as _;

/// What was `found`; where that is nothing, the test fails or is skipped.
///
/// `missing` says what is missing, `remedy` how to get it.
pub(crate) fn oracle<T>(found: Option<T>, missing: &str, remedy: &str) -> Option<T> {
    if found.is_none() {
        assert!(!is_required(), "{missing}, and QHH_REQUIRE_ORACLES=1 requires it: {remedy}");
        skipped(missing);
    }
    found
}

/// Whether a missing program fails a test.
fn is_required() -> bool {
    std::env::var_os("QHH_REQUIRE_ORACLES").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Says that the rest of a test is skipped, past the capture of output: a test that passes shows it too.
pub(crate) fn skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr().lock(), "skipped: {test}: {why}");
}
