//! The arms into a rank's blocks laid out, and what those at each port come to.
//!
//! A rank lays out the arms that end at its own ports. To the owners of the other ranks' ports that
//! these leave it sends which arms they are, and receives what the arms of all ranks come to at each. So nothing is as large as
//! the network.

use qhh_core::stop;

use super::border::{Border, Neighbour};
use super::entry::{ELSEWHERE, EntryConnections};
use super::imagined::{Hearing, Mirror};
use super::joined::in_steps;
use super::rowing::{Ports, Rowing};
use super::tally::{Leaving, Others, Tally, add_up};
use super::{Impedances, PortAt};
use crate::coupling::layout::index;
use crate::coupling::own::{Own, stretch};
use crate::network::{Network, PopulationFinder};

/// The ports of other ranks that are heard, by their numbers in the layout, rank by rank.
struct Heard {
    /// Ascending.
    ports: Vec<u64>,
    /// Place of the first of each rank, and one beyond all.
    starts: Vec<usize>,
    /// How many are of ranks below.
    below: usize,
}

impl Heard {
    fn new(own: Own<'_>, mut ports: Vec<u64>) -> Self {
        ports.sort_unstable();
        ports.dedup();
        ports.shrink_to_fit();
        let first = |rank: usize| {
            let blocks = stretch(own.layout.n_blocks(), rank, own.ranks.size());
            let start = own.layout.first_port(blocks.start);
            ports.partition_point(|port| *port < start)
        };
        let starts: Vec<usize> = (0..own.ranks.size()).map(first).chain([ports.len()]).collect();
        let below = starts[own.ranks.rank()];
        Self { ports, starts, below }
    }

    /// Those of a rank.
    fn of(&self, rank: usize) -> std::ops::Range<usize> {
        self.starts[rank]..self.starts[rank + 1]
    }

    /// Whose port one of these places is, and its place among those of that rank.
    fn owner(&self, place: usize) -> (usize, u32) {
        let rank = self.starts.partition_point(|start| *start <= place) - 1;
        (rank, index(place - self.starts[rank]))
    }

    /// Place of a port.
    fn place(&self, port: u64) -> usize {
        self.ports.binary_search(&port).expect("it was noted")
    }

    /// Says to the others which of their ports are heard here; the own ones that each of them hears.
    fn asked(&self, own: Own<'_>) -> Vec<Vec<u64>> {
        let mut asked = vec![Vec::new(); own.ranks.size()];
        own.ranks.swap(|rank| self.ports[self.of(rank)].to_vec(), |rank, ports: Vec<u64>| asked[rank] = ports);
        asked
    }
}

/// Which ports arms end at, and what is known of all of them.
struct Ends {
    sending: Vec<Ports>,
    receiving: Vec<Ports>,
    heard: Vec<u64>,
    /// Least and greatest delay in steps.
    delays: (f64, f64),
    n_arms: usize,
}

