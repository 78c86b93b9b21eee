//! A network's graph in words and numbers.

use qhh_core::units::Dimension;
use qhh_net::Network;
use qhh_net::coupling::topology::{Fan, Topology};
use qhh_net::network::Direction;

use super::drawing::range;
use crate::figures::label;
use qhh_results::number::{count, counted, number, quantity};

/// Populations and entries told one by one, at most; sizes and neurons listed in a line.
const MOST_TOLD: usize = 12;
const MOST_LISTED: usize = 6;

/// What is said of one side of a graph: its name, and a sentence a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Name: `feedback loops`.
    pub name: &'static str,
    /// What is so, line by line.
    pub lines: Vec<String>,
}

/// Populations and waveguides, then what [`Topology`] found.
pub fn facts(network: &Network, topology: &Topology) -> Vec<Fact> {
    let mut facts = vec![populations(network), waveguides(network, topology)];
    let mut add = |name, lines: Vec<String>| facts.push(Fact { name, lines });
    add("components", vec![components(topology)]);
    if topology.n_arms > 0 {
        add("feedback loops", loops(network, topology));
        add("layers", vec![layers(topology)]);
        add("longest path", vec![longest_path(topology)]);
        add("fan-in", vec![fan(topology.fan_in)]);
        add("fan-out", vec![fan(topology.fan_out)]);
    }
    if let Some(delays) = topology.delays {
        add("delays", vec![range(network, delays)]);
        add("window", vec![window(network, delays.0)]);
    }
    facts
}

/// Whether the neurons make one network, and whether waves come back to them.
pub fn verdict(topology: &Topology) -> String {
    let back = match (topology.loops.is_empty(), topology.n_two_way) {
        (true, 0) => "without feedback",
        _ => "with feedback",
    };
    let alone = match topology.isolated {
        0 => String::new(),
        n => format!(" and {} joined to none", counted(n, "neuron")),
    };
    match topology.components.as_slice() {
        [] => format!("no network: {} joined to none", counted(topology.isolated, "neuron")),
        [_] => format!("one network{alone}, {back}"),
        parts => format!("{} networks that do not hear of each other{alone}, {back}", count(parts.len())),
    }
}

fn populations(network: &Network) -> Fact {
    let told = network.populations.iter().map(|p| format!("{}: {}", p.name, counted(p.count, "neuron")));
    Fact { name: "populations", lines: cut(told, network.populations.len(), "population") }
}

fn waveguides(network: &Network, topology: &Topology) -> Fact {
    let told = topology.links.iter().map(|link| {
        let entry = &network.waveguides[link.entry];
        let (from, to) = (&network.populations[link.from].name, &network.populations[link.to].name);
        let both = if entry.direction == Direction::TwoWay { ", two-way" } else { "" };
        let delays = range(network, link.delays);
        format!(
            "{}: {}, {} from {from} to {to}, {delays}{both}",
            entry.name,
            entry.pattern.name(),
            count(link.arms)
        )
    });
    let mut lines = cut(told, topology.links.len(), "entry");
    if lines.is_empty() {
        lines.push("none".to_owned());
    } else if topology.links.len() > 1 {
        lines.insert(0, format!("{} in all", count(topology.n_arms)));
    }
    Fact { name: "waveguides", lines }
}

/// The first few lines, and how many more there are.
fn cut(told: impl Iterator<Item = String>, n: usize, noun: &str) -> Vec<String> {
    let mut lines: Vec<String> = told.take(MOST_TOLD).collect();
    if n > MOST_TOLD {
        let plural = noun.strip_suffix('y').map_or_else(|| format!("{noun}s"), |stem| format!("{stem}ies"));
        lines.push(format!("and {} more {plural}", count(n - MOST_TOLD)));
    }
    lines
}

