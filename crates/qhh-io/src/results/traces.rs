//! The table of sampled quantities, as CSV or Parquet: `t`, then `relay[0].voltage` and so on.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use qhh_net::Network;
use qhh_net::network::Observable;
use qhh_net::record::{Trace, Traces};

use super::files::{TRACES_CSV, TRACES_PARQUET};
use super::table::{TableReader, TableWriter};
use super::{Format, ResultsError};

/// Numbers of the neurons by name.
pub(super) type NeuronNumbers = HashMap<String, usize>;

/// Numbers of the network's neurons by name.
pub(super) fn neuron_numbers(network: &Network) -> NeuronNumbers {
    let names = network.populations.iter().flat_map(|p| (0..p.count).map(move |k| format!("{}[{k}]", p.name)));
    names.enumerate().map(|(neuron, name)| (name, neuron)).collect()
}

/// Writes the table into `folder`.
pub(super) fn write(
    folder: &Path,
    network: &Network,
    traces: &Traces,
    format: Format,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    let name = |trace: &Trace| format!("{}.{}", network.neuron_name(trace.neuron), trace.observable.name());
    let header: Vec<String> = std::iter::once("t".to_owned()).chain(traces.columns.iter().map(name)).collect();
    match format {
        Format::Csv => write_csv(folder, &header, traces, stop),
        Format::Parquet => write_parquet(folder, &header, traces, stop),
    }
}

fn write_csv(
    folder: &Path,
    header: &[String],
    traces: &Traces,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    let mut table = TableWriter::create(folder.join(TRACES_CSV), header, stop)?;
    for (row, &t) in traces.times.iter().enumerate() {
        table.number(t)?;
        for trace in &traces.columns {
            table.number(trace.values[row])?;
        }
        table.end_row()?;
    }
    table.finish()
}

#[cfg(feature = "parquet")]
fn write_parquet(
    folder: &Path,
    header: &[String],
    traces: &Traces,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    let columns: Vec<&[f64]> = std::iter::once(traces.times.as_slice())
        .chain(traces.columns.iter().map(|trace| trace.values.as_slice()))
        .collect();
    super::parquet::write(&folder.join(TRACES_PARQUET), header, &columns, true, stop)
}

#[cfg(not(feature = "parquet"))]
fn write_parquet(_: &Path, _: &[String], _: &Traces, _: Option<&AtomicBool>) -> Result<(), ResultsError> {
    Err(ResultsError::NoParquet)
}

/// Reads the table of either format from `folder`.
pub(super) fn read(folder: &Path, numbers: &NeuronNumbers) -> Result<Traces, ResultsError> {
    let parquet = folder.join(TRACES_PARQUET).is_file();
    let (header, mut columns) = if parquet { read_parquet(folder)? } else { read_csv(folder)? };
    let path = folder.join(if parquet { TRACES_PARQUET } else { TRACES_CSV });
    if header.first().is_none_or(|name| name != "t") {
        return Err(ResultsError::foreign(&path, "its first column is not `t`"));
    }
    let times = columns.remove(0);
    let traces = header[1..].iter().zip(columns).map(|(name, values)| {
        let (neuron, observable) = column_of(name, numbers)
            .ok_or_else(|| ResultsError::foreign(&path, format!("column `{name}` is none of this network's")))?;
        Ok(Trace { neuron, observable, values })
    });
    Ok(Traces { times, columns: traces.collect::<Result<_, ResultsError>>()? })
}

fn column_of(name: &str, numbers: &NeuronNumbers) -> Option<(usize, Observable)> {
    let (neuron, quantity) = name.rsplit_once('.')?;
    let observable = Observable::ALL.iter().find(|observable| observable.name() == quantity)?;
    Some((*numbers.get(neuron)?, *observable))
}

/// Names and columns.
type Columns = (Vec<String>, Vec<Vec<f64>>);

fn read_csv(folder: &Path) -> Result<Columns, ResultsError> {
    let mut table = TableReader::open(folder, TRACES_CSV)?;
    let header = table.header()?;
    let mut columns = vec![Vec::new(); header.len()];
    while table.next_row()? {
        for (k, column) in columns.iter_mut().enumerate() {
            column.push(table.number(k)?);
        }
    }
    Ok((header, columns))
}

#[cfg(feature = "parquet")]
fn read_parquet(folder: &Path) -> Result<Columns, ResultsError> {
    super::parquet::read(&folder.join(TRACES_PARQUET))
}

#[cfg(not(feature = "parquet"))]
fn read_parquet(_: &Path) -> Result<Columns, ResultsError> {
    Err(ResultsError::NoParquet)
}
