//! What learning tasks and fits have in common: where they were read, so that they can be gone on with.

use std::path::{Path, PathBuf};

use qhh_format::yaml::Override;
use qhh_results::unfinished::LearnIntent;

use crate::{FolderSettings, LoadOptions};

/// Where a task or a fit was read, and how.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    file: PathBuf,
    /// Whether it is a text that no file has.
    is_text: bool,
    pub(crate) options: LoadOptions,
}

impl Origin {
    /// The file at `path`.
    pub(crate) fn file(path: &Path, options: &LoadOptions) -> Self {
        Self { file: path.to_owned(), is_text: false, options: options.clone() }
    }

    /// A text, for whose file `name` stands.
    pub(crate) fn text(name: &Path, options: &LoadOptions) -> Self {
        Self { is_text: true, ..Self::file(name, options) }
    }

    /// What is to become of the task with this text.
    pub(crate) fn intent(&self, text: &str, folder: &FolderSettings, export: bool) -> LearnIntent {
        let FolderSettings { format, report, force, ref checkpoint_interval } = *folder;
        LearnIntent {
            task: std::path::absolute(&self.file).unwrap_or_else(|_| self.file.clone()),
            text: self.is_text.then(|| text.to_owned()),
            set: self.options.set.iter().map(|set| (set.path.clone(), set.value.clone())).collect(),
            allow_outside: self.options.allow_outside,
            report,
            force,
            format,
            every: checkpoint_interval.text().to_owned(),
            export,
        }
    }
}

/// How it was read.
pub(crate) fn options(intent: &LearnIntent) -> LoadOptions {
    let set = intent.set.iter().map(|(path, value)| Override { path: path.clone(), value: value.clone() });
    LoadOptions { set: set.collect(), allow_outside: intent.allow_outside, ..LoadOptions::default() }
}
