//! Waveguides that are not laid, and those whose waves come after the end of the run.

use qhh_core::units::Dimension;

use super::Warning;
use crate::network::{Network, Pattern, Waveguides};

/// Waveguides none of whose waves arrives within the run.
pub(super) fn delays_beyond_the_end(network: &Network) -> Vec<Warning> {
    let time = |value: f64| network.units.display(value, Dimension::TIME);
    let end = network.simulation.duration;
    let late = network.waveguides.iter().filter_map(|entry| {
        let least = entry.delay_range().0;
        (least >= end).then(|| Warning {
            path: format!("waveguides.{}.delay", entry.name),
            finding: format!("a wave takes {} or more, but the run ends at {}", time(least), time(end)),
            remedy: "shorten the delay, or lengthen the run".to_owned(),
        })
    });
    late.collect()
}

/// Waveguides that join nobody.
pub(super) fn no_arms(network: &Network) -> Vec<Warning> {
    let empty = network.waveguides.iter().filter(|entry| joins_nobody(entry));
    let told = empty.map(|entry| Warning {
        path: format!("waveguides.{}", entry.name),
        finding: "it joins no neurons".to_owned(),
        remedy: "check `from`, `to` and `pattern`".to_owned(),
    });
    told.collect()
}

/// Whether no waveguide can be laid.
fn joins_nobody(entry: &Waveguides) -> bool {
    let alone = entry.pattern == Pattern::Ring && entry.from.len() == 1 && !entry.allow_self;
    alone || entry.pattern.expected_arms(entry.ends()) <= 0.0
}

/// Waveguides of two lists place by place that are left out, because both ends are one neuron.
pub(super) fn left_out(network: &Network) -> Vec<Warning> {
    let of = |entry: &Waveguides| {
        let left_out = if entry.pattern == Pattern::OneToOne && !entry.allow_self { in_place(entry) } else { 0 };
        (left_out > 0).then(|| Warning {
            path: format!("waveguides.{}", entry.name),
            finding: format!(
                "{left_out} of its {} waveguides would join a neuron to itself, and are left out",
                entry.from.len()
            ),
            remedy: "write `allow_self: true` to lay them, or name other neurons".to_owned(),
        })
    };
    network.waveguides.iter().filter_map(of).collect()
}

/// Places at which both lists of an entry have the same neuron.
fn in_place(entry: &Waveguides) -> usize {
    let (mut senders, mut receivers) = (entry.from.stretches(), entry.to.stretches());
    let (mut from, mut to) = (0..0, 0..0);
    let mut same = 0;
    loop {
        if from.is_empty() {
            let Some(next) = senders.next() else { return same };
            from = next;
        }
        if to.is_empty() {
            let Some(next) = receivers.next() else { return same };
            to = next;
        }
        let length = from.len().min(to.len());
        if from.start == to.start {
            same += length;
        }
        (from.start, to.start) = (from.start + length, to.start + length);
    }
}
