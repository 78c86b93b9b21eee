//! `qhh sweep`: one network file, many runs, one table.

use std::path::{Path, PathBuf};
use std::time::Instant;

use qhh::text::counted;
use qhh::{Purpose, Shard, Sweep, SweepResult, SweepSettings};
use qhh_results::short;
use qhh_results::sweep::{MeasureColumn, Status, SweepTable};

use super::run::page;
use super::{STANDARD_INPUT, standard_input};
use crate::args::SweepArgs;
use crate::failure::Failure;
use crate::progress::Console;
use crate::{interrupt, open, output};

/// Runs what is not finished yet, then writes the table of all.
pub(crate) fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    let options = args.network.options(Purpose::Run);
    interrupt::listen();
    let experiment = args.experiment.experiment();
    let sweep = match standard_input(&args.file)? {
        Some(text) => Sweep::from_text(STANDARD_INPUT, &text, &options, &experiment)?,
        None => Sweep::load(&args.file, &options, &experiment)?,
    };
    for warning in sweep.warnings() {
        output::warn(&warning);
    }
    let part = args.shard.map_or_else(String::new, |shard| format!("-{shard}").replace('/', "-of-"));
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(sweep.folder_name() + &part));
    let settings = SweepSettings {
        format: args.format,
        report: args.report.is_wanted(),
        force: args.force,
        keep_runs: args.keep_runs,
        shard: args.shard,
    };
    let (quiet, begun) = (args.running.quiet, Instant::now());
    if !args.merge.is_empty() {
        let result = sweep.merge(&args.merge, &out, &settings)?;
        return announce(&result, (quiet, args.report.open), begun);
    }
    let result = sweep.run_into(&out, &args.running.settings(), &settings, &mut Console::new(quiet))?;
    match args.shard {
        Some(shard) => announce_part(&result, &out, shard, quiet),
        None => announce(&result, (quiet, args.report.open), begun),
    }
}

/// Prints how much of a sweep stands in the folder of a part.
fn announce_part(result: &SweepResult, out: &Path, shard: Shard, quiet: bool) -> Result<(), Failure> {
    let mut text = format!("{}\n", out.display());
    if !quiet {
        let done = counted(result.table().rows.len() as u64, result.noun());
        text += &output::verdict(true, &format!("part {shard}: {done} finished; --merge puts parts together"));
    }
    output::print(&text).map_err(Failure::Output)
}

/// Prints what came out of what began at `begun`; runs without measures are a failure, printed last.
pub(super) fn announce(result: &SweepResult, (quiet, opens): (bool, bool), begun: Instant) -> Result<(), Failure> {
    let Some(out) = result.folder() else { return Ok(()) };
    let mut text = format!("{}\n", out.display());
    if !quiet {
        let mut rows = headline(result.table(), result.noun());
        rows.extend(page(out).map(|row| ("page", row)));
        text += &output::aligned(&rows);
        let (table, took) = (result.table(), output::elapsed(begun.elapsed().as_secs_f64()));
        let whole = result.require_all().is_ok();
        let measured = table.count(Status::Done);
        let all = counted(table.rows.len() as u64, result.noun());
        text += &output::verdict(whole, &format!("{measured} of {all} measured, in {took}"));
    }
    output::print(&text).map_err(Failure::Output)?;
    if let Some(warning) = result.warning() {
        output::warn(warning);
    }
    if opens {
        open::report(out);
    }
    Ok(result.require_all()?)
}

/// How the runs ended, and the range of each measure.
fn headline<'a>(table: &'a SweepTable, noun: &str) -> Vec<(&'a str, String)> {
    let ended = Status::ALL.iter().filter(|status| table.count(**status) > 0);
    let ended: Vec<String> = ended.map(|status| format!("{} {}", table.count(*status), status.name())).collect();
    let mut rows = match table.search_runs() {
        None => vec![("runs", ended.join(", "))],
        Some(0) => vec![("searches", ended.join(", "))],
        // Those that found nothing have no number of runs in the table.
        Some(runs) => {
            let which =
                if table.count(Status::Done) == table.rows.len() { "in all" } else { "where something was found" };
            vec![("searches", format!("{}, {} {which}", ended.join(", "), counted(runs as u64, "run")))]
        }
    };
    for (place, MeasureColumn { name, unit }) in table.measures.iter().enumerate() {
        let values: Vec<f64> = table.rows.iter().filter_map(|row| row.value(place)).collect();
        let with_unit = |text: String| format!("{text} {unit}").trim_end().to_owned();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let text = match values.len() {
            0 => format!("none in any {noun}"),
            n if low == high => {
                format!("{}{}", with_unit(short(low)), in_some(n, table.rows.len(), noun))
            }
            n => format!(
                "{}{}",
                with_unit(format!("{} to {}", short(low), short(high))),
                in_some(n, table.rows.len(), noun)
            ),
        };
        rows.push((name, text));
    }
    rows
}

fn in_some(known: usize, all: usize, noun: &str) -> String {
    if known == all { String::new() } else { format!(", in {known} of {}", counted(all as u64, noun)) }
}
