//! What tests need and a machine may lack: other programs, Python's packages, rights.
//!
//! Tests with such needs stand in targets of their own, whose harness is libtest-mimic. One whose need is not met counts as
//! ignored in the summary and says why; with `QHH_REQUIRE_ORACLES=1`, as `.ci/run` sets it, a missing program fails it.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// Something that a machine may lack.
pub(crate) struct Need {
    /// What to call its absence.
    pub(crate) missing: &'static str,
    /// How to get it.
    pub(crate) remedy: &'static str,
    /// Whether it is there; asked once for each test.
    pub(crate) is_met: fn() -> bool,
    /// Whether `QHH_REQUIRE_ORACLES=1` requires it.
    pub(crate) can_be_required: bool,
}

impl Need {
    /// A test, ignored where its need is not met and need not be.
    pub(crate) fn trial(&'static self, name: &str, test: fn()) -> Trial {
        let is_met = (self.is_met)();
        let run = move || {
            if !is_met {
                return Err(format!("{}: {}", self.missing, self.remedy).into());
            }
            test();
            Ok(())
        };
        let required = self.can_be_required && is_required();
        let kind = if is_met { "" } else { self.missing };
        Trial::test(name, run).with_kind(kind).with_ignored_flag(!is_met && !required)
    }
}

/// Tests, by their functions, that share a need.
macro_rules! trials {
    ($need:expr; $($test:path),+ $(,)?) => { vec![$($need.trial(stringify!($test), $test)),+] };
}
pub(crate) use trials;

/// Prints what a test found out, with `--nocapture`.
macro_rules! note {
    ($($words:tt)*) => {
        if std::env::args().any(|argument| argument == "--nocapture") {
            println!($($words)*);
        }
    };
}
pub(crate) use note;

/// Runs the tests that the command line names.
pub(crate) fn run(tests: impl IntoIterator<Item = Vec<Trial>>) -> ExitCode {
    libtest_mimic::run(&Arguments::from_args(), tests.into_iter().flatten().collect()).exit_code()
}

/// Whether a missing program fails a test.
fn is_required() -> bool {
    std::env::var_os("QHH_REQUIRE_ORACLES").is_some_and(|value| !value.is_empty() && value != "0")
}
