//! A voltage over time in a line of text.

use qhh::RunResult;
use qhh_core::units::Dimension;
use qhh_net::network::Observable;
use qhh_results::short;

/// Characters of the line, and of it with what it shows: beside the row's name that is a terminal's width.
const WIDTH: usize = 40;
const WITH_LABEL: usize = 58;
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The first voltage that was recorded, whose it is, and its times; none without samples.
pub(super) fn row(result: &RunResult) -> Option<String> {
    let voltage = Observable::Voltage.name();
    let trace = result.traces().find(|trace| trace.quantity == voltage)?;
    let (first, last) = (result.time().first()?, result.time().last()?);
    let unit = result.net().units.symbol(Dimension::TIME);
    let until = format!("{} to {} {unit}", short(*first), short(*last));
    let label = format!("{}, {}", trace.neuron, until.trim_end());
    let width = WITH_LABEL.saturating_sub(label.chars().count()).clamp(WIDTH / 2, WIDTH);
    Some(format!("{}  {label}", sparkline(trace.values, width)))
}

/// The highest value of each of `width` stretches, between the lowest and the highest of all.
fn sparkline(values: &[f64], width: usize) -> String {
    let width = width.min(values.len());
    let highest = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let stretch = |k: usize| k * values.len() / width..(k + 1) * values.len() / width;
    let peaks: Vec<f64> = (0..width).map(|k| highest(&values[stretch(k)])).collect();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let range = highest(values) - low;
    // What moves by less than rounding stands still.
    let still = range <= 1e-9 * low.abs();
    let level = |peak: &f64| if still { 0.0 } else { (peak - low) / range * 7.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 7")]
    peaks.iter().map(|peak| LEVELS[(level(peak).round() as usize).min(7)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spike_shows_however_long_the_run() {
        let mut values = vec![-65.0; 100_000];
        (values[50_000], values[99_999]) = (40.0, -12.5);
        let line: Vec<char> = sparkline(&values, 40).chars().collect();
        assert_eq!((line.len(), line[0], line[19], line[20], line[39]), (40, '▁', '▁', '█', '▅'));
    }

    #[test]
    fn few_samples_and_none_that_move_are_drawn_low() {
        assert_eq!(sparkline(&[-65.0, -65.0, -65.0], 40), "▁▁▁");
        assert_eq!(sparkline(&[0.0, 1.0], 40), "▁█");
        assert_eq!(sparkline(&[], 40), "");
    }
}
