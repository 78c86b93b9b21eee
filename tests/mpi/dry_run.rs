//! Runs of one rank without the others against ranks that are there: bytes and memory are what was predicted.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;

use qhh::ranks::{Bandwidth, DryRunSettings};
use qhh::{LoadOptions, Network, Override, Purpose, RunSettings};

use crate::{Place, many, text};

/// Neurons that take far more than the program, and few enough for a test.
const RELAYS: usize = 200_000;

/// A grid through which a chain runs.
const GRID: &str = "{grid: {width: 400, neighbours: 4}}";

/// `dry-run` of the crowd with these values.
fn dry_run(place: &Place, (rank, ranks): (usize, usize), set: &[String]) -> (String, serde_json::Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qhh-mpi"));
    let out = format!("{rank}-of-{ranks}-{}.json", set[0].len());
    command.args(["dry-run", "crowd.yaml", "--threads", "1", "--steps", "1000000", "--force", "--json", &out]);
    command.args(["--rank", &rank.to_string(), "--ranks", &ranks.to_string()]);
    command.args(set.iter().flat_map(|set| ["--set", set.as_str()])).current_dir(place.path("."));
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    (text(&ended.stdout), serde_json::from_slice(&fs::read(place.path(&out)).unwrap()).unwrap())
}

/// Every port sends in every window, so that what is exchanged is what can be at most.
#[test]
fn two_and_four_ranks_take_what_each_of_them_was_predicted_to() {
    let place = Place::new();
    let awake = |relays: usize, pattern: &str| {
        let mut set = many(relays, pattern).to_vec();
        set.push("sources.step.into=relay".to_owned());
        set.push("waveguides.axon={from: relay, to: relay, pattern: chain, delay: 0.5 ms}".to_owned());
        set
    };
    let real = |ranks: usize, set: &[String]| {
        let mut args = vec!["run", "crowd.yaml", "--threads", "1", "--quiet", "--force", "--out", "real"];
        args.extend(set.iter().flat_map(|set| ["--set", set.as_str()]));
        place.done(ranks, &args);
        place.cost("real")
    };
    let number = |of: &serde_json::Value, name: &str| of[name].as_f64().unwrap();
    for ranks in [2, 4] {
        let set = awake(RELAYS, GRID);
        let of_ranks = real(ranks, &set);
        let each: Vec<_> = (0..ranks).map(|rank| dry_run(&place, (rank, ranks), &set).1).collect();
        let sum = |name: &str| each.iter().map(|dry| dry[name].as_u64().unwrap()).sum::<u64>();
        assert_eq!(of_ranks["exchanged_bytes"], sum("sent_bytes"), "{ranks} ranks");
        assert_eq!(of_ranks["expected_bytes"], sum("most_sent_bytes"), "{ranks} ranks");
        // MPI itself takes what ranks of next to nothing take more than a program without it.
        let few = awake(64, &GRID.replace("400", "8"));
        let mpi = number(&real(ranks, &few), "peak_memory_bytes")
            - number(&dry_run(&place, (0, ranks), &few).1, "peak_memory_bytes");
        let dry = each.iter().map(|dry| number(dry, "peak_memory_bytes")).fold(0.0, f64::max);
        let (predicted, took) = (dry + mpi, number(&of_ranks, "peak_memory_bytes"));
        assert!((predicted / took - 1.0).abs() < 0.15, "{ranks} ranks: {predicted:e} predicted, {took:e} bytes");

        let options = LoadOptions {
            set: set.iter().map(|set| Override::parse(set).unwrap()).collect(),
            purpose: Purpose::OneRank(NonZeroUsize::new(ranks).unwrap()),
            ..LoadOptions::default()
        };
        let network = Network::load_with(place.path("crowd.yaml"), &options).unwrap();
        let checked = network.on_ranks(ranks, Bandwidth::DEFAULT.parse().unwrap()).unwrap();
        assert_eq!(of_ranks["expected_bytes"], checked.division.bytes());
        // Without a run, every neuron is taken to fire: that is the most.
        let over = checked.memory_bytes / took;
        assert!((0.95..1.6).contains(&over), "{ranks} ranks: {:e} for {took:e} bytes", checked.memory_bytes);
    }
}

#[test]
fn a_rank_of_a_thousand_of_a_billion_neurons_runs_without_mpirun() {
    let place = Place::new();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks/cluster/billion.yaml");
    let thousand = NonZeroUsize::new(1000).unwrap();
    let options = LoadOptions { purpose: Purpose::OneRank(thousand), ..LoadOptions::default() };
    let network = Network::load_with(file, &options).unwrap();
    let of = DryRunSettings {
        ranks: NonZeroUsize::new(20_000).unwrap(),
        rank: None,
        per_machine: NonZeroUsize::MIN,
        steps: 80,
        bandwidth: Bandwidth::DEFAULT.parse().unwrap(),
    };
    let settings = RunSettings { threads: 1, ..RunSettings::default() };
    let dry = network.dry_run(&of, &settings, &mut ()).unwrap();
    // Rows of a thousand above and below, the last neuron of which the chain hears, too.
    assert_eq!((dry.neurons, dry.neighbours, dry.heard_ports), (50_000, 2, 2000));
    assert_eq!(dry.sent_bytes, dry.most_sent_bytes, "every neuron is driven");
    let efficiency = dry.scaling.last().unwrap().efficiency();
    assert!((0.5..1.0).contains(&efficiency), "{:?}", dry.scaling);

    // Two of them side by side do what one does.
    let two = DryRunSettings { per_machine: NonZeroUsize::new(2).unwrap(), ..of };
    let beside = network.dry_run(&two, &settings, &mut ()).unwrap();
    assert_eq!((beside.per_machine, beside.neurons, beside.sent_bytes), (2, dry.neurons, dry.sent_bytes));
    assert!(beside.assumptions[0].contains("2 ranks side by side"), "{:?}", beside.assumptions);
    let many = DryRunSettings { per_machine: NonZeroUsize::new(20_001).unwrap(), ..of };
    let refused = network.dry_run(&many, &settings, &mut ()).unwrap_err().to_string();
    assert!(refused.contains("there are no 20001 ranks on a machine"), "{refused}");

    let (told, _) = dry_run(&place, (1, 3), &["simulation.duration=1 ms".to_owned()]);
    assert!(told.contains("on 10000 ranks") && told.contains("nothing was sent"), "{told}");
}
