//! Files that name a network beside them, learning tasks and fits: what is read of them alike.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use qhh_core::units::UnitSystem;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use serde_yaml::Value;

use super::check;
use super::input::{Data, Files, Source};
use super::kind::FileKind;
use super::place::Path;
use super::problems::Problems;
use super::quantity::Scope;
use super::resolve::block;
use super::wording::clip;
use super::{LoadError, Reading, read, set};

/// A kind of file.
pub(crate) struct Kind {
    pub(crate) file: FileKind,
    /// What messages call it.
    pub(crate) noun: &'static str,
    /// How it begins.
    pub(crate) words: read::Kind,
}

/// A file that has the shape of its kind, and whose network file is there.
pub(crate) struct Beside<T> {
    pub(crate) typed: T,
    /// Its tree.
    pub(crate) document: Value,
    pub(crate) source: Source,
    /// Where the network is.
    pub(crate) network: PathBuf,
}

impl Kind {
    /// Reads a text of this kind; `path` stands for its file, `network` finds the name of the network's.
    ///
    /// # Errors
    /// [`LoadError`] with every mistake of the file's shape, or with that of its `network`.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        (path, text): (&FilePath, &str),
        schema: &Json,
        reading: &Reading,
        network: impl Fn(&T) -> &str,
    ) -> Result<Beside<T>, LoadError> {
        read::check_size(path, text.len())?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut document =
            read::parse(text, &self.words).map_err(|problem| read::one_problem(path, text, problem))?;
        let (problems, typed) = (Problems::default(), document.clone());
        let set = set::apply(&mut document, &reading.overrides, &problems);
        // A file of another kind has no other mistakes.
        let of_kind = Problems::default();
        let is_one = self.file.expect(&document, &typed, &of_kind);
        if is_one {
            check::check(schema, &document, &Path::root(), &problems);
        }
        let source = Source {
            file: path.to_owned(),
            text: Arc::from(text),
            set,
            reach: reading.reach,
            files: Files::default(),
        };
        if !is_one {
            return Err(source.error(of_kind));
        }
        let typed: Option<T> = block(&document, &Path::root(), &problems);
        let Some(typed) = typed.filter(|_| problems.is_empty()) else { return Err(source.error(problems)) };
        let file = network(&typed);
        let network = source.folder().join(file);
        let data = Data::new(&source, self.noun);
        let scope = Scope { path: Path::root(), problems: &problems, units: UnitSystem::default(), data: &data };
        let at = scope.key("network");
        if network.is_file() {
            at.locate(file);
        } else {
            let help = format!("the path starts at the folder of the {}", self.noun);
            at.wrong(format!("there is no network file `{}`", clip(file)), help);
        }
        if problems.is_empty() {
            Ok(Beside { typed, document, source, network })
        } else {
            Err(source.error(problems))
        }
    }
}
