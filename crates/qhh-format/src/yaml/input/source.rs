//! What was typed, kept to find the places of problems in.

use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use super::Files;
use crate::yaml::FileAccess;
use crate::yaml::error::{LoadError, Problem};
use crate::yaml::place::{Highlight, Path, Places};
use crate::yaml::problems::{Found, Problems};

/// Problems reported at most.
const MAX_PROBLEMS: usize = 50;

/// What was typed, to find the places of problems in.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    pub(crate) text: Arc<str>,
    /// What was put in from outside the file, in that order.
    pub(crate) set: Vec<OverrideOrigin>,
    /// Which data files it may name.
    pub(crate) reach: FileAccess,
    /// Those that have been read, where they are kept.
    pub(crate) files: Files,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("file", &self.file).finish_non_exhaustive()
    }
}

/// A value put in from outside the file, or in place of the file's own.
#[derive(Debug, Clone)]
pub(crate) struct OverrideOrigin {
    /// Path of the entry.
    pub(crate) path: Path,
    /// By what, for the start of a message: `setting simulation.seed=2`.
    pub(crate) by: String,
    /// Path under which the file itself speaks of it, if it does.
    pub(crate) within: Option<Path>,
}

impl Source {
    /// The error of one mistake at an entry, such as `["objective", "0", "trace"]`; numbers are places in a list.
    pub(crate) fn mistake(&self, at: &[&str], message: &str, help: &str) -> LoadError {
        let problems = Problems::default();
        let path = at.iter().fold(Path::root(), |path, hop| match hop.parse() {
            Ok(index) => path.index(index),
            Err(_) => path.key(hop),
        });
        problems.value(&path, message, help);
        self.error(problems)
    }

    /// Folder of the file, to which its paths are relative.
    pub(crate) fn folder(&self) -> &FilePath {
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(FilePath::new("."))
    }

    /// The error that problems make.
    pub(crate) fn error(&self, problems: Problems) -> LoadError {
        let problems = place(&self.text, problems, &self.set);
        LoadError { file: self.file.clone(), text: Arc::clone(&self.text), problems }
    }
}

/// Problems with their places, in the order of the file; those of overrides first, named by their option.
fn place(text: &str, found: Problems, set: &[OverrideOrigin]) -> Vec<Problem> {
    let places = Places::new(text);
    let (found, dropped) = found.into_parts();
    let more = found.len().saturating_sub(MAX_PROBLEMS) + dropped;
    let mut problems: Vec<Problem> = Vec::new();
    for Found { path, aim, message, help, lacking, .. } in found.into_iter().take(MAX_PROBLEMS) {
        let (place, whole) = places.find(&path, aim);
        let to_blame = |at: &Path| path.is_within(at) || (!whole && at.is_within(&path));
        // What was taken away is missed where it stood.
        let takes_away = |said: &&OverrideOrigin| {
            let key = said.path.last_key();
            let is_nothing = ["=", "~", "null"].iter().any(|end| said.by.trim_end().ends_with(end));
            is_nothing && path.key(key) == said.path && lacking.as_deref() == Some(key)
        };
        let blamed = set.iter().rfind(|said| to_blame(&said.path)).or_else(|| set.iter().rfind(takes_away));
        let problem = match blamed {
            Some(OverrideOrigin { by, within, .. }) => {
                let place = within.as_ref().and_then(|within| match places.find(within, Highlight::Value) {
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
