//! What field modes leave: jitter of spikes, noise budgets, responses to sources. One table each, both ways.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use qhh_core::num_complex::Complex64;
use qhh_net::Network;
use qhh_net::network::{Fluctuations, Observable, Quantum};
use qhh_net::record::{
    Covariance, Ensemble, EnsembleNeuron, ModeResponse, NoiseBudget, NoiseShare, Outcome, SpikeCount, SpikeJitter,
    TimeHistogram,
};

use super::files::{
    BUDGET, BUDGET_COLUMNS, COVARIANCE, COVARIANCE_COLUMNS, ENSEMBLE, ENSEMBLE_COLUMNS, FIRING, FIRING_COLUMNS,
    JITTER, JITTER_COLUMNS, MOMENTS, MOMENTS_COLUMNS, NOISE_SPIKES, NOISE_SPIKES_COLUMNS, RESPONSE_COLUMNS,
    RESPONSES, SPIKE_TIMES, SPIKE_TIMES_COLUMNS,
};
use super::table::{TableReader, TableWriter};
use super::traces::NeuronNumbers;
use super::{OutcomeSummary, ResultsError};

/// Writes the tables that the outcome has rows for.
pub(super) fn write(
    folder: &Path,
    network: &Network,
    outcome: &Outcome,
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    if !outcome.jitter.is_empty() {
        let mut table = TableWriter::create(folder.join(JITTER), JITTER_COLUMNS, stop)?;
        for jitter in &outcome.jitter {
            table.text(&network.neuron_name(jitter.neuron))?;
            table.number(jitter.time)?;
            table.number(jitter.deviation)?;
            table.end_row()?;
        }
        table.finish()?;
    }
    let times = &outcome.traces.times;
    if !outcome.budget.is_empty() {
        let mut table = TableWriter::create(folder.join(BUDGET), BUDGET_COLUMNS, stop)?;
        for budget in &outcome.budget {
            let neuron = network.neuron_name(budget.neuron);
            for share in &budget.shares {
                let of = network.neuron_name(share.neuron);
                for (&t, &value) in times.iter().zip(&share.values) {
                    table.number(t)?;
                    table.text(&neuron)?;
                    table.text(budget.observable.name())?;
                    table.text(&of)?;
                    table.text(&share.origin)?;
                    table.number(value)?;
                    table.end_row()?;
                }
            }
        }
        table.finish()?;
    }
    if !outcome.covariances.is_empty() {
        let mut table = TableWriter::create(folder.join(COVARIANCE), COVARIANCE_COLUMNS, stop)?;
        for covariance in &outcome.covariances {
            let [a, b] = [covariance.a, covariance.b]
                .map(|(neuron, quantity)| format!("{}.{}", network.neuron_name(neuron), quantity.name()));
            for (&t, &value) in times.iter().zip(&covariance.values) {
                table.number(t)?;
                table.text(&a)?;
                table.text(&b)?;
                table.number(value)?;
                table.end_row()?;
            }
        }
        table.finish()?;
    }
    if !outcome.responses.is_empty() {
        let mut table = TableWriter::create(folder.join(RESPONSES), RESPONSE_COLUMNS, stop)?;
        for response in &outcome.responses {
            let neuron = network.neuron_name(response.neuron);
            for (&t, u) in times.iter().zip(&response.values) {
                table.number(t)?;
                table.text(&neuron)?;
                table.text(&response.source)?;
                table.number(u.re)?;
                table.number(u.im)?;
                table.end_row()?;
            }
        }
        table.finish()?;
    }
    let shapes = outcome.variances.iter().filter_map(|of| Some((of, outcome.shape(network, of.neuron)?)));
    let mut shapes = shapes.peekable();
    if shapes.peek().is_some() {
        // Made of what the other tables hold, so that nothing reads it back.
        let mut table = TableWriter::create(folder.join(MOMENTS), MOMENTS_COLUMNS, stop)?;
        for (variance, shape) in shapes {
            let neuron = network.neuron_name(variance.neuron);
            for (k, &t) in times.iter().enumerate() {
                table.number(t)?;
                table.text(&neuron)?;
                let columns = [variance.total(k), shape.skewness[k], shape.kurtosis[k]];
                columns.into_iter().try_for_each(|value| table.number(value))?;
                table.end_row()?;
            }
        }
        table.finish()?;
    }
    if let Some(ensemble) = &outcome.ensemble {
        write_ensemble(folder, network, ensemble, times, stop)?;
    }
    Ok(())
}

