//! Strings of files as the `'static` ones that outcomes hold.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

static KNOWN: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);

/// `text` for the rest of the program's life. Each different text is kept once, and folders of results repeat a
/// handful of names, so what stays behind is small however many are read.
pub(super) fn intern(text: &str) -> &'static str {
    let mut guard = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = guard.get_or_insert_with(HashSet::new);
    if let Some(found) = known.get(text) {
        return found;
    }
    let kept: &'static str = String::leak(text.to_owned());
    known.insert(kept);
    kept
}
