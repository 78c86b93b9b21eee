//! Tables of field modes and samples back into parts of an outcome.

use std::collections::HashMap;

use qhh_core::num_complex::Complex64;
use qhh_net::Network;
use qhh_net::network::{Fluctuations, Quantum};
use qhh_net::outcome::{
    Covariance, Ensemble, EnsembleNeuron, LineShare, ModeResponse, NoiseBudget, NoiseShare, Origins, SpikeCount,
    SpikeJitter, TimeHistogram, Trajectory,
};

use super::super::{OutcomeSummary, ResultsError};
use super::tables::{Reader, observable};
use crate::tables::rows::{
    BudgetRow, CovarianceRow, EnsembleRow, FiringRow, JitterRow, NoiseSpikesRow, OriginRow, OriginTimeRow,
    ResponseRow, SpikeRow, SpikeTimesRow, TrajectoryRow,
};

/// Parts of an outcome.
#[derive(Default)]
pub(super) struct Fluctuated {
    pub(super) jitter: Vec<SpikeJitter>,
    pub(super) budget: Vec<NoiseBudget>,
    pub(super) origins: Vec<Origins>,
    pub(super) covariances: Vec<Covariance>,
    pub(super) responses: Vec<ModeResponse>,
    pub(super) ensemble: Option<Ensemble>,
}

/// The tables that a run of `network` with this outcome has; each quantity has `n_samples` rows below one another.
pub(super) fn read(
    reader: &Reader<'_>,
    network: &Network,
    outcome: &OutcomeSummary,
    n_samples: usize,
) -> Result<Fluctuated, ResultsError> {
    let mut fluctuated = Fluctuated::default();
    if !outcome.jitter.is_empty() {
        fluctuated.jitter = jitter(reader)?;
    }
    if outcome.frequencies.is_some() {
        if network.record.noise_budget && !outcome.variances.is_empty() {
            fluctuated.budget = budget(reader, n_samples)?;
        }
        if network.record.covariance {
            fluctuated.covariances = covariances(reader, n_samples)?;
        }
        let mut lines = outcome.variances.iter().flat_map(|variance| &variance.lines);
        if lines.any(|line| line.line.starts_with("source ")) {
            fluctuated.responses = responses(reader, n_samples)?;
        }
    }
    if !outcome.origins.is_empty() {
        fluctuated.origins = origins(reader, network, outcome)?;
    }
    let sampled = |quantum: &Quantum| quantum.fluctuations == Fluctuations::Wigner;
    if let Some(quantum) = network.quantum.filter(sampled) {
        fluctuated.ensemble = Some(ensemble(reader, quantum.samples, n_samples)?);
        if let (true, Some(ensemble)) = (network.record.trajectories > 0, &mut fluctuated.ensemble) {
            ensemble.trajectories = trajectories(reader, n_samples)?;
        }
    }
    Ok(fluctuated)
}

/// Spread of spikes, and their variances from the table of spikes.
fn jitter(reader: &Reader<'_>) -> Result<Vec<SpikeJitter>, ResultsError> {
    let rows = reader.rows::<JitterRow>()?;
    let spikes = reader.rows::<SpikeRow>()?;
    let variances = spikes.iter().map(|(_, of)| ((of.neuron.as_str(), of.time.to_bits()), of.variance));
    let variances: HashMap<_, Option<f64>> = variances.collect();
    let jitter = |(row, of): (usize, &JitterRow)| {
        let neuron = reader.neuron(&rows, row, &of.neuron)?;
        let variance = variances.get(&(of.neuron.as_str(), of.time.to_bits())).copied().flatten();
        let problem = || rows.problem(row, "the table of spikes has no variance at this spike");
        Ok(SpikeJitter { neuron, time: of.time, variance: variance.ok_or_else(problem)?, deviation: of.jitter })
    };
    rows.iter().map(jitter).collect()
}