impl Ends {
    fn of(entries: &[EntryConnections<'_>], network: &Network, own: Own<'_>) -> Self {
        let (finder, step) = (PopulationFinder::new(network), network.simulation.step);
        let none = vec![Ports::default(); own.blocks().len()];
        let delays = (f64::INFINITY, 0.0);
        let mut ends = Self { sending: none.clone(), receiving: none, heard: Vec::new(), delays, n_arms: 0 };
        for laid in entries.iter().filter(|laid| laid.len() > 0) {
            let (least, most) = laid.delays();
            ends.delays = (ends.delays.0.min(in_steps(least, step)), ends.delays.1.max(in_steps(most, step)));
            for place in 0..laid.len() {
                stop::check();
                for [from, to] in laid.ports(network, &finder, place) {
                    let Some((block, _)) = own.place(to.neuron) else { continue };
                    ends.n_arms += 1;
                    ends.receiving[block][to.slot] = true;
                    match own.place(from.neuron) {
                        Some((block, _)) => ends.sending[block][from.slot] = true,
                        None => ends.heard.push(own.layout.port_number(from.neuron, from.slot)),
                    }
                }
            }
        }
        ends
    }
}

/// The arms that end at a rank's own ports laid out, and what the arms of all ranks come to at each port.
pub(super) struct Plan<'a> {
    pub(super) entries: Vec<EntryConnections<'a>>,
    pub(super) from: Rowing,
    pub(super) to: Rowing,
    /// By row of the delay lines.
    pub(super) leaving: Vec<Tally>,
    /// By receiving row.
    pub(super) arriving: Vec<Tally>,
    /// Least and greatest delay in steps, of all ranks.
    pub(super) delays: (f64, f64),
    /// Number of arms of all ranks, of two-way ones both ways.
    pub(super) n_arms: usize,
    pub(super) border: Border,
    /// Numbers of the ports heard of others, ascending.
    heard: Vec<u64>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(network: &'a Network, own: Own<'_>) -> Self {
        let Own { layout, ranks, .. } = own;
        let by_name = network.waveguides_by_name().into_iter();
        let mut entries: Vec<_> = by_name.map(|entry| EntryConnections::out(network, entry, own)).collect();
        let Ends { mut sending, receiving, heard, delays, n_arms } = Ends::of(&entries, network, own);
        let heard = Heard::new(own, heard);
        let mirror = ranks.imagined().map(|_| Mirror::new(own, &sending));
        let hearing = mirror.as_ref().map(|mirror| Hearing::new(network, own, &entries, mirror));
        let (imagined, step) = (hearing.is_some(), network.simulation.step);
        let (asked, said) = match hearing {
            None => (heard.asked(own), None),
            Some(Hearing { asked, reported, reach }) => {
                ranks.imagined().into_iter().for_each(|rank| rank.reaches(reach));
                (asked, Some(reported))
            }
        };
        let at = |port: u64| {
            let (block, slot, lane) = layout.port(port);
            ((block - own.blocks().start, lane), slot)
        };
        for port in asked.iter().flatten() {
            let ((block, _), slot) = at(*port);
            sending[block][slot] = true;
        }
        let (from, to) = (Rowing::new(own, &sending), Rowing::new(own, &receiving));
        let row = |port: &u64| {
            let (at, slot) = at(*port);
            index(heard.below + from.row(at, slot))
        };
        let asked: Vec<Vec<u32>> = asked.iter().map(|ports| ports.iter().map(row).collect()).collect();
        let (arriving, reported) = take_rows(&mut entries, network, (own, &heard), (&from, &to));
        let mut leaving = vec![Tally::default(); from.count + heard.ports.len()];
        let own_rows = heard.below..heard.below + from.count;
        let others = match said {
            None => Others::reported(ranks, reported, &asked),
            Some(said) => Others::imagined(said, &asked),
        };
        add_up(&mut leaving, own_rows.clone(), &entries, others);
        // What they come to at the ports heard is said by their owners.
        let ghost = |place: usize| if place < heard.below { place } else { place + from.count };
        let mut came: Vec<Vec<Tally>> = vec![Vec::new(); ranks.size()];
        let say = |rank: usize| asked[rank].iter().map(|row| leaving[*row as usize]).collect::<Vec<Tally>>();
        ranks.swap(say, |rank, said| came[rank] = said);
        if let Some(mirror) = mirror {
            let tally = |port: &u64| mirror.tally(*port, &from, &leaving[own_rows.clone()]);
            came = vec![heard.ports.iter().map(tally).collect()];
        }
        for (place, tally) in came.into_iter().flatten().enumerate() {
            leaving[ghost(place)] = tally;
        }
        let neighbours = asked.into_iter().enumerate().map(|(rank, rows)| Neighbour {
            rank,
            heard: rows,
            heeded: heard.of(rank).map(|place| index(ghost(place))).collect(),
        });
        let neighbours = neighbours.filter(|of| !(of.heard.is_empty() && of.heeded.is_empty())).collect();
        Self {
            border: Border::new(
                ranks.numbered(from.count).0,
                (heard.below, heard.ports.len() - heard.below),
                neighbours,
            ),
            delays: if imagined { elsewhere(&entries, step, delays) } else { ranks.range(delays) },
            n_arms: if imagined { expected_arms(&entries) } else { ranks.numbered(n_arms).1 },
            entries,
            from,
            to,
            leaving,
            arriving,
            heard: heard.ports,
        }
    }

