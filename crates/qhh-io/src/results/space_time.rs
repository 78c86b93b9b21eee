//! The table of the voltage in space and time: `t`, then one column for each neuron.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use qhh_net::Network;
use qhh_net::record::SpaceTime;

use super::files::SPACE_TIME;
use super::table::{TableReader, TableWriter};
use super::traces::NeuronNumbers;
use super::{ResultsError, SpaceTimeSummary};

/// Writes the table into `folder`.
pub(super) fn write(
    folder: &Path,
    network: &Network,
    space_time: &SpaceTime,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    let names = space_time.neurons.iter().map(|&neuron| network.neuron_name(neuron));
    let header = std::iter::once("t".to_owned()).chain(names);
    let mut table = TableWriter::create(folder.join(SPACE_TIME), header, stop)?;
    let n = space_time.times.len();
    for (row, &t) in space_time.times.iter().enumerate() {
        table.number(t)?;
        for neuron in 0..space_time.neurons.len() {
            table.single(space_time.voltages[neuron * n + row])?;
        }
        table.end_row()?;
    }
    table.finish()
}

/// Reads the table from `folder`, which holds what the summary says.
pub(super) fn read(
    folder: &Path,
    summary: SpaceTimeSummary,
    numbers: &NeuronNumbers,
) -> Result<SpaceTime, ResultsError> {
    let mut table = TableReader::open(folder, SPACE_TIME)?;
    let header = table.header()?;
    let foreign = |problem: String| ResultsError::foreign(&folder.join(SPACE_TIME), problem);
    let [t, names @ ..] = header.as_slice() else { return Err(foreign("it has no columns".to_owned())) };
    if t != "t" || names.len() != summary.neurons {
        return Err(foreign(format!("expected a column `t` and {} of neurons", summary.neurons)));
    }
    let number = |name: &String| numbers.get(name).copied();
    let neuron = |name| number(name).ok_or_else(|| foreign(format!("the network has no neuron `{name}`")));
    let neurons = names.iter().map(neuron).collect::<Result<Vec<usize>, _>>()?;
    let mut times = Vec::with_capacity(summary.times);
    let mut rows = Vec::with_capacity(summary.times * neurons.len());
    while table.next_row()? {
        times.push(table.number(0)?);
        for column in 1..=neurons.len() {
            rows.push(table.single(column)?);
        }
    }
    if times.len() != summary.times {
        return Err(foreign(format!("it has {} rows, expected {}", times.len(), summary.times)));
    }
    let n = neurons.len();
    let voltages = (0..n).flat_map(|neuron| rows.iter().skip(neuron).step_by(n).copied()).collect();
    Ok(SpaceTime { times, neurons, voltages })
}
