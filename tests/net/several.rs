//! One network on several ranks, which are threads here: the same bytes as on one.

use std::ops::ControlFlow;

use qhh_core::circuit::{BathRule, Initial, Inputs};
use qhh_net::engine::{Checkpoint, Observer, Progress, Stage, State};
use qhh_net::network::{
    Delay, Direction, Feedback, Figure, Network, ParameterValues, Pattern, Population, Precision, Source,
    Waveguides,
};
use qhh_net::{Outcome, RunError};

use crate::{models, ranks};

/// Keeps every state of the mean field; ends the run at one of them.
#[derive(Default)]
struct Keeper {
    states: Vec<Vec<u8>>,
    most: Option<usize>,
}

impl Observer for Keeper {
    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        let ends = progress.stage == Stage::MeanField && self.most == Some(self.states.len());
        if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn wants_state(&mut self, progress: Progress) -> bool {
        progress.stage == Stage::MeanField
    }

    fn keep(&mut self, state: &State<'_>) {
        let mut bytes = Vec::new();
        state.write_to(&mut bytes).unwrap();
        self.states.push(bytes);
    }
}

fn among(network: &Network, on: (usize, usize)) -> Result<Outcome, RunError> {
    ranks::run(network, on, Checkpoint::default(), &mut |_| ControlFlow::Continue(()))
}

/// On 1, 2, 3, 4 and 7 ranks of one and two threads, and from states of n ranks on m.
fn check(network: &Network) {
    let alone = models::run(network);
    let text = format!("{alone:?}");
    for on in [(1, 2), (2, 1), (3, 2), (4, 1), (7, 2)] {
        let outcome = among(network, on).unwrap();
        assert_eq!(outcome.spikes, alone.spikes, "spikes on {on:?} ranks and threads");
        assert!(format!("{outcome:?}") == text, "{} differs on {on:?} ranks and threads", network.name);
    }
    for (wrote, reads) in [(1, 3), (3, 1), (2, 4)] {
        let mut keeper = Keeper::default();
        ranks::run(network, (wrote, 1), Checkpoint::default(), &mut keeper).unwrap();
        for state in keeper.states.iter().step_by(1 + keeper.states.len() / 3) {
            let kept = Checkpoint::in_memory(Some(state.clone()), None);
            let outcome = ranks::run(network, (reads, 1), kept, &mut |_| ControlFlow::Continue(())).unwrap();
            assert!(format!("{outcome:?}") == text, "{}: states of {wrote} ranks on {reads}", network.name);
        }
    }
}

#[test]
fn a_rank_that_goes_on_receives_its_part_of_the_state() {
    let network = relays(320, Pattern::Ring);
    let mut keeper = Keeper::default();
    ranks::run(&network, (1, 1), Checkpoint::default(), &mut keeper).unwrap();
    let state = keeper.states[keeper.states.len() / 2].clone();
    let whole = state.len() as u64;
    let kept = Checkpoint::in_memory(Some(state), None);
    let go_on = &mut |_| ControlFlow::Continue(());
    let (_, exchanged) = ranks::run_counted(&network, (5, 1), kept, go_on).unwrap();
    assert!(exchanged.longest() < whole / 4, "{} bytes at once, of a state of {whole}", exchanged.longest());
}

/// Relays driven one by one, joined by a pattern with delays between steps.
fn relays(count: usize, pattern: Pattern) -> Network {
    let mut network = models::passive_chain(count, 12.0, 0.02);
    network.waveguides[0].pattern = pattern;
    network.waveguides[0].delay = Delay::Time(ParameterValues::Uniform { low: 0.3, high: 2.0 });
    network.record.neurons = vec![0, count / 2, count - 1];
    network.record.every = 0.5;
    network
}

#[test]
fn patterns_that_cross_ranks_give_the_same_bytes() {
    check(&relays(70, Pattern::Chain));
    check(&relays(100, Pattern::Ring));
    check(&relays(120, Pattern::FixedFanIn { k: 5 }));
    check(&relays(64, Pattern::SmallWorld { neighbours: 4, rewire: 0.3 }));
    check(&relays(80, Pattern::Grid { width: 10, neighbours: 4, wrap: true }));
    check(&relays(40, Pattern::AllToAll));
}

