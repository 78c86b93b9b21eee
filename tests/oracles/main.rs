//! Quantum states against programs we did not write: QuTiP's density matrices and The Walrus' covariances.
//!
//! ```text
//! python3 -m venv .venv-oracles && .venv-oracles/bin/pip install numpy scipy qutip thewalrus
//! cargo test -p qhh-core --test oracles -- --nocapture
//! ```
//!
//! `QHH_PYTHON` names another Python. Where a package is missing its tests are skipped, or fail with
//! `QHH_REQUIRE_ORACLES=1`.

#![allow(unreachable_pub, reason = "modules of one test binary")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "the deviations are worth reading")]

#[path = "../gaps/mod.rs"]
mod gaps;
mod gaussian;
mod modes;
mod numbers;
mod python;
#[path = "../require/mod.rs"]
mod require;
