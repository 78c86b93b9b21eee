//! A network file that reads well, before it is known whether its network can run.

use std::path::Path as FilePath;
use std::sync::Arc;

use qhh_net::{Checked, Network, Warning};
use serde_json::Value as Json;
use serde_yaml::Value;

use super::error::LoadError;
use super::input::{Found, Source, copied_name, is_plain};
use super::number_kind::NumberKind;
use super::place::{Highlight, Path};
use super::problems::Problems;
use super::resolve::Resolved;
use super::{Attachment, Loaded, emit, to_document};

/// A network file of which every entry has a meaning. Its populations are counts and its waveguides are rules, so what
/// a run would take can be told before anything is as large as that ([`Network::memory`]).
pub struct UncheckedNetwork {
    pub(super) resolved: Resolved,
    pub(super) source: Source,
}

impl UncheckedNetwork {
    /// The network as the file, its overrides and the defaults make it; not known to run.
    pub fn network(&self) -> &Network {
        &self.resolved.network
    }

    /// The text that it was read from, without the values that were put in.
    pub fn text(&self) -> Arc<str> {
        Arc::clone(&self.source.text)
    }

    /// The network, to be changed before it is checked: what a run keeps, for example.
    pub fn network_mut(&mut self) -> &mut Network {
        &mut self.resolved.network
    }

    /// The network, not known to run.
    pub fn into_network(self) -> Network {
        self.resolved.network
    }

    /// Data files that it depends on, each under the name that the file itself has for it, or one of its own if that
    /// would not lie within the folder.
    pub fn data_files(&self) -> Vec<Attachment> {
        let folder = self.source.folder();
        let name = |source: &FilePath| match source.strip_prefix(folder) {
            Ok(typed) if is_plain(typed) => typed.display().to_string(),
            _ => copied_name(source),
        };
        let files = self.resolved.found.files.values().map(|file| &file.source);
        files.map(|source| Attachment { name: name(source), source: source.clone() }).collect()
    }

    /// What those files have that is not taken.
    pub fn data_warnings(&self) -> &[Warning] {
        &self.resolved.found.warnings
    }

    /// What the number at a path stands for, if it was put in from outside of the file.
    pub fn kind_of(&self, path: &str) -> Option<NumberKind> {
        self.resolved.found.kinds.get(path).copied()
    }

    /// Checks that it can run.
    ///
    /// # Errors
    /// [`LoadError`] with every mistake of the network, each with its place.
    pub fn check(self) -> Result<Loaded, LoadError> {
        let Self { resolved: Resolved { network, found, .. }, source } = self;
        let Found { files, warnings, .. } = found;
        let input = Arc::clone(&source.text);
        let network = checked(&source, network)?;
        let document = to_document::document(&network, &files);
        let attachments =
            files.into_values().map(|file| Attachment { source: file.source, name: file.name }).collect();
        let yaml = emit::emit(&document);
        let warnings = [warnings, network.warnings()].concat();
        Ok(Loaded { yaml, input, resolved: json(&document), network, attachments, warnings })
    }

    /// [`UncheckedNetwork::check`] without spelling the network out: for one run of many.
    ///
    /// # Errors
    /// As [`UncheckedNetwork::check`].
    pub fn check_alone(self) -> Result<Checked, LoadError> {
        checked(&self.source, self.resolved.network)
    }
}

/// The network, if it can run; its mistakes with their places otherwise.
fn checked(source: &Source, network: Network) -> Result<Checked, LoadError> {
    network.checked().map_err(|mistakes| {
        let problems = Problems::default();
        for mistake in mistakes {
            let path = Path::parse(&mistake.path).unwrap_or_default();
            problems.at(&path, Highlight::Value, mistake.message);
        }
        source.error(problems)
    })
}

/// A document as JSON.
pub(crate) fn json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Tagged(_) => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, value) => value.into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Sequence(list) => list.iter().map(json).collect(),
        Value::Mapping(map) => {
            map.iter().map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), json(value))).collect()
        }
    }
}
