//! Files and settings that are read as they say, or refused by the line they stand on.

use std::fs;
use std::path::Path;

use qhh_format::yaml::{self, Override};

use crate::ran::{Ran, fault, refusal};

const HEAD: &str = "name: snap
simulation: {duration: 0.1 ms}
neurons:
  c:
    count: 3
    membrane: {capacitance: 1 uF}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
";

/// The voltages at which `snapshot` starts three neurons, or why it is refused.
fn started(snapshot: &str) -> Result<Vec<f64>, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("end.csv"), snapshot).unwrap();
    let text = format!("{HEAD}    initial: {{from: end.csv}}\nrecord: {{of: c, quantities: [voltage]}}\n");
    let loaded =
        yaml::load_text(&folder.path().join("net.yaml"), &text, &[]).map_err(|error| error.to_string())?;
    let ran = Ran::of((*loaded.network).clone(), qhh_net::RunOptions::default());
    Ok(["c[0]", "c[1]", "c[2]"].map(|neuron| ran.voltage(neuron)[0]).to_vec())
}

#[test]
fn a_snapshot_starts_each_neuron_by_its_name() {
    let ran = Ran::fault("10-snapshot-rows/net.yaml", &[]);
    let begins = ["c[0]", "c[1]", "c[2]"].map(|neuron| ran.voltage(neuron)[0]);
    assert_eq!(begins, [-72.0, -68.0, -66.0]);
    // Under whatever name the population had, and in their order where rows bear no names.
    let shuffled =
        "voltage,n,m,h,neuron\n-61,0.3,0.1,0.5,old[1]\n-62,0.3,0.1,0.5,old[2]\n-60,0.3,0.1,0.5,old[0]\n";
    assert_eq!(started(shuffled), Ok(vec![-60.0, -61.0, -62.0]));
    let nameless = "voltage,n,m,h\n-61,0.3,0.1,0.5\n-62,0.3,0.1,0.5\n-60,0.3,0.1,0.5\n";
    assert_eq!(started(nameless), Ok(vec![-61.0, -62.0, -60.0]));
}

#[test]
fn rows_of_a_snapshot_that_name_no_neuron_or_one_twice_are_refused() {
    let table = |names: [&str; 3]| {
        let row = |name: &str| format!("{name},-60,0.3,0.1,0.5\n");
        format!("neuron,voltage,n,m,h\n{}", names.map(row).concat())
    };
    for (names, message) in [
        (["c[0]", "c[1]", "c[3]"], "line 4, column `neuron`: there is no `c[3]` among 3 neurons, counted from 0"),
        (["c[0]", "c[1]", "c[1]"], "line 4, column `neuron`: `c[1]` is there twice"),
        (["c[0]", "d[1]", "c[2]"], "line 3, column `neuron`: `d[1]` is of another population than `c`"),
        (["c[0]", "c1", "c[2]"], "line 3, column `neuron`: `c1` is no name of a neuron"),
        (["c[0]", "c[-1]", "c[2]"], "line 3, column `neuron`: `c[-1]` is no name of a neuron"),
    ] {
        let refused = started(&table(names)).unwrap_err();
        assert!(refused.contains(message), "{names:?}: {refused}");
    }
    let short = started("neuron,voltage,n,m,h\nc[2],-60,0.3,0.1,0.5\nc[0],-60,0.3,0.1,0.5\n").unwrap_err();
    assert!(short.contains("`end.csv` has no row for `c[1]`"), "{short}");
}

/// Why a network with this source file is refused.
fn refused_samples(samples: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("i.csv"), samples).unwrap();
    let text = format!("{HEAD}sources: {{s: {{into: c, current: {{shape: file, path: i.csv, column: x}}}}}}\n");
    yaml::load_text(&folder.path().join("net.yaml"), &text, &[]).unwrap_err().to_string()
}

