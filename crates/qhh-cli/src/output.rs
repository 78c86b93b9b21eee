//! The two streams. A reader who has left (`qhh schema | head`) is no error.

use std::io::{self, Write};

/// Writes to standard output.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(cause),
        _ => Ok(()),
    }
}

/// Writes a line to standard error; if that is closed it is lost.
pub(crate) fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A warning on standard error.
pub(crate) fn warn(message: &str) {
    note(&format!("warning: {message}"));
}