fn budget(reader: &Reader<'_>, n_samples: usize) -> Result<Vec<NoiseBudget>, ResultsError> {
    let rows = reader.rows::<BudgetRow>()?;
    let mut list: Vec<NoiseBudget> = Vec::new();
    for (first, group) in rows.groups(n_samples)? {
        let of = &group[0];
        let neuron = reader.neuron(&rows, first, &of.neuron)?;
        let problem = || rows.problem(first, format!("there is no quantity `{}`", of.quantity));
        let observable = observable(&of.quantity).ok_or_else(problem)?;
        let share = NoiseShare {
            neuron: reader.neuron(&rows, first, &of.of)?,
            origin: of.origin.clone(),
            values: group.iter().map(|row| row.variance).collect(),
        };
        match list.last_mut().filter(|last| (last.neuron, last.observable) == (neuron, observable)) {
            Some(last) => last.shares.push(share),
            None => list.push(NoiseBudget { neuron, observable, shares: vec![share] }),
        }
    }
    Ok(list)
}

fn origins(
    reader: &Reader<'_>,
    network: &Network,
    outcome: &OutcomeSummary,
) -> Result<Vec<Origins>, ResultsError> {
    let figures = network.record.budget_of.iter().zip(&outcome.origins);
    let mut all: Vec<Origins> = figures
        .map(|(figure, of)| Origins {
            value: of.value,
            variance: of.variance,
            left: of.left,
            error: of.error,
            ..Origins::missing(*figure)
        })
        .collect();
    if all.iter().all(|origins| origins.value.is_none()) {
        return Ok(all);
    }
    let names: HashMap<String, usize> =
        all.iter().enumerate().map(|(place, origins)| (network.figure_name(origins.figure), place)).collect();
    let rows = reader.rows::<OriginRow>()?;
    for (row, of) in rows.iter() {
        let problem = || rows.problem(row, format!("there is no number `{}`", of.figure));
        let origins = &mut all[*names.get(&of.figure).ok_or_else(problem)?];
        let neuron = reader.neuron(&rows, row, &of.neuron)?;
        let line = origins.lines.iter().position(|line| *line == of.line).unwrap_or_else(|| {
            origins.lines.push(of.line.clone());
            origins.lines.len() - 1
        });
        let number = |n: usize| u32::try_from(n).map_err(|cause| rows.problem(row, cause));
        origins.shares.push(LineShare { neuron: number(neuron)?, line: number(line)?, variance: of.variance });
    }
    let rows = reader.rows::<OriginTimeRow>()?;
    for (row, of) in rows.iter() {
        let problem = || rows.problem(row, format!("there is no number `{}`", of.figure));
        let origins = &mut all[*names.get(&of.figure).ok_or_else(problem)?];
        let neuron = reader.neuron(&rows, row, &of.neuron)?;
        let neuron = u32::try_from(neuron).map_err(|cause| rows.problem(row, cause))?;
        // Stretches stand below one another, the time before the run first.
        if of.from.is_none() {
            origins.emitted.push((neuron, Vec::new()));
        }
        if origins.emitted.len() == 1 {
            origins.times.push(of.to);
        }
        let own = origins.emitted.last_mut().filter(|(last, _)| *last == neuron);
        own.ok_or_else(|| rows.problem(row, "a neuron's rows begin with the time before the run"))?
            .1
            .push(of.variance);
    }
    Ok(all)
}

fn covariances(reader: &Reader<'_>, n_samples: usize) -> Result<Vec<Covariance>, ResultsError> {
    let rows = reader.rows::<CovarianceRow>()?;
    let covariance = |(first, group): (usize, &[CovarianceRow])| {
        let quantity = |text: &str| {
            let problem = || rows.problem(first, format!("the network has no `{text}`"));
            reader.quantity(text).ok_or_else(problem)
        };
        let values = group.iter().map(|row| row.covariance).collect();
        Ok(Covariance { a: quantity(&group[0].a)?, b: quantity(&group[0].b)?, values })
    };
    rows.groups(n_samples)?.map(covariance).collect()
}

