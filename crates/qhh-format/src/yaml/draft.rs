//! A network file that reads well, before it is known whether its network can run.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use qhh_net::{Checked, Network};
use serde_json::Value as Json;
use serde_yaml::Value;

use super::error::{LoadError, Problem};
use super::place::{Aim, Path, Places};
use super::problems::{Found, Problems};
use super::resolve::{Files, Resolved, copied_name, is_plain};
use super::{Attachment, Loaded, Reach, emit, spell};

/// Problems reported at most.
const MAX_PROBLEMS: usize = 50;

/// A network file of which every entry has a meaning. Its populations are counts and its waveguides are rules, so what
/// a run would take can be told before anything is as large as that ([`Network::memory`]).
pub struct Draft {
    pub(super) resolved: Resolved,
    pub(super) source: Source,
}

/// What was typed, to find the places of problems in.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    pub(crate) text: Arc<str>,
    /// What was put in from outside the file, in that order.
    pub(crate) set: Vec<Said>,
    /// Which data files it may name.
    pub(crate) reach: Reach,
    /// Those that have been read, where they are kept.
    pub(crate) files: Files,
}

/// A value put in from outside the file, or in place of the file's own.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// Path of the entry.
    pub(crate) path: Path,
    /// By what, for the start of a message: `--set simulation.seed=2`.
    pub(crate) by: String,
    /// Path under which the file itself speaks of it, if it does.
    pub(crate) within: Option<Path>,
}

impl Draft {
    /// The network as the file, its overrides and the defaults make it; not known to run.
    pub fn network(&self) -> &Network {
        &self.resolved.network
    }

    /// The network, to be changed before it is checked: what a run keeps, for example.
    pub fn network_mut(&mut self) -> &mut Network {
        &mut self.resolved.network
    }

    /// Data files that it depends on, each under the name that the file itself has for it, or one of its own if that
    /// would not lie within the folder.
    pub fn data_files(&self) -> Vec<Attachment> {
        let folder = self.source.folder();
        let name = |source: &FilePath| match source.strip_prefix(folder) {
            Ok(typed) if is_plain(typed) => typed.display().to_string(),
            _ => copied_name(source),
        };
        let files = self.resolved.files.values().map(|file| &file.source);
        files.map(|source| Attachment { name: name(source), source: source.clone() }).collect()
    }

    /// Checks that it can run.
    ///
    /// # Errors
    /// [`LoadError`] with every mistake of the network, each with its place.
    pub fn check(self) -> Result<Loaded, LoadError> {
        let Self { resolved: Resolved { network, files, .. }, source } = self;
        let network = source.checked(network)?;
        let document = spell::document(&network, &files);
        let attachments =
            files.into_values().map(|file| Attachment { source: file.source, name: file.name }).collect();
        let yaml = emit::emit(&document);
        Ok(Loaded { yaml, resolved: json(&document), network, attachments })
    }

    /// [`Draft::check`] without spelling the network out: for one run of many.
    ///
    /// # Errors
    /// As [`Draft::check`].
    pub fn check_alone(self) -> Result<Checked, LoadError> {
        self.source.checked(self.resolved.network)
    }
}

impl Source {
    /// Folder of the file, to which its paths are relative.
    pub(super) fn folder(&self) -> &FilePath {
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(FilePath::new("."))
    }

    fn checked(&self, network: Network) -> Result<Checked, LoadError> {
        network.checked().map_err(|mistakes| {
            let problems = Problems::default();
            for mistake in mistakes {
                let path = Path::parse(&mistake.path).unwrap_or_default();
                problems.at(&path, Aim::Value, mistake.message);
            }
            self.error(problems)
        })
    }

    /// The error that problems make.
    pub(crate) fn error(&self, problems: Problems) -> LoadError {
        let problems = place(&self.text, problems, &self.set);
        LoadError { file: self.file.clone(), text: Arc::clone(&self.text), problems }
    }
}

/// Problems with their places, in the order of the file; those of overrides first, named by their option.
fn place(text: &str, found: Problems, set: &[Said]) -> Vec<Problem> {
    let places = Places::new(text);
    let (found, dropped) = found.into_parts();
    let more = found.len().saturating_sub(MAX_PROBLEMS) + dropped;
    let mut problems: Vec<Problem> = Vec::new();
    for Found { path, aim, message, help } in found.into_iter().take(MAX_PROBLEMS) {
        let (place, whole) = places.find(&path, aim);
        let to_blame = |at: &Path| path.is_within(at) || (!whole && at.is_within(&path));
        let problem = match set.iter().rfind(|said| to_blame(&said.path)) {
            Some(Said { by, within, .. }) => {
                let place = within.as_ref().and_then(|within| match places.find(within, Aim::Value) {
                    (place, true) => place,
                    _ => None,
                });
                Problem { message: format!("{by}: {message}"), help, path: path.to_string(), place }
            }
            None => Problem { message, help, path: path.to_string(), place },
        };
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems.sort_by_key(|problem| problem.place.as_ref().map_or(0, |place| place.span.start));
    if more > 0 {
        let message = format!("and {more} more problems");
        problems.push(Problem { message, help: None, path: String::new(), place: None });
    }
    problems
}

fn json(value: &Value) -> Json {
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