fn components(topology: &Topology) -> String {
    let apart = match topology.isolated {
        0 => String::new(),
        1 => "1 neuron joined to none".to_owned(),
        n => format!("{} neurons joined to none", count(n)),
    };
    match (topology.components.is_empty(), apart.is_empty()) {
        (true, _) => apart,
        (false, true) => sizes(&topology.components),
        (false, false) => format!("{}; {apart}", sizes(&topology.components)),
    }
}

fn loops(network: &Network, topology: &Topology) -> Vec<String> {
    let back = match topology.n_two_way {
        0 => None,
        n => Some(format!("waves come back through {}", counted(n, "two-way waveguide"))),
    };
    if topology.loops.is_empty() {
        return vec![back.map_or_else(|| "none".to_owned(), |back| format!("none, but {back}"))];
    }
    let mut lines = vec![sizes(&topology.loops)];
    lines.extend(topology.cycles.iter().map(|cycle| {
        let name = |&neuron: &usize| label(network, neuron);
        let mut names: Vec<String> = cycle.iter().take(MOST_LISTED).map(name).collect();
        if cycle.len() > MOST_LISTED {
            names.push("…".to_owned());
        }
        names.extend(cycle.first().map(name));
        let way = if cycle.len() > 1 {
            format!(" ({} round)", counted(cycle.len(), "waveguide"))
        } else {
            String::new()
        };
        names.join(" → ") + &way
    }));
    lines.extend(back);
    lines
}

fn layers(topology: &Topology) -> String {
    let of_one_loop = topology.layers.len() == 1 && !topology.loops.is_empty();
    if of_one_loop { "1: loops have no order".to_owned() } else { sizes(&topology.layers) }
}

fn longest_path(topology: &Topology) -> String {
    let hops = counted(topology.longest_path(), "waveguide");
    match (topology.loops.is_empty(), topology.longest_path()) {
        (true, _) => hops,
        (false, 0) => "none outside the loops".to_owned(),
        (false, _) => format!("{hops}, each loop taken for one neuron"),
    }
}

fn fan(fan: Fan) -> String {
    if fan.least == fan.most {
        format!("{} for each neuron", count(fan.least))
    } else {
        format!("{} to {}, {} on average", count(fan.least), count(fan.most), number(fan.mean, 3))
    }
}

/// The time for which neurons can be computed each for itself, as nothing sent in it arrives within it.
fn window(network: &Network, smallest: f64) -> String {
    let step = network.simulation.step;
    let steps = (smallest / step + 1e-6).floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not below 0")]
    let steps = counted(steps as usize, "step");
    format!(
        "{steps} of {} can be computed in parallel: nothing arrives sooner than the smallest delay",
        quantity(network.units, step, Dimension::TIME, 4)
    )
}

/// `3, with 4, 2 and 2 neurons`, or `6, with 1 neuron each`.
fn sizes(all: &[usize]) -> String {
    let n = count(all.len());
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return n };
    if all.iter().all(|size| size == first) {
        let each = if all.len() > 1 { " each" } else { "" };
        return format!("{n}, with {}{each}", counted(*first, "neuron"));
    }
    let listed: Vec<String> = if all.len() <= MOST_LISTED + 1 {
        all[..all.len() - 1].iter().copied().map(count).collect()
    } else {
        all[..MOST_LISTED].iter().copied().map(count).chain(["…".to_owned()]).collect()
    };
    format!("{n}, with {} and {}", listed.join(", "), counted(*last, "neuron"))
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn sizes_are_told_shortly() {
        assert_eq!(sizes(&[7]), "1, with 7 neurons");
        assert_eq!(sizes(&[1, 1, 1]), "3, with 1 neuron each");
        assert_eq!(sizes(&[4, 2, 1]), "3, with 4, 2 and 1 neuron");
        assert_eq!(sizes(&[9, 8, 7, 6, 5, 4, 3, 2, 1]), "9, with 9, 8, 7, 6, 5, 4, … and 1 neuron");
    }
}
