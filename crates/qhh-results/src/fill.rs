//! The rows of a finished run's tables.

use std::borrow::Cow;
use std::collections::HashMap;

use qhh_core::circuit::Papers;
use qhh_net::Network;
use qhh_net::network::{Observable, Population};
use qhh_net::outcome::{Ensemble, FinalState, Outcome, SpaceTime, Traces};

use super::ResultsError;
use crate::tables::rows::{
    BudgetRow, CovarianceRow, EnsembleRow, FiringRateRow, FiringRow, HysteresisRow, JitterRow, LoopRow,
    MemristorSnapshotRow, MomentsRow, NoiseSpikesRow, OriginRow, OriginTimeRow, ResponseRow, SnapshotRow,
    SpikeRow, SpikeTimesRow, TrajectoryRow, VarianceRow,
};
use crate::tables::{Column, Columns, NamedTables, TableFolder, Values, Who};

/// Name of the table of recorded quantities over time.
pub(super) const TRACES: &str = "traces";
/// Name of the table of voltages over neurons and time.
pub(super) const SPACE_TIME: &str = "space_time";

/// Every table that the outcome has rows for, by name.
///
/// # Errors
/// [`ResultsError::Stopped`] if the work of this thread is cancelled.
pub fn tables(network: &Network, outcome: &Outcome) -> Result<Vec<(String, Columns)>, ResultsError> {
    let tables = NamedTables::default();
    write(&TableFolder::Memory(&tables), network, outcome)?;
    Ok(tables.into_inner())
}

/// A row of a table that names a neuron first of all, or after its time.
macro_rules! row {
    ($row:ident of $who:expr; $($rest:tt)*) => {{
        let Who { neuron, population, index } = $who;
        $row { neuron, population, index, $($rest)* }
    }};
}

/// Writes every table that the outcome has rows for.
pub(super) fn write(tables: &TableFolder<'_>, network: &Network, outcome: &Outcome) -> Result<(), ResultsError> {
    tables.write(spikes(network, outcome))?;
    if network.has_spikes() {
        tables.write(firing_rates(network, outcome))?;
    }
    traces(tables, network, &outcome.traces)?;
    tables.write_some(variance(network, outcome))?;
    tables.write_some(jitter(network, outcome))?;
    tables.write_some(budget(network, outcome))?;
    tables.write_some(origin(network, outcome))?;
    tables.write_some(origin_times(network, outcome))?;
    tables.write_some(covariance(network, outcome))?;
    tables.write_some(responses(network, outcome))?;
    tables.write_some(moments(network, outcome))?;
    if let Some(sampled) = &outcome.ensemble {
        tables.write(ensemble(network, sampled, &outcome.traces.times))?;
        tables.write(firing(network, sampled))?;
        tables.write(spike_times(network, sampled))?;
        tables.write(noise_spikes(network, sampled))?;
        if network.record.trajectories > 0 {
            tables.write(trajectories(network, sampled, &outcome.traces.times))?;
        }
    }
    if !outcome.loops.is_empty() {
        tables.write(hysteresis(network, outcome))?;
        tables.write(loops(network, outcome))?;
    }
    snapshots(tables, network, outcome)?;
    outcome.space_time.as_ref().map_or(Ok(()), |table| space_time(tables, network, table))
}

fn spikes(network: &Network, outcome: &Outcome) -> impl Iterator<Item = SpikeRow> {
    let key = |neuron: usize, time: f64| (neuron, time.to_bits());
    let variances = outcome.jitter.iter().map(|of| (key(of.neuron, of.time), of.variance));
    let variances: HashMap<_, f64> = variances.collect();
    outcome.spikes.iter().map(move |spike| {
        row!(SpikeRow of Who::of(network, spike.neuron);
            time: spike.time,
            variance: variances.get(&key(spike.neuron, spike.time)).copied(),
        )
    })
}

fn firing_rates(network: &Network, outcome: &Outcome) -> impl Iterator<Item = FiringRateRow> {
    let rates = outcome.firing_rates(network.simulation.duration);
    rates.enumerate().map(|(neuron, rate)| {
        row!(FiringRateRow of Who::of(network, neuron);
            spikes: rate.spikes as u64,
            mean_rate: rate.mean_rate,
            mean_interval: rate.mean_interval,
            interval_cv: rate.interval_cv,
            first_spike: rate.first,
            last_spike: rate.last,
        )
    })
}

