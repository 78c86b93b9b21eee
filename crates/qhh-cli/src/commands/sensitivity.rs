//! `qhh sensitivity`: what a number of a run depends on.

use std::path::PathBuf;
use std::time::Instant;

use qhh::text::counted;
use qhh::{CheckpointInterval, Purpose, Sensitivity};
use qhh_results::short;

use super::load;
use crate::args::SensitivityArgs;
use crate::failure::Failure;
use crate::progress::Console;
use crate::{interrupt, open, output};

/// Entries that are printed.
const MOST: usize = 10;

/// Goes forwards and backwards, writes the folder, prints what matters most.
pub(crate) fn sensitivity(args: &SensitivityArgs) -> Result<(), Failure> {
    interrupt::listen();
    let begun = Instant::now();
    let network = load(&args.file, &args.network.options(Purpose::Run))?;
    let quiet = args.running.quiet;
    let mut console = Console::new(quiet);
    let found = network.sensitivity(&args.of, args.differences, &args.running.settings(), &mut console)?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}-sensitivity", network.folder_name())));
    let folder = args.tables.folder(args.force, &CheckpointInterval::default());
    found.write(&out, &folder)?;
    let mut text = format!("{}\n", out.display());
    if !quiet {
        let mut rows = headline(&found);
        rows.extend(super::run::page(&out).map(|row| ("page".to_owned(), row)));
        text += &output::aligned(&rows);
        let took = output::elapsed(begun.elapsed().as_secs_f64());
        let known = counted(found.entries().len() as u64, "derivative");
        text += &output::verdict(true, &format!("{known}, in {took}"));
    }
    output::print(&text).map_err(Failure::Output)?;
    for (entry, why) in &found.tables().unknown {
        output::warn(&format!("the derivative by {entry} is not known: {why}"));
    }
    if args.tables.report.open {
        open::report(&out);
    }
    Ok(())
}

/// The number, and what one per cent more of the entries adds that matter most.
fn headline(found: &Sensitivity) -> Vec<(String, String)> {
    let unit = &found.tables().unit;
    let with_unit = |value: f64| format!("{} {unit}", short(value)).trim_end().to_owned();
    let mut rows = vec![(found.tables().of.clone(), with_unit(found.value()))];
    for row in found.entries().iter().take(MOST).filter(|row| row.of_one_percent != 0.0) {
        let checked = row.value.zip(row.by_differences).map_or_else(String::new, |(value, slope)| {
            format!(", {} by differences", with_unit(0.01 * value * slope))
        });
        rows.push((row.entry.clone(), format!("{} for 1 % more{checked}", with_unit(row.of_one_percent))));
    }
    rows
}
