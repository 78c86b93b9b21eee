//! The network file: YAML text to a resolved network and back.
//!
//! text -> tree of values (`tree`) -> overrides (`set`) -> shape, against the schema (`check`) -> typed (`schema`) ->
//! [`qhh_net::Network`] (`resolve`) -> checked ([`UncheckedNetwork`]) -> document with every default (`to_document`) -> text (`emit`). A mistake is kept by its path and
//! looked up in the text at the end (`place`), so that all are reported at once, each with its line.
//!
//! `serde_yaml` is used in this module alone. It is archived but sound; should it ever have to go, the line
//! `serde_yaml = { package = "yaml_serde", version = "0.10" }` in the workspace's manifest replaces it.
//!
//! How a network is stepped is not known here, nor how a terminal draws an error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use qhh_net::{Checked, Network, Warning};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::hash::hexadecimal;

pub(crate) mod aliases;
pub(crate) mod beside;
pub(crate) mod check;
mod elsewhere;
mod emit;
mod error;
pub mod experiment;
mod forms;
mod indentation;
pub(crate) mod input;
pub(crate) mod kind;
pub(crate) mod leaves;
pub(crate) mod misread;
pub(crate) mod number_kind;
pub(crate) mod place;
pub(crate) mod problems;
pub(crate) mod quantity;
pub(crate) mod read;
pub(crate) mod resolve;
pub(crate) mod schema;
pub(crate) mod set;
mod template;
mod to_document;
pub(crate) mod tree;
pub(crate) mod unchecked;
mod vary;
pub(crate) mod wording;

pub use error::{LoadError, OverrideError, Place, Problem};
pub use kind::FileKind;
pub use leaves::{NumberEntry, leaves, numbers, numbers_of};
pub use number_kind::{NumberKind, converted};
pub use read::file_kind;
pub use resolve::spell_neurons;
pub use set::Override;
pub use template::{Addition, ExperimentPart, Setting, Template};
pub use unchecked::UncheckedNetwork;
pub use wording::suggestion;

/// A network as its file, its overrides and the defaults make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The network, which can run.
    pub network: Checked,
    /// It as a network file with every default spelled out; loaded from a folder that holds the attachments under
    /// their names, it gives the same network.
    pub yaml: String,
    /// The text that it was read from, as it was typed: without its overrides, with its comments.
    pub input: Arc<str>,
    /// Data files that the network depends on.
    pub attachments: Vec<Attachment>,
    /// What can run but is hardly meant, and what those files have that is not taken.
    pub warnings: Vec<Warning>,
    /// What `yaml` says, for a summary.
    pub resolved: serde_json::Value,
}

impl Loaded {
    /// SHA-256 of the network: of its text and of the files that it refers to.
    ///
    /// # Errors
    /// If one of those cannot be read any more.
    pub fn fingerprint(&self) -> io::Result<String> {
        let mut hash = Sha256::new();
        hash.update(self.yaml.as_bytes());
        for attachment in &self.attachments {
            hash.update(attachment.name.as_bytes());
            hash.update(fs::read(&attachment.source)?);
        }
        Ok(hexadecimal(&hash.finalize()))
    }
}

/// A data file that a network depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Where it was read.
    pub source: PathBuf,
    /// Name under which [`Loaded::yaml`] refers to it, beside itself.
    pub name: String,
}

/// What a network file is read with.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Values put in place of the file's own, in that order.
    pub overrides: Vec<Override>,
    /// Which data files it may name.
    pub reach: FileAccess,
}

impl Reading {
    fn of(overrides: &[Override]) -> Self {
        Self { overrides: overrides.to_vec(), reach: FileAccess::Folder }
    }
}

/// Which data files a network file may name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FileAccess {
    /// Those within its folder, links followed: a file of a stranger reads nothing of the machine.
    #[default]
    Folder,
    /// Any that can be read, absolute paths and `..` too.
    Anywhere,
}