/// `relay[0].voltage`.
fn quantity(network: &Network, (neuron, observable): (usize, Observable)) -> String {
    format!("{}.{}", network.neuron_name(neuron), observable.name())
}

/// `t`, then one column for each recorded neuron and quantity.
fn traces(tables: &TableFolder<'_>, network: &Network, traces: &Traces) -> Result<(), ResultsError> {
    let names: Vec<String> =
        traces.columns.iter().map(|trace| quantity(network, (trace.neuron, trace.observable))).collect();
    tables.write_columns(TRACES, traces.times.len(), |rows| {
        let column = |name: &str, values: &[f64]| Column::new(name, Values::Number(values[rows.clone()].to_vec()));
        let values = names.iter().zip(&traces.columns).map(|(name, trace)| column(name, &trace.values));
        Columns(std::iter::once(column("t", &traces.times)).chain(values).collect())
    })
}

/// `t`, then the voltage of each of some neurons.
fn space_time(tables: &TableFolder<'_>, network: &Network, table: &SpaceTime) -> Result<(), ResultsError> {
    let n = table.times.len();
    tables.write_columns(SPACE_TIME, n, |rows| {
        let times = Column::new("t", Values::Number(table.times[rows.clone()].to_vec()));
        let voltages = table.neurons.iter().enumerate().map(|(k, &neuron)| {
            let values = &table.voltages[k * n..][rows.clone()];
            Column::new(network.neuron_name(neuron), Values::Single(values.to_vec()))
        });
        Columns(std::iter::once(times).chain(voltages).collect())
    })
}

fn variance(network: &Network, outcome: &Outcome) -> impl Iterator<Item = VarianceRow> {
    // Samples know no parts, and their whole is in the table of moments.
    let apart = outcome.ensemble.is_none();
    outcome.variances.iter().flat_map(move |variance| {
        let neuron = Who::of(network, variance.neuron);
        variance.lines.iter().flat_map(move |line| {
            let neuron = neuron.clone();
            outcome.traces.times.iter().enumerate().map(move |(k, &t)| {
                row!(VarianceRow of neuron.clone();
                    t,
                    line: line.line.clone(),
                    vacuum: apart.then(|| line.vacuum[k]),
                    thermal: apart.then(|| line.thermal[k]),
                    state: apart.then(|| line.state[k]),
                )
            })
        })
    })
}

fn jitter(network: &Network, outcome: &Outcome) -> impl Iterator<Item = JitterRow> {
    outcome.jitter.iter().map(|jitter| {
        row!(JitterRow of Who::of(network, jitter.neuron);
            time: jitter.time,
            jitter: jitter.deviation,
        )
    })
}

fn budget(network: &Network, outcome: &Outcome) -> impl Iterator<Item = BudgetRow> {
    outcome.budget.iter().flat_map(move |budget| {
        budget.shares.iter().flat_map(move |share| {
            let from = Who::of(network, share.neuron);
            let row = row!(BudgetRow of Who::of(network, budget.neuron);
                t: 0.0,
                quantity: budget.observable.name().to_owned(),
                of: from.neuron,
                of_population: from.population,
                of_index: from.index,
                origin: share.origin.clone(),
                variance: 0.0,
            );
            let values = outcome.traces.times.iter().zip(&share.values);
            values.map(move |(&t, &variance)| BudgetRow { t, variance, ..row.clone() })
        })
    })
}

fn origin(network: &Network, outcome: &Outcome) -> impl Iterator<Item = OriginRow> {
    outcome.origins.iter().flat_map(move |origins| {
        let (figure, of) = (network.figure_name(origins.figure), Who::of(network, origins.figure.neuron()));
        origins.shares.iter().map(move |share| {
            row!(OriginRow of Who::of(network, share.neuron as usize);
                figure: figure.clone(),
                figure_population: of.population,
                figure_index: of.index,
                line: origins.line(share).to_owned(),
                variance: share.variance,
                share: share.variance / origins.variance,
            )
        })
    })
}

