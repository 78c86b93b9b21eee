//! Learning, against others' numbers and against what must hold.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod invariant;
mod models;
mod reference;
