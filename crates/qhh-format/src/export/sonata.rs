//! A network as a SONATA circuit: a folder with nodes, edges, their types and `circuit_config.json`.
//!
//! All neurons are one node population with the network's name, a node type for each population of the network; each entry of
//! the waveguides is an edge population. Ours: models are `qhh:` names, which no other simulator knows. What others can use is
//! who is joined to whom, and how long a wave takes.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use qhh_core::circuit::Papers;
use qhh_net::Network;
use qhh_net::coupling::connections::ConnectionValues;
use qhh_net::network::{Direction, Waveguides};
use serde_json::json;

use super::CannotExport;
use crate::hdf5::{Attribute, Object, Values, Writer};
use crate::sonata::{finish, milliseconds};
use crate::yaml::population_documents;

/// Milliseconds of the network's unit of time.
///
/// # Errors
/// [`CannotExport`] of raw units, whose times have none: neither such a network nor its spikes can be written.
pub fn milliseconds_of(network: &Network) -> Result<f64, CannotExport> {
    let what = || "times in raw units, which are no milliseconds".to_owned();
    milliseconds(network.units).ok_or_else(|| CannotExport { format: "SONATA", what: what() })
}

/// Entries of a network file that this network has and that are no part of a SONATA circuit.
pub fn left_out(network: &Network) -> Vec<&'static str> {
    let there = [
        ("sources", !network.sources.is_empty()),
        ("states", !network.states.is_empty()),
        ("modes", !network.modes.is_empty()),
        ("quantum", network.quantum.is_some()),
    ];
    there.into_iter().filter_map(|(name, is_there)| is_there.then_some(name)).collect()
}

/// Writes the circuit of a checked network into an empty folder: delays in ms, shares and gains as numbers. One list of one
/// entry's waveguides at a time is in memory, besides the pattern.
///
/// # Errors
/// If a file cannot be written, or the network has raw units ([`milliseconds_of`]).
pub fn write_circuit(network: &Network, folder: &Path) -> io::Result<()> {
    let milliseconds =
        milliseconds_of(network).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let create = |path: &str| File::create_new(folder.join(path)).map(BufWriter::new);
    let write = |path: &str, text: &str| fs::write(folder.join(path), text);
    nodes(network, create("nodes.h5")?)?;
    edges(network, milliseconds, create("edges.h5")?)?;
    write("node_types.csv", &node_types(network))?;
    write("edge_types.csv", &edge_types(network))?;
    fs::create_dir(folder.join("components"))?;
    for (name, values) in population_documents(network) {
        write(&format!("components/{name}.json"), &format!("{values:#}\n"))?;
    }
    write("circuit_config.json", &format!("{:#}\n", config(network)))
}

fn nodes<W: Write + Seek>(network: &Network, file: W) -> io::Result<W> {
    let mut writer = Writer::new(file)?;
    let mut whole = |values: Vec<u64>| writer.dataset(Values::Whole(&values), &[]);
    let n_neurons = network.n_neurons() as u64;
    let counts = || network.populations.iter().map(|of| of.count);
    let ids = whole((0..n_neurons).collect())?;
    let types = whole((0..).zip(counts()).flat_map(|(kind, count)| std::iter::repeat_n(kind, count)).collect())?;
    let groups = whole(vec![0; network.n_neurons()])?;
    let places = whole(counts().flat_map(|count| 0..count as u64).collect())?;
    let group = writer.group(&[("place", places)], &[])?;
    // The place within the only group is the number of the neuron: the same list.
    let links = [
        ("node_id", ids),
        ("node_type_id", types),
        ("node_group_id", groups),
        ("node_group_index", ids),
        ("0", group),
    ];
    let population = writer.group(&links, &[])?;
    let nodes = writer.group(&[(network.name.as_str(), population)], &[])?;
    finish(writer, "nodes", nodes)
}