#[test]
fn values_drawn_by_arm_add_up_the_same_whoever_owns_its_ends() {
    // Splitters with more weight than arms, whose sum has the order of the arms.
    let drawn = |low: f64, high: f64| ParameterValues::Uniform { low, high };
    let patterns = [
        Pattern::FixedFanIn { k: 5 },
        Pattern::Random { probability: 0.06 },
        Pattern::AllToAll,
        Pattern::SmallWorld { neighbours: 4, rewire: 0.3 },
        Pattern::Feedforward { layers: vec![40, 30, 10], fan_out: Some(7) },
        Pattern::Grid { width: 8, neighbours: 8, wrap: true },
        Pattern::Grid { width: 2, neighbours: 4, wrap: true },
        Pattern::Pairs((0..400_u32).map(|arm| (arm * 37 % 80, arm * 11 % 80)).collect()),
    ];
    for pattern in patterns {
        let mut network = relays(80, pattern);
        let web = &mut network.waveguides[0];
        (web.allow_self, web.weight) = (true, drawn(-0.5, 4.0));
        web.transmission = ParameterValues::Linear { from: 0.9, to: 0.2 };
        let plain =
            Waveguides { weight: 0.7.into(), ..Waveguides::new("plain", 10..50, 40..80, Pattern::OneToOne, 0.9) };
        let some = Waveguides {
            weight: drawn(0.1, 0.9),
            ..Waveguides::new("some", 0..20, 5..70, Pattern::AllToAll, 1.1)
        };
        network.waveguides.extend([plain, some]);
        network.simulation.duration = 8.0;
        check(&network);
    }
}

/// Relays of two populations whose blocks are in another order than their neurons, so that a rank has several stretches of them.
fn two_kinds() -> Network {
    let mut network = relays(30, Pattern::Chain);
    let relay = network.populations[0].clone();
    let mut one_way = relay.clone();
    one_way.circuit.inputs = Inputs::default();
    one_way.inputs.clear();
    (one_way.name, one_way.count) = ("a".to_owned(), 25);
    network.populations.insert(0, one_way);
    network.populations.push(Population { name: "b".to_owned(), count: 33, ..relay });
    let drive = network.sources[0].drive.clone();
    network.sources = vec![Source::new("drive", 3..60, drive)];
    let web = &mut network.waveguides[0];
    (web.from, web.to) = ((0..88).into(), (25..88).into());
    web.pattern = Pattern::FixedFanIn { k: 4 };
    network.record.neurons = vec![0, 30, 60, 87];
    network
}

#[test]
fn kinds_in_another_order_than_that_of_the_file_give_the_same_bytes() {
    check(&two_kinds());
}

/// Each rank draws what belongs to its own neurons, and numbers it as if it had drawn all.
#[test]
fn arms_drawn_for_one_end_reach_the_rank_of_the_other() {
    let order = || (58..88).rev().chain(25..58).collect::<Vec<usize>>();
    let join = |network: &mut Network, to: Vec<usize>, pattern: Pattern, direction: Direction| {
        let web = &mut network.waveguides[0];
        (web.from, web.to, web.pattern, web.direction) = (order().into(), to.into(), pattern, direction);
        network.simulation.duration = 8.0;
    };
    let mut networks = Vec::new();
    for pattern in [
        Pattern::FixedFanIn { k: 5 },
        Pattern::Random { probability: 0.06 },
        Pattern::SmallWorld { neighbours: 4, rewire: 0.3 },
    ] {
        let mut network = two_kinds();
        join(&mut network, order(), pattern, Direction::Isolated);
        networks.push(network);
    }
    // A two-way line is the only one at its ports, so few are drawn: with one of these seeds they do not meet.
    let few =
        [(vec![80, 30, 61, 44], Pattern::FixedFanIn { k: 1 }), (order(), Pattern::Random { probability: 1e-3 })];
    for (to, pattern) in few {
        let drawn = (0..100).find_map(|seed| {
            let mut network = two_kinds();
            join(&mut network, to.clone(), pattern.clone(), Direction::TwoWay);
            network.simulation.seed = seed;
            (network.check().is_empty() && network.n_arms(&network.waveguides[0]) > 3).then_some(network)
        });
        networks.push(drawn.expect("some seed does it"));
    }
    for mut network in networks {
        let web = &mut network.waveguides[0];
        if web.direction == Direction::Isolated {
            web.weight = ParameterValues::Uniform { low: -0.5, high: 4.0 };
        }
        web.transmission = ParameterValues::Linear { from: 0.9, to: 0.2 };
        check(&network);
        // Without values that differ, arms are not numbered.
        let web = &mut network.waveguides[0];
        (web.weight, web.transmission) = (1.0.into(), 0.5.into());
        web.delay = Delay::Time(0.7.into());
        check(&network);
    }
}

