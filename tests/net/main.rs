//! Whole runs of networks built in memory: against references, and against what physics demands.

#![allow(unreachable_pub, reason = "modules of one test binary")]
#![allow(clippy::unwrap_used, reason = "a test may fail there")]
#![allow(clippy::print_stdout, reason = "deviations from other programs are worth reading")]

#[path = "../cases/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod cases;
mod channels;
mod coupling;
mod data;
#[path = "../gaps/mod.rs"]
mod gaps;
mod heisenberg;
mod instant;
mod invariant;
mod measured;
#[path = "../models/mod.rs"]
mod models;
mod origins;
#[path = "../ranks/mod.rs"]
mod ranks;
mod reference;
mod rehearsal;
mod responding;
mod resume;
mod several;
mod spread;
mod states;
mod topology;
mod wigner;