    /// Impedances of the ports of the rows of the delay lines.
    pub(super) fn sending_impedances(&self, network: &Network, own: Own<'_>) -> Vec<f64> {
        let impedances = Impedances::new(network);
        let mut of = self.heard.iter().map(|port| {
            let (block, slot, lane) = own.layout.port(*port);
            impedances.at(PortAt { neuron: own.layout.neuron(block, lane), slot })
        });
        let mut all: Vec<f64> = of.by_ref().take(self.border.own_rows().start).collect();
        all.extend(self.from.impedances(network, own));
        all.extend(of);
        all
    }
}

/// Least and greatest delay in steps, those of entries among them that have arms at other ranks alone.
fn elsewhere(entries: &[EntryConnections<'_>], step: f64, own: (f64, f64)) -> (f64, f64) {
    let others = entries.iter().filter(|laid| laid.len() == 0 && laid.entry().expected_arms() > 0.0);
    others
        .map(|laid| laid.entry().delay_range())
        .fold(own, |(least, most), (low, high)| (least.min(in_steps(low, step)), most.max(in_steps(high, step))))
}

/// Number of arms of all ranks, about.
fn expected_arms(entries: &[EntryConnections<'_>]) -> usize {
    let ways = |laid: &EntryConnections<'_>| if laid.is_two_way() { 2.0 } else { 1.0 };
    let arms = entries.iter().map(|laid| ways(laid) * laid.entry().expected_arms()).sum::<f64>();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let count = arms.ceil() as usize;
    count
}

/// Puts rows in the place of the numbers of neurons: those of the delay lines for senders. What the arms come to at each
/// receiving row, and by rank what to report of those that leave its ports.
fn take_rows(
    entries: &mut [EntryConnections<'_>],
    network: &Network,
    (own, heard): (Own<'_>, &Heard),
    (from, to): (&Rowing, &Rowing),
) -> (Vec<Tally>, Vec<Vec<Leaving>>) {
    let finder = PopulationFinder::new(network);
    let mut arriving = vec![Tally::default(); to.count];
    let mut reported: Vec<Vec<Leaving>> = (0..own.ranks.size()).map(|_| Vec::new()).collect();
    for (entry, laid) in entries.iter_mut().enumerate() {
        let mut back = Vec::with_capacity(if laid.is_two_way() { laid.len() } else { 0 });
        for place in 0..laid.len() {
            stop::check();
            let mut rows = |[sender, receiver]: [PortAt; 2]| {
                let Some(at) = own.place(receiver.neuron) else { return [0, ELSEWHERE] };
                let row = to.row(at, receiver.slot);
                arriving[row].add(laid.weights.get(place));
                let sending = if let Some(at) = own.place(sender.neuron) {
                    heard.below + from.row(at, sender.slot)
                } else {
                    let port = heard.place(own.layout.port_number(sender.neuron, sender.slot));
                    let (rank, of_rank) = heard.owner(port);
                    Leaving::add(&mut reported[rank], entry, of_rank, laid.own_weight(place));
                    if port < heard.below { port } else { port + from.count }
                };
                [index(sending), index(row)]
            };
            let mut ways = laid.ports(network, &finder, place);
            let forth = ways.next().map_or([0, ELSEWHERE], &mut rows);
            back.extend(ways.next().map(&mut rows));
            laid.ends[place] = forth;
        }
        laid.back = back;
    }
    (arriving, reported)
}
