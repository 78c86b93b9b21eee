//! What a run is summed up by on the terminal.

use qhh_core::units::Dimension;
use qhh_net::Network;
use qhh_results::{OutcomeSummary, short};

/// The three numbers a user asks for first.
pub(super) fn headline(network: &Network, outcome: &OutcomeSummary) -> Vec<(&'static str, String)> {
    let with_unit = |value: f64, dimension| {
        let symbol = network.units.symbol(dimension);
        format!("{} {symbol}", short(value)).trim_end().to_owned()
    };
    let voltage = |value| with_unit(value, Dimension::VOLTAGE);
    let when = |time, neuron: &str| format!("at {} ({neuron})", with_unit(time, Dimension::TIME));
    let spikes = match (&outcome.spikes.first_neuron, outcome.spikes.first_time) {
        (Some(neuron), Some(time)) => format!("{}, the first {}", outcome.spikes.total, when(time, neuron)),
        _ if network.has_spikes() => "none".to_owned(),
        _ => "not counted: without reversal potentials there is no threshold unless `simulation.spike_threshold` is given"
            .to_owned(),
    };
    let highest = outcome.highest_voltage().map_or_else(
        || "not recorded".to_owned(),
        |v| format!("{} {}", voltage(v.highest), when(v.highest_time, &v.neuron)),
    );
    let third = match (&outcome.largest_variance, outcome.lowest_voltage()) {
        (Some(peak), _) => {
            let variance = with_unit(peak.variance, Dimension::VOLTAGE_SQUARED);
            let share = peak
                .vacuum_share
                .map_or_else(String::new, |share| format!(", {:.0} % of it vacuum", 100.0 * share));
            let held = if network.gates_are_held() { ", gates held" } else { "" };
            ("largest variance", format!("{variance} {}{share}{held}", when(peak.time, &peak.neuron)))
        }
        (None, Some(v)) => ("lowest voltage", format!("{} {}", voltage(v.lowest), when(v.lowest_time, &v.neuron))),
        (None, None) => ("lowest voltage", "not recorded".to_owned()),
    };
    vec![("spikes", spikes), ("peak voltage", highest), third]
}
