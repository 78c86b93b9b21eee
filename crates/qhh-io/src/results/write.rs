//! A finished run into its folder.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Component, Path};
use std::sync::atomic::AtomicBool;

use qhh_core::stop;
use qhh_net::{Network, Outcome};
use serde::{Deserialize, Serialize};

use super::checksums;
use super::files::{
    HYSTERESIS, HYSTERESIS_COLUMNS, LOOP_COLUMNS, LOOPS, NETWORK, REPORT, RESERVED, SNAPSHOT_COLUMNS,
    SPIKE_COLUMNS, SPIKES, SUMMARY, VARIANCE, VARIANCE_COLUMNS, network_header,
};
use super::folder::Draft;
use super::table::{TableWriter, check_stop};
use super::{FinishedRun, ResultsError, StatesSummary, Summary, fluctuated, space_time, traces};
use crate::yaml::Attachment;

/// Format of the traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Text that everything reads.
    #[default]
    Csv,
    /// Columns of binary numbers, compressed; wants the feature `parquet`.
    Parquet,
}

impl Format {
    /// Whether this build can write it.
    pub fn is_built(self) -> bool {
        self == Self::Csv || cfg!(feature = "parquet")
    }
}

/// How a folder is written.
#[derive(Debug, Clone, Copy)]
pub struct WriteOptions<'a> {
    /// Format of the traces.
    pub format: Format,
    /// Whether the page to look at is made.
    pub report: bool,
    /// Whether an earlier run's folder may be replaced.
    pub force: bool,
    /// Gives up, leaving nothing behind, once this is set.
    pub stop: Option<&'a AtomicBool>,
}

impl Default for WriteOptions<'_> {
    fn default() -> Self {
        Self { format: Format::Csv, report: true, force: false, stop: None }
    }
}

/// Writes the folder of `run` at `out`: whole, or not at all.
///
/// `resolved` is the network as JSON, for the summary; `attachments` are the files it refers to.
///
/// # Errors
/// [`ResultsError`]; `out` is then as it was before.
pub fn write(
    run: &FinishedRun,
    resolved: &serde_json::Value,
    attachments: &[Attachment],
    options: &WriteOptions<'_>,
    out: &Path,
) -> Result<(), ResultsError> {
    if !options.format.is_built() {
        return Err(ResultsError::NoParquet);
    }
    let write = || write_folder(run, resolved, attachments, options, out);
    stop::unless_stopped(write).unwrap_or(Err(ResultsError::Stopped))
}

fn write_folder(
    run: &FinishedRun,
    resolved: &serde_json::Value,
    attachments: &[Attachment],
    options: &WriteOptions<'_>,
    out: &Path,
) -> Result<(), ResultsError> {
    let draft = Draft::new(out, options.force)?;
    let folder = draft.path();
    let FinishedRun { network, outcome, .. } = run;
    write_spikes(folder, network, outcome, options.stop)?;
    traces::write(folder, network, &outcome.traces, options.format, options.stop)?;
    if !outcome.variances.is_empty() {
        write_variance(folder, network, outcome, options.stop)?;
    }
    fluctuated::write(folder, network, outcome, options.stop)?;
    if let Some(states) = &outcome.states {
        StatesSummary::new(network, states).write(folder)?;
    }
    if !outcome.loops.is_empty() {
        write_hysteresis(folder, network, outcome, options.stop)?;
        write_loops(folder, network, outcome, options.stop)?;
    }
    write_snapshots(folder, network, outcome, options.stop)?;
    if let Some(table) = &outcome.space_time {
        space_time::write(folder, network, table, options.stop)?;
    }
    write_file(&folder.join(NETWORK), network_text(run).as_bytes())?;
    for attachment in attachments {
        copy_attachment(folder, attachment)?;
    }
    write_file(&folder.join(SUMMARY), Summary::new(run, resolved.clone()).to_json()?.as_bytes())?;
    check_stop(options.stop)?;
    if options.report {
        write_file(&folder.join(REPORT), crate::report::run_page(run).as_bytes())?;
    }
    checksums::write(folder)?;
    check_stop(options.stop)?;
    draft.publish()
}

fn network_text(run: &FinishedRun) -> String {
    network_header(&run.version) + &run.network_yaml
}

