//! Ctrl-C and a polite request to end: the first is noticed within a second whatever is being done, the second ends at
//! once.

use std::process;
use std::sync::{LazyLock, Once};

use qhh_core::stop::CancelToken;

use crate::exit::Exit;
use crate::output;

/// Cancels all that the program does.
static TOKEN: LazyLock<CancelToken> = LazyLock::new(CancelToken::new);

/// What the first signal cancels.
pub(crate) fn token() -> &'static CancelToken {
    &TOKEN
}

/// Listens, from the first call on.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let listening = ctrlc::set_handler(|| {
            if TOKEN.is_cancelled() {
                process::exit(Exit::Interrupted as i32);
            }
            TOKEN.cancel();
        });
        if let Err(cause) = listening {
            output::warn(&format!("Ctrl-C will end the program without tidying up: {cause}"));
        }
    });
}
