//! One rank of several whose others are imagined: what it takes is what it would take among them.

use std::ops::ControlFlow;
use std::sync::Barrier;

use qhh_net::engine::{Checkpoint, Imagined, RankLoad, Reach, Rehearsal};
use qhh_net::network::{Direction, Network, ParameterValues, Pattern, Source, Waveguides};
use qhh_net::{RunOptions, Simulation};

use crate::{models, ranks};

/// So many relays, each driven, joined by a pattern.
fn relays(count: usize, pattern: Pattern) -> Network {
    let mut network = models::passive_chain(count, 4.0, 0.02);
    network.waveguides[0].pattern = pattern;
    network.sources = vec![Source::new("drive", 0..count, models::constant(12.0, 0.0, f64::INFINITY))];
    network.record.neurons = vec![0];
    network
}

fn rehearse(network: &Network, (rank, size): (usize, usize), steps: u64) -> Rehearsal {
    let options = RunOptions { threads: 1, ..RunOptions::default() };
    let simulation = Simulation::new(network, options).unwrap();
    simulation
        .rehearse(&Imagined::new(rank, size), steps, &Barrier::new(1), &mut |_| ControlFlow::Continue(()))
        .unwrap()
}

#[test]
fn every_rank_is_loaded_as_among_others_where_rules_say_who_hears_whom() {
    let grid = |width, neighbours, wrap| Pattern::Grid { width, neighbours, wrap };
    let patterns = [
        Pattern::Chain,
        Pattern::Ring,
        Pattern::OneToOne,
        Pattern::Feedforward { layers: vec![200, 100, 300], fan_out: Some(7) },
        Pattern::SmallWorld { neighbours: 6, rewire: 0.2 },
        Pattern::Pairs((0..900_u32).map(|arm| (arm * 37 % 600, arm * 11 % 600)).collect()),
        grid(20, 4, false),
        grid(30, 8, true),
    ];
    for pattern in patterns {
        let mut network = relays(600, pattern);
        network.waveguides[0].allow_self = true;
        network.waveguides[0].weight = ParameterValues::Uniform { low: 0.5, high: 3.0 };
        let more = Waveguides::new("more", 0..200, 300..500, Pattern::OneToOne, 1.3);
        network.waveguides.push(more);
        if network.waveguides[0].pattern == Pattern::Chain {
            network.waveguides[0].direction = Direction::TwoWay;
            network.waveguides.pop();
        }
        for size in [1, 2, 4, 7] {
            let division = network.clone().checked().unwrap().divided(size);
            for (rank, load) in division.ranks.iter().enumerate() {
                let rehearsed = rehearse(&network, (rank, size), u64::MAX);
                assert_eq!(rehearsed.load, *load, "rank {rank} of {size}: {:?}", network.waveguides[0].pattern);
                assert_eq!((rehearsed.steps, rehearsed.windows), (network.n_steps(), division.windows));
            }
        }
    }
}

/// All ports send: what ranks exchange is what each of them rehearsed, and what was predicted, to the byte.
#[test]
fn what_is_rehearsed_is_sent() {
    let mut network = relays(480, Pattern::Grid { width: 24, neighbours: 4, wrap: false });
    network.simulation.sleep = 0.0;
    for size in [2, 4] {
        let go_on = &mut |_| ControlFlow::Continue(());
        let (_, exchanged) = ranks::run_counted(&network, (size, 1), Checkpoint::default(), go_on).unwrap();
        let rehearsed = (0..size).map(|rank| rehearse(&network, (rank, size), u64::MAX));
        let (sent, most) = rehearsed.fold((0, 0), |(a, b), of| (a + of.sent_bytes, b + of.load.sent_bytes));
        assert_eq!((sent, most), (exchanged.sent(), exchanged.most()));
        assert_eq!(most, network.clone().checked().unwrap().divided(size).bytes());
    }
}

#[test]
fn where_senders_are_drawn_a_rank_is_loaded_as_on_the_average() {
    for pattern in [Pattern::FixedFanIn { k: 4 }, Pattern::Random { probability: 0.002 }, Pattern::AllToAll] {
        let network = relays(2000, pattern);
        for size in [2, 4] {
            let division = network.clone().checked().unwrap().divided(size);
            for (rank, load) in division.ranks.iter().enumerate() {
                let rehearsed = rehearse(&network, (rank, size), 100);
                let RankLoad { sent_bytes, received_bytes, .. } = rehearsed.load;
                let part = rehearsed.steps as f64 / network.n_steps() as f64;
                let near = |what: u64, of: u64| (what as f64 / (part * of as f64) - 1.0).abs() < 0.1;
                assert!(near(received_bytes, load.received_bytes), "{rehearsed:?} {load:?}");
                assert!(near(sent_bytes, load.sent_bytes), "{rehearsed:?} {load:?}");
                let unsent = RankLoad { sent_bytes: 0, received_bytes: 0, own_rows: 0, ..*load };
                assert_eq!(RankLoad { sent_bytes: 0, received_bytes: 0, own_rows: 0, ..rehearsed.load }, unsent);
                assert_eq!(rehearsed.reach, Reach { drawn_arms: load.waveguides, ..Reach::default() });
            }
        }
    }
}

/// Going through the whole network for each of these ranks would take minutes, and a list of its neurons gigabytes.
#[test]
fn a_part_of_a_billion_neurons_takes_no_more_than_its_own_size() {
    let (count, size) = (1_000_000_000, 100_000);
    for (pattern, heard) in [
        (Pattern::Chain, 1),
        (Pattern::Ring, 1),
        (Pattern::Grid { width: 1000, neighbours: 4, wrap: false }, 2000),
        (Pattern::Grid { width: 1000, neighbours: 8, wrap: true }, 2000),
        (Pattern::Feedforward { layers: vec![1000; 1_000_000], fan_out: Some(3) }, 1000),
        (Pattern::FixedFanIn { k: 2 }, 19_998),
    ] {
        let mut network = relays(1, Pattern::Chain);
        network.populations[0].count = count;
        let web = &mut network.waveguides[0];
        (web.from, web.to, web.pattern) = ((0..count).into(), (0..count).into(), pattern);
        network.sources[0].targets = (0..count).into();
        let rehearsed = rehearse(&network, (size / 2, size), 8);
        assert_eq!(rehearsed.load.neurons, 10_000);
        let off = (rehearsed.load.heard_rows as f64 / f64::from(heard) - 1.0).abs();
        assert!(off < 0.001, "{rehearsed:?}, {heard} expected");
    }
}
