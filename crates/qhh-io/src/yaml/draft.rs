//! A network file that reads well, before it is known whether its network can run.

use std::path::PathBuf;
use std::sync::Arc;

use qhh_net::Network;
use serde_json::Value as Json;
use serde_yaml::Value;

use super::error::{LoadError, Problem};
use super::place::{Aim, Path, Places};
use super::problems::{Found, Problems};
use super::resolve::Resolved;
use super::set::Override;
use super::{Attachment, Loaded, check, emit, spell};

/// Problems reported at most.
const MAX_PROBLEMS: usize = 50;

/// A network file of which every entry has a meaning. Its populations are counts and its waveguides are rules, so what
/// a run would take can be told before anything is as large as that ([`Network::memory`]).
pub struct Draft {
    pub(super) resolved: Resolved,
    pub(super) source: Source,
}

/// What was typed, to find the places of problems in.
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    pub(crate) text: Arc<str>,
    pub(crate) overrides: Vec<Override>,
    /// Paths that overrides have set.
    pub(crate) set: Vec<Path>,
}

impl Draft {
    /// The network as the file, its overrides and the defaults make it; not known to run.
    pub fn network(&self) -> &Network {
        &self.resolved.network
    }

    /// Checks that it can run.
    ///
    /// # Errors
    /// [`LoadError`] with every mistake of the network, each with its place.
    pub fn check(self) -> Result<Loaded, LoadError> {
        let Self { resolved: Resolved { network, files, warnings }, source } = self;
        let network = network.checked().map_err(|mistakes| {
            let problems = Problems::default();
            for mistake in mistakes {
                let path = Path::parse(&mistake.path).unwrap_or_default();
                problems.at(&path, Aim::Value, mistake.message);
            }
            source.error(problems)
        })?;
        let document = spell::document(&network, &files);
        let attachments =
            files.into_values().map(|file| Attachment { source: file.source, name: file.name }).collect();
        let yaml = emit::emit(&document);
        Ok(Loaded { yaml, resolved: json(&document), network, attachments, warnings })
    }
}

impl Source {
    /// The error that problems make.
    pub(crate) fn error(self, problems: Problems) -> LoadError {
        let problems = place(&self.text, problems, &self.overrides, &self.set);
        LoadError { file: self.file, text: self.text, problems }
    }
}

/// Problems with their places, in the order of the file; those of overrides first, named by their option.
fn place(text: &str, found: Problems, overrides: &[Override], set: &[Path]) -> Vec<Problem> {
    let places = Places::new(text);
    let (found, dropped) = found.into_parts();
    let more = found.len().saturating_sub(MAX_PROBLEMS) + dropped;
    let mut problems: Vec<Problem> = Vec::new();
    for Found { path, aim, message, help } in found.into_iter().take(MAX_PROBLEMS) {
        let (place, whole) = places.find(&path, aim);
        let to_blame = |at: &Path| path.is_within(at) || (!whole && at.is_within(&path));
        let option = set.iter().rfind(|at| to_blame(at));
        let option = option.and_then(|at| overrides.iter().rfind(|o| Path::parse(&o.path).as_ref() == Some(at)));
        let problem = match option {
            Some(Override { path: at, value }) => Problem {
                message: format!("--set {at}={}: {message}", check::clip(value)),
                help,
                path: path.to_string(),
                place: None,
            },
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
