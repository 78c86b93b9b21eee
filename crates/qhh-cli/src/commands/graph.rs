//! `qhh graph`: what a network looks like, in words, as a drawing and for other programs.

use std::path::Path;

use qhh::{Error, Graph, Purpose};
use qhh_results::ResultsError;

use super::load;
use crate::args::GraphArgs;
use crate::failure::Failure;
use crate::output;

/// Reads the file, writes the drawings, prints the summary.
pub(crate) fn graph(args: &GraphArgs) -> Result<(), Failure> {
    let streamed = [&args.svg, &args.dot].into_iter().flatten().filter(|file| is_stdout(file)).count();
    if streamed > 1 {
        let message = "only one of --svg and --dot can go to standard output".to_owned();
        return Err(Error::Usage { message, remedy: "give the other a file name" }.into());
    }
    let graph = Graph::of(&load(&args.file, &args.network.options(Purpose::Graph))?);
    let mut text = String::new();
    if streamed == 0 {
        let verdict = output::verdict(true, &graph.verdict());
        text = format!("{}\n{}{verdict}", args.file.display(), summary(&graph));
    }
    if let Some(file) = &args.svg {
        hand_over(graph.svg(), file, args.force, &mut text)?;
        tell_level("drawing", graph.is_drawn_by_populations());
    }
    if let Some(file) = &args.dot {
        hand_over(graph.dot(), file, args.force, &mut text)?;
        tell_level("DOT file", graph.is_listed_by_populations());
    }
    output::print(&text).map_err(Failure::Output)
}

fn is_stdout(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// Into its file, whose name is printed then; or into what is printed.
fn hand_over(content: String, file: &Path, force: bool, text: &mut String) -> Result<(), Failure> {
    if is_stdout(file) {
        *text = content;
        return Ok(());
    }
    let written = qhh_results::write_text(&content, file, force);
    Ok(written.map_err(|cause| match cause {
        ResultsError::Exists { path } => {
            let message = format!("{} exists already", path.display());
            Error::Usage { message, remedy: "give another name, or replace it with `force`" }
        }
        cause => Error::Folder(cause),
    })?)
}

/// A large network's file shows less than one may expect.
fn tell_level(what: &str, by_populations: bool) {
    if by_populations {
        output::note(&format!("note: the network is large: the {what} shows populations and counts"));
    }
}

/// What the graph is like, in two columns.
fn summary(graph: &Graph) -> String {
    let mut rows = Vec::new();
    for (mut name, lines) in graph.facts() {
        for line in lines {
            rows.push((name, line.replace(['\u{a0}', '\u{202f}'], " ")));
            name = "";
        }
    }
    output::aligned(&rows)
}

#[cfg(test)]
mod tests {
    use qhh::Network;
    use qhh_net::network::{Direction, Pattern, Waveguides};

    use super::*;

    const CELLS: &str = "
name: cells
simulation: {duration: 10 ms, step: 0.01 ms}
neurons:
  relay:
    count: 6
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}, sodium: {conductance: 120 mS}, chloride: {conductance: 0.3 mS}}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
";

    fn summed_up(entries: Vec<Waveguides>) -> String {
        let mut network = Network::from_yaml(CELLS).unwrap().net().clone();
        network.waveguides = entries;
        let text = summary(&Graph::of(&Network::from_net(&network).unwrap()));
        anstream::adapter::strip_str(&text).to_string()
    }

    fn entry(name: &str, neurons: std::ops::Range<usize>, pattern: Pattern) -> Waveguides {
        Waveguides::new(name, neurons.clone(), neurons, pattern, 1.0)
    }

    #[test]
    fn a_chain_is_summed_up() {
        insta::assert_snapshot!(summed_up(vec![entry("axon", 0..6, Pattern::Chain)]), @"
        populations     relay: 6 neurons
        waveguides      axon: chain, 5 from relay to relay, 1 ms
        components      1, with 6 neurons
        feedback loops  none
        layers          6, with 1 neuron each
        longest path    5 waveguides
        fan-in          0 to 1, 0.833 on average
        fan-out         0 to 1, 0.833 on average
        delays          1 ms
        window          100 steps of 0.01 ms can be computed in parallel: nothing arrives sooner than the smallest delay
        ");
    }

    #[test]
    fn loops_two_way_lines_and_lone_neurons_are_told() {
        let mut back = entry("back", 4..6, Pattern::Chain);
        back.direction = Direction::TwoWay;
        back.delay = qhh_net::network::Delay::Time(0.255.into());
        insta::assert_snapshot!(summed_up(vec![entry("axon", 0..3, Pattern::Ring), back]), @"
        populations     relay: 6 neurons
        waveguides      4 in all
                        axon: ring, 3 from relay to relay, 1 ms
                        back: chain, 1 from relay to relay, 0.255 ms, two-way
        components      2, with 3 and 2 neurons; 1 neuron joined to none
        feedback loops  1, with 3 neurons
                        relay[0] → relay[1] → relay[2] → relay[0] (3 waveguides round)
                        waves come back through 1 two-way waveguide
        layers          2, with 4 and 1 neuron
        longest path    1 waveguide, each loop taken for one neuron
        fan-in          0 to 1, 0.667 on average
        fan-out         0 to 1, 0.667 on average
        delays          0.255 ms to 1 ms
        window          25 steps of 0.01 ms can be computed in parallel: nothing arrives sooner than the smallest delay
        ");
    }

    #[test]
    fn without_waveguides_there_is_little_to_say() {
        insta::assert_snapshot!(summed_up(Vec::new()), @"
        populations  relay: 6 neurons
        waveguides   none
        components   6 neurons joined to none
        ");
    }
}
