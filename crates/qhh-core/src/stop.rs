//! Cancelling work that takes long, one piece of it or all that a program does.
//!
//! Whoever starts the work makes a [`CancelToken`], keeps a clone of it, and does the work within [`CancelToken::run`].
//! Long loops call [`check`]: once a token of the thread is cancelled it unwinds, what is under way is dropped, destructors
//! tidy up, and [`CancelToken::run`] returns [`Stopped`]. rust-analyzer cancels its queries this way. Nothing is printed,
//! and a look at the thread's tokens is all it costs otherwise. Work that starts threads hands its tokens to them
//! ([`current`], [`Tokens::enter`]).

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static CURRENT: RefCell<Tokens> = const { RefCell::new(Tokens(Vec::new())) };
}

/// Work ended because it was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// Cancels work from another thread, a signal handler's too. Clones are the same token.
///
/// # Examples
/// ```
/// use qhh_core::stop::{self, CancelToken, Stopped};
///
/// let token = CancelToken::new();
/// assert_eq!(token.run(|| 3), Ok(3));
/// let other = token.clone();
/// std::thread::spawn(move || other.cancel());
/// assert_eq!(token.run(|| loop { stop::check() }), Err::<(), _>(Stopped));
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the work that runs with this token, now and later: a token is cancelled for good.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is cancelled.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Does something that this token can cancel, beside those of the thread already.
    ///
    /// # Errors
    /// [`Stopped`] if a [`check`] in it, on whatever thread, found a token cancelled.
    ///
    /// # Panics
    /// If `work` does.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, Stopped> {
        let mut tokens = current();
        if !tokens.0.iter().any(|token| Arc::ptr_eq(&token.0, &self.0)) {
            tokens.0.push(self.clone());
        }
        let _entered = tokens.enter();
        unless_stopped(work)
    }
}

/// Tokens of which each ends the work of a thread.
#[derive(Debug, Clone)]
pub struct Tokens(Vec<CancelToken>);

impl Tokens {
    /// Makes them those of this thread, until what is returned is dropped.
    pub fn enter(self) -> Entered {
        Entered { before: CURRENT.replace(self) }
    }

    /// Makes them those of this thread for the rest of its life.
    pub fn adopt(self) {
        CURRENT.set(self);
    }
}

/// Gives a thread its former tokens back when it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Entered {
    before: Tokens,
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(std::mem::replace(&mut self.before, Tokens(Vec::new())));
    }
}

/// The tokens of this thread, for the threads that it starts.
pub fn current() -> Tokens {
    CURRENT.with_borrow(Tokens::clone)
}

/// Whether the work of this thread is cancelled.
#[inline]
pub fn is_requested() -> bool {
    CURRENT.with_borrow(|tokens| tokens.0.iter().any(CancelToken::is_cancelled))
}

/// Unwinds up to [`unless_stopped`] if the work of this thread is cancelled.
#[inline]
pub fn check() {
    if is_requested() {
        unwind();
    }
}

#[cold]
fn unwind() -> ! {
    // Without the hook that prints a panic.
    resume_unwind(Box::new(Stopped))
}

/// Does something that the thread's tokens can cancel.
///
/// # Errors
/// [`Stopped`] if a [`check`] in it, on whatever thread, found a token cancelled.
///
/// # Panics
/// If `work` does.
pub fn unless_stopped<T>(work: impl FnOnce() -> T) -> Result<T, Stopped> {
    // What was in hand is dropped, or kept only where a stop leaves it whole.
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        if !payload.is::<Stopped>() {
            resume_unwind(payload);
        }
        Stopped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_unwinds_for_a_stop_says_so_and_other_panics_pass() {
        assert_eq!(unless_stopped(|| 3), Ok(3));
        assert_eq!(unless_stopped(|| unwind()), Err(Stopped));
        assert!(catch_unwind(|| unless_stopped(|| resume_unwind(Box::new("other")))).is_err());
    }

    #[test]
    fn a_token_ends_its_own_work_and_no_other() {
        let (one, other) = (CancelToken::new(), CancelToken::new());
        one.cancel();
        assert_eq!(one.run(check), Err(Stopped));
        assert_eq!(other.run(check), Ok(()));
        // Within the work of a cancelled token the other's ends, too, and after it neither lingers.
        assert_eq!(one.run(|| other.run(check)), Ok(Err(Stopped)));
        assert!(!is_requested());
    }

    #[test]
    fn threads_have_the_tokens_they_are_handed() {
        let token = CancelToken::new();
        let seen = token.run(|| {
            let tokens = current();
            token.cancel();
            let with = tokens.clone();
            let handed = std::thread::spawn(move || {
                let _entered = with.enter();
                is_requested()
            });
            let bare = std::thread::spawn(is_requested);
            (handed.join().unwrap(), bare.join().unwrap())
        });
        assert_eq!(seen, Ok((true, false)));
    }
}