#[test]
fn a_bad_row_is_named_by_the_line_an_editor_shows() {
    let short = refusal("13-line-of-a-bad-row/net.yaml");
    assert!(short.contains("`i.csv`, line 6: 1 field, but the header has 2"), "{short}");
    let word = yaml::load(
        &fault("13-line-of-a-bad-row/net.yaml"),
        &[Override::parse("sources.s.current.path=crlf.csv").unwrap()],
    );
    let word = word.unwrap_err().to_string();
    assert!(word.contains("`crlf.csv`, line 4, column `x`: `abc` is no finite number"), "{word}");
    for (samples, line) in [
        ("t,x\n0,0\n\n\n\n\n5,z\n", 7),
        ("\u{feff}t,x\r\n\r\n\r\n0,0\r\n5,z\r\n", 5),
        ("t,x,note\n0,0,\"two\nlines\"\n\n5,z,\"more\n\nlines\"\n", 5),
        ("t,x\r0,0\r\r5,z\r", 4),
        ("\n\nt,x\n0,0\n5,z", 5),
    ] {
        let refused = refused_samples(samples.as_bytes());
        assert!(refused.contains(&format!("line {line}, column `x`: `z`")), "{samples:?}: {refused}");
    }
    let late = refused_samples(b"t,x\n\n1,0\n\n\n0,1\n");
    assert!(late.contains("line 6, column `t`: 0 is before the time above it"), "{late}");
    let third = refused_samples(b"t,x\n1,0\n1,2\n# still the same time\n1,3\n");
    assert!(third.contains("line 5, column `t`: the time 1 is in three rows"), "{third}");
    let bytes = refused_samples(b"t,x\r\n\r\n0,0\r\n\r\n1,\xff\r\n");
    assert!(bytes.contains("line 5: this is no text in UTF-8"), "{bytes}");
    let twice = refused_samples(b"t,x,x\n0,0,1\n1,1,2\n");
    assert!(twice.contains("`i.csv` has two columns `x`"), "{twice}");
}

#[test]
fn a_matrix_with_a_byte_order_mark_and_line_ends_of_other_systems_is_read_and_its_lines_counted() {
    let folder = tempfile::tempdir().unwrap();
    let ports = "    output: {capacitance: 0.3 uF, impedance: 3 kOhm}\n    input: {capacitance: 1 uF, impedance: 3 kOhm}\n";
    let text = format!(
        "{HEAD}{ports}waveguides: {{w: {{from: c, to: c, delay: 1 ms, pattern: {{file: {{path: w.mtx}}}}}}}}\n"
    );
    let load = |matrix: &str| {
        fs::write(folder.path().join("w.mtx"), matrix).unwrap();
        yaml::load_text(&folder.path().join("net.yaml"), &text, &[])
    };
    let head = "\u{feff}%%MatrixMarket matrix coordinate real general\n% a comment\n\n3 3 2\n1 2 0.5\n\n";
    for end in ["\n", "\r\n", "\r"] {
        let with = |rest: &str| format!("{head}{rest}").replace('\n', end);
        assert_eq!(load(&with("2 3 -1")).unwrap().network.waveguides[0].n_arms(1), 2);
        let refused = load(&with("2 4 -1\n")).unwrap_err().to_string();
        assert!(refused.contains("`w.mtx`, line 7: `2 4 -1` is no entry of this matrix"), "{refused}");
    }
    let few = load(head).unwrap_err().to_string();
    assert!(few.contains("line 6: 2 entries are announced, and the file ends after 1"), "{few}");
}

fn yaml_of(text: &str, set: &[&str]) -> String {
    let set: Vec<Override> = set.iter().map(|set| Override::parse(set).unwrap()).collect();
    yaml::load_text(Path::new("net.yaml"), text, &set).unwrap_or_else(|error| panic!("{error}")).yaml
}

#[test]
fn a_resolved_network_reads_back_to_the_same_text_signed_zeros_included() {
    let fault = fs::read_to_string(fault("15-signed-zero/net.yaml")).unwrap();
    let zeros = "name: zeros
units: raw
simulation: {duration: 1, step: 0.01, spike_threshold: -0.0}
neurons:
  c:
    count: 3
    circuit: single-channel
    membrane: {capacitance: 1}
    channels: {potassium: {conductance: 1, reversal: [-0.0, 0, -1]}}
    initial: {voltage: -0.0}
sources:
  a: {into: c, current: {shape: ramp, from: -0.0, to: 1, start: -0, stop: 1}}
";
    let with_units = "name: zeros
simulation: {duration: 1 ms, spike_threshold: -0 mV}
neurons:
  c:
    circuit: single-channel
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 1 mS, reversal: -0.0 mV}}
";
    for text in [fault.as_str(), zeros, with_units] {
        let once = yaml_of(text, &[]);
        assert_eq!(yaml_of(&once, &[]), once);
        let signed = |word: &str| word.strip_prefix('-').is_some_and(|rest| rest.parse() == Ok(0.0));
        let found = once.split([' ', ',', '[', ']', '{', '}', '\n']).find(|word| signed(word));
        assert_eq!(found, None, "{once}");
        assert_eq!(yaml_of(&text.replace("-0.0", "0").replace("-0 ", "0 ").replace("-0,", "0,"), &[]), once);
    }
}