fn write_ensemble(
    folder: &Path,
    network: &Network,
    ensemble: &Ensemble,
    times: &[f64],
    stop: Option<&AtomicBool>,
) -> Result<(), ResultsError> {
    let mut table = TableWriter::create(folder.join(ENSEMBLE), ENSEMBLE_COLUMNS, stop)?;
    for of in &ensemble.neurons {
        let neuron = network.neuron_name(of.neuron);
        for (k, &t) in times.iter().enumerate() {
            table.number(t)?;
            table.text(&neuron)?;
            let columns = [&of.mean, &of.mean_error, &of.variance, &of.variance_error, &of.skewness, &of.kurtosis];
            columns.into_iter().try_for_each(|column| table.number(column[k]))?;
            table.end_row()?;
        }
    }
    table.finish()?;
    let mut table = TableWriter::create(folder.join(FIRING), FIRING_COLUMNS, stop)?;
    for spike in &ensemble.spikes {
        table.text(&network.neuron_name(spike.neuron))?;
        let columns = [
            spike.time,
            spike.probability,
            spike.probability_error,
            spike.mean_time,
            spike.mean_time_error,
            spike.jitter,
            spike.jitter_error,
            spike.linear_jitter,
            spike.linear_jitter_error,
        ];
        for value in columns {
            // Empty where too few samples fired.
            if value.is_finite() { table.number(value)? } else { table.text("")? }
        }
        table.end_row()?;
    }
    table.finish()?;
    let mut table = TableWriter::create(folder.join(SPIKE_TIMES), SPIKE_TIMES_COLUMNS, stop)?;
    for spike in &ensemble.spikes {
        let neuron = network.neuron_name(spike.neuron);
        for (edges, count) in spike.histogram.edges.windows(2).zip(&spike.histogram.counts) {
            table.text(&neuron)?;
            [spike.time, edges[0], edges[1]].into_iter().try_for_each(|value| table.number(value))?;
            table.text(&count.to_string())?;
            table.end_row()?;
        }
    }
    table.finish()?;
    let mut table = TableWriter::create(folder.join(NOISE_SPIKES), NOISE_SPIKES_COLUMNS, stop)?;
    for of in &ensemble.neurons {
        table.text(&network.neuron_name(of.neuron))?;
        [of.spikes, of.made, of.erased].into_iter().try_for_each(|value| table.number(value))?;
        table.end_row()?;
    }
    table.finish()
}

/// What [`write`] wrote, of the tables that a run of `network` with this outcome has; `n_samples` is the number of times.
pub(super) fn read(
    folder: &Path,
    network: &Network,
    outcome: &OutcomeSummary,
    numbers: &NeuronNumbers,
    n_samples: usize,
) -> Result<Fluctuated, ResultsError> {
    let reader = Reader { folder, numbers, n_samples };
    let mut fluctuated = Fluctuated::default();
    if !outcome.jitter.is_empty() {
        fluctuated.jitter = reader.jitter()?;
    }
    if outcome.frequencies.is_some() {
        if network.record.noise_budget && !outcome.variances.is_empty() {
            fluctuated.budget = reader.budget()?;
        }
        if network.record.covariance {
            fluctuated.covariances = reader.covariances()?;
        }
        let mut lines = outcome.variances.iter().flat_map(|variance| &variance.lines);
        if lines.any(|line| line.line.starts_with("source ")) {
            fluctuated.responses = reader.responses()?;
        }
    }
    let sampled = |quantum: Quantum| quantum.fluctuations == Fluctuations::Wigner;
    if let Some(quantum) = network.quantum.filter(|quantum| sampled(*quantum)) {
        fluctuated.ensemble = Some(reader.ensemble(quantum.samples)?);
    }
    Ok(fluctuated)
}

