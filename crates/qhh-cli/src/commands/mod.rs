//! What the program does, a module for each command.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod graph;
pub(crate) mod learn;
pub(crate) mod new;
pub(crate) mod predict;
pub(crate) mod resume;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod sweep;
mod verified;
pub(crate) mod verify;

use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;

use qhh_format::yaml::{self, Loaded, Reading};
use qhh_net::Network;

use crate::failure::Failure;
use crate::output;

/// Loads and checks one network file; prints its warnings. One that `fits` refuses is refused before anything
/// of its size is made.
fn load(file: &Path, reading: &Reading, fits: fn(&Network) -> Result<(), Failure>) -> Result<Loaded, Failure> {
    let failed = |error| Failure::Load(Box::new(error));
    let draft = yaml::draft(file, reading).map_err(failed)?;
    fits(draft.network())?;
    let loaded = draft.check().map_err(failed)?;
    for warning in loaded.network.warnings() {
        output::warn(&format!("{}: {warning}", file.display()));
    }
    Ok(loaded)
}

/// Worker threads, 0 for one a core.
fn threads(asked: usize) -> usize {
    match asked {
        0 => available_parallelism().map_or(1, NonZero::get),
        threads => threads,
    }
}

/// A network's name as that of a folder: without what some system's paths give a meaning to.
fn folder_name(name: &str) -> String {
    let plain = |c: char| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '-' } else { c };
    let name: String = name.trim().trim_start_matches('.').chars().map(plain).collect();
    if name.is_empty() { "results".to_owned() } else { name }
}

/// Names and values in two columns, indented.
fn aligned(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
    rows.iter().fold(String::new(), |text, (name, value)| text + &format!("  {name:width$}  {value}\n"))
}

/// A count and its noun: `1 neuron`, `6 neurons`.
fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let plural = if noun.ends_with("ch") { "es" } else { "s" };
    format!("{count} {noun}{}", if count == 1 { "" } else { plural })
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn a_name_never_leaves_the_current_folder() {
        let names = ["chain", "a/b", "../up", "..", "/root", " spaced name "].map(folder_name);
        assert_eq!(names, ["chain", "a-b", "-up", "results", "-root", "spaced name"]);
    }
}