#[test]
fn nothing_takes_an_optional_entry_away_whole_or_within() {
    let file = fs::read_to_string(fault("17-null-takes-away/net.yaml")).unwrap();
    let network = |set: &[&str]| {
        let set: Vec<Override> = set.iter().map(|set| Override::parse(set).unwrap()).collect();
        yaml::load_text(Path::new("net.yaml"), &file, &set).map(|loaded| loaded.network)
    };
    let names = |set: &[&str]| -> Vec<String> {
        network(set).unwrap().sources.iter().map(|source| source.name.clone()).collect()
    };
    assert_eq!(names(&["sources.s=null"]), ["r"]);
    assert_eq!(names(&["sources.r=~"]), ["s"]);
    assert_eq!(names(&["sources.s=null", "sources.r=null"]), [""; 0]);
    assert_eq!(names(&["sources=null"]), [""; 0]);
    // What is taken away may be put back, at the end.
    assert_eq!(
        names(&["sources.s=null", "sources.s={into: c, current: {shape: constant, amplitude: 1 uA}}"]),
        ["r", "s"]
    );
    assert!(network(&["sources.r.current.start=1 ms", "sources.r.current.start=null"]).is_ok());
    let refused = network(&["sources.x=null"]).unwrap_err().to_string();
    assert!(refused.contains("`sources` has no `x`"), "{refused}");
    assert!(network(&["neurons.c.channels.sodium=null"]).unwrap_err().to_string().contains("lacks `sodium`"));
    assert!(network(&["neurons.c=null"]).is_err(), "a network has a neuron");
}

#[test]
fn nothing_takes_named_entries_of_every_block_away() {
    let text = "name: blocks
simulation: {duration: 30 ms}
quantum: {hbar: 1, fluctuations: heisenberg, modes: 48}
neurons:
  c: &cell
    count: 2
    membrane: {capacitance: 1 uF}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    inputs:
      near: {capacitance: 1 uF, impedance: 3 kOhm}
      far: {capacitance: 1 uF, impedance: 3 kOhm}
  d: *cell
sources:
  left: {into: \"c[0]\", port: far, wavepacket: {carrier: 6 rad/ms, envelope: gaussian, centre: 8 ms, width: 1 ms}}
  right: {into: \"c[1]\", port: far, wavepacket: {carrier: 6 rad/ms, envelope: gaussian, centre: 8 ms, width: 1 ms}}
states:
  pair: {of: [left, right], two_mode_squeezed: {r: 1}}
modes:
  m1: {of: \"c[1]\", port: output, carrier: 6 rad/ms, envelope: gaussian, centre: 12 ms, width: 1.5 ms}
  m2: {of: \"c[0]\", port: output, carrier: 6 rad/ms, envelope: gaussian, centre: 12 ms, width: 1.5 ms}
waveguides:
  near: {from: c, pattern: chain, port: near, delay: 1 ms}
  away: {from: d, pattern: chain, port: near, delay: 1 ms, transmission: 0.5}
record: {of: c, quantities: [voltage, variance]}
";
    let network = |set: &str| {
        let loaded = yaml::load_text(Path::new("net.yaml"), text, &[Override::parse(set).unwrap()]);
        loaded.unwrap_or_else(|error| panic!("{set}: {error}")).network
    };
    assert!(network("states.pair=null").states.is_empty());
    assert_eq!(network("modes.m1=null").modes[0].name, "m2");
    assert_eq!(network("waveguides.near=null").waveguides[0].name, "away");
    assert_eq!(network("waveguides.away.transmission=null").waveguides[1].transmission, 1.0.into());
    assert_eq!(network("waveguides=null").waveguides.len(), 0);
    let without = yaml::load_text(
        Path::new("net.yaml"),
        text,
        &["neurons.d=null", "waveguides.away=null"].map(|set| Override::parse(set).unwrap()),
    );
    assert_eq!(without.unwrap().network.populations.len(), 1);
    let refused = |set: &str| {
        yaml::load_text(Path::new("net.yaml"), text, &[Override::parse(set).unwrap()]).unwrap_err().to_string()
    };
    // What others refer to is missed where it is referred to.
    assert!(refused("neurons.d=null").contains("there is no population `d`"), "{}", refused("neurons.d=null"));
    assert!(refused("sources.left=null").contains("left"), "{}", refused("sources.left=null"));
    assert!(refused("modes.m3=null").contains("`modes` has no `m3`"));
}
