//! `qhh run`: load, run, write, say what came out.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use qhh_core::units::Dimension;
use qhh_io::results::{self, Cost, FinishedRun, OutcomeSummary, ResultsError, WriteOptions, short};
use qhh_io::yaml::Loaded;
use qhh_net::{Checked, Network, Outcome, RunError, RunOptions, Simulation};

use super::verified::{judge, told, verified};
use super::{aligned, folder_name, load, threads};
use crate::args::RunArgs;
use crate::cost::Stopwatch;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::progress::Reporter;
use crate::room::{self, Room};
use crate::{interrupt, open, output};

/// Runs every file; one that fails does not stop the others.
pub(crate) fn run(args: &RunArgs) -> Exit {
    let stop = interrupt::listen();
    let mut runs = Runs { args, stop, taken: HashSet::new(), printed: false };
    exit::worst(args.files.iter().map(|file| runs.run(file)))
}

struct Runs<'a> {
    args: &'a RunArgs,
    stop: &'static AtomicBool,
    /// Folders of the runs so far: not even `--force` puts two of one call into one folder.
    taken: HashSet<PathBuf>,
    printed: bool,
}

impl Runs<'_> {
    fn run(&mut self, file: &Path) -> Result<(), Failure> {
        let args = self.args;
        if !args.format().is_built() {
            return Err(Failure::Request(ResultsError::NoParquet));
        }
        self.interrupted()?;
        let Loaded { network, yaml, attachments, resolved, .. } = load(file, &args.network, room::memory)?;
        let out = self.target(&network.name)?;
        let threads = threads(args.running.threads);
        let room = Room::of(&network);
        room.fluctuations(threads)?;
        room.disk(&out)?;
        if let Some(announcement) = room.announcement().filter(|_| !args.running.quiet) {
            output::note(&announcement);
        }
        let (outcome, cost) = self.simulate(&network, &network.name, threads)?;
        let mut run = FinishedRun {
            network: network.into_network(),
            network_yaml: yaml,
            outcome,
            cost,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            verification: None,
        };
        if args.verify {
            run.verification = Some(verified(&run, args.tolerance, threads, |network, what, threads| {
                self.simulate(network, &format!("{}, {what}", network.name), threads).map(|(outcome, _)| outcome)
            })?);
        }
        let options = WriteOptions {
            format: args.format(),
            report: !args.no_report,
            force: args.force,
            stop: Some(self.stop),
        };
        results::write(&run, &resolved, &attachments, &options, &out).map_err(|cause| match cause {
            ResultsError::Stopped => Failure::Interrupted,
            other => Failure::Writing(other),
        })?;
        self.announce(&run, &out)?;
        run.verification.as_ref().map_or(Ok(()), |verification| judge(&run.network.name, verification))
    }

    fn interrupted(&self) -> Result<(), Failure> {
        if self.stop.load(Ordering::Relaxed) { Err(Failure::Interrupted) } else { Ok(()) }
    }

    /// Where the results go, once it is sure that they can.
    fn target(&mut self, name: &str) -> Result<PathBuf, Failure> {
        let out = match &self.args.out {
            Some(out) if self.args.files.len() == 1 => out.clone(),
            Some(parent) => parent.join(folder_name(name)),
            None => PathBuf::from(folder_name(name)),
        };
        results::check_target(&out, self.args.force).map_err(Failure::Request)?;
        if self.taken.insert(out.clone()) {
            return Ok(out);
        }
        let message = format!("{} holds the results of a network of the same name already", out.display());
        Err(Failure::Usage { message, help: "give each network a name of its own" })
    }

    fn simulate(&self, network: &Checked, name: &str, threads: usize) -> Result<(Outcome, Cost), Failure> {
        let mut reporter = Reporter::new(name, self.args.running.quiet);
        let stopwatch = Stopwatch::start();
        let mut built = None;
        let mut observer = |progress| {
            built.get_or_insert_with(|| stopwatch.seconds());
            reporter.update(progress);
            if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = RunOptions { threads, ..RunOptions::default() };
        let outcome = Simulation::of(network, options).run(&mut observer);
        reporter.finish();
        let outcome = outcome.map_err(|cause| match cause {
            RunError::Stopped { .. } => Failure::Interrupted,
            cause => Failure::Run { name: network.name.clone(), cause },
        })?;
        let cost = stopwatch.cost(&outcome, threads, built.unwrap_or(0.0));
        Ok((outcome, cost))
    }

    /// Says what came out, and warns of checks that do not hold.
    fn announce(&mut self, run: &FinishedRun, out: &Path) -> Result<(), Failure> {
        for check in run.outcome.checks.iter().filter(|check| !check.holds()) {
            output::warn(&format!(
                "{}: {}: the defect is {}, expected below {} ({})",
                run.network.name,
                check.name,
                short(check.defect),
                short(check.expected_below),
                check.meaning
            ));
        }
        let mut text = format!("{}\n", out.display());
        if !self.args.running.quiet {
            text += &aligned(&headline(&run.network, &OutcomeSummary::new(&run.network, &run.outcome)));
            text += &run.verification.as_ref().map_or_else(String::new, told);
            if self.printed {
                text.insert(0, '\n');
            }
        }
        self.printed = true;
        output::print(&text).map_err(Failure::Output)?;
        let page = out.join(results::REPORT);
        if self.args.open
            && let Err(cause) = open::open(&page)
        {
            output::warn(&format!("cannot open {}: {cause}", page.display()));
        }
        Ok(())
    }
}

/// The three numbers a user asks for first.
fn headline(network: &Network, outcome: &OutcomeSummary) -> Vec<(&'static str, String)> {
    let with_unit = |value: f64, dimension| {
        let symbol = network.units.symbol(dimension);
        format!("{} {symbol}", short(value)).trim_end().to_owned()
    };
    let voltage = |value| with_unit(value, Dimension::VOLTAGE);
    let when = |time, neuron: &str| format!("at {} ({neuron})", with_unit(time, Dimension::TIME));
    let spikes = match (&outcome.spikes.first_neuron, outcome.spikes.first_time) {
        (Some(neuron), Some(time)) => format!("{}, the first {}", outcome.spikes.total, when(time, neuron)),
        _ => "none".to_owned(),
    };
    let highest = outcome.highest_voltage().map_or_else(
        || "not recorded".to_owned(),
        |v| format!("{} {}", voltage(v.highest), when(v.highest_time, &v.neuron)),
    );
    let third = match (&outcome.largest_variance, outcome.lowest_voltage()) {
        (Some(peak), _) => {
            let variance = with_unit(peak.variance, Dimension::VOLTAGE_SQUARED);
            let share = peak
                .vacuum_share
                .map_or_else(String::new, |share| format!(", {:.0} % of it vacuum", 100.0 * share));
            ("largest variance", format!("{variance} {}{share}", when(peak.time, &peak.neuron)))
        }
        (None, Some(v)) => ("lowest voltage", format!("{} {}", voltage(v.lowest), when(v.lowest_time, &v.neuron))),
        (None, None) => ("lowest voltage", "not recorded".to_owned()),
    };
    vec![("spikes", spikes), ("peak voltage", highest), third]
}
