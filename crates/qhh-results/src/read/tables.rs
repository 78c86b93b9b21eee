//! Tables of the mean field back into parts of an outcome, and names of neurons back into numbers.

use std::collections::HashMap;
use std::path::Path;

use qhh_core::hysteresis::{Hysteresis, Period};
use qhh_net::Network;
use qhh_net::network::Observable;
use qhh_net::outcome::{Ensemble, LineVariance, NeuronLoop, SpaceTime, Spike, Trace, Traces};

use super::super::fill::{SPACE_TIME, TRACES};
use super::super::{HysteresisSummary, ResultsError, SpaceTimeSummary};
use crate::tables::rows::{HysteresisRow, LoopRow, SpikeRow, VarianceRow};
use crate::tables::{Columns, Kind, Row, Rows, Values, read_columns};

/// Reads the tables of a run's folder.
pub(super) struct Reader<'a> {
    pub(super) folder: &'a Path,
    /// Numbers of the network's neurons by name.
    numbers: HashMap<String, usize>,
}

impl<'a> Reader<'a> {
    /// Of the folder of a run of `network`.
    pub(super) fn new(folder: &'a Path, network: &Network) -> Self {
        let names = network.populations.iter();
        let names = names.flat_map(|p| (0..p.count).map(move |k| format!("{}[{k}]", p.name)));
        Self { folder, numbers: names.enumerate().map(|(neuron, name)| (name, neuron)).collect() }
    }

    /// The rows of a table.
    pub(super) fn rows<R: Row>(&self) -> Result<Rows<R>, ResultsError> {
        Rows::read(self.folder)
    }

    /// The number of a neuron that a file names.
    pub(super) fn number(&self, file: &str, name: &str) -> Result<usize, ResultsError> {
        self.find(name).map_err(|problem| ResultsError::foreign(&self.folder.join(file), problem))
    }

    /// The number of a neuron that a row names.
    pub(super) fn neuron<R: Row>(&self, rows: &Rows<R>, row: usize, name: &str) -> Result<usize, ResultsError> {
        self.find(name).map_err(|problem| rows.problem(row, problem))
    }