/// All fire at the same times, and spikes come to rank 0 in pieces of 1024: one of each rank that is full, and one that is not.
#[test]
fn spikes_of_several_ranks_come_in_the_order_of_time_and_neuron() {
    let drive = models::constant(12.0, 0.5, 40.0);
    let mut pool = models::one_neuron(models::squid_circuit(), Initial::Rest, drive, 5.0, 0.05);
    for (count, ranks) in [(2048, 2), (3000, 2), (3000, 7)] {
        pool.populations[0].count = count;
        pool.sources[0].targets = (0..count).into();
        let alone = models::run(&pool);
        assert!(alone.spikes.len() >= count, "{} spikes", alone.spikes.len());
        assert!(among(&pool, (ranks, 1)).unwrap().spikes == alone.spikes, "{count} neurons on {ranks} ranks");
    }
}

#[test]
fn two_way_lines_parallel_ones_and_long_ones_give_the_same_bytes() {
    let mut two_way = relays(60, Pattern::Chain);
    two_way.waveguides[0].direction = Direction::TwoWay;
    check(&two_way);
    let mut parallel = relays(50, Pattern::Ring);
    let mut again = parallel.waveguides[0].clone();
    again.name = "again".to_owned();
    again.delay = Delay::Time(0.7.into());
    parallel.waveguides.push(again);
    check(&parallel);
    let mut long = relays(40, Pattern::Chain);
    let delays: Vec<f64> = (0..39).map(|arm| if arm % 13 == 5 { 6.0 } else { 0.4 }).collect();
    long.waveguides[0].delay = Delay::Time(ParameterValues::Each(delays.into()));
    check(&long);
}

#[test]
fn single_precision_snapshots_and_sleep_give_the_same_bytes() {
    let mut single = relays(70, Pattern::Ring);
    single.simulation.precision = Precision::F32;
    single.record.snapshot = true;
    check(&single);
    single.simulation.precision = Precision::F64;
    single.simulation.sleep = 1e-6;
    check(&single);
}

#[test]
fn neurons_without_lines_and_the_adiabatic_method_give_the_same_bytes() {
    let drive = models::constant(10.0, 2.0, 20.0);
    let mut pool = models::one_neuron(models::squid_circuit(), Initial::Rest, drive, 30.0, 0.05);
    pool.populations[0].count = 90;
    pool.record.neurons = vec![0, 7, 89];
    check(&pool);
    let circuit = models::paper_circuit();
    let mut network = models::paper(circuit, BathRule::SharedMode, models::paper_sine(), 0.001);
    network.populations[0].count = 40;
    network.record.neurons = vec![0, 39];
    network = models::with_variance(network, 1.0, 0.0, 1000.0);
    network.simulation.duration = 3.0;
    network.record.hysteresis = true;
    check(&network);
}

/// A chain of a few blocks for a short time, of which one neuron is recorded.
fn short() -> Network {
    let mut chain = relays(20, Pattern::Chain);
    chain.record.neurons = vec![2];
    chain.simulation.duration = 4.0;
    chain
}

#[test]
fn field_modes_and_samples_shared_out_give_the_same_bytes() {
    check(&models::with_modes(short(), 0.5, 0.2, 100.0, 32));
    check(&models::three_linear_modes(0.02, 32));
    check(&models::with_samples(short(), (0.5, 0.2, 20.0), 100, Feedback::Full));
}

#[test]
fn budgets_shared_out_give_the_same_bytes() {
    let mut network = models::with_modes(short(), 0.5, 0.2, 100.0, 16);
    let of = |(neuron, time)| Figure::Voltage { neuron, time };
    network.record.budget_of = [(2, 3.0), (0, 1.0), (4, 3.5)].map(of).to_vec();
    check(&network);
}

/// Keeps every state of tasks, and the last of the mean field; ends the run at one of them.
#[derive(Default)]
struct OfTasks {
    mean_field: Option<Vec<u8>>,
    states: Vec<Vec<u8>>,
    most: usize,
}

impl Observer for OfTasks {
    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        let ends = progress.stage != Stage::MeanField && self.states.len() == self.most;
        if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn wants_state(&mut self, _: Progress) -> bool {
        true
    }

    fn keep(&mut self, state: &State<'_>) {
        let mut bytes = Vec::new();
        state.write_to(&mut bytes).unwrap();
        if state.progress.stage == Stage::MeanField {
            self.mean_field = Some(bytes);
        } else {
            self.states.push(bytes);
        }
    }
}

