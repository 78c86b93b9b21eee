//! `qhh fit`: train values of a network.

use std::path::{Path, PathBuf};
use std::time::Instant;

use qhh::text::counted;
use qhh::{Error, Fit, FitResult};
use qhh_results::short;

use super::run::page;
use crate::args::FitArgs;
use crate::failure::Failure;
use crate::progress::Console;
use crate::{interrupt, open, output};

/// Trained values that are printed.
const MOST: usize = 10;

/// Fits.
pub(crate) fn fit(args: &FitArgs) -> Result<(), Failure> {
    let Some(file) = args.file.as_deref().filter(|_| !args.schema) else {
        let text = format!("{:#}\n", qhh::fit_schema());
        return output::print(&text).map_err(Failure::Output);
    };
    let (results, running) = (&args.results, &args.running.running);
    results.tables.format.require().map_err(Error::Folder)?;
    let fit = Fit::load(file, &args.reading.options())?;
    for warning in fit.network().warnings() {
        output::warn(&format!("{}: {warning}", fit.network().file().display()));
    }
    let out = results.out.clone().unwrap_or_else(|| PathBuf::from(fit.folder_name()));
    let folder = results.tables.folder(results.force, &args.running.every);
    interrupt::listen();
    let (quiet, begun) = (running.quiet, Instant::now());
    let result = fit.run_into(&out, &running.settings(), &folder, &mut Console::new(quiet))?;
    announce(&result, &out, (quiet, results.tables.report.open), begun)
}

/// Says what came out of what began at `begun`.
pub(super) fn announce(
    result: &FitResult,
    out: &Path,
    (quiet, opens): (bool, bool),
    begun: Instant,
) -> Result<(), Failure> {
    let mut text = format!("{}\n", out.display());
    if !quiet {
        let mut rows = headline(result);
        rows.extend(page(out).map(|row| ("page".to_owned(), row)));
        text += &output::aligned(&rows);
        let iterations = counted(result.tables().iterations as u64, "iteration");
        let took = output::elapsed(begun.elapsed().as_secs_f64());
        text += &output::verdict(true, &format!("{iterations} in {took}: {}", result.tables().ended));
    }
    output::print(&text).map_err(Failure::Output)?;
    if opens {
        open::report(out);
    }
    Ok(())
}

fn headline(result: &FitResult) -> Vec<(String, String)> {
    let of = result.tables();
    let pair = |[before, after]: [f64; 2]| format!("{}, {} before", short(after), short(before));
    let mut rows = vec![("objective".to_owned(), pair(of.objective))];
    rows.extend(of.validation.map(|both| ("held out".to_owned(), pair(both))));
    rows.extend(of.accuracy.map(|both| ("accuracy".to_owned(), pair(both))));
    rows.extend(of.validation_accuracy.map(|both| ("accuracy held out".to_owned(), pair(both))));
    for parameter in of.parameters.iter().take(MOST) {
        let with_unit = |value: f64| format!("{} {}", short(value), parameter.unit).trim_end().to_owned();
        let row = format!("{}, {} before", with_unit(parameter.after), with_unit(parameter.before));
        rows.push((parameter.path.clone(), row));
    }
    rows
}