fn write_spikes(
    folder: &Path,
    network: &Network,
    outcome: &Outcome,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    let mut table = TableWriter::create(folder.join(SPIKES), SPIKE_COLUMNS, stop)?;
    for spike in &outcome.spikes {
        table.text(&network.neuron_name(spike.neuron))?;
        table.number(spike.time)?;
        table.end_row()?;
    }
    table.finish()
}

fn write_variance(
    folder: &Path,
    network: &Network,
    outcome: &Outcome,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    let mut table = TableWriter::create(folder.join(VARIANCE), VARIANCE_COLUMNS, stop)?;
    for variance in &outcome.variances {
        let neuron = network.neuron_name(variance.neuron);
        for line in &variance.lines {
            for (row, &t) in outcome.traces.times.iter().enumerate() {
                table.number(t)?;
                table.text(&neuron)?;
                table.text(&line.line)?;
                table.number(line.vacuum[row])?;
                table.number(line.thermal[row])?;
                table.number(line.state[row])?;
                table.end_row()?;
            }
        }
    }
    table.finish()
}

fn write_hysteresis(
    folder: &Path,
    network: &Network,
    outcome: &Outcome,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    let mut table = TableWriter::create(folder.join(HYSTERESIS), HYSTERESIS_COLUMNS, stop)?;
    for one in &outcome.loops {
        let neuron = network.neuron_name(one.neuron);
        for (number, period) in one.hysteresis.periods.iter().enumerate() {
            table.text(&neuron)?;
            table.text(&one.channel)?;
            table.number(one.hysteresis.omega)?;
            table.text(&(number + 1).to_string())?;
            for value in [period.start, period.area, period.peak_voltage, period.peak_current] {
                table.number(value)?;
            }
            table.end_row()?;
        }
    }
    table.finish()
}

/// A file for each population, as `initial: {from: ..}` reads it.
fn write_snapshots(
    folder: &Path,
    network: &Network,
    outcome: &Outcome,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    let mut ends = outcome.ends.as_slice();
    for population in network.populations.iter().filter(|_| !outcome.ends.is_empty()) {
        let (of_population, rest) = ends.split_at(population.count);
        ends = rest;
        let three = population.circuit.sodium().is_some();
        let columns = if three { SNAPSHOT_COLUMNS } else { &SNAPSHOT_COLUMNS[..3] };
        let path = folder.join(format!("snapshot-{}.csv", population.name));
        let mut table = TableWriter::create(path, columns, stop)?;
        for end in of_population {
            table.text(&network.neuron_name(end.neuron))?;
            for value in [end.voltage, end.gates.n, end.gates.m, end.gates.h].into_iter().take(columns.len() - 1) {
                table.number(value)?;
            }
            table.end_row()?;
        }
        table.finish()?;
    }
    Ok(())
}

fn write_loops(
    folder: &Path,
    network: &Network,
    outcome: &Outcome,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    let mut table = TableWriter::create(folder.join(LOOPS), LOOP_COLUMNS, stop)?;
    for one in &outcome.loops {
        let neuron = network.neuron_name(one.neuron);
        for &(t, voltage, current) in &one.hysteresis.points {
            table.text(&neuron)?;
            table.text(&one.channel)?;
            for value in [t, voltage, current] {
                table.number(value)?;
            }
            table.end_row()?;
        }
    }
    table.finish()
}

pub(crate) fn copy_attachment(folder: &Path, attachment: &Attachment) -> Result<(), ResultsError> {
    let Attachment { source, name } = attachment;
    let refuse = |reason| ResultsError::Attachment { path: source.clone(), name: name.clone(), reason };
    let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !inside {
        return Err(refuse("it would lie outside the results' folder"));
    }
    let target = folder.join(name);
    if RESERVED.contains(&name.as_str()) || target.exists() {
        return Err(refuse("the results have a file of that name, rename yours"));
    }
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(ResultsError::writing(parent))?;
    }
    write_file(&target, &fs::read(source).map_err(ResultsError::reading(source))?)
}

pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ResultsError> {
    let mut file = File::create_new(path).map_err(ResultsError::writing(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(ResultsError::writing(path))
}
