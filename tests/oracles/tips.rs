//! What the page says under the pointer is what the tables say.

use qhh_net::network::Observable;
use qhh_report::run_page;

use crate::{browser, examples};

/// Ten places of a trace of ten thousand samples, of which the page draws some hundred: each tip is a row of the table,
/// to the six digits shown.
pub(crate) fn tips_of_a_thinned_trace_are_rows_of_the_table() {
    let mut run = examples::squid();
    let neuron = run.network.record.neurons[0];
    let times: Vec<f64> = (0..=10_000u32).map(|k| 0.005 * f64::from(k)).collect();
    // Spikes of a sample or two on a slow wave: what lies between two drawn points is far from either.
    let course = |(k, t): (usize, &f64)| if k % 97 < 2 { 40.0 - t } else { -66.0 + 3.0 * (0.7 * t).sin() };
    let values: Vec<f64> = times.iter().enumerate().map(course).collect();
    let traces = &mut run.outcome.traces;
    traces.columns.retain(|column| column.neuron == neuron && column.observable == Observable::Voltage);
    traces.columns[0].values.clone_from(&values);
    traces.times.clone_from(&times);
    run.outcome.variances.clear();

    let places: Vec<f64> = (1..=10u32).map(|k| (0.618_034 * f64::from(k)).fract()).collect();
    let at: Vec<(&str, f64, f64)> = places.iter().map(|x| ("voltage", *x, 0.5)).collect();
    let tips = browser::tips(&run_page(&run), &at);
    let number = |text: &str| {
        let digits = text.split('\u{a0}').next().unwrap_or_default();
        digits.parse::<f64>().unwrap_or_else(|_| panic!("{text} is a number"))
    };
    for (place, tip) in places.iter().zip(&tips) {
        let time = number(&tip[0].1);
        let row = times.iter().position(|t| (t - time).abs() < 1e-9);
        let row = row.unwrap_or_else(|| panic!("{time} is the time of a sample: {tip:?}"));
        let told = number(&tip[1].1);
        assert!((told - values[row]).abs() <= 6e-6 * values[row].abs(), "{tip:?}, the table says {}", values[row]);
        assert!((time - 50.0 * place).abs() < 0.3, "{tip:?} is near the pointer, {place}");
    }
}
