//! The DOT language of Graphviz, read by many programs. Attributes beyond Graphviz's own carry the physics.

use std::fmt::Write as _;

use qhh_net::Network;
use qhh_net::coupling::connections::ConnectionValues;
use qhh_net::coupling::topology::Topology;
use qhh_net::network::Direction;

use super::Level;
use super::drawing::titled;
use super::svg::LIGHT;
use crate::figures::label;
use qhh_results::number::counted;

/// The whole file.
pub(crate) fn write(network: &Network, topology: &Topology, level: Level) -> String {
    let mut dot = format!("digraph {} {{\n", quoted(&network.name));
    dot.push_str("  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];\n");
    dot.push_str("  edge [color=\"#5d646c\", fontname=\"sans-serif\", fontsize=10];\n");
    match level {
        Level::Neurons => neurons(&mut dot, network),
        Level::Populations => populations(&mut dot, network, topology),
    }
    dot.push_str("}\n");
    dot
}

fn neurons(dot: &mut String, network: &Network) {
    let mut neuron = 0;
    for (colour, population) in network.populations.iter().enumerate() {
        for _ in 0..population.count {
            let (name, population) = (quoted(&label(network, neuron)), quoted(&population.name));
            let fill = fill(colour);
            let _ = writeln!(dot, "  n{neuron} [label={name}, population={population}, {fill}];");
            neuron += 1;
        }
    }
    for entry in &network.waveguides {
        let name = quoted(&entry.name);
        let both = both_ways(entry.direction);
        let mut values = ConnectionValues::new(network, entry);
        network.for_each_connection(entry, |arm| {
            let (delay, transmission) = (values.delay(arm.item), values.transmission(arm.item));
            let _ = writeln!(
                dot,
                "  n{} -> n{} [entry={name}, delay={delay}, transmission={transmission}{both}];",
                arm.from, arm.to
            );
        });
    }
}

fn populations(dot: &mut String, network: &Network, topology: &Topology) {
    for (place, population) in network.populations.iter().enumerate() {
        let text = quoted(&format!("{}\n{}", population.name, counted(population.count, "neuron")));
        let _ = writeln!(dot, "  p{place} [label={text}, neurons={}, {}];", population.count, fill(place));
    }
    for link in &topology.links {
        let entry = &network.waveguides[link.entry];
        let text = quoted(&format!("{}\n{}", entry.name, counted(link.arms, "waveguide")));
        let _ = writeln!(
            dot,
            "  p{} -> p{} [label={text}, tooltip={}, waveguides={}, delay={}, longest={}{}];",
            link.from,
            link.to,
            quoted(&titled(network, link)),
            link.arms,
            link.delays.0,
            link.delays.1,
            both_ways(entry.direction)
        );
    }
}

fn both_ways(direction: Direction) -> &'static str {
    if direction == Direction::TwoWay { ", dir=both" } else { "" }
}

/// A veil of the population's colour.
fn fill(colour: usize) -> String {
    let colour = LIGHT[colour % LIGHT.len()];
    format!("color=\"{colour}\", fillcolor=\"{colour}28\"")
}

/// A string of DOT: quotation marks and backslashes guarded, lines broken by `\n`.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\u{a0}' | '\u{202f}' => quoted.push(' '),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_text_ends_its_string() {
        assert_eq!(quoted("a\"; evil -> \\\n"), r#""a\"; evil -> \\\n""#);
    }
}
