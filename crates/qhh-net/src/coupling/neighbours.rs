//! Who hears whom directly, as lists of neurons, for networks small enough to list.

use crate::network::{Direction, Network};

/// Lists of neurons, one for each neuron, behind one another.
pub(crate) struct Neighbours {
    starts: Vec<usize>,
    items: Vec<u32>,
}

impl Neighbours {
    /// From pairs of a row and an item, told twice.
    fn new(n: usize, each: impl Fn(&mut dyn FnMut(usize, usize))) -> Self {
        let mut starts = vec![0; n + 1];
        each(&mut |row, _| starts[row + 1] += 1);
        for row in 0..n {
            starts[row + 1] += starts[row];
        }
        let mut items = vec![0; starts[n]];
        let mut next = starts.clone();
        each(&mut |row, item| {
            items[next[row]] = u32::try_from(item).expect("fewer than 2^32 neurons");
            next[row] += 1;
        });
        Self { starts, items }
    }

    /// The list of a neuron.
    pub(crate) fn of(&self, row: usize) -> &[u32] {
        &self.items[self.starts[row]..self.starts[row + 1]]
    }
}

/// Those from whom a wave comes to each neuron.
pub(crate) fn senders(network: &Network) -> Neighbours {
    Neighbours::new(network.n_neurons(), |see| each_way(network, &mut |from, to| see(to, from)))
}

/// Those to whom a wave goes from each neuron.
pub(crate) fn receivers(network: &Network) -> Neighbours {
    Neighbours::new(network.n_neurons(), |see| each_way(network, see))
}

/// Calls `see` with the ends of every waveguide, of two-way ones both ways.
fn each_way(network: &Network, see: &mut dyn FnMut(usize, usize)) {
    for entry in &network.waveguides {
        network.for_each_connection(entry, |arm| {
            see(arm.from, arm.to);
            if entry.direction == Direction::TwoWay {
                see(arm.to, arm.from);
            }
        });
    }
}

/// Neurons that are reached from some, themselves included, through those that may be passed; ascending.
pub(crate) fn reached(n: usize, from: &[usize], next: &Neighbours, may: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut seen = vec![false; n];
    let mut open: Vec<usize> = from.to_vec();
    let mut reached = Vec::new();
    while let Some(neuron) = open.pop() {
        if may(neuron) && !std::mem::replace(&mut seen[neuron], true) {
            reached.push(neuron);
            open.extend(next.of(neuron).iter().map(|&other| other as usize));
        }
    }
    reached.sort_unstable();
    reached
}
