//! The HTML report: its structure, and how a browser sees it.

#[path = "../browser/mod.rs"]
mod browser;
mod examples;
mod looks;
mod runs;
mod structure;
