//! The program as a user meets it: what it prints, what it writes, how it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../cases/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod cases;
mod commands;
mod docs;
mod dry_run;
mod every_table;
mod failures;
mod faults_learn;
mod first_hour;
mod fit;
mod folder;
mod formats;
#[path = "../gaps/mod.rs"]
mod gaps;
mod graph;
mod help;
mod house;
mod learn;
mod memory;
mod named_neurons;
mod place;
mod reference;
mod resume;
mod run;
mod safety;
mod sensitivity;
mod states;
mod stop;
mod sweep;
mod terminal;
mod trouble;
mod verify;
#[expect(dead_code, reason = "shared with tests/oracles")]
mod watch;
