//! A request to stop, noticed in the middle of anything long.
//!
//! Long loops call [`check`]. Once a stop is requested it unwinds: what is under way is dropped, destructors tidy up, and
//! [`unless_stopped`] around it says so. rust-analyzer cancels its queries this way. Nothing is printed, and a relaxed
//! load is all it costs otherwise. The flag belongs to the process, as its signals do; nothing but a program's signal
//! handler should set it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Work ended because a stop was requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// The flag: true once a stop is requested.
pub fn flag() -> &'static AtomicBool {
    &REQUESTED
}

/// Whether a stop is requested.
#[inline]
pub fn is_requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// Unwinds up to [`unless_stopped`] if a stop is requested.
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

/// Does something long.
///
/// # Errors
/// [`Stopped`] if a [`check`] in it, on whatever thread, noticed a request to stop.
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
}
