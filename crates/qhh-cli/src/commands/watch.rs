//! `qhh watch`: a page that follows its network file.

use qhh::{Error, Purpose, RunResult};
use qhh_format::yaml::{FileKind, file_kind};
use qhh_watch::Watch;

use crate::args::WatchArgs;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::{diagnostics, interrupt, open, output};

/// Serves the page until Ctrl-C, which is no failure and needs no word.
pub(crate) fn watch(args: &WatchArgs) -> Exit {
    match serve(args) {
        Ok(()) => Exit::Interrupted,
        Err(failure) => exit::of(Err(failure)),
    }
}

fn serve(args: &WatchArgs) -> Result<(), Failure> {
    if let Some(kind @ (FileKind::Task | FileKind::Fit)) = file_kind(&args.file) {
        let message = format!("{} is {}, and `qhh watch` runs networks", args.file.display(), kind.noun());
        return Err(Error::Usage { message, remedy: "watch the network file that it names" }.into());
    }
    interrupt::listen();
    let watch = Watch::new(&args.file, args.network.options(Purpose::Run), args.threads)?;
    output::print(&format!("{}\n", watch.address())).map_err(Failure::Output)?;
    output::note(&format!("following {}; Ctrl-C ends", args.file.display()));
    if args.open {
        open::page(watch.address().as_ref());
    }
    watch.follow(interrupt::token(), |ended| match ended {
        Ok(result) => output::note(&said(result)),
        Err(error) => diagnostics::print_error(error),
    });
    Ok(())
}

/// A run in a line.
fn said(result: &RunResult) -> String {
    let failed: Vec<&str> = result.failed_checks().map(|check| &*check.name).collect();
    let checks = if failed.is_empty() { String::new() } else { format!(", checks failed: {}", failed.join(", ")) };
    format!("{}: ran in {}{checks}", result.name(), output::elapsed(result.cost().wall_seconds))
}
