//! Shows a page with whatever the desktop shows pages with.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::output;

/// Shows the page of a folder of results; the results are there whether that goes well or not.
pub(crate) fn report(out: &Path) {
    page(&out.join(qhh_results::REPORT));
}

/// Shows the page at a path or an address.
pub(crate) fn page(page: &Path) {
    if let Err(cause) = open(page) {
        output::warn(&format!("cannot open {}: {cause}", page.display()));
    }
}

/// Starts the desktop's opener and does not wait for it.
fn open(page: &Path) -> io::Result<()> {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("cmd");
        // `start` takes its first quoted argument for a title.
        command.args(["/C", "start", ""]);
        command
    } else {
        Command::new("xdg-open")
    };
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A Ctrl-C for this program is not meant for the browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map(drop)
}
