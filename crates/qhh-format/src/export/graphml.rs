//! The graph of a network in GraphML: a node for each neuron, an edge for each arm of a waveguide.

use std::fmt::Write as _;

use qhh_core::units::Dimension;
use qhh_net::Network;
use qhh_net::coupling::connections::ConnectionValues;
use qhh_net::network::Direction;

/// What nodes and edges have: where, name, type.
const KEYS: [(&str, &str, &str); 11] = [
    ("node", "label", "string"),
    ("node", "population", "string"),
    ("node", "index", "long"),
    ("edge", "waveguide", "string"),
    ("edge", "port", "string"),
    ("edge", "delay", "double"),
    ("edge", "transmission", "double"),
    ("edge", "weight", "double"),
    ("edge", "gain", "double"),
    ("edge", "two_way", "boolean"),
    ("graph", "time_unit", "string"),
];

/// The whole file.
pub(super) fn text(network: &Network) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
    );
    for (of, name, kind) in KEYS {
        let _ = writeln!(xml, "  <key id=\"{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>");
    }
    let _ = writeln!(xml, "  <graph id=\"{}\" edgedefault=\"directed\">", escaped(&network.name));
    data(&mut xml, 4, "time_unit", network.units.symbol(Dimension::TIME));
    let mut neuron = 0;
    for population in &network.populations {
        for index in 0..population.count {
            let _ = writeln!(xml, "    <node id=\"n{neuron}\">");
            data(&mut xml, 6, "label", &network.neuron_name(neuron));
            data(&mut xml, 6, "population", &population.name);
            data(&mut xml, 6, "index", &index.to_string());
            xml.push_str("    </node>\n");
            neuron += 1;
        }
    }
    for entry in &network.waveguides {
        let two_way = entry.direction == Direction::TwoWay;
        let mut values = ConnectionValues::new(network, entry);
        network.for_each_connection(entry, |arm| {
            let _ = writeln!(xml, "    <edge source=\"n{}\" target=\"n{}\">", arm.from, arm.to);
            data(&mut xml, 6, "waveguide", &entry.name);
            if let Some(port) = &entry.port {
                data(&mut xml, 6, "port", port);
            }
            data(&mut xml, 6, "delay", &values.delay(arm.item).to_string());
            data(&mut xml, 6, "transmission", &values.transmission(arm.item).to_string());
            data(&mut xml, 6, "weight", &values.weight(arm.item).to_string());
            data(&mut xml, 6, "gain", &values.gain(arm.item).to_string());
            data(&mut xml, 6, "two_way", if two_way { "true" } else { "false" });
            xml.push_str("    </edge>\n");
        });
    }
    xml.push_str("  </graph>\n</graphml>\n");
    xml
}

fn data(xml: &mut String, indent: usize, key: &str, value: &str) {
    let _ = writeln!(xml, "{:indent$}<data key=\"{key}\">{}</data>", "", escaped(value));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