impl FileAccess {
    /// Whether the files outside may be read.
    pub fn of(outside: bool) -> Self {
        if outside { Self::Anywhere } else { Self::Folder }
    }
}

/// Reads the network file at `path`, with overrides.
///
/// # Errors
/// [`LoadError`] with every problem of file and overrides that can be found in one reading.
pub fn load(path: &Path, overrides: &[Override]) -> Result<Loaded, LoadError> {
    draft(path, &Reading::of(overrides))?.check()
}

/// [`load`] with a chosen reach, and without the check that the network can run, so that its size is known first ([`UncheckedNetwork::network`]).
///
/// # Errors
/// [`LoadError`] with every problem that can be found so far.
pub fn draft(path: &Path, reading: &Reading) -> Result<UncheckedNetwork, LoadError> {
    read::load(path, reading)?.resolve()
}

/// Reads a network file from its text. `name` stands for the file in messages, and data files are looked up in its
/// folder.
///
/// # Errors
/// [`LoadError`] with every problem of text and overrides that can be found in one reading.
///
/// # Examples
/// ```
/// # use std::path::Path;
/// let text = "
/// name: leak
/// simulation: {duration: 5 ms}
/// neurons:
///   cell:
///     circuit: single-channel
///     membrane: {capacitance: 1 uF}
///     channels: {potassium: {conductance: 36 mS}}
/// ";
/// let loaded = qhh_format::yaml::load_text(Path::new("leak.yaml"), text, &[])?;
/// assert_eq!(loaded.network.simulation.step, 0.01);
/// # Ok::<(), qhh_format::yaml::LoadError>(())
/// ```
pub fn load_text(name: &Path, text: &str, overrides: &[Override]) -> Result<Loaded, LoadError> {
    read::load_text(name, text, &Reading::of(overrides))?.resolve()?.check()
}

/// [`draft()`] from a text, for which `name` stands in messages; data files are looked up in its folder.
///
/// # Errors
/// [`LoadError`] with every problem that can be found so far.
pub fn draft_text(name: &Path, text: &str, reading: &Reading) -> Result<UncheckedNetwork, LoadError> {
    read::load_text(name, text, reading)?.resolve()
}

/// The text of a network file that says what `document` does: maps of maps, in their order. `name` stands for it in
/// messages.
///
/// # Errors
/// [`LoadError`] if it does not serialize, or holds what no YAML can say.
pub fn text_of(name: &Path, document: &impl Serialize) -> Result<String, LoadError> {
    let value = serde_yaml::to_value(document).map_err(|error| read::no_yaml(name, &error))?;
    Ok(emit::emit(&value))
}

/// The text of a network file with these values at their paths, in their order. `name` stands for it in messages.
///
/// # Errors
/// [`LoadError`] with every value that is no YAML, and every path that leads nowhere.
pub fn text_with(name: &Path, entries: &[Override]) -> Result<String, LoadError> {
    read::text_with(name, entries)
}

/// A value on one line, as it stands behind the `=` of `--set`.
///
/// # Errors
/// As [`text_of`].
pub fn inline(value: &impl Serialize) -> Result<String, LoadError> {
    let value = serde_yaml::to_value(value).map_err(|error| read::no_yaml(Path::new("value"), &error))?;
    Ok(emit::inline(&value))
}

/// A network as a network file with every default spelled out. What came from data files is missing: samples of currents,
/// pairs and values listed by neuron have no place in such a file.
pub fn network_text(network: &Network) -> String {
    emit::emit(&to_document::document(network, &BTreeMap::new()))
}

/// The entry of each population of a network by its name, with every default and every value.
pub(crate) fn population_documents(network: &Network) -> impl Iterator<Item = (&str, serde_json::Value)> {
    to_document::populations(network).map(|(name, document)| (name, unchecked::json(&document)))
}

/// JSON schema of the network file, with a description of every key.
pub fn schema() -> serde_json::Value {
    schema::schema()
}