fn responses(reader: &Reader<'_>, n_samples: usize) -> Result<Vec<ModeResponse>, ResultsError> {
    let rows = reader.rows::<ResponseRow>()?;
    let response = |(first, group): (usize, &[ResponseRow])| {
        let neuron = reader.neuron(&rows, first, &group[0].neuron)?;
        let values = group.iter().map(|row| Complex64::new(row.re_u, row.im_u)).collect();
        Ok(ModeResponse { source: group[0].source.clone(), neuron, values })
    };
    rows.groups(n_samples)?.map(response).collect()
}

fn ensemble(reader: &Reader<'_>, samples: usize, n_samples: usize) -> Result<Ensemble, ResultsError> {
    let moments = reader.rows::<EnsembleRow>()?;
    let counts = reader.rows::<NoiseSpikesRow>()?;
    let mut neurons = Vec::new();
    for ((row, of), (first, group)) in counts.iter().zip(moments.groups(n_samples)?) {
        if group[0].neuron != of.neuron {
            return Err(moments.problem(first, format!("expected a row of {}", of.neuron)));
        }
        let column = |of: fn(&EnsembleRow) -> f64| group.iter().map(of).collect();
        neurons.push(EnsembleNeuron {
            neuron: reader.neuron(&counts, row, &of.neuron)?,
            mean: column(|row| row.mean),
            mean_error: column(|row| row.mean_error),
            variance: column(|row| row.variance),
            variance_error: column(|row| row.variance_error),
            skewness: column(|row| row.skewness),
            kurtosis: column(|row| row.kurtosis),
            spikes: of.spikes,
            made: of.made,
            erased: of.erased,
        });
    }
    let rows = reader.rows::<FiringRow>()?;
    let known = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let spike = |(row, of): (usize, &FiringRow)| {
        Ok(SpikeCount {
            neuron: reader.neuron(&rows, row, &of.neuron)?,
            time: of.time,
            probability: known(of.probability),
            probability_error: known(of.probability_error),
            mean_time: known(of.mean_time),
            mean_time_error: known(of.mean_time_error),
            jitter: known(of.jitter),
            jitter_error: known(of.jitter_error),
            linear_jitter: known(of.linear_jitter),
            linear_jitter_error: known(of.linear_jitter_error),
            histogram: TimeHistogram::default(),
        })
    };
    let mut spikes = rows.iter().map(spike).collect::<Result<Vec<_>, ResultsError>>()?;
    histograms(reader, &mut spikes)?;
    Ok(Ensemble { samples, neurons, spikes, trajectories: Vec::new() })
}

fn trajectories(reader: &Reader<'_>, n_samples: usize) -> Result<Vec<Trajectory>, ResultsError> {
    let rows = reader.rows::<TrajectoryRow>()?;
    let one = |(first, group): (usize, &[TrajectoryRow])| {
        let sample = usize::try_from(group[0].sample).map_err(|cause| rows.problem(first, cause))?;
        Ok(Trajectory {
            neuron: reader.neuron(&rows, first, &group[0].neuron)?,
            sample,
            voltage: group.iter().map(|row| row.voltage).collect(),
            measured: group.iter().filter_map(|row| row.measured).collect(),
        })
    };
    rows.groups(n_samples)?.map(one).collect()
}

/// The intervals of a spike stand below one another, in the order of the spikes.
fn histograms(reader: &Reader<'_>, spikes: &mut [SpikeCount]) -> Result<(), ResultsError> {
    let rows = reader.rows::<SpikeTimesRow>()?;
    let mut at = 0;
    for (row, of) in rows.iter() {
        let neuron = reader.neuron(&rows, row, &of.neuron)?;
        let own = |spike: &SpikeCount| spike.neuron == neuron && spike.time == of.time;
        let found = spikes[at..].iter().position(own);
        at += found.ok_or_else(|| rows.problem(row, "the table `firing` has no such spike"))?;
        let histogram = &mut spikes[at].histogram;
        if histogram.edges.is_empty() {
            histogram.edges.push(of.from);
        }
        histogram.edges.push(of.to);
        let samples = u32::try_from(of.samples).map_err(|cause| rows.problem(row, cause))?;
        histogram.counts.push(samples);
    }
    Ok(())
}
