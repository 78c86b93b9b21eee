//! Runs with field modes, and what their pages show.

use num_complex::Complex64;
use qhh_net::network::{Fluctuations, Observable};
use qhh_net::outcome::{ModeResponse, NoiseBudget, NoiseShare, SpikeJitter};
use qhh_report::run_page;
use qhh_results::FinishedRun;

use crate::structure::{data, figures, names, size, text};
use crate::{examples, wired};

/// The wired chain with a noise budget of every neuron, jitter of every spike, and one source's mode.
pub(crate) fn chain() -> FinishedRun {
    let mut run = wired::chain();
    let quantum = run.network.quantum.as_mut().expect("the chain fluctuates");
    (quantum.fluctuations, quantum.modes) = (Fluctuations::Heisenberg, Some(64));
    run.network.record.noise_budget = true;
    let outcome = &mut run.outcome;
    outcome.frequencies = Some(64);
    let slope = |k: usize, n: usize| 1.0 + (6.0 * k as f64 / n as f64).sin();
    let n = outcome.traces.times.len();
    for neuron in 0..6 {
        let mut shares = Vec::new();
        for of in 0..=neuron {
            let parts = ["potassium", "sodium", "chloride", "output", "input loss", "output splitter"];
            for (place, part) in parts.into_iter().enumerate() {
                let sign = if part.ends_with("splitter") { -0.2 } else { 1.0 };
                let size = sign / ((place + 1) as f64 * (1 + neuron - of) as f64);
                shares.push(NoiseShare {
                    neuron: of,
                    origin: format!("relay[{of}] {part}"),
                    values: (0..n).map(|k| size * slope(k, n)).collect(),
                });
            }
        }
        if neuron == 3 {
            outcome.budget.push(NoiseBudget { neuron, observable: Observable::WaveOut, shares: shares.clone() });
        }
        outcome.budget.push(NoiseBudget { neuron, observable: Observable::Voltage, shares });
        outcome.responses.push(ModeResponse {
            source: "signal".to_owned(),
            neuron,
            values: (0..n)
                .map(|k| Complex64::from_polar(slope(k, n) / (neuron + 1) as f64, 0.1 * k as f64))
                .collect(),
        });
    }
    let jitter = |spike: &qhh_net::outcome::Spike| SpikeJitter {
        neuron: spike.neuron,
        time: spike.time,
        variance: 0.4,
        deviation: 0.0123,
    };
    outcome.jitter = outcome.spikes.iter().map(jitter).collect();
    run
}

#[test]
fn field_modes_show_budgets_jitter_and_responses() {
    let run = chain();
    let html = run_page(&run);
    let titles = figures(&html);
    for title in [
        "Noise budget of relay[1]",
        "Noise budget of relay[5]",
        "Noise budget of wave_out of relay[3]",
        "Responses to sources",
    ] {
        assert!(titles.contains(&title), "{titles:?}");
    }
    assert!(!titles.contains(&"Noise budget of relay[0]"), "nothing reaches it: {titles:?}");
    assert!(titles.iter().filter(|title| title.starts_with("Noise budget")).count() <= 5, "{titles:?}");
    let text = text(&html);
    assert!(text.contains("at 64 frequencies (fluctuations heisenberg)"), "{text}");
    let data = data(&html);
    let drawn = names(&data["budget-5"]);
    assert!(drawn.contains(&"29 others"), "36 origins, seven of them apart: {drawn:?}");
    assert!(text.contains("Whose noise moves each spike"), "{text}");
    assert!(text.contains("jitter 0.012 ms"), "{text}");
    assert!(text.contains("Variance (mV²) Jitter (ms)") && text.contains(" 0.4 0.0123 "), "{text}");
    // 1 of 1 + 1/2 + 1/3 + 1/4 + 1/5 - 0.2/6.
    assert!(text.contains("relay[0] potassium 44 %"), "{text}");
    assert!(size(&html) < 1_700_000, "{} bytes", size(&html));
}

#[test]
fn a_run_without_field_modes_tells_of_none() {
    let html = run_page(&examples::chain());
    let text = text(&html);
    assert!(
        !text.contains("Jitter") && !text.contains("frequencies (") && !text.contains("Whose noise"),
        "{text}"
    );
}