fn origin_times(network: &Network, outcome: &Outcome) -> impl Iterator<Item = OriginTimeRow> {
    outcome.origins.iter().flat_map(move |origins| {
        let (figure, of) = (network.figure_name(origins.figure), Who::of(network, origins.figure.neuron()));
        origins.emitted.iter().flat_map(move |(neuron, parts)| {
            let row = row!(OriginTimeRow of Who::of(network, *neuron as usize);
                figure: figure.clone(),
                figure_population: of.population,
                figure_index: of.index,
                from: None,
                to: 0.0,
                variance: 0.0,
            );
            let from = std::iter::once(None).chain(origins.times.iter().copied().map(Some));
            let stretches = from.zip(&origins.times).zip(parts);
            stretches.map(move |((from, &to), &variance)| OriginTimeRow { from, to, variance, ..row.clone() })
        })
    })
}

fn covariance(network: &Network, outcome: &Outcome) -> impl Iterator<Item = CovarianceRow> {
    outcome.covariances.iter().flat_map(move |of| {
        let [a, b] = [of.a, of.b].map(|of| Who::of(network, of.0));
        let row = CovarianceRow {
            t: 0.0,
            a: quantity(network, of.a),
            a_population: a.population,
            a_index: a.index,
            b: quantity(network, of.b),
            b_population: b.population,
            b_index: b.index,
            covariance: 0.0,
        };
        let values = outcome.traces.times.iter().zip(&of.values);
        values.map(move |(&t, &covariance)| CovarianceRow { t, covariance, ..row.clone() })
    })
}

fn responses(network: &Network, outcome: &Outcome) -> impl Iterator<Item = ResponseRow> {
    outcome.responses.iter().flat_map(move |response| {
        let (neuron, source) = (Who::of(network, response.neuron), &response.source);
        outcome.traces.times.iter().zip(&response.values).map(move |(&t, u)| {
            row!(ResponseRow of neuron.clone();
                t,
                source: source.clone(),
                re_u: u.re,
                im_u: u.im,
            )
        })
    })
}

/// Made of what other tables hold, so that nothing reads it back.
fn moments(network: &Network, outcome: &Outcome) -> impl Iterator<Item = MomentsRow> {
    let shaped = outcome.variances.iter().filter_map(|of| Some((of, outcome.shape(network, of.neuron)?)));
    shaped.flat_map(move |(variance, shape)| {
        let neuron = Who::of(network, variance.neuron);
        outcome.traces.times.iter().enumerate().map(move |(k, &t)| {
            row!(MomentsRow of neuron.clone();
                t,
                variance: variance.total(k),
                skewness: shape.skewness[k],
                kurtosis: shape.kurtosis[k],
            )
        })
    })
}

fn ensemble(network: &Network, ensemble: &Ensemble, times: &[f64]) -> impl Iterator<Item = EnsembleRow> {
    ensemble.neurons.iter().flat_map(move |of| {
        let neuron = Who::of(network, of.neuron);
        times.iter().enumerate().map(move |(k, &t)| {
            row!(EnsembleRow of neuron.clone();
                t,
                mean: of.mean[k],
                mean_error: of.mean_error[k],
                variance: of.variance[k],
                variance_error: of.variance_error[k],
                skewness: of.skewness[k],
                kurtosis: of.kurtosis[k],
            )
        })
    })
}

fn trajectories(network: &Network, ensemble: &Ensemble, times: &[f64]) -> impl Iterator<Item = TrajectoryRow> {
    ensemble.trajectories.iter().flat_map(move |of| {
        let neuron = Who::of(network, of.neuron);
        times.iter().zip(&of.voltage).enumerate().map(move |(k, (&t, &voltage))| {
            row!(TrajectoryRow of neuron.clone();
                t,
                sample: of.sample as u64,
                voltage,
                measured: of.measured.get(k).copied(),
            )
        })
    })
}

fn firing(network: &Network, ensemble: &Ensemble) -> impl Iterator<Item = FiringRow> {
    // Missing where too few samples fired.
    let known = |value: f64| Some(value).filter(|value| value.is_finite());
    ensemble.spikes.iter().map(move |spike| {
        row!(FiringRow of Who::of(network, spike.neuron);
            time: spike.time,
            probability: known(spike.probability),
            probability_error: known(spike.probability_error),
            mean_time: known(spike.mean_time),
            mean_time_error: known(spike.mean_time_error),
            jitter: known(spike.jitter),
            jitter_error: known(spike.jitter_error),
            linear_jitter: known(spike.linear_jitter),
            linear_jitter_error: known(spike.linear_jitter_error),
        )
    })
}