/// Parts of an outcome.
#[derive(Default)]
pub(super) struct Fluctuated {
    pub(super) jitter: Vec<SpikeJitter>,
    pub(super) budget: Vec<NoiseBudget>,
    pub(super) covariances: Vec<Covariance>,
    pub(super) responses: Vec<ModeResponse>,
    pub(super) ensemble: Option<Ensemble>,
}

struct Reader<'a> {
    folder: &'a Path,
    numbers: &'a NeuronNumbers,
    n_samples: usize,
}

impl Reader<'_> {
    fn open(&self, file: &'static str, columns: &[&str]) -> Result<TableReader, ResultsError> {
        let mut table = TableReader::open(self.folder, file)?;
        table.expect_header(columns)?;
        Ok(table)
    }

    /// The neurons stand in the order of the counts, each with its samples below one another.
    fn ensemble(&self, samples: usize) -> Result<Ensemble, ResultsError> {
        let mut ensemble = Ensemble { samples, neurons: Vec::new(), spikes: Vec::new() };
        let mut moments = self.open(ENSEMBLE, ENSEMBLE_COLUMNS)?;
        let mut counts = self.open(NOISE_SPIKES, NOISE_SPIKES_COLUMNS)?;
        while counts.next_row()? {
            let neuron = self.neuron(&counts, 0)?;
            let mut columns = [const { Vec::new() }; 6];
            for _ in 0..self.n_samples {
                if !moments.next_row()? {
                    return Err(moments.problem("rows are missing after this one"));
                }
                for (k, column) in columns.iter_mut().enumerate() {
                    column.push(moments.number(2 + k)?);
                }
            }
            let [mean, mean_error, variance, variance_error, skewness, kurtosis] = columns;
            let (spikes, made, erased) = (counts.number(1)?, counts.number(2)?, counts.number(3)?);
            ensemble.neurons.push(EnsembleNeuron {
                neuron,
                mean,
                mean_error,
                variance,
                variance_error,
                skewness,
                kurtosis,
                spikes,
                made,
                erased,
            });
        }
        let mut table = self.open(FIRING, FIRING_COLUMNS)?;
        while table.next_row()? {
            let value = |column| if table.text(column).is_empty() { Ok(f64::NAN) } else { table.number(column) };
            ensemble.spikes.push(SpikeCount {
                neuron: self.neuron(&table, 0)?,
                time: value(1)?,
                probability: value(2)?,
                probability_error: value(3)?,
                mean_time: value(4)?,
                mean_time_error: value(5)?,
                jitter: value(6)?,
                jitter_error: value(7)?,
                linear_jitter: value(8)?,
                linear_jitter_error: value(9)?,
                histogram: TimeHistogram::default(),
            });
        }
        self.histograms(&mut ensemble.spikes)?;
        Ok(ensemble)
    }

    /// The intervals of a spike stand below one another, in the order of the spikes.
    fn histograms(&self, spikes: &mut [SpikeCount]) -> Result<(), ResultsError> {
        let mut table = self.open(SPIKE_TIMES, SPIKE_TIMES_COLUMNS)?;
        let mut at = 0;
        while table.next_row()? {
            let (neuron, time) = (self.neuron(&table, 0)?, table.number(1)?);
            let own = |spike: &SpikeCount| spike.neuron == neuron && spike.time == time;
            let found = spikes[at..].iter().position(own);
            at += found.ok_or_else(|| table.problem(format!("{FIRING} has no such spike")))?;
            let histogram = &mut spikes[at].histogram;
            if histogram.edges.is_empty() {
                histogram.edges.push(table.number(2)?);
            }
            histogram.edges.push(table.number(3)?);
            let count = table.text(4).parse();
            histogram.counts.push(count.map_err(|_| table.problem("no number of samples"))?);
        }
        Ok(())
    }

    fn neuron(&self, table: &TableReader, column: usize) -> Result<usize, ResultsError> {
        let name = table.text(column);
        let number = self.numbers.get(name).copied();
        number.ok_or_else(|| table.problem(format!("the network has no neuron `{name}`")))
    }

    fn jitter(&self) -> Result<Vec<SpikeJitter>, ResultsError> {
        let mut list = Vec::new();
        let mut table = self.open(JITTER, JITTER_COLUMNS)?;
        while table.next_row()? {
            let (time, deviation) = (table.number(1)?, table.number(2)?);
            list.push(SpikeJitter { neuron: self.neuron(&table, 0)?, time, deviation });
        }
        Ok(list)
    }

    fn budget(&self) -> Result<Vec<NoiseBudget>, ResultsError> {
        let mut list: Vec<NoiseBudget> = Vec::new();
        let mut table = self.open(BUDGET, BUDGET_COLUMNS)?;
        while table.next_row()? {
            let (neuron, of) = (self.neuron(&table, 1)?, self.neuron(&table, 3)?);
            let name = table.text(2);
            let observable = Observable::ALL.iter().copied().find(|observable| observable.name() == name);
            let observable =
                observable.ok_or_else(|| table.problem(format!("there is no quantity `{}`", table.text(2))))?;
            let mut share =
                NoiseShare { neuron: of, origin: table.text(4).to_owned(), values: vec![table.number(5)?] };
            self.rest(&mut table, |table| table.number(5), &mut share.values)?;
            match list.last_mut().filter(|last| (last.neuron, last.observable) == (neuron, observable)) {
                Some(last) => last.shares.push(share),
                None => list.push(NoiseBudget { neuron, observable, shares: vec![share] }),
            }
        }
        Ok(list)
    }

    fn covariances(&self) -> Result<Vec<Covariance>, ResultsError> {
        let mut list = Vec::new();
        let mut table = self.open(COVARIANCE, COVARIANCE_COLUMNS)?;
        while table.next_row()? {
            let (a, b) = (self.quantity(&table, 1)?, self.quantity(&table, 2)?);
            let mut covariance = Covariance { a, b, values: vec![table.number(3)?] };
            self.rest(&mut table, |table| table.number(3), &mut covariance.values)?;
            list.push(covariance);
        }
        Ok(list)
    }

    /// `relay[0].voltage`.
    fn quantity(&self, table: &TableReader, column: usize) -> Result<(usize, Observable), ResultsError> {
        let text = table.text(column);
        let (neuron, quantity) = text.rsplit_once('.').unwrap_or((text, ""));
        let neuron = self.numbers.get(neuron).copied();
        let quantity = Observable::ALL.iter().find(|observable| observable.name() == quantity);
        let both = neuron.zip(quantity.copied());
        both.ok_or_else(|| table.problem(format!("the network has no `{text}`")))
    }

    fn responses(&self) -> Result<Vec<ModeResponse>, ResultsError> {
        let mut list = Vec::new();
        let mut table = self.open(RESPONSES, RESPONSE_COLUMNS)?;
        let value = |table: &TableReader| Ok(Complex64::new(table.number(3)?, table.number(4)?));
        while table.next_row()? {
            let (neuron, source) = (self.neuron(&table, 1)?, table.text(2).to_owned());
            let mut response = ModeResponse { source, neuron, values: vec![value(&table)?] };
            self.rest(&mut table, value, &mut response.values)?;
            list.push(response);
        }
        Ok(list)
    }

    /// The rows of the other samples, which stand below the first.
    fn rest<T>(
        &self,
        table: &mut TableReader,
        value: impl Fn(&TableReader) -> Result<T, ResultsError>,
        values: &mut Vec<T>,
    ) -> Result<(), ResultsError> {
        for _ in 1..self.n_samples {
            if !table.next_row()? {
                return Err(table.problem("rows are missing after this one"));
            }
            values.push(value(table)?);
        }
        Ok(())
    }
}