    /// Whether the network has a neuron of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.numbers.contains_key(name)
    }

    pub(super) fn find(&self, name: &str) -> Result<usize, String> {
        self.numbers.get(name).copied().ok_or_else(|| format!("the network has no neuron `{name}`"))
    }

    /// Neuron and quantity of `relay[0].voltage`.
    pub(super) fn quantity(&self, text: &str) -> Option<(usize, Observable)> {
        // The quantity may have a dot, `calcium.m`; what follows the neuron's number is all of it.
        let (neuron, quantity) = text.split_at(text.rfind("].")? + 1);
        let quantity = &quantity[1..];
        Some((*self.numbers.get(neuron)?, observable(quantity)?))
    }

    pub(super) fn spikes(&self) -> Result<Vec<Spike>, ResultsError> {
        let rows = self.rows::<SpikeRow>()?;
        let spike = |(row, of): (usize, &SpikeRow)| {
            Ok(Spike { neuron: self.neuron(&rows, row, &of.neuron)?, time: of.time })
        };
        rows.iter().map(spike).collect()
    }

    pub(super) fn traces(&self) -> Result<Traces, ResultsError> {
        let (path, Columns(columns)) = read_columns(self.folder, TRACES, &|path, names| {
            if names.first().is_none_or(|name| name != "t") {
                return Err(ResultsError::foreign(path, "its first column is not `t`"));
            }
            Ok(vec![Kind::Number; names.len()])
        })?;
        let mut columns = columns.into_iter().filter_map(|column| Some((column.name, column.values.numbers()?)));
        let times = columns.next().map_or_else(Vec::new, |(_, times)| times);
        let trace = |(name, values): (String, Vec<f64>)| {
            let problem = || ResultsError::foreign(&path, format!("column `{name}` is none of this network's"));
            let (neuron, observable) = self.quantity(&name).ok_or_else(problem)?;
            Ok(Trace { neuron, observable, values })
        };
        Ok(Traces { times, columns: columns.map(trace).collect::<Result<_, ResultsError>>()? })
    }

    /// The table, which holds what the summary says.
    pub(super) fn space_time(&self, summary: SpaceTimeSummary) -> Result<SpaceTime, ResultsError> {
        let (path, Columns(columns)) = read_columns(self.folder, SPACE_TIME, &|path, names| {
            if names.first().is_none_or(|name| name != "t") || names.len() != summary.neurons + 1 {
                let problem = format!("expected a column `t` and {} of neurons", summary.neurons);
                return Err(ResultsError::foreign(path, problem));
            }
            let voltages = vec![Kind::Single; summary.neurons];
            Ok(std::iter::once(Kind::Number).chain(voltages).collect())
        })?;
        let foreign = |problem: String| ResultsError::foreign(&path, problem);
        let (mut times, mut neurons, mut voltages) = (Vec::new(), Vec::new(), Vec::new());
        for column in columns {
            match column.values {
                Values::Single(values) => {
                    neurons.push(self.find(&column.name).map_err(foreign)?);
                    voltages.extend(values);
                }
                values => times = values.numbers().unwrap_or_default(),
            }
        }
        if times.len() != summary.times {
            return Err(foreign(format!("it has {} rows, expected {}", times.len(), summary.times)));
        }
        Ok(SpaceTime { times, neurons, voltages })
    }

    /// Lines of each neuron's variance, in the order of the table; each has `n_samples` rows below one another. Of samples
    /// the table has no numbers: the whole variance is that of their moments.
    pub(super) fn variance_lines(
        &self,
        n_samples: usize,
        sampled: Option<&Ensemble>,
    ) -> Result<Vec<(usize, Vec<LineVariance>)>, ResultsError> {
        let rows = self.rows::<VarianceRow>()?;
        let mut neurons: Vec<(usize, Vec<LineVariance>)> = Vec::new();
        for (first, of_line) in rows.groups(n_samples)? {
            let (name, line) = (&of_line[0].neuron, &of_line[0].line);
            if let Some(k) = of_line.iter().position(|row| (&row.neuron, &row.line) != (name, line)) {
                return Err(rows.problem(first + k, format!("expected a row of {name}, line {line}")));
            }
            let neuron = self.neuron(&rows, first, name)?;
            let whole = sampled.and_then(|sampled| sampled.neurons.iter().find(|of| of.neuron == neuron));
            let column =
                |of: fn(&VarianceRow) -> Option<f64>| -> Option<Vec<f64>> { of_line.iter().map(of).collect() };
            let parts = match whole {
                Some(whole) => {
                    let zero = vec![0.0; whole.variance.len()];
                    Some((whole.variance.clone(), zero.clone(), zero))
                }
                None => column(|row| row.vacuum)
                    .and_then(|vacuum| Some((vacuum, column(|row| row.thermal)?, column(|row| row.state)?))),
            };
            let Some((vacuum, thermal, state)) = parts else {
                return Err(
                    rows.problem(first, format!("a part of the variance of {name}, line {line}, is empty"))
                );
            };
            let line = LineVariance { line: line.clone(), vacuum, thermal, state };
            match neurons.last_mut().filter(|last| last.0 == neuron) {
                Some((_, lines)) => lines.push(line),
                None => neurons.push((neuron, vec![line])),
            }
        }
        Ok(neurons)
    }

    /// The loops that a summary lists.
    pub(super) fn loops(&self, summary: &[HysteresisSummary]) -> Result<Vec<NeuronLoop>, ResultsError> {
        let empty = |one: &HysteresisSummary| {
            Ok(NeuronLoop {
                neuron: self.number(super::super::files::SUMMARY, &one.neuron)?,
                channel: one.channel.clone().into(),
                hysteresis: Hysteresis { omega: one.frequency, ..Hysteresis::default() },
            })
        };
        let mut loops = summary.iter().map(empty).collect::<Result<Vec<_>, ResultsError>>()?;
        if loops.is_empty() {
            return Ok(loops);
        }
        let periods = self.rows::<HysteresisRow>()?;
        for (row, of) in periods.iter() {
            let neuron = self.neuron(&periods, row, &of.neuron)?;
            let found =
                loop_of(&mut loops, neuron, &of.channel).map_err(|problem| periods.problem(row, problem))?;
            let &HysteresisRow { start, area, peak_voltage, peak_current, .. } = of;
            found.periods.push(Period { start, area, peak_voltage, peak_current });
        }
        let points = self.rows::<LoopRow>()?;
        for (row, of) in points.iter() {
            let neuron = self.neuron(&points, row, &of.neuron)?;
            let found =
                loop_of(&mut loops, neuron, &of.channel).map_err(|problem| points.problem(row, problem))?;
            found.points.push((of.t, of.voltage, of.current));
        }
        Ok(loops)
    }
}

fn loop_of<'l>(loops: &'l mut [NeuronLoop], neuron: usize, channel: &str) -> Result<&'l mut Hysteresis, String> {
    let found = loops.iter_mut().find(|one| one.neuron == neuron && one.channel == channel);
    found
        .map(|one| &mut one.hysteresis)
        .ok_or_else(|| format!("the summary knows no loop of channel `{channel}` here"))
}

/// The quantity of this name.
pub(super) fn observable(name: &str) -> Option<Observable> {
    Observable::named(name)
}