#[test]
fn tasks_that_are_stopped_end_on_every_rank_and_go_on_on_any_number() {
    let modes = models::with_modes(short(), 0.5, 0.2, 100.0, 32);
    let samples = models::with_samples(short(), (0.5, 0.2, 20.0), 100, Feedback::Full);
    for mut network in [modes, samples] {
        // Whole windows.
        network.waveguides[0].delay = Delay::Time(0.4.into());
        let text = format!("{:?}", models::run(&network));
        for (most, wrote, reads) in [(0, 3, 2), (2, 2, 5), (3, 4, 1)] {
            let mut observer = OfTasks { most, ..OfTasks::default() };
            let stopped = ranks::run(&network, (wrote, 2), Checkpoint::default(), &mut observer);
            assert!(matches!(stopped, Err(RunError::Stopped { .. })), "{stopped:?}");
            let kept = Checkpoint::in_memory(observer.mean_field, observer.states.pop());
            assert!(kept.fluctuations.is_some());
            let outcome = ranks::run(&network, (reads, 1), kept, &mut |_| ControlFlow::Continue(())).unwrap();
            assert!(format!("{outcome:?}") == text, "{}: states of {wrote} ranks on {reads}", network.name);
        }
    }
}

/// Nothing sleeps, so every port sends something in every window.
#[test]
fn predicted_bytes_are_those_that_ranks_exchange() {
    let mut single = relays(70, Pattern::Ring);
    single.simulation.precision = Precision::F32;
    let networks = [
        relays(70, Pattern::Chain),
        relays(80, Pattern::Grid { width: 10, neighbours: 4, wrap: true }),
        relays(120, Pattern::FixedFanIn { k: 5 }),
        relays(64, Pattern::SmallWorld { neighbours: 4, rewire: 0.3 }),
        single,
    ];
    for network in networks {
        for size in [1, 2, 3, 7] {
            let predicted = network.clone().checked().unwrap().divided(size);
            let go_on = &mut |_| ControlFlow::Continue(());
            let (_, exchanged) = ranks::run_counted(&network, (size, 1), Checkpoint::default(), go_on).unwrap();
            assert_eq!(exchanged.most(), predicted.bytes(), "{} on {size}", network.name);
            assert_eq!(exchanged.sent(), predicted.bytes(), "{} on {size}", network.name);
            assert_eq!(predicted.ranks.iter().map(|rank| rank.neurons).sum::<usize>(), network.n_neurons());
            assert_eq!(predicted.ranks.iter().map(|rank| rank.received_bytes).sum::<u64>(), predicted.bytes());
        }
    }
}

#[test]
fn a_neuron_that_leaves_the_numbers_is_named_by_any_number_of_ranks() {
    // A wave that comes back a million times as high after every step.
    let mut network = models::passive_chain(64, 12.0, 0.01);
    let pairs = Pattern::Pairs([(0, 0)].into());
    let echo = Waveguides::new("echo", vec![30], vec![30], pairs, 0.01);
    network.waveguides.push(Waveguides { gain: 1e12.into(), allow_self: true, ..echo });
    let alone = format!("{:?}", qhh_net::run(&network, 1, &mut |_| ControlFlow::Continue(())));
    assert!(alone.contains("NotFinite"), "{alone}");
    for ranks in [2, 3] {
        assert_eq!(format!("{:?}", among(&network, (ranks, 1))), alone, "{ranks} ranks");
    }
}

#[test]
fn a_run_that_is_stopped_ends_on_every_rank_and_goes_on() {
    let network = relays(70, Pattern::Ring);
    let mut keeper = Keeper { most: Some(3), ..Keeper::default() };
    let stopped = ranks::run(&network, (3, 1), Checkpoint::default(), &mut keeper);
    assert!(matches!(stopped, Err(RunError::Stopped { .. })), "{stopped:?}");
    let kept = Checkpoint::in_memory(keeper.states.pop(), None);
    let outcome = ranks::run(&network, (2, 2), kept, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(format!("{outcome:?}") == format!("{:?}", models::run(&network)));
}

#[test]
fn states_that_are_none_are_refused_by_all() {
    let network = relays(40, Pattern::Ring);
    let mut keeper = Keeper::default();
    ranks::run(&network, (1, 1), Checkpoint::default(), &mut keeper).unwrap();
    let whole = keeper.states.swap_remove(keeper.states.len() / 2);
    // Cut in the part of any rank, and with something behind the last.
    let cuts = (1..8).map(|eighth| whole[..eighth * whole.len() / 8].to_vec());
    for state in cuts.chain([vec![1, 2, 3], [&whole[..], &[0]].concat()]) {
        let (length, kept) = (state.len(), Checkpoint::in_memory(Some(state), None));
        let ended = ranks::run(&network, (3, 1), kept, &mut |_| ControlFlow::Continue(()));
        assert!(matches!(ended, Err(RunError::StateMismatch)), "{length} of {} bytes: {ended:?}", whole.len());
    }
}
