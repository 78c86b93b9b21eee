//! Runs with samples of the fields, and what their pages show.

use qhh_net::network::{Feedback, Fluctuations, Observable};
use qhh_net::outcome::{Ensemble, EnsembleNeuron, LineVariance, SpikeCount, TimeHistogram};
use qhh_report::{compare_page, run_page};
use qhh_results::FinishedRun;

use crate::structure::{data, figures, names, text};
use crate::{examples, modes, wired};

/// The wired chain with four hundred samples: times spread, some spikes missing.
pub(crate) fn chain() -> FinishedRun {
    with_samples(wired::chain())
}

/// One neuron that fires again and again.
pub(crate) fn burst() -> FinishedRun {
    with_samples(examples::squid())
}

/// Samples of any run: voltages a little lower and late, one spike in four never missed, the last one always.
fn with_samples(mut run: FinishedRun) -> FinishedRun {
    let quantum = run.network.quantum.as_mut().expect("the run fluctuates");
    (quantum.fluctuations, quantum.samples, quantum.feedback) = (Fluctuations::Wigner, 400, Feedback::Full);
    let outcome = &mut run.outcome;
    let mut ensemble =
        Ensemble { samples: 400, neurons: Vec::new(), spikes: Vec::new(), trajectories: Vec::new() };
    for &neuron in &run.network.record.neurons {
        let voltage = outcome.traces.get(neuron, Observable::Voltage).expect("recorded");
        let n = voltage.len();
        let late = |k: usize| voltage[k.saturating_sub(n / 100)];
        let mean: Vec<f64> = (0..n).map(|k| 0.5 * (voltage[k] + late(k)) - 1.0).collect();
        let variance: Vec<f64> = (0..n).map(|k| 2.0 + (voltage[k] - late(k)).powi(2)).collect();
        ensemble.neurons.push(EnsembleNeuron {
            neuron,
            mean_error: variance.iter().map(|v| (v / 400.0).sqrt()).collect(),
            variance_error: variance.iter().map(|v| v / 14.0).collect(),
            skewness: (0..n).map(|k| 0.05 * (voltage[k] - late(k))).collect(),
            kurtosis: (0..n).map(|k| 0.01 * (voltage[k] - late(k)).powi(2)).collect(),
            mean,
            variance,
            spikes: 0.9925,
            made: 0.0075,
            erased: 0.015,
        });
    }
    let last = outcome.spikes.len() - 1;
    for (k, spike) in outcome.spikes.iter().enumerate() {
        let probability = if k == last { 0.0 } else { [0.985, 0.5, 1.0, 0.02][k % 4] };
        let fired = 400.0 * probability;
        let number = |value: f64| if k == last { f64::NAN } else { value };
        let width = 0.1 * (1 + k % 3) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 100")]
        let samples = |j: i32| (fired / 4.0 * (-0.1 * f64::from((j - 4).pow(2))).exp()) as u32;
        let counts: Vec<u32> = (0..12).map(samples).collect();
        ensemble.spikes.push(SpikeCount {
            neuron: spike.neuron,
            time: spike.time,
            probability,
            probability_error: (probability * (1.0 - probability) / 400.0).sqrt(),
            mean_time: number(spike.time + 0.05),
            mean_time_error: number(0.017),
            jitter: number(0.343),
            jitter_error: number(0.012),
            linear_jitter: 0.117,
            linear_jitter_error: 0.004,
            histogram: if k == last {
                TimeHistogram::default()
            } else {
                TimeHistogram {
                    edges: (0..=12).map(|j| spike.time + width * (f64::from(j) - 5.0)).collect(),
                    counts,
                }
            },
        });
    }
    for variance in &mut outcome.variances {
        let of = ensemble.neurons.iter().find(|of| of.neuron == variance.neuron).expect("of every neuron");
        let zero = vec![0.0; of.variance.len()];
        variance.lines = vec![LineVariance {
            line: "all lines".to_owned(),
            vacuum: of.variance.clone(),
            thermal: zero.clone(),
            state: zero,
        }];
        variance.cutoff.rows.clear();
    }
    outcome.ensemble = Some(ensemble);
    run
}

#[test]
fn samples_show_courses_times_variance_and_shape_and_no_lines() {
    let html = run_page(&chain());
    let titles = figures(&html);
    for title in [
        "Samples beside the mean field",
        "Times of spikes in the samples",
        "Variance over the samples",
        "Skewness and kurtosis",
    ] {
        assert!(titles.contains(&title), "{title}: {titles:?}");
    }
    for title in ["Variance by line", "Parts of the variance", "Voltage and its fluctuations"] {
        assert!(!titles.contains(&title), "samples know no lines apart: {titles:?}");
    }
    let text = text(&html);
    for told in [
        "From 400 samples of the fields on every line (fluctuations wigner); the gates follow each sample's own voltage",
        "98.50 ± 0.61 %",
        "all 400",
        "none of 400",
        "0.343 ± 0.012",
        "0.0075 ± 0.0043",
        "in 98.5 % of the samples",
    ] {
        assert!(text.contains(told), "{told:?} is not in: {text}");
    }
    assert!(!text.contains("NaN") && !text.contains("not a number") && !text.contains("vacuum 100"), "{text}");
}

#[test]
fn jitter_by_linear_response_stands_beside_the_sampled_one() {
    let text = text(&run_page(&chain()));
    assert!(text.contains("Linear response (ms)") && text.contains("0.343 ± 0.012 0.1170 ± 0.0040"), "{text}");
}

#[test]
fn samples_that_follow_the_mean_say_what_that_leaves_out() {
    let mut run = chain();
    run.network.quantum.as_mut().unwrap().feedback = Feedback::Mean;
    let text = text(&run_page(&run));
    assert!(text.contains("the gates follow the mean field (feedback mean)"), "{text}");
}

#[test]
fn a_normal_voltage_needs_no_picture_of_its_shape() {
    let mut run = chain();
    for of in &mut run.outcome.ensemble.as_mut().unwrap().neurons {
        of.skewness.fill(0.1);
        of.kurtosis.fill(-0.2);
    }
    assert!(!figures(&run_page(&run)).contains(&"Skewness and kurtosis"));
}

#[test]
fn several_spikes_of_a_neuron_have_a_line_each() {
    let html = run_page(&burst());
    let data = data(&html);
    let names = names(&data["spike-times"]);
    assert!((2..=4).contains(&names.iter().filter(|name| name.starts_with("spike at")).count()), "{names:?}");
    assert!(!names.contains(&"normal distribution"));
}

#[test]
fn jitter_and_firing_are_compared_with_their_errors() {
    let mut other = chain();
    for spike in &mut other.outcome.ensemble.as_mut().unwrap().spikes {
        spike.jitter -= 0.1;
    }
    let page = compare_page(&[chain(), other, modes::chain()]);
    let text = text(&page);
    // 0.1 over the root of twice 0.012².
    assert!(text.contains("0.243 ± 0.012 ms −0.1 ms, 5.9 σ samples"), "{text}");
    assert!(text.contains("0.0123 ms −0.331 ms, 28 σ linear response"), "{text}");
    assert!(text.contains("spike 1, fires in 98.50 ± 0.61 % 98.50 ± 0.61 % same –"), "{text}");
    assert!(text.contains("Samples of the fields know the total alone."), "{text}");
}
