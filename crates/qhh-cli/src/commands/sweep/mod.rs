//! `qhh sweep`: one network file, many runs, one table.

mod job;
mod prepare;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use qhh_format::yaml::experiment::Values;
use qhh_format::yaml::{Reading, Template};
use qhh_lab::sweep::{Point, Workers, each};
use qhh_net::engine::{Progress, Stage};
use qhh_results::short;
use qhh_results::sweep::{
    AxisColumn, Finished, Manifest, MeasureColumn, Status, SweepFolder, SweepIntent, SweepRow, SweepTable,
};

use super::{aligned, counted, folder_name, threads};
use crate::args::{ResumeArgs, RunningArgs, SweepArgs};
use crate::failure::Failure;
use crate::progress::Reporter;
use crate::room::Room;
use crate::{interrupt, open, output};
use job::{Job, Kept};
pub(super) use prepare::Prepared;

/// What is made of a sweep, and how.
struct Asked<'a> {
    out: Option<PathBuf>,
    keep_runs: bool,
    intent: SweepIntent,
    force: bool,
    open: bool,
    running: &'a RunningArgs,
}

/// Runs what is not finished yet, then writes the table of all.
pub(crate) fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    let failed = |error| Failure::Load(Box::new(error));
    let template =
        Template::load(&args.file, &args.network.reading(), &args.experiment.additions()).map_err(failed)?;
    let asked = Asked {
        out: args.out.clone(),
        keep_runs: args.keep_runs,
        intent: SweepIntent { format: args.format, report: args.report.is_wanted() },
        force: args.force,
        open: args.report.open,
        running: &args.running,
    };
    go_on(&template, &asked)
}

/// Goes on with the sweep whose folder this is.
pub(super) fn resume(folder: &Path, args: &ResumeArgs) -> Result<(), Failure> {
    let manifest = SweepFolder::manifest(folder).map_err(Failure::Request)?;
    let failed = |error| Failure::Load(Box::new(error));
    let template = Template::load(&SweepFolder::experiment(folder), &Reading::default(), &[]).map_err(failed)?;
    let asked = Asked {
        out: Some(folder.to_owned()),
        keep_runs: manifest.keep_runs,
        intent: manifest.intent,
        force: false,
        open: args.open,
        running: &args.running,
    };
    go_on(&template, &asked)
}

fn go_on(template: &Template, args: &Asked<'_>) -> Result<(), Failure> {
    args.intent.format.require().map_err(Failure::Request)?;
    interrupt::listen();
    let prepared = Prepared::new(template)?;
    let of_network = prepared.network.warnings();
    for warning in prepared.warnings.iter().cloned().chain(of_network.iter().map(ToString::to_string)) {
        output::warn(&warning);
    }
    let (name, runs) = (&prepared.network.name, prepared.points.len());
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}-sweep", folder_name(name))));
    let manifest = Manifest::new(template, &prepared.data, name, runs, args.keep_runs, args.intent)
        .map_err(Failure::Request)?;
    let opened = SweepFolder::open(&out, &manifest, template, &prepared.data, args.force);
    let (mut folder, finished) = opened.map_err(Failure::Request)?;
    let mut rows: Vec<Option<Finished>> = vec![None; runs];
    for one in finished {
        if let Some(row) = rows.get_mut(one.number) {
            *row = Some(one);
        }
    }
    let left: Vec<&Point> = prepared.points.iter().filter(|point| rows[point.number].is_none()).collect();
    if left.len() < runs && !args.running.quiet {
        let rows = counted(runs as u64, prepared.noun());
        output::note(&format!("{name}: {} of {rows} are finished already", runs - left.len()));
    }
    let threads = threads(args.running.threads);
    let fit = Room::of(&prepared.network).at_once(threads);
    let workers = Workers::new(threads, left.len()).at_most(fit, threads);
    let kept = args.keep_runs.then(|| Kept { out: out.clone(), runs, intent: args.intent });
    let job = Job { prepared: &prepared, template, kept };

    let mut reporter = Reporter::new(name, args.running.quiet);
    let mut done = runs - left.len();
    let mut trouble = None;
    let total = left.len();
    each(
        &left,
        workers,
        |point, threads| job.run(point, threads),
        |_, answer| {
            let kept = answer.and_then(|finished| {
                folder.append(&finished).map_err(Failure::Writing)?;
                Ok(finished)
            });
            match kept {
                Ok(finished) => {
                    let place = finished.number;
                    rows[place] = Some(finished);
                    done += 1;
                    let done = (done + total - runs) as u64;
                    reporter.update(Progress { stage: Stage::MeanField, done, total: total as u64, time: 0.0 });
                    ControlFlow::Continue(())
                }
                Err(failure) => {
                    trouble.get_or_insert(failure);
                    ControlFlow::Break(())
                }
            }
        },
    );
    reporter.finish();
    folder.sync().map_err(Failure::Writing)?;
    match trouble {
        Some(Failure::Interrupted) => return Err(Failure::SweepInterrupted { done, runs, out }),
        Some(failure) => return Err(failure),
        None => {}
    }
    let table = table(&prepared, rows.into_iter().flatten().collect(), args.keep_runs);
    let page = args.intent.report.then(|| {
        let network = &prepared.network;
        qhh_report::sweep_page(&network.name, &network.description, prepared.experiment, &table)
    });
    folder.complete(&table, args.intent.format, page.as_deref()).map_err(Failure::Writing)?;
    announce(&prepared, &table, args, &out)
}

