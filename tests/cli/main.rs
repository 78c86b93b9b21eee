//! The program as a user meets it: what it prints, what it writes, how it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../browser/mod.rs"]
mod browser;
mod commands;
mod docs;
mod experiments;
mod failures;
mod faults_learn;
mod first_hour;
mod folder;
mod formats;
#[path = "../gaps/mod.rs"]
mod gaps;
mod graph;
mod help;
mod house;
mod learn;
mod memory;
mod pages;
mod place;
#[path = "../oracles/python.rs"]
mod python;
mod reference;
#[path = "../require/mod.rs"]
mod require;
mod resume;
mod run;
mod safety;
mod sensitivity;
#[cfg(unix)]
#[path = "../browser/session.rs"]
mod session;
mod states;
mod stop;
mod sweep;
mod terminal;
mod trouble;
mod verify;
mod watch;
