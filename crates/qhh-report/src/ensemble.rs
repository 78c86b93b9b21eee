//! What became of the mean field's spikes in the samples, as tables.

use minijinja::{Value, context};
use qhh_core::units::Dimension;
use qhh_net::outcome::{EnsembleNeuron, SpikeCount};

use super::figures::{label, spread};
use qhh_results::FinishedRun;
use qhh_results::number::{count, counted, number, symbol, within};

/// Spikes told one by one, and neurons.
const MOST_SPIKES: usize = 24;
const MOST_NEURONS: usize = 24;

/// A row for each spike of the mean field: how often it happens, when and how spread.
pub(super) fn firing(run: &FinishedRun) -> Option<Value> {
    let ensemble = run.outcome.ensemble.as_ref()?;
    let told = spread(&ensemble.spikes, MOST_SPIKES);
    let rows: Vec<Value> = told.iter().map(|spike| row(run, spike, ensemble.samples)).collect();
    (!rows.is_empty()).then(|| {
        context! {
            rows,
            unit => symbol(run.network.units, Dimension::TIME),
            few => (told.len() < ensemble.spikes.len()).then(|| {
                format!("{} of {}, evenly chosen; firing.csv has all.", told.len(), counted(ensemble.spikes.len(), "spike"))
            }),
        }
    })
}

fn row(run: &FinishedRun, spike: &SpikeCount, samples: usize) -> Value {
    let (low, high) = (spike.probability - spike.probability_error, spike.probability + spike.probability_error);
    context! {
        neuron => label(&run.network, spike.neuron),
        time => number(spike.time, 5),
        share => 100.0 * spike.probability,
        from => 100.0 * low.max(0.0),
        to => 100.0 * (high.min(1.0) - low.max(0.0)),
        probability => probability(spike, samples),
        mean_time => within(spike.mean_time, spike.mean_time_error),
        jitter => within(spike.jitter, spike.jitter_error),
        linear => within(spike.linear_jitter, spike.linear_jitter_error),
    }
}

/// `98.5 ± 0.6 %`; where all samples agree there is no error to be had from them.
pub(super) fn probability(spike: &SpikeCount, samples: usize) -> String {
    if spike.probability >= 1.0 {
        format!("all {}", count(samples))
    } else if spike.probability <= 0.0 {
        format!("none of {}", count(samples))
    } else {
        format!("{}\u{a0}%", within(100.0 * spike.probability, 100.0 * spike.probability_error))
    }
}

/// A row for each recorded neuron: its spikes, those that noise made and those it erased.
pub(super) fn noise_spikes(run: &FinishedRun) -> Option<Value> {
    let ensemble = run.outcome.ensemble.as_ref()?;
    let own = |of: &EnsembleNeuron| {
        ensemble.spikes.iter().filter(|s| s.neuron == of.neuron).cloned().collect::<Vec<_>>()
    };
    let told = spread(&ensemble.neurons, MOST_NEURONS);
    let rows: Vec<Value> = told
        .iter()
        .map(|of| {
            let spikes = own(of);
            context! {
                neuron => label(&run.network, of.neuron),
                mean_field => count(spikes.len()),
                spikes => number(of.spikes, 4),
                made => within(of.made, made_error(of, ensemble.samples)),
                erased => within(of.erased, erased_error(&spikes)),
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        context! {
            rows,
            samples => count(ensemble.samples),
            few => (told.len() < ensemble.neurons.len()).then(|| {
                format!("{} of {} recorded neurons, evenly chosen; noise_spikes.csv has all.", told.len(), count(ensemble.neurons.len()))
            }),
        }
    })
}

/// Standard error of the spikes made, which are counted as independent events.
pub(super) fn made_error(of: &EnsembleNeuron, samples: usize) -> f64 {
    (of.made / samples as f64).sqrt()
}

/// Standard error of the spikes erased: that of whether each happens, one independent of the next.
pub(super) fn erased_error(spikes: &[SpikeCount]) -> f64 {
    spikes.iter().map(|spike| spike.probability_error.powi(2)).sum::<f64>().sqrt()
}
