//! What learning tasks and fits have in common: what is kept of them, so that they can be gone on with.

use std::path::Path;

use qhh_format::yaml::Override;
use qhh_results::unfinished::LearnIntent;

use crate::{FolderSettings, LoadOptions};

/// What is to become of a task that was read from a file, or from a text in its place.
pub(crate) fn intent(
    (file, text): (&Path, Option<&str>),
    options: &LoadOptions,
    folder: &FolderSettings,
    export: bool,
) -> LearnIntent {
    let FolderSettings { format, report, force, ref checkpoint_interval } = *folder;
    LearnIntent {
        task: std::path::absolute(file).unwrap_or_else(|_| file.to_owned()),
        text: text.map(ToOwned::to_owned),
        set: options.set.iter().map(|set| (set.path.clone(), set.value.clone())).collect(),
        allow_outside: options.allow_outside,
        report,
        force,
        format,
        every: checkpoint_interval.text().to_owned(),
        export,
    }
}

/// How it was read.
pub(crate) fn options(intent: &LearnIntent) -> LoadOptions {
    let set = intent.set.iter().map(|(path, value)| Override { path: path.clone(), value: value.clone() });
    LoadOptions { set: set.collect(), allow_outside: intent.allow_outside, ..LoadOptions::default() }
}