fn spike_times(network: &Network, ensemble: &Ensemble) -> impl Iterator<Item = SpikeTimesRow> {
    ensemble.spikes.iter().flat_map(move |spike| {
        let neuron = Who::of(network, spike.neuron);
        let intervals = spike.histogram.edges.windows(2).zip(&spike.histogram.counts);
        intervals.map(move |(edges, &samples)| {
            row!(SpikeTimesRow of neuron.clone();
                time: spike.time,
                from: edges[0],
                to: edges[1],
                samples: samples.into(),
            )
        })
    })
}

fn noise_spikes(network: &Network, ensemble: &Ensemble) -> impl Iterator<Item = NoiseSpikesRow> {
    ensemble.neurons.iter().map(|of| {
        row!(NoiseSpikesRow of Who::of(network, of.neuron);
            spikes: of.spikes,
            made: of.made,
            erased: of.erased,
        )
    })
}

fn hysteresis(network: &Network, outcome: &Outcome) -> impl Iterator<Item = HysteresisRow> {
    outcome.loops.iter().flat_map(move |one| {
        let channel = &one.channel;
        one.hysteresis.periods.iter().zip(1..).map(move |(period, number)| {
            row!(HysteresisRow of Who::of(network, one.neuron);
                channel: Cow::clone(channel).into_owned(),
                frequency: one.hysteresis.omega,
                period: number,
                start: period.start,
                area: period.area,
                peak_voltage: period.peak_voltage,
                peak_current: period.peak_current,
            )
        })
    })
}

fn loops(network: &Network, outcome: &Outcome) -> impl Iterator<Item = LoopRow> {
    outcome.loops.iter().flat_map(move |one| {
        let (neuron, channel) = (Who::of(network, one.neuron), &one.channel);
        one.hysteresis.points.iter().map(move |&(t, voltage, current)| {
            row!(LoopRow of neuron.clone();
                channel: Cow::clone(channel).into_owned(),
                t,
                voltage,
                current,
            )
        })
    })
}

/// A table for each population, as `initial: {from: ..}` reads it.
fn snapshots(tables: &TableFolder<'_>, network: &Network, outcome: &Outcome) -> Result<(), ResultsError> {
    let mut ends = outcome.ends.as_slice();
    for population in network.populations.iter().filter(|_| !outcome.ends.is_empty()) {
        let (of_population, rest) = ends.split_at(population.count);
        ends = rest;
        let name = format!("{}-{}", SNAPSHOT, population.name);
        match population.circuit.papers() {
            Some(Papers::Three) => {
                let rows = of_population.iter().map(|end| {
                    row!(SnapshotRow of Who::of(network, end.neuron);
                        voltage: end.voltage,
                        n: end.gates[0],
                        m: end.gates[1],
                        h: end.gates[2],
                    )
                });
                tables.write_as(&name, rows)?;
            }
            Some(Papers::Single) => {
                let rows = of_population.iter().map(|end| {
                    row!(MemristorSnapshotRow of Who::of(network, end.neuron);
                        voltage: end.voltage,
                        n: end.gates[0],
                    )
                });
                tables.write_as(&name, rows)?;
            }
            None => any_snapshot(tables, &name, network, population, of_population)?,
        }
    }
    Ok(())
}

/// That of a population with other channels than the papers': its gates by channel and name.
fn any_snapshot(
    tables: &TableFolder<'_>,
    name: &str,
    network: &Network,
    population: &Population,
    ends: &[FinalState],
) -> Result<(), ResultsError> {
    tables.write_columns(name, ends.len(), |rows| {
        let ends = &ends[rows];
        let who: Vec<Who> = ends.iter().map(|end| Who::of(network, end.neuron)).collect();
        let counts = |of: fn(&Who) -> u64| Values::Count(who.iter().map(of).collect());
        let names = Values::Text(who.iter().map(|who| who.neuron.clone()).collect());
        let number = |of: &dyn Fn(&FinalState) -> f64| Values::Number(ends.iter().map(of).collect());
        let fixed = [
            Column::new("neuron", names),
            Column::new("population", counts(|who| who.population)),
            Column::new("index", counts(|who| who.index)),
            Column::new("voltage", number(&|end| end.voltage)),
        ];
        let gates = (0..population.circuit.n_gates())
            .map(|gate| Column::new(population.gate_name(gate), number(&|end| end.gates[gate])));
        Columns(fixed.into_iter().chain(gates).collect())
    })
}

/// How the names of snapshots' tables begin.
const SNAPSHOT: &str = "snapshot";
