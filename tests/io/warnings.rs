//! What can run but is hardly meant is warned of, with its value and the remedy; what is meant is not.

use std::fs;
use std::path::{Path, PathBuf};

use qhh_format::yaml;
use qhh_net::Warning;

use crate::ran::Ran;

/// A squid axon that a current drives and waveguides join; `{}` stand for what a case changes.
const AXON: &str = "
name: axon
simulation: {duration: 50 ms, step: 0.01 ms}
neurons:
  axon:
    count: 2
    membrane: {capacitance: 1 uF}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
sources:
  step: {into: \"axon[0]\", current: {shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms}}
waveguides:
  line: {from: axon, to: axon, pattern: chain, delay: 1 ms}
";

fn warnings(text: &str) -> Vec<Warning> {
    let loaded = yaml::load_text(Path::new("net.yaml"), text, &[]);
    loaded.unwrap_or_else(|error| panic!("{error}\n{text}")).network.warnings()
}

/// The warnings of the axon with one text in place of another, a line each.
fn with(from: &str, to: &str) -> String {
    assert!(AXON.contains(from), "{from}");
    lines(&AXON.replacen(from, to, 1))
}

/// The warnings of a network, a line each.
fn lines(text: &str) -> String {
    let lines: Vec<String> = warnings(text).iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn the_axon_and_every_shipped_network_are_warned_of_nothing() {
    assert_eq!(warnings(AXON), []);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../networks");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let networks: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "yaml")).collect();
    assert!(networks.len() > 15, "{networks:?}");
    for file in networks.iter().filter(|file| !file.ends_with("million.yaml")) {
        let loaded = yaml::load(file, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(loaded.network.warnings(), [], "{}", file.display());
    }
}

#[test]
fn a_current_in_amperes_is_warned_of() {
    insta::assert_snapshot!(with("40 uA", "40 A"), @"sources.step.current: 40000000 uA takes `axon` to 1e5 mV and more, beyond the 100 mV within which the gates' rates were measured: make it weaker, or write `40 uA` if that is meant");
}

#[test]
fn a_sleep_that_loses_waves_is_warned_of() {
    insta::assert_snapshot!(with("step: 0.01 ms", "step: 0.01 ms, sleep: 5 mV"), @"simulation.sleep: neurons within 5 mV of rest are put to rest, and waves below 5 mV are lost: leave `sleep` out, which allows 1e-6 mV, or write `sleep: off`");
    assert_eq!(with("step: 0.01 ms", "step: 0.01 ms, sleep: 1e-5 mV"), "");
}

#[test]
fn a_reversal_and_a_start_in_volts_are_warned_of() {
    insta::assert_snapshot!(with("50 mV", "50 V"), @"neurons.axon.channels.sodium.reversal: a reversal potential of 50000 mV lies far outside those of cells, which are within 150 mV: write `50 mV` if that is meant");
    insta::assert_snapshot!(with("-77 mV", "-77 V"), @"neurons.axon.channels.potassium.reversal: a reversal potential of -77000 mV lies far outside those of cells, which are within 150 mV: write `-77 mV` if that is meant");
    insta::assert_snapshot!(with("    output:", "    initial: {voltage: -65 V}\n    output:"), @"neurons.axon.initial.voltage: a voltage at the start of -65000 mV lies far outside those of cells, which are within 150 mV: write `-65 mV` if that is meant");
    insta::assert_snapshot!(with("step: 0.01 ms", "step: 0.01 ms, spike_threshold: 20 V"), @"simulation.spike_threshold: a threshold of 20000 mV lies far outside those of cells, which are within 150 mV: write `20 mV` if that is meant");
}

#[test]
fn reversals_of_the_wrong_sign_are_warned_of() {
    insta::assert_snapshot!(with("-77 mV", "77 mV"), @"neurons.axon.channels.potassium.reversal: potassium reverses at 77 mV, above zero: in every cell it does so below: write `-77 mV` if that is meant");
    insta::assert_snapshot!(with("50 mV", "-50 mV"), @"neurons.axon.channels.sodium.reversal: sodium reverses at -50 mV, below zero: in every cell it does so above: write `50 mV` if that is meant");
}

#[test]
fn a_step_too_long_for_gates_ports_or_sources_is_warned_of_with_a_better_one() {
    insta::assert_snapshot!(with("step: 0.01 ms", "step: 1 ms"), @"
    simulation.step: the step, 1 ms, is longer than the time constant of the fastest gate of `axon` during a spike, 0.108 ms: choose `step: 0.02 ms` or less
    simulation.step: the step, 1 ms, is longer than the time constant of the `output` port of `axon`, 0.692 ms: choose `step: 0.1 ms` or less
    ");
    insta::assert_snapshot!(with("impedance: 3 kOhm", "impedance: 3 Ohm"), @"simulation.step: the step, 0.01 ms, is longer than the time constant of the `output` port of `axon`, 0.000692 ms: choose `step: 0.0001 ms` or less");
    insta::assert_snapshot!(with("shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms", "shape: sine, amplitude: 4 uA, frequency: 30 kHz"), @"sources.step: its period of 0.0333 ms is 3.3 times the step, 0.01 ms: choose `step: 0.0005 ms` or less, or check the unit of its frequency");
}

#[test]
fn a_conductance_in_siemens_and_a_capacitance_in_farads_are_warned_of() {
    insta::assert_snapshot!(with("36 mS", "36 S"), @"neurons.axon.channels.potassium.conductance: 36000 mS gives the membrane of 1 uF a time constant of 0.0000278 ms, far below any cell's: write `36 mS` if that is meant, or check the capacitance");
    insta::assert_snapshot!(with("0.3 mS", "0.3 S"), @"neurons.axon.channels.chloride.conductance: 300 mS gives the membrane of 1 uF a time constant of 0.00333 ms, far below any cell's: write `0.3 mS` if that is meant, or check the capacitance");
    insta::assert_snapshot!(with("membrane: {capacitance: 1 uF}", "membrane: {capacitance: 1 F}"), @"neurons.axon.membrane.capacitance: 1000000 uF is charged in 6400 ms even with every channel open, so nothing spikes: check the units of the capacitance and of the conductances");
}

#[test]
fn what_does_nothing_within_the_run_is_warned_of() {
    insta::assert_snapshot!(with("start: 5 ms", "start: 60 ms"), @"sources.step: it starts at 60 ms, but the run ends at 50 ms: start it earlier, or lengthen the run");
    insta::assert_snapshot!(with("delay: 1 ms", "delay: 1 s"), @"waveguides.line.delay: a wave takes 1000 ms or more, but the run ends at 50 ms: shorten the delay, or lengthen the run");
    insta::assert_snapshot!(with("pattern: chain", "pattern: {random: {probability: 0}}"), @"waveguides.line: it joins no neurons: check `from`, `to` and `pattern`");
    insta::assert_snapshot!(with("to: axon, pattern: chain", "to: axon, pattern: one-to-one"), @"waveguides.line: 2 of its 2 waveguides would join a neuron to itself, and are left out: write `allow_self: true` to lay them, or name other neurons");
    insta::assert_snapshot!(with("from: axon, to: axon, pattern: chain", "from: [axon.0, axon.1], to: [axon.1, axon.0], pattern: one-to-one"), @"");
    insta::assert_snapshot!(with("duration: 2 ms", "duration: 2 ms, period: 5 ms, count: 0"), @"sources.step.current.count: it has no pulse, so it is never on: write a `count` above zero, or leave the source out");
    insta::assert_snapshot!(with("waveguides:", "record: {every: 1 s}\nwaveguides:"), @"record.every: 1000 ms is longer than the run, 50 ms, so only its start is sampled: sample more often");
    let mode = "shape: mode, zero_point: 1 uA, frequency: 1 rad/ms}, state: {fock: {n: 1}";
    insta::assert_snapshot!(with("shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms", mode), @"sources.step.state: there is no `quantum` block, so only the mean current of this state acts: add `quantum: {hbar: .., fluctuations: adiabatic}`");
    let packet =
        "wavepacket: {carrier: 6 rad/ms, envelope: gaussian, centre: 3 ms, width: 1 ms}, state: {fock: {n: 1}}";
    let text = AXON.replace(
        "waveguides:\n  line: {from: axon, to: axon, pattern: chain, delay: 1 ms}\n",
        "quantum: {hbar: 1}\n",
    );
    let text = text.replace("current: {shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms}", packet);
    insta::assert_snapshot!(lines(&text), @"
    sources.step.wavepacket: it is centred at 3 ms and 1 ms wide, so that part of it arrives before the run and is left out: centre it at 4 ms or later
    sources.step.state: adiabatic fluctuations know no wavepackets, so only the mean wave of this state acts: write `fluctuations: heisenberg` under `quantum`
    ");
}

#[test]
fn many_of_a_kind_are_counted() {
    let late = |k: usize| {
        format!(
            "  s{k}: {{into: axon, current: {{shape: pulse, amplitude: 1 uA, start: 60 ms, duration: 1 ms}}}}\n"
        )
    };
    let text = AXON.replace("waveguides:", &format!("{}waveguides:", (0..40).map(late).collect::<String>()));
    let told = warnings(&text);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[2].remedy.ends_with("(and 37 more like this)"), "{told:?}");
}

/// Values that differ from neuron to neuron are judged by the farthest, and units of SI by the same limits.
#[test]
fn spread_values_and_units_of_si_are_judged_alike() {
    insta::assert_snapshot!(with("reversal: 50 mV", "reversal: {uniform: [50 mV, 50 V]}"), @"neurons.axon.channels.sodium.reversal: a reversal potential of 50000 mV lies far outside those of cells, which are within 150 mV: write `50 mV` if that is meant");
    let si = format!("units: si\n{}", AXON.replace("step: 0.01 ms", "step: 1 ms").replace("50 mV", "50 V"));
    insta::assert_snapshot!(lines(&si), @"
    simulation.step: the step, 0.001 s, is longer than the time constant of the fastest gate of `axon` during a spike, 0.000108 s: choose `step: 0.00002 s` or less
    simulation.step: the step, 0.001 s, is longer than the time constant of the `output` port of `axon`, 0.000692 s: choose `step: 0.0001 s` or less
    neurons.axon.channels.sodium.reversal: a reversal potential of 50 V lies far outside those of cells, which are within 150 mV: write `0.05 V` if that is meant
    ");
}

/// Two wavepackets on one line are two modes only if their envelopes share next to nothing: `e^{-tau^2/(8 s^2)}` of equal
/// ones `tau` apart.
#[test]
fn wavepackets_that_overlap_on_one_line_are_warned_of() {
    let of = |into: &str, centre: f64, carrier: f64| {
        let source = |name: &str, into: &str, carrier: f64, centre: f64| {
            let packet =
                format!("carrier: {carrier} rad/ms, envelope: gaussian, centre: {centre} ms, width: 1.5 ms");
            format!(
                "  {name}: {{into: {into}, wavepacket: {{{packet}}}, state: {{coherent: {{amplitude: 1}}}}}}\n"
            )
        };
        let sources = source("one", "axon", 4.0, 20.0) + &source("two", into, carrier, centre);
        let start = AXON.find("  step: {into").unwrap();
        let network = format!("{}{sources}", &AXON[..start]);
        lines(&network.replace("neurons:", "quantum: {hbar: 0.5, fluctuations: heisenberg}\nneurons:"))
    };
    insta::assert_snapshot!(of("axon", 23.0, 4.0), @"sources.two.wavepacket: it overlaps with `one` on one line, `|[a, b*]|` = 0.61, and states of both are taken for those of modes that share nothing: move them apart in time or in carrier, or put their state into one wavepacket");
    assert_eq!(of("axon", 30.0, 4.0), "", "they share e to the -5.6");
    assert_eq!(of("axon", 20.0, 7.0), "", "carriers nine bandwidths apart");
}

/// The axon with a quantum block of its own.
fn with_quantum(quantum: &str) -> String {
    lines(&AXON.replace("neurons:", &format!("quantum: {{{quantum}}}\nneurons:")))
}

#[test]
fn noise_that_is_hardly_meant_is_warned_of() {
    insta::assert_snapshot!(with_quantum("hbar: 0.5, temperature: 310"), @"quantum.temperature: k_B T = 310 uF mV² shakes the voltage of `axon` by 17.6 mV: make it `100 uF mV²` or less (a bare number is an energy); with `scale`, 3.1 times fewer kelvin, or a `voltage` 1.8 times larger");
    insta::assert_snapshot!(with_quantum("hbar: 1.05e-34 J s"), @"quantum: hbar = 1.05e-19 uF mV² ms makes fluctuations of 2e-9 mV at most: `hbar` is a number of the model, such as `0.5`; a laboratory circuit makes it by `scale: {capacitance: 1 pF, voltage: 1 uV, time: 1 ns}` with its values, where bare numbers are F, V and s");
    insta::assert_snapshot!(lines(&AXON.replace("neurons:", "units: si\nquantum: {hbar: 0.1}\nneurons:")), @"quantum: hbar = 0.1 J s shakes the voltage of `axon` by up to 49100000 mV: `hbar` is a number of the model, in its units: here `4e-16 J s` makes up to 3 mV");
    insta::assert_snapshot!(with_quantum("hbar: 0.5, cutoff: 0.1 rad/ms"), @"quantum.cutoff: 0.1 rad/ms is below the membrane's rates, which are up to 156 rad/ms in `axon`: most of the noise is left out: write `156 rad/ms` or more");
    for sound in [
        "hbar: 0.5, temperature: 20",
        "hbar: 0, temperature: 1",
        "hbar: 0.5, cutoff: 20",
        "hbar: 0.5, temperature: 310, fluctuations: none",
        "scale: {capacitance: 1 pF, voltage: 1 uV, time: 1 ns}, temperature: 10 mK",
    ] {
        assert_eq!(with_quantum(sound), "", "{sound}");
    }
}

#[test]
fn a_rate_without_its_unit_is_warned_of() {
    let rain = |rate: &str| {
        with(
            "shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms",
            &format!("shape: poisson, rate: {rate}, amplitude: 1 uA, duration: 1 ms"),
        )
    };
    insta::assert_snapshot!(rain("50"), @"sources.step.current.rate: pulses of 1 ms at 50000 Hz overlap 50-fold: a bare `rate` is per ms: write `50 Hz` if 50 a second is meant, or make them shorter");
    assert_eq!(rain("50 Hz"), "");
    assert_eq!(rain("0.05"), "");
}

/// What a file says and nobody takes: a number of samples beside field modes, a column of pairs.
#[test]
fn what_is_ignored_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pairs.csv"), "  # made elsewhere\nfrom,to,loss\n0,1,0.2\n").unwrap();
    let of = |text: &str| {
        let loaded = yaml::load_text(&folder.path().join("net.yaml"), text, &[]).unwrap();
        loaded.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let quantum =
        |quantum: &str| of(&AXON.replace("neurons:", &format!("quantum: {{hbar: 0.5, {quantum}}}\nneurons:")));
    insta::assert_snapshot!(quantum("fluctuations: heisenberg, samples: 500"), @"quantum.samples: it goes with `fluctuations: wigner`, and is ignored here: leave it out, or write `fluctuations: wigner`");
    insta::assert_snapshot!(quantum("fluctuations: wigner, modes: 64"), @"quantum.modes: it goes with `fluctuations: heisenberg`, and is ignored here: leave it out, or write `fluctuations: heisenberg`");
    assert_eq!(
        quantum("fluctuations: heisenberg, modes: 64, samples: 1000"),
        "",
        "a resolved file names the default"
    );
    insta::assert_snapshot!(of(&AXON.replace("pattern: chain", "pattern: {file: pairs.csv}")), @"waveguides.line.pattern.file: `pairs.csv` has columns that are not taken: `loss`: those that are taken are `from`, `to`, `delay`, `transmission`, `weight`; a `loss` of 0.2 is a `transmission` of 0.8");
}

#[test]
fn samples_with_times_of_another_unit_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let of = |rows: &str, more: &str| {
        fs::write(folder.path().join("film.csv"), format!("t,current\n{rows}\n")).unwrap();
        let text = AXON.replace(
            "shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms",
            &format!("shape: file, path: film.csv, column: current{more}"),
        );
        let loaded = yaml::load_text(&folder.path().join("net.yaml"), &text, &[]).unwrap();
        let told: Vec<String> = loaded.network.warnings().iter().map(ToString::to_string).collect();
        told.join("\n")
    };
    insta::assert_snapshot!(of("0,0\n0.01,1\n0.03,0", ""), @"sources.step.current: all samples lie in the first 0.03 ms of 50 ms: times are in ms: are these seconds? Multiply them by 1000");
    insta::assert_snapshot!(of("100,0\n120,1", ""), @"sources.step.current: samples begin at 100 ms, but the run ends at 50 ms: times are in ms: move them, or lengthen the run");
    insta::assert_snapshot!(of("0,0\n0.01,1\n0.03,0", ", interpolate: previous"), @"sources.step.current: all samples lie in the first 0.03 ms of 50 ms: times are in ms: are these seconds? Multiply them by 1000");
    assert_eq!(of("0,0\n1,1\n30,0", ""), "");
}

/// What a file's own words say, such as units: warnings of reading it beside those of its network.
fn of_file(text: &str) -> String {
    let loaded = yaml::load_text(Path::new("net.yaml"), text, &[]);
    let loaded = loaded.unwrap_or_else(|error| panic!("{error}\n{text}"));
    loaded.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn angles_and_frequencies_of_a_doubtful_unit_are_warned_of() {
    let sine = |keys: &str| {
        of_file(&AXON.replace(
            "shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms",
            &format!("shape: sine, amplitude: 4 uA, {keys}"),
        ))
    };
    insta::assert_snapshot!(sine("frequency: 80 1/s"), @"sources.step.current.frequency: `80 1/s` is an angular frequency, 80 rad/s: write `80 Hz` for cycles, or `80 rad/s` if that is meant");
    insta::assert_snapshot!(sine("frequency: 50 Hz, phase: 90"), @"sources.step.current.phase: a bare number is in radians, and 90 is more than a turn: write `90 deg` for degrees, or `90 rad` if that is meant");
    for sound in ["frequency: 80 Hz", "frequency: 80 rad/s", "frequency: 0.5", "frequency: 80 Hz, phase: 450 deg"]
    {
        assert_eq!(sine(sound), "", "{sound}");
    }
    let quantum = |keys: &str| of_file(&AXON.replace("neurons:", &format!("quantum: {{{keys}}}\nneurons:")));
    insta::assert_snapshot!(quantum("hbar: 0.1, cutoff: 200 1/ms"), @"quantum.cutoff: `200 1/ms` is an angular frequency, 200 rad/ms: write `200 kHz` for cycles, or `200 rad/ms` if that is meant");
    insta::assert_snapshot!(quantum("scale: {capacitance: 1 pF, voltage: 1 uV, time: 1 ns}, temperature: 0.01"), @"quantum.temperature: a bare number is an energy, 0.01 uF mV², which is that of 0.000724 K: write `0.01 K` for a temperature, or the energy with its unit");
    assert_eq!(quantum("scale: {capacitance: 1 pF, voltage: 1 uV, time: 1 ns}, temperature: 10 mK"), "");
}

#[test]
fn potentials_in_bare_volts_and_missing_ones_are_warned_of() {
    let bare = AXON.replace("-77 mV", "-0.077").replace("50 mV", "0.05").replace("-54.387 mV", "-0.0544");
    let told = lines(&bare);
    insta::assert_snapshot!(told.lines().find(|line| line.contains("volts")).unwrap_or_default(), @"neurons.axon.channels.potassium.reversal: all reversal potentials lie within 1 mV of zero, as bare volts do: write a unit, such as `-77 mV`");
    insta::assert_snapshot!(with("{conductance: 0.3 mS, reversal: -54.387 mV}", "{conductance: 0.3 mS}"), @"neurons.axon.channels.chloride: `chloride` has no `reversal`, which is then 0 mV, while other channels have one: add its `reversal`, or write `reversal: 0 mV` if that is meant");
    assert!(
        !with("{conductance: 0.3 mS, reversal: -54.387 mV}", "{conductance: 0.3 mS, reversal: 0 mV}")
            .contains("no `reversal`")
    );
    insta::assert_snapshot!(with("capacitance: 1 uF}", "capacitance: 1 mF}"), @"neurons.axon.membrane.capacitance: 1000 uF is charged in 6.4 ms even with every channel open, far more slowly than a cell: check the units of the capacitance and of the conductances");
    insta::assert_snapshot!(with("step: 0.01 ms", "step: 0.01 ms, spike_threshold: -65 mV"), @"simulation.spike_threshold: `axon` starts at -64.9964 mV, not below the threshold, -65 mV, which a spike must cross from below: write a threshold between rest and the peak of a spike, such as `0 mV`");
    assert_eq!(with("step: 0.01 ms", "step: 0.01 ms, spike_threshold: -20 mV"), "");
}

#[test]
fn values_that_go_elsewhere_are_warned_of() {
    insta::assert_snapshot!(of_file(&AXON.replace("into: \"axon[0]\"", "into: [axon.1, axon.0]").replace("40 uA", "[40 uA, 1 uA]")), @"sources.step.current.amplitude: its values go to the neurons in the order of the network, which is not that of `into`: name the neurons of `into` in the order of the network, and the values alike");
    assert_eq!(of_file(&AXON.replace("into: \"axon[0]\"", "into: axon").replace("40 uA", "[40 uA, 1 uA]")), "");
    insta::assert_snapshot!(with("40 uA", "{linear: [1 uA, 40 uA]}"), @"sources.step.current.amplitude: `linear` gives a single neuron fed its first value, 1 uA, and 40 uA to none: write `1 uA`, or have more than one");
    insta::assert_snapshot!(with("delay: 1 ms", "delay: {linear: [1 ms, 2 ms]}"), @"waveguides.line.delay: `linear` gives a single waveguide its first value, 1 ms, and 2 ms to none: write `1 ms`, or have more than one");
    insta::assert_snapshot!(of_file(&AXON.replace("pattern: chain", "pattern: {pairs: [[0, 1], [1, 0], [0, 1]]}")), @"waveguides.line.pattern: the pair [0, 1] is there twice: equal waveguides between two neurons: list each pair once, or give them delays that differ");
    assert_eq!(
        of_file(
            &AXON
                .replace("pattern: chain, delay: 1 ms", "pattern: {pairs: [[0, 1], [0, 1]]}, delay: [1 ms, 2 ms]")
        ),
        ""
    );
    insta::assert_snapshot!(lines(&AXON.replace("count: 2", "count: 1").replace("pattern: chain", "pattern: ring")), @"waveguides.line: it joins no neurons: check `from`, `to` and `pattern`");
    let text = AXON.replace("sodium: {", "slow: {conductance: 1 mS, reversal: -80 mV, parameters: {v1: 3, v2: 4}, gates: {w: {steady: \"sigmoid(v/v1)\", time_constant: \"10\"}}}\n      sodium: {");
    insta::assert_snapshot!(of_file(&text), @"neurons.axon.channels.slow.parameters.v2: no formula of the channel uses `v2`, so it does nothing: leave it out, or check the formulas");
}

#[test]
fn sources_that_are_never_on_are_warned_of() {
    insta::assert_snapshot!(with("start: 5 ms", "start: -5 ms"), @"sources.step.current: it ends at -3 ms, before the run begins, so it is never on: start it at 0 or later");
    insta::assert_snapshot!(with("into: \"axon[0]\"", "into: []"), @"sources.step.into: it feeds no neuron: name neurons, or leave the source out");
    let sine = |keys: &str| with("shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms", keys);
    insta::assert_snapshot!(sine("shape: sine, amplitude: 4 uA, frequency: 0 Hz"), @"sources.step.current.frequency: a frequency of 0 is no current at all: write a frequency above zero, or `shape: constant`");
    insta::assert_snapshot!(sine("shape: constant, amplitude: 4 uA, start: -5 ms, stop: -1 ms"), @"sources.step.current: it ends at -1 ms, before the run begins, so it is never on: start it at 0 or later");
    assert_eq!(with("start: 5 ms", "start: -1 ms"), "");
    assert_eq!(with("start: 5 ms, duration: 2 ms", "start: -5 ms, duration: 2 ms, period: 10 ms"), "");
}

#[test]
fn states_and_samples_that_say_less_than_they_seem_to_are_warned_of() {
    let text = AXON.replace(
        "waveguides:\n  line: {from: axon, to: axon, pattern: chain, delay: 1 ms}\n",
        "quantum: {hbar: 1, fluctuations: heisenberg}\n",
    );
    let packet = |state: &str| {
        lines(&text.replace("into: \"axon[0]\", current: {shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms}",
            &format!("into: axon, wavepacket: {{carrier: 6 rad/ms, envelope: gaussian, centre: 13 ms, width: 1 ms}}, state: {state}")))
    };
    insta::assert_snapshot!(packet("{fock: {n: 1}}"), @"sources.step.into: each of its 2 neurons gets a mode of its own in the whole state, so that photons are 2-fold and nothing correlates them: make it one source for each neuron, correlated by `states` if that is meant");
    assert_eq!(packet("{coherent: {amplitude: 2}}"), "");
    insta::assert_snapshot!(with_quantum("hbar: 0.5, fluctuations: wigner, samples: 2"), @"quantum.samples: 2 samples give a variance to about 100 % of itself: write `samples: 1000`, which give it to 4.5 %");
}

/// A snapshot that names the neurons of another population.
#[test]
fn a_snapshot_of_others_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "neuron,voltage,n,m,h\nCELL[0],-65,0.3,0.05,0.6\nCELL[1],-65,0.3,0.05,0.6\n";
    let of = |cell: &str| {
        fs::write(folder.path().join("end.csv"), rows.replace("CELL", cell)).unwrap();
        let text = AXON.replace("    output:", "    initial: {from: end.csv}\n    output:");
        let loaded = yaml::load_text(&folder.path().join("net.yaml"), &text, &[]).unwrap();
        loaded.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(of("cell"), @"neurons.axon.initial.from: `end.csv` has the neurons of `cell`, not of `axon`: name the snapshot of `axon`, or rename its rows if that is meant");
    assert_eq!(of("axon"), "");
}

/// What only the run finds: frequencies that are too few, and departures beyond the limit of linear response.
#[test]
fn field_modes_that_cannot_be_trusted_are_warned_of_by_the_run() {
    let of = |quantum: &str, duration: &str| {
        let text = AXON.replace("waveguides:\n  line: {from: axon, to: axon, pattern: chain, delay: 1 ms}\n", "");
        let text =
            text.replace("duration: 50 ms", &format!("duration: {duration}")).replace("count: 2", "count: 1");
        let text =
            text.replace("neurons:", &format!("quantum: {{fluctuations: heisenberg, {quantum}}}\nneurons:"));
        let told = Ran::text(&text).outcome.warnings;
        told.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(of("hbar: 0.1, modes: 2", "10 ms"), @"quantum.modes: so few frequencies miss the variance by up to 1.4 of itself: write `modes: auto`, or a larger number");
    insta::assert_snapshot!(of("hbar: 3", "10 ms"), @"quantum.fluctuations: a voltage departs by up to 15.9 mV (standard deviation), beyond the 10 mV or so within which linear response holds: variances and jitter may be wrong several-fold: use `fluctuations: wigner`");
    assert_eq!(of("hbar: 0.01", "10 ms"), "");
}
