//! What a file is for: a network, a learning task or a fit.

use serde_yaml::Value;

use super::place::{Highlight, Path};
use super::problems::Problems;

/// What a file is for, as its keys show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A network: `qhh run` and most other commands.
    Network,
    /// A learning task: `qhh learn`.
    Task,
    /// A fit: `qhh fit`.
    Fit,
}

impl FileKind {
    /// With its article.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Network => "a network",
            Self::Task => "a learning task",
            Self::Fit => "a fit",
        }
    }

    /// The command that it is for.
    pub fn command(self) -> &'static str {
        match self {
            Self::Network => "qhh run",
            Self::Task => "qhh learn",
            Self::Fit => "qhh fit",
        }
    }

    pub(super) fn of(document: &Value) -> Self {
        let has = |key: &str| document.get(key).is_some();
        match () {
            () if has("neurons") => Self::Network,
            () if has("task") && (has("network") || has("encode")) => Self::Task,
            () if has("network") && (has("objective") || has("parameters")) => Self::Fit,
            () => Self::Network,
        }
    }

    /// The key that shows what a document is.
    fn key(self) -> &'static str {
        match self {
            Self::Network => "neurons",
            Self::Task => "task",
            Self::Fit => "objective",
        }
    }

    /// Whether a document is of this kind; if it is of another, that is a mistake. `typed` is the document before values were
    /// set from outside.
    pub(crate) fn expect(self, document: &Value, typed: &Value, problems: &Problems) -> bool {
        let found = Self::of(document);
        // What shows no kind is checked as what it was taken for.
        if found == self || document.get(found.key()).is_none() {
            return true;
        }
        if typed.get(found.key()).is_none() {
            let message = format!("{} has no `{}`", self.noun(), found.key());
            let help = "change it in the network file that `network` names";
            problems.at(&Path::root().key(found.key()), Highlight::Key, message).help(help);
            return false;
        }
        let (noun, command) = (found.noun(), found.command());
        let help = match self {
            Self::Network => {
                format!("{noun} goes to `{command}`; what goes here is the network file that its `network` names")
            }
            Self::Task | Self::Fit => {
                format!("{noun} goes to `{command}`; {} names its network with `network:`", self.noun())
            }
        };
        let message = format!("this is {noun}, not {}", self.noun());
        problems.at(&Path::root().key(found.key()), Highlight::Key, message).help(help);
        false
    }
}