fn node_types(network: &Network) -> String {
    let mut text = String::from("node_type_id pop_name model_type model_template dynamics_params\n");
    for (kind, population) in network.populations.iter().enumerate() {
        let (name, model) = (
            &population.name,
            match population.circuit.papers() {
                Some(Papers::Three) => "three-channel",
                Some(Papers::Single) => "single-channel",
                None => "neuron",
            },
        );
        let _ = writeln!(text, "{kind} {name} point_neuron qhh:{model} {name}.json");
    }
    text
}

fn edges<W: Write + Seek>(network: &Network, milliseconds: f64, file: W) -> io::Result<W> {
    let mut writer = Writer::new(file)?;
    let populations = network
        .waveguides
        .iter()
        .zip(0..)
        .map(|(entry, kind)| {
            Ok((entry.name.as_str(), edge_population(network, entry, kind, milliseconds, &mut writer)?))
        })
        .collect::<io::Result<Vec<_>>>()?;
    let edges = writer.group(&populations, &[])?;
    finish(writer, "edges", edges)
}

fn edge_population<W: Write + Seek>(
    network: &Network,
    entry: &Waveguides,
    kind: u64,
    milliseconds: f64,
    writer: &mut Writer<W>,
) -> io::Result<Object> {
    let of = [("node_population", Attribute::Text(&network.name))];
    let ends = |end: fn(&(usize, usize)) -> usize| {
        let mut ids = Vec::new();
        network.for_each_connection(entry, |arm| ids.push(end(&(arm.from, arm.to)) as u64));
        ids
    };
    let sources = ends(|ends| ends.0);
    let n_edges = sources.len();
    let sources = writer.dataset(Values::Whole(&sources), &of)?;
    let targets = writer.dataset(Values::Whole(&ends(|ends| ends.1)), &of)?;
    let mut whole = |values: Vec<u64>| writer.dataset(Values::Whole(&values), &[]);
    let types = whole(vec![kind; n_edges])?;
    let groups = whole(vec![0; n_edges])?;
    let places = whole((0..n_edges as u64).collect())?;
    let mut values = Vec::new();
    for (place, name) in ["delay", "transmission", "weight", "gain"].into_iter().enumerate() {
        let (mut of, mut column) = (ConnectionValues::new(network, entry), Vec::with_capacity(n_edges));
        network.for_each_connection(entry, |arm| {
            column.push(match place {
                0 => of.delay(arm.item) * milliseconds,
                1 => of.transmission(arm.item),
                2 => of.weight(arm.item),
                _ => of.gain(arm.item),
            });
        });
        values.push((name, writer.dataset(Values::Numbers(&column), &[])?));
    }
    let group = writer.group(&values, &[])?;
    let links = [
        ("source_node_id", sources),
        ("target_node_id", targets),
        ("edge_type_id", types),
        ("edge_group_id", groups),
        ("edge_group_index", places),
        ("0", group),
    ];
    writer.group(&links, &[])
}

fn edge_types(network: &Network) -> String {
    let mut text = String::from("edge_type_id waveguide port two_way model_template\n");
    for (kind, entry) in network.waveguides.iter().enumerate() {
        let port = entry.port.as_deref().unwrap_or("NULL");
        let two_way = entry.direction == Direction::TwoWay;
        let _ = writeln!(text, "{kind} {} {port} {two_way} qhh:waveguide", entry.name);
    }
    text
}

fn config(network: &Network) -> serde_json::Value {
    let nodes = json!({
        "nodes_file": "$BASE_DIR/nodes.h5",
        "node_types_file": "$BASE_DIR/node_types.csv",
        "populations": {network.name.as_str(): {"type": "point_neuron"}},
    });
    let populations: serde_json::Map<_, _> =
        network.waveguides.iter().map(|entry| (entry.name.clone(), json!({"type": "chemical"}))).collect();
    let edges = json!({
        "edges_file": "$BASE_DIR/edges.h5",
        "edge_types_file": "$BASE_DIR/edge_types.csv",
        "populations": populations,
    });
    json!({
        "version": 2,
        "manifest": {"$BASE_DIR": "."},
        "components": {"point_neuron_models_dir": "$BASE_DIR/components"},
        "networks": {"nodes": [nodes], "edges": if network.waveguides.is_empty() { vec![] } else { vec![edges] }},
    })
}
