//! Waveguides and values that differ: who is joined, in which order, from which file.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use qhh_core::time_grid::TimeGrid;
use qhh_format::yaml::{self, Loaded, Override};
use qhh_net::Neurons;
use qhh_net::network::{Delay, Observable, ParameterValues, Pattern};

use crate::fixtures::JOINED;

/// Two populations, all with ports.
const PORTS: &str = "\
name: ports
simulation: {duration: 5 ms}
neurons:
  relay: &cell
    count: 4
    circuit: single-channel
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
  crowd: {<<: *cell, count: 1000000}
";

fn load(folder: &Path, text: &str) -> Loaded {
    yaml::load_text(&folder.join("net.yaml"), text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn joined(entry: &str) -> Loaded {
    load(Path::new(""), &format!("{PORTS}waveguides:\n  axon: {entry}\n"))
}

/// The resolved file beside its attachments gives the same network; names of the attachments.
pub(crate) fn gives_itself_back(loaded: &Loaded) -> Vec<String> {
    let results = tempfile::tempdir().unwrap();
    for attachment in &loaded.attachments {
        fs::copy(&attachment.source, results.path().join(&attachment.name)).unwrap();
    }
    let again = load(results.path(), &loaded.yaml);
    assert_eq!(again.network, loaded.network, "{}", loaded.yaml);
    assert_eq!(again.yaml, loaded.yaml);
    loaded.attachments.iter().map(|attachment| attachment.name.clone()).collect()
}

#[test]
fn the_order_of_the_file_is_kept() {
    let loaded = joined("{from: ['relay[3]', 'relay[0..1]'], pattern: ring, delay: 1 ms}");
    let axon = &loaded.network.waveguides[0];
    let listed = Neurons::from(vec![3, 0, 1]);
    assert_eq!((&axon.from, &axon.to), (&listed, &listed));
    assert!(loaded.yaml.contains("from: [\"relay[3]\", \"relay[0..1]\"]"), "{}", loaded.yaml);
}

#[test]
fn names_meet_across_populations_without_growing() {
    let loaded = joined("{from: [relay, crowd, ], pattern: chain, delay: 1 ms}");
    assert_eq!(loaded.network.waveguides[0].from.len(), 1_000_004);
    assert!(loaded.yaml.contains("from: [relay, crowd]\n"), "{}", loaded.yaml);
    let loaded = joined("{from: ['relay[2..3]', 'crowd[0..9]', 'relay[0]'], pattern: chain, delay: 1 ms}");
    assert!(loaded.yaml.contains("from: [\"relay[2..3]\", \"crowd[0..9]\", \"relay[0]\"]"), "{}", loaded.yaml);
}

#[test]
fn layers_are_those_of_from_and_then_to() {
    let layers = |entry: &str| {
        let loaded = joined(entry);
        let axon = &loaded.network.waveguides[0];
        assert_eq!(axon.from, axon.to);
        let Pattern::Feedforward { layers, fan_out } = &axon.pattern else { panic!("{:?}", axon.pattern) };
        (axon.from.iter().collect::<Vec<_>>(), layers.clone(), *fan_out)
    };
    let in_order = vec![2, 3, 0, 1];
    let two = "from: ['relay[2]', 'relay[3]'], to: 'relay[0..1]'";
    assert_eq!(
        layers(&format!("{{{two}, pattern: feedforward, delay: 1}}")),
        (in_order.clone(), vec![1, 1, 2], None)
    );
    let one = "from: ['relay[2..3]', 'relay[0..1]']";
    assert_eq!(
        layers(&format!("{{{one}, pattern: feedforward, delay: 1}}")),
        (in_order.clone(), vec![2, 2], None)
    );
    let rule = "pattern: {feedforward: {layers: 2, fan_out: 1}}, delay: 1";
    assert_eq!(layers(&format!("{{{one}, {rule}}}")), (in_order, vec![2, 2], Some(1)));
    let same = "from: ['relay[0]', 'relay[1]'], to: 'relay[0..1]', pattern: feedforward, delay: 1";
    assert_eq!(layers(&format!("{{{same}}}")), (vec![0, 1], vec![1, 1], None));
}

#[test]
fn length_and_velocity_have_units() {
    let loaded = joined("{from: relay, pattern: chain, length: 2 m, velocity: 1e3 m/s}");
    assert_eq!(loaded.network.waveguides[0].delay, Delay::Length { length: 2.0.into(), velocity: 1.0 });
    assert_eq!(loaded.network.waveguides[0].delay_range(), (2.0, 2.0));
}

#[test]
fn a_spread_amplitude_is_a_factor_on_one() {
    let current = "{shape: constant, amplitude: [6 uA, 7000 nA, 8]}";
    let text = format!("{PORTS}sources:\n  bias: {{into: ['relay[1..2]', 'relay[0]'], current: {current}}}\n");
    let loaded = load(Path::new(""), &text);
    let source = &loaded.network.sources[0];
    let fed: Vec<f64> =
        (0..3).map(|place| source.factor(place, 1) * source.drive.on(TimeGrid::new(1.0)).at(0.0)).collect();
    assert_eq!(fed, [6.0, 7.0, 8.0]);
}

#[test]
fn waves_that_travel_back_are_recorded_where_there_are_any() {
    let recorded = |entry: &str| joined(entry).network.into_network().record.observables;
    let isolated = recorded("{from: 'relay[0]', to: 'relay[1]', pattern: one-to-one, delay: 1}");
    assert!(isolated.contains(&Observable::WaveIn) && !isolated.contains(&Observable::WaveEcho), "{isolated:?}");
    let two_way =
        recorded("{from: 'relay[0]', to: 'relay[1]', pattern: one-to-one, delay: 1, direction: two-way}");
    assert!(two_way.contains(&Observable::WaveBack) && two_way.contains(&Observable::WaveEcho), "{two_way:?}");
}

#[test]
fn overrides_reach_into_waveguides() {
    let with = |option: &str| {
        yaml::load_text(Path::new("net.yaml"), JOINED, &[Override::parse(option).unwrap()])
            .map_err(|error| error.to_string())
    };
    let loaded = with("waveguides.axon.delay={uniform: [2 ms, 3 ms]}").unwrap();
    assert_eq!(loaded.network.waveguides[0].delay, Delay::Time(ParameterValues::Uniform { low: 2.0, high: 3.0 }));
    let loaded = with("waveguides.drawn.pattern.fixed-fan-in.k=3").unwrap();
    assert_eq!(loaded.network.waveguides[7].pattern, Pattern::FixedFanIn { k: 3 });
    insta::assert_snapshot!(with("waveguides.axn.delay=1 ms").unwrap_err(), @"
    net.yaml: setting waveguides.axn.delay=1 ms: `waveguides` has no `axn`
      help: did you mean `axon`?
    ");
    insta::assert_snapshot!(with("waveguides.axon.delay=[1 ms]").unwrap_err(), @"
    net.yaml: setting waveguides.axon.delay=[1 ms]: `waveguides.axon.delay` has 1 value for 5 waveguides
      help: give one for each, in their order, or a single one for all
    ");
    insta::assert_snapshot!(with("neurons.hub.inputs.middle={capacitance: 1 uF}").unwrap_err(), @"
    net.yaml: setting neurons.hub.inputs.middle={capacitance: 1 uF}: `neurons.hub.inputs.middle` lacks `impedance`
      help: add `impedance: 3 kOhm`. Impedance of the line.
    ");
}

#[test]
fn pairs_come_from_a_table_with_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let table = "to,from,note,delay,weight\n2,0,strong,1.5,1\n2,1,,2.25,-0.5\n0,3,\"a, b\",1e0,1\n";
    fs::write(folder.path().join("p.csv"), table).unwrap();
    let entry = "{from: relay, to: relay, pattern: {file: {path: p.csv}}, transmission: [1, 0.5, 1]}";
    let loaded = load(folder.path(), &format!("{PORTS}waveguides:\n  axon: {entry}\n"));
    let axon = &loaded.network.waveguides[0];
    assert_eq!(axon.pattern, Pattern::Pairs([(0, 2), (1, 2), (3, 0)].into()));
    assert_eq!(axon.delay, Delay::Time(ParameterValues::Each([1.5, 2.25, 1.0].into())));
    assert_eq!(axon.weight, ParameterValues::Each([1.0, -0.5, 1.0].into()));
    assert_eq!(gives_itself_back(&loaded), ["waveguides-axon.csv"]);
}

#[test]
fn pairs_come_from_a_matrix_with_its_values_as_weights() {
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str| {
        fs::write(folder.path().join("m.mtx"), text).unwrap();
        let entry = "{from: relay, to: relay, pattern: {file: {path: m.mtx}}, delay: 1 ms}";
        let loaded = load(folder.path(), &format!("{PORTS}waveguides:\n  axon: {entry}\n"));
        assert_eq!(gives_itself_back(&loaded), ["waveguides-axon.mtx"]);
        let axon = &loaded.network.waveguides[0];
        let Pattern::Pairs(pairs) = &axon.pattern else { panic!("{:?}", axon.pattern) };
        (pairs.to_vec(), axon.weight.clone())
    };
    let general = "%%MatrixMarket matrix coordinate real general\n% note\n\n4 4 2\n1 3 0.5\n 4  1 -2e0\n";
    assert_eq!(read(general), (vec![(0, 2), (3, 0)], ParameterValues::Each([0.5, -2.0].into())));
    let symmetric = "%%matrixmarket MATRIX coordinate integer symmetric\n4 4 1\n3 1 7\n";
    assert_eq!(read(symmetric), (vec![(2, 0), (0, 2)], ParameterValues::Each([7.0, 7.0].into())));
    let pattern = "%%MatrixMarket matrix coordinate pattern general\r\n4 4 1\r\n1 2\r\n";
    assert_eq!(read(pattern), (vec![(0, 1)], ParameterValues::Same(1.0)));
}

#[test]
fn columns_of_files_are_values_of_neurons_sources_and_waveguides() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("v.csv"), "c,i,d\n1,10,1\n2,20,2\n3,30,3\n4,40,4\n").unwrap();
    let column = |name: &str| format!("{{file: {{path: v.csv, column: {name}}}}}");
    let (c, i, d) = (column("c"), column("i"), column("d"));
    let text = PORTS.replacen("capacitance: 1 uF", &format!("capacitance: {c}"), 1).replace("1000000", "4")
        + &format!("sources:\n  bias: {{into: relay, current: {{shape: constant, amplitude: {i}}}}}\n")
        + &format!("waveguides:\n  axon: {{from: relay, pattern: ring, length: {d}, velocity: 1}}\n");
    let loaded = load(folder.path(), &text);
    let capacitances: Vec<f64> = (0..8).map(|k| loaded.network.neuron(k).unwrap().0.capacitance).collect();
    assert_eq!(capacitances, [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(loaded.network.sources[0].factor(3, 1), 40.0);
    assert_eq!(
        gives_itself_back(&loaded),
        [
            "neurons-crowd.membrane.capacitance.csv",
            "neurons-relay.membrane.capacitance.csv",
            "source-bias.amplitude.csv",
            "waveguides-axon.length.csv"
        ]
    );
}

#[test]
fn broken_files_of_pairs_are_named_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let general = "%%MatrixMarket matrix coordinate real general\n";
    let matrix = |rest: &str| format!("{general}{rest}");
    let files = [
        ("no_to.csv", "from,too\n0,1\n".to_owned()),
        ("no_place.csv", "from,to\n0,1\n1.5,2\n".to_owned()),
        ("negative.csv", "from,to\n0,1\n-1,2\n".to_owned()),
        ("beyond.csv", "from,to\n0,1\n0,4\n".to_owned()),
        ("itself.csv", "from,to\n0,1\n\n2,2\n".to_owned()),
        ("no_delay.csv", "from,to\n0,1\n".to_owned()),
        ("delay.csv", "from,to,delay\n0,1,1\n1,2,0\n".to_owned()),
        ("transmission.csv", "from,to,delay,transmission\n0,1,1,1.1\n".to_owned()),
        ("weight.csv", "from,to,delay,weight\n0,1,1,nan\n".to_owned()),
        ("ragged.csv", "from,to\n0,1\n0\n".to_owned()),
        ("edges.h5", String::new()),
        ("empty.mtx", String::new()),
        ("dense.mtx", "%%MatrixMarket matrix array real general\n2 2\n".to_owned()),
        ("complex.mtx", "%%MatrixMarket matrix coordinate complex general\n4 4 0\n".to_owned()),
        ("skew.mtx", "%%MatrixMarket matrix coordinate real skew-symmetric\n4 4 0\n".to_owned()),
        ("no_size.mtx", general.to_owned()),
        ("size.mtx", matrix("4 4\n")),
        ("other_size.mtx", matrix("5 5 1\n1 2 1\n")),
        ("few.mtx", matrix("4 4 18446744073709551615\n1 2 1\n")),
        ("many.mtx", matrix("4 4 1\n1 2 1\n% more\n2 3 1\n")),
        ("zero.mtx", matrix("4 4 1\n0 2 1\n")),
        ("beyond.mtx", matrix("4 4 1\n1 5 1\n")),
        ("no_value.mtx", matrix("4 4 1\n1 2\n")),
        ("word.mtx", matrix("4 4 1\n1 2 x\n")),
        ("four.mtx", matrix("4 4 1\n1 2 3 4\n")),
        ("itself.mtx", matrix("4 4 1\n2 2 1\n")),
        ("long.mtx", matrix(&format!("% {}\n", "x".repeat(10_000)))),
        ("none.mtx", String::new()),
    ];
    let mut messages = Vec::new();
    for (name, text) in files {
        if name != "none.mtx" {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let entry = format!("{{from: relay, to: relay, pattern: {{file: {{path: {name}}}}}}}");
        let delay = if name.contains("delay") { "" } else { ", delay: 1 ms" };
        let entry = entry.replace("}}}", &format!("}}}}{delay}}}"));
        messages.push(refusal(folder.path(), &format!("waveguides:\n  axon: {entry}\n")));
    }
    fs::write(folder.path().join("latin.mtx"), b"%%MatrixMarket matrix coordinate real general\n% \xe9\n")
        .unwrap();
    let twice = "{from: relay, to: relay, pattern: {file: {path: delay.csv}}, delay: 1 ms}";
    fs::write(folder.path().join("delay.csv"), "from,to,delay\n0,1,1\n").unwrap();
    messages.push(refusal(folder.path(), &format!("waveguides:\n  axon: {twice}\n")));
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn broken_files_of_values_are_named_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("few.csv", "i\n1\n2\n");
    write("word.csv", "i\n1\n2\nthree\n4\n");
    write("title.csv", "current\n1\n");
    let mut messages = Vec::new();
    for (path, column) in [("few.csv", "i"), ("word.csv", "i"), ("title.csv", "curent"), ("../up.csv", "i")] {
        let current = format!("{{shape: constant, amplitude: {{file: {{path: {path}, column: {column}}}}}}}");
        messages.push(refusal(folder.path(), &format!("sources:\n  bias: {{into: relay, current: {current}}}\n")));
    }
    write("zero.csv", "d\n1\n0\n1\n");
    let delay = "{file: {path: zero.csv, column: d}}";
    messages.push(refusal(
        folder.path(),
        &format!("waveguides:\n  axon: {{from: relay, pattern: chain, delay: {delay}}}\n"),
    ));
    insta::assert_snapshot!(messages.join("\n"));
}

fn refusal(folder: &Path, blocks: &str) -> String {
    let error = yaml::load_text(&folder.join("net.yaml"), &format!("{PORTS}{blocks}"), &[]).unwrap_err();
    let told = error.problems.iter().map(|problem| {
        let line = problem.place.as_ref().unwrap().line;
        format!("{line}: {}\n   {}", problem.message, problem.help.as_deref().unwrap_or(""))
    });
    told.collect::<Vec<_>>().join("\n")
}

fn spread(low: f64, high: f64) -> impl Strategy<Value = String> {
    let value = || (0.0..1.0).prop_map(move |x: f64| low + (high - low) * x);
    let pair = move || (value(), value()).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop_oneof![
        value().prop_map(|x| format!("{x:?}")),
        prop::collection::vec(value(), 4).prop_map(|list| format!("{list:?}")),
        (value(), value()).prop_map(|(a, b)| format!("{{linear: [{a:?}, {b:?}]}}")),
        pair().prop_map(|(a, b)| format!("{{uniform: [{a:?}, {b:?}]}}")),
        (value(), 0.0..2.0, pair()).prop_map(|(mean, deviation, (low, high)): (f64, f64, _)| format!(
            "{{normal: {{mean: {mean:?}, deviation: {deviation:?}, low: {low:?}, high: {high:?}}}}}"
        )),
    ]
}

fn entry() -> impl Strategy<Value = String> {
    // Each of them lays four waveguides.
    let patterns = vec![
        "from: relay, pattern: ring",
        "from: ['relay[3]', 'relay[1..2]', 'relay[0]', 'crowd[7]'], pattern: chain",
        "from: relay, to: 'crowd[2..5]', pattern: one-to-one",
        "from: 'relay[0..1]', to: 'crowd[0..1]', pattern: all-to-all",
        "from: ['relay[0..1]', 'relay[2..3]'], pattern: feedforward",
        "from: relay, pattern: {feedforward: {layers: [1, 2, 1]}}",
        "from: 'crowd[0..9]', to: 'relay[0..1]', pattern: {fixed-fan-in: {k: 2}}",
        "from: relay, pattern: {grid: {width: 4, wrap: true}}, weight: 2",
        "from: relay, to: crowd, pattern: {pairs: [[0, 9], [3, 1], [2, 1], [2, 1]]}",
    ];
    let values = (spread(0.1, 9.0), spread(0.0, 1.0), spread(-2.0, 2.0), spread(1.0, 8.0));
    (prop::sample::select(patterns), values, any::<bool>(), any::<bool>()).prop_map(
        |(pattern, (delay, transmission, weight, gain), by_length, flag)| {
            if pattern.contains("weight") {
                return format!("{{{pattern}, delay: 1, allow_self: {flag}}}");
            }
            let delay =
                if by_length { format!("length: {delay}, velocity: 2.5") } else { format!("delay: {delay}") };
            format!(
                "{{{pattern}, {delay}, transmission: {transmission}, weight: {weight}, gain: {gain}, allow_self: {flag}}}"
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::cases::JOINED.random(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is joined and varied, reading what was written changes no bit.
    #[test]
    fn any_joined_network_gives_itself_back(
        units in prop_oneof![Just("hodgkin-huxley"), Just("si"), Just("raw")],
        entries in prop::collection::vec(entry(), 0..4),
        (capacitance, reversal, gate, amplitude) in (spread(0.1, 2.0), spread(-90.0, 50.0), spread(0.0, 1.0), spread(-9.0, 9.0)),
    ) {
        let cell = format!(
            "count: 4, circuit: single-channel, membrane: {{capacitance: {capacitance}}}, \
             channels: {{potassium: {{conductance: 36, reversal: {reversal}}}}}, initial: {{n: {gate}}}, \
             output: {{capacitance: 1, impedance: {capacitance}}}, inputs: {{a: {{capacitance: {capacitance}, impedance: 1}}}}"
        );
        let crowd = "count: 10, circuit: single-channel, membrane: {capacitance: 1}, \
                     channels: {potassium: {conductance: 1}}, output: {capacitance: 1, impedance: 1}, \
                     input: {capacitance: 1, impedance: 1}";
        let mut text = format!(
            "name: x\nunits: {units}\nsimulation: {{duration: 1, step: 0.01, sleep: {capacitance}}}\n\
             neurons:\n  relay: {{{cell}}}\n  crowd: {{{crowd}}}\n\
             sources: {{s: {{into: relay, current: {{shape: sine, frequency: 1, amplitude: {amplitude}}}}}}}\n"
        );
        if text.contains("sleep: {") || text.contains("sleep: [") {
            text = text.replace(&format!(", sleep: {capacitance}"), ", sleep: off");
        }
        if !entries.is_empty() {
            text += "waveguides:\n";
        }
        for (k, entry) in entries.iter().enumerate() {
            text.extend([format!("  w{k}: {entry}\n")]);
        }
        gives_itself_back(&load(Path::new(""), &text));
    }

    /// No matrix whatever makes the reader panic.
    #[test]
    fn any_matrix_is_read_or_refused(sizes in "[0-9 ]{0,8}", rows in "[-0-9.e% \n]{0,60}", kind in 0..4usize) {
        let kind = ["real general", "pattern general", "integer symmetric", "real"][kind];
        let folder = tempfile::tempdir().unwrap();
        let text = format!("%%MatrixMarket matrix coordinate {kind}\n4 4 {sizes}\n{rows}");
        fs::write(folder.path().join("m.mtx"), text).unwrap();
        let entry = "{from: relay, to: relay, pattern: {file: {path: m.mtx}}, delay: 1, allow_self: true}";
        let text = format!("{PORTS}waveguides:\n  axon: {entry}\n").replace("1000000", "4");
        if let Err(error) = yaml::load_text(&folder.path().join("net.yaml"), &text, &[]) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
