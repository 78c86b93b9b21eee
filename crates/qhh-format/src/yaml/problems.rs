//! A list of problems that many hands add to while a file is read, each by its path.

use std::cell::{Cell, RefCell};

use super::place::{Highlight, Path, naming};

/// Problems kept: a file with more is hardly a network, and its list must not fill the memory.
const MAX_KEPT: usize = 1000;
/// Characters of a message: a typed text may be long.
const MAX_MESSAGE: usize = 500;

/// A problem before its place is looked up.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) path: Path,
    pub(crate) aim: Highlight,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// Key that the entry lacks.
    pub(crate) lacking: Option<String>,
    /// Other entries that it explains.
    others: Vec<Path>,
}

/// Everything found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    kept: RefCell<Vec<Found>>,
    dropped: Cell<usize>,
}

impl Problems {
    /// Adds a problem of the entry at `path`.
    pub(crate) fn at(&self, path: &Path, aim: Highlight, message: impl AsRef<str>) -> Added<'_> {
        let mut kept = self.kept.borrow_mut();
        let keep = kept.len() < MAX_KEPT;
        if keep {
            kept.push(Found {
                path: path.clone(),
                aim,
                message: printable(message.as_ref()),
                help: None,
                lacking: None,
                others: Vec::new(),
            });
        } else {
            self.dropped.set(self.dropped.get() + 1);
        }
        Added { list: self, kept: keep }
    }

    /// Adds that the entry at `path` lacks `key`.
    pub(crate) fn lacks(&self, path: &Path, key: &str) -> Added<'_> {
        let added = self.at(path, Highlight::Key, format!("{} lacks `{key}`", naming(path)));
        if let (true, Some(last)) = (added.kept, self.kept.borrow_mut().last_mut()) {
            last.lacking = Some(key.to_owned());
        }
        added
    }

    /// Adds a problem of the value at `path`, with what to do about it.
    pub(crate) fn value(&self, path: &Path, message: impl AsRef<str>, help: impl AsRef<str>) {
        self.at(path, Highlight::Value, message).help(help);
    }

    /// Whether nothing at `path` or below it is wrong.
    pub(crate) fn none_within(&self, path: &Path) -> bool {
        let is_wrong = |found: &Found| found.others.iter().chain([&found.path]).any(|one| one.is_within(path));
        !self.kept.borrow().iter().any(is_wrong)
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.borrow().is_empty()
    }

    /// The problems kept, and how many there were beyond.
    pub(crate) fn into_parts(self) -> (Vec<Found>, usize) {
        (self.kept.into_inner(), self.dropped.get())
    }
}

/// The problem just added.
pub(crate) struct Added<'a> {
    list: &'a Problems,
    kept: bool,
}

impl Added<'_> {
    /// Other entries that are wrong for the same reason.
    pub(crate) fn explains(self, others: impl Iterator<Item = Path>) -> Self {
        if let (true, Some(last)) = (self.kept, self.list.kept.borrow_mut().last_mut()) {
            last.others.extend(others);
        }
        self
    }

    /// What to do about it.
    pub(crate) fn help(self, help: impl AsRef<str>) {
        self.help_with(|| help.as_ref().to_owned());
    }

    /// What to do about it, worked out only for a problem that is kept.
    pub(crate) fn help_with(self, help: impl FnOnce() -> String) {
        if let (true, Some(last)) = (self.kept, self.list.kept.borrow_mut().last_mut()) {
            last.help = Some(printable(&help()));
        }
    }
}

/// A message fit for a screen: no control characters, which a file may hold as escapes, and no page of text.
fn printable(message: &str) -> String {
    let mut shown: String =
        message.chars().take(MAX_MESSAGE).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if message.chars().nth(MAX_MESSAGE).is_some() {
        shown.push('…');
    }
    shown
}