/// The table of finished runs, in the order of the design.
fn table(prepared: &Prepared<'_>, finished: Vec<Finished>, kept: bool) -> SweepTable {
    let axes = prepared.experiment.axes.iter().map(|axis| {
        let words = match &axis.values {
            Values::List(levels) if levels.iter().any(|level| level.number.is_none()) => {
                Some(levels.iter().map(qhh_format::yaml::experiment::Level::text).collect())
            }
            _ => None,
        };
        let logarithmic = matches!(axis.values, Values::Range { logarithmic: true, .. });
        AxisColumn { path: axis.path.clone(), unit: axis.unit.clone(), words, logarithmic }
    });
    let runs = prepared.points.len();
    let rows = prepared.points.iter().zip(finished).map(|(point, finished)| SweepRow {
        place: point.place,
        repeat: point.repeat,
        seed: point.seed,
        coordinates: point.coordinates.iter().map(|coordinate| coordinate.value).collect(),
        folder: (kept && finished.status == Status::Done).then(|| SweepFolder::run(point.number, runs)),
        finished,
    });
    SweepTable { axes: axes.collect(), measures: prepared.columns(), rows: rows.collect() }
}

/// Says what came out; runs without measures are a failure, told last.
fn announce(prepared: &Prepared<'_>, table: &SweepTable, args: &Asked<'_>, out: &Path) -> Result<(), Failure> {
    let mut text = format!("{}\n", out.display());
    if !args.running.quiet {
        text += &aligned(&headline(prepared, table));
    }
    output::print(&text).map_err(Failure::Output)?;
    let unsound: Vec<&SweepRow> = table.rows.iter().filter(|row| row.finished.failed_checks > 0).collect();
    if let Some(first) = unsound.first() {
        let of = prepared.told(&prepared.points[first.finished.number]);
        let runs = counted(unsound.len(), prepared.noun());
        output::warn(&format!("a check of the physics does not hold in {runs}, the first {of}"));
    }
    if args.open {
        open::report(out);
    }
    let failed: Vec<&SweepRow> = table.rows.iter().filter(|row| row.finished.status != Status::Done).collect();
    let Some(first) = failed.first() else { return Ok(()) };
    let error = &first.finished.error;
    // A point that makes no network is named by its own message.
    let why = if first.finished.status == Status::Invalid || table.rows.len() == 1 {
        error.clone()
    } else {
        format!("{}: {error}", prepared.told(&prepared.points[first.finished.number]))
    };
    let message = match table.rows.len() {
        1 => why,
        n => {
            let rows = counted(n as u64, prepared.noun());
            format!("{} of {rows} came to nothing, the first {why}", failed.len())
        }
    };
    Err(Failure::Points { message })
}

/// How the runs ended, and the range of each measure.
fn headline<'a>(prepared: &Prepared<'_>, table: &'a SweepTable) -> Vec<(&'a str, String)> {
    let ended = Status::ALL.iter().filter(|status| table.count(**status) > 0);
    let ended: Vec<String> = ended.map(|status| format!("{} {}", table.count(*status), status.name())).collect();
    let mut rows = match table.search_runs() {
        None => vec![("runs", ended.join(", "))],
        Some(runs) => vec![("searches", format!("{}, {} in all", ended.join(", "), counted(runs as u64, "run")))],
    };
    for (place, MeasureColumn { name, unit }) in table.measures.iter().enumerate() {
        let values: Vec<f64> = table.rows.iter().filter_map(|row| row.value(place)).collect();
        let with_unit = |text: String| format!("{text} {unit}").trim_end().to_owned();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let told = match values.len() {
            0 => format!("none in any {}", prepared.noun()),
            n if low == high => {
                format!("{}{}", with_unit(short(low)), in_some(n, table.rows.len(), prepared.noun()))
            }
            n => format!(
                "{}{}",
                with_unit(format!("{} to {}", short(low), short(high))),
                in_some(n, table.rows.len(), prepared.noun())
            ),
        };
        rows.push((name, told));
    }
    rows
}

fn in_some(known: usize, all: usize, noun: &str) -> String {
    if known == all { String::new() } else { format!(", in {known} of {}", counted(all as u64, noun)) }
}
