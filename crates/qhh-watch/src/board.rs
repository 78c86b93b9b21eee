//! What the page shows: the state of the newest run, and the last finished page.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

/// Progress is posted no more often than this.
const PROGRESS: Duration = Duration::from_millis(50);

/// How it stands with the newest run.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum State {
    /// It is under way.
    Running {
        /// Part of its steps that is done.
        share: f64,
    },
    /// It is over.
    Done {
        /// What it took, from reading to the page.
        seconds: f64,
    },
    /// It could not begin, or failed.
    Failed {
        /// What is wrong, in the order of the file.
        mistakes: Vec<Mistake>,
    },
}

/// Something wrong, as the page shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mistake {
    /// In a sentence.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) remedy: Option<String>,
    /// Path of the entry.
    pub(crate) path: String,
    /// Line and column, from 1.
    pub(crate) place: Option<(usize, usize)>,
    /// The line and those around it, with their numbers.
    pub(crate) lines: Vec<(usize, String)>,
}

/// Where the state is posted, and waited for.
#[derive(Debug, Default)]
pub(crate) struct Board {
    posted: Mutex<Posted>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct Posted {
    /// Grows with each change.
    edition: u64,
    state: Option<State>,
    told: Option<Instant>,
    /// Number of the last page, and the page.
    page: (u64, Arc<str>),
}

/// A state, in the form that is sent.
#[derive(Serialize)]
struct Sent<'a> {
    #[serde(flatten)]
    state: &'a State,
    /// Number of the page that belongs to it, or the last before; 0 for none.
    page: u64,
}

impl Board {
    fn posted(&self) -> MutexGuard<'_, Posted> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Posts a state.
    pub(crate) fn post(&self, state: State) {
        self.change(|posted| posted.state = Some(state));
    }

    /// Posts how far the run is, if the last time is a while ago.
    pub(crate) fn post_progress(&self, share: f64) {
        if self.posted().told.is_none_or(|told| told.elapsed() >= PROGRESS) {
            self.post(State::Running { share });
        }
    }

    /// Posts a page with what it took.
    pub(crate) fn post_page(&self, page: String, seconds: f64) {
        self.change(|posted| {
            posted.page = (posted.page.0 + 1, page.into());
            posted.state = Some(State::Done { seconds });
        });
    }

    fn change(&self, how: impl FnOnce(&mut Posted)) {
        let mut posted = self.posted();
        how(&mut posted);
        (posted.edition, posted.told) = (posted.edition + 1, Some(Instant::now()));
        self.news.notify_all();
    }

    /// The last page.
    pub(crate) fn page(&self) -> Option<Arc<str>> {
        let posted = self.posted();
        (posted.page.0 > 0).then(|| Arc::clone(&posted.page.1))
    }

    /// The first state after that of `edition`, as JSON with its own; none if there is no other for so long.
    pub(crate) fn after(&self, edition: u64, patience: Duration) -> Option<(u64, String)> {
        let (posted, _) = self
            .news
            .wait_timeout_while(self.posted(), patience, |posted| posted.edition <= edition)
            .unwrap_or_else(PoisonError::into_inner);
        let state = posted.state.as_ref().filter(|_| posted.edition > edition)?;
        let sent = serde_json::to_string(&Sent { state, page: posted.page.0 }).ok()?;
        Some((posted.edition, sent))
    }
}
