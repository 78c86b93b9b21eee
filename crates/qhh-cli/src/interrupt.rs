//! Ctrl-C and a polite request to end: the first is noticed within a second whatever is being done, the second ends at
//! once.

use std::process;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use qhh_core::stop;

use crate::exit::Exit;
use crate::output;

/// Listens, from the first call on; the flag is set by the first signal.
pub(crate) fn listen() -> &'static AtomicBool {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let listening = ctrlc::set_handler(|| {
            if stop::flag().swap(true, Ordering::Relaxed) {
                process::exit(Exit::Interrupted as i32);
            }
        });
        if let Err(cause) = listening {
            output::warn(&format!("Ctrl-C will end the program without tidying up: {cause}"));
        }
    });
    stop::flag()
}
