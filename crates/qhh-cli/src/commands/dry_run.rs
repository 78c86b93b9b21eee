//! `qhh dry-run`: one rank's part of a run on many.

use std::path::PathBuf;
use std::time::Instant;

use qhh::text::{counted, size};
use qhh::{Error, Purpose};
use qhh_core::units;
use qhh_results::dry_run::{DryRun, ScalingRow};
use qhh_results::short;

use super::load;
use crate::args::DryRunArgs;
use crate::failure::Failure;
use crate::progress::Console;
use crate::{interrupt, open, output};

/// Runs the rank, prints what it took and what is predicted, writes the page and the numbers.
pub(crate) fn dry_run(args: &DryRunArgs) -> Result<(), Failure> {
    interrupt::listen();
    let begun = Instant::now();
    let network = load(&args.file, &args.network.options(Purpose::OneRank(args.ranks)))?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}-dry-run.html", network.folder_name())));
    let quiet = args.running.quiet;
    let page = args.report.is_wanted().then_some(&out);
    for file in page.into_iter().chain(&args.json) {
        qhh_results::check_no_file(file, args.force).map_err(Error::Folder)?;
    }
    let dry = network.dry_run(&args.settings(), &args.running.settings(), &mut Console::new(quiet))?;
    let mut text = String::new();
    if args.report.is_wanted() {
        qhh_results::write_text(&qhh_report::dry_run_page(&dry), &out, args.force).map_err(Error::Folder)?;
        text = format!("{}\n", out.display());
    }
    if let Some(json) = &args.json {
        qhh_results::write_text(&dry.json(), json, args.force).map_err(Error::Folder)?;
    }
    if !quiet {
        text += &output::aligned(&facts(&dry));
        text += &output::verdict(
            true,
            &format!("nothing was sent, in {}", output::elapsed(begun.elapsed().as_secs_f64())),
        );
    }
    output::print(&text).map_err(Failure::Output)?;
    if args.report.open {
        open::page(&out);
    }
    Ok(())
}

fn facts(dry: &DryRun) -> Vec<(String, String)> {
    let named = |name: &str, value: String| (name.to_owned(), value);
    let seconds =
        |of: f64| if of < 1.0 { format!("{} ms", rounded(1e3 * of)) } else { format!("{} s", rounded(of)) };
    let heard = format!("{} of {}", counted(dry.heard_ports, "port"), counted(dry.neighbours, "rank"));
    let mut facts = vec![
        named("rank", format!("{} of {}, on {}", dry.rank, dry.ranks, counted(dry.threads, "thread"))),
        named(
            "holds",
            format!("{}, {}; hears {heard}", counted(dry.neurons, "neuron"), counted(dry.waveguides, "waveguide")),
        ),
        named("built", format!("in {}", seconds(dry.build_seconds))),
        named(
            "stepped",
            format!(
                "{} in windows of {}, {} each: {} neuron-steps a second",
                counted(dry.steps, "step"),
                dry.window,
                seconds(dry.step_seconds),
                rounded(dry.speed())
            ),
        ),
        named(
            "would send",
            format!(
                "{}, {} % of what ports can send",
                size(dry.sent_bytes as f64),
                rounded(100.0 * dry.activity())
            ),
        ),
        named("memory", format!("{} at most", size(dry.peak_memory_bytes as f64))),
    ];
    let row = |row: &ScalingRow| {
        let what = format!(
            "{} neurons: {} a step, {} of them for the exchange of {}; {} a rank; efficiency {} %",
            rounded(row.neurons),
            seconds(row.computing_seconds + row.exchange_seconds),
            seconds(row.exchange_seconds),
            size(row.sent_bytes),
            size(row.memory_bytes),
            rounded(100.0 * row.efficiency())
        );
        (format!("on {}", counted(row.ranks, "rank")), what)
    };
    facts.extend(dry.scaling.iter().map(row));
    facts.extend(dry.assumptions.iter().map(|assumption| named("supposed", assumption.clone())));
    facts
}

/// Three digits.
fn rounded(value: f64) -> String {
    short(units::rounded(value, 3))
}
