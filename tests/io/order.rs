//! The order of entries in the file changes no bit, and nothing is written as -0.

use qhh_net::network::Observable;

use crate::ran::Ran;

/// tests/faults/11: the same sources in another order.
#[test]
fn the_order_of_sources_changes_no_bit() {
    let (one, other) =
        (Ran::fault("11-order-of-sources/net.yaml", &[]), Ran::fault("11-order-of-sources/reordered.yaml", &[]));
    for observable in [Observable::Voltage, Observable::Current] {
        assert_eq!(one.trace("c[0]", observable), other.trace("c[0]", observable));
    }
}

/// A network whose neurons have several sources of every kind, its entries in one of many orders.
fn shuffled(turn: usize, fluctuations: &str) -> Ran {
    let mut sources = vec![
        "a: {into: c, current: {shape: constant, amplitude: 0.1 uA}}",
        "b: {into: c, current: {shape: sine, amplitude: 0.7 uA, frequency: 3.3 rad/ms}}",
        "d: {into: c, current: {shape: sine, amplitude: 0.3 uA, frequency: 1.7 rad/ms}}",
        "e: {into: c, current: {shape: noise, amplitude: 0.3 uA, interval: 0.1 ms}}",
        "f: {into: c, current: {shape: noise, amplitude: 0.7 uA, interval: 0.03 ms, shared: true}}",
        "g: {into: \"c[0]\", state: {coherent: {amplitude: 0.3}}, wavepacket: {carrier: 6, envelope: gaussian, centre: 2, width: 0.5}}",
        "h: {into: \"c[0]\", state: {coherent: {amplitude: 0.7}}, wavepacket: {carrier: 7, envelope: gaussian, centre: 2, width: 0.5}}",
        "i: {into: \"c[0]\", state: {coherent: {amplitude: 0.1}}, wavepacket: {carrier: 8, envelope: gaussian, centre: 2, width: 0.5}}",
        "j: {into: c, state: {coherent: {amplitude: 0.3}}, current: {shape: mode, zero_point: 0.1 uA, frequency: 3}}",
        "k: {into: c, state: {squeezed: {r: 0.3}}, current: {shape: mode, zero_point: 0.3 uA, frequency: 5}}",
    ];
    let mut waveguides = vec![
        "v: {from: \"c[0]\", to: \"d[0]\", pattern: one-to-one, delay: 0.21 ms, transmission: 0.9}",
        "w: {from: \"c[1]\", to: \"d[0]\", pattern: one-to-one, delay: 0.13 ms}",
        "x: {from: \"c[2]\", to: \"d[0]\", pattern: one-to-one, delay: 0.17 ms}",
        "y: {from: \"c[2]\", to: \"d[1]\", pattern: one-to-one, delay: 0.17 ms}",
    ];
    let (n, m) = (sources.len(), waveguides.len());
    sources.rotate_left(turn % n);
    waveguides.rotate_left(turn % m);
    if turn % 2 == 1 {
        sources.reverse();
        waveguides.reverse();
    }
    let lines = |entries: &[&str]| format!("  {}\n", entries.join("\n  "));
    Ran::text(&format!(
        "name: shuffled\nsimulation: {{duration: 5 ms, seed: 4}}\nquantum: {{hbar: 0.5, cutoff: 40, fluctuations: {fluctuations}}}\n\
         neurons:\n  c: &c\n    count: 3\n    circuit: single-channel\n    membrane: {{capacitance: 1 uF}}\n    channels: {{potassium: \
         {{conductance: 36 mS}}}}\n    initial: {{n: 0.4}}\n    output: {{capacitance: 0.3 uF, impedance: 3 kOhm}}\n    input: \
         {{capacitance: 0.3 uF, impedance: 3 kOhm}}\n  d: {{<<: *c}}\nsources:\n{}waveguides:\n{}record: {{of: [c, d], every: 0.05 ms, \
         quantities: [voltage, current, wave_out, wave_in, variance, hysteresis]}}\n",
        lines(&sources),
        lines(&waveguides)
    ))
}

#[test]
fn the_order_of_entries_changes_no_bit() {
    for fluctuations in ["adiabatic", "heisenberg", "{wigner: {samples: 32}}"] {
        let fluctuations = if fluctuations.starts_with('{') { "wigner, samples: 32" } else { fluctuations };
        let first = shuffled(0, fluctuations);
        for turn in 1..6 {
            let other = shuffled(turn, fluctuations);
            for (a, b) in first.outcome.traces.columns.iter().zip(&other.outcome.traces.columns) {
                assert_eq!(a, b, "{fluctuations}, order {turn}");
            }
            assert_eq!(first.outcome.spikes, other.outcome.spikes);
            assert_eq!(first.outcome.loops, other.outcome.loops, "{fluctuations}, order {turn}");
            let variances = |ran: &Ran| {
                let of = ran.outcome.variances.iter().flat_map(|of| of.lines.clone());
                let mut lines: Vec<_> = of.map(|line| (line.line, line.vacuum, line.state)).collect();
                lines.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1[0].total_cmp(&b.1[0])));
                lines
            };
            assert_eq!(variances(&first), variances(&other), "{fluctuations}, order {turn}");
        }
    }
}

/// What is not there is 0, not -0.
#[test]
fn nothing_recorded_is_minus_zero() {
    let text = "name: still\nsimulation: {duration: 1 ms}\nquantum: {hbar: 0.5}\nneurons:\n  c:\n    count: 2\n    circuit: single-channel\n    \
                membrane: {capacitance: 1 uF}\n    channels: {potassium: {conductance: 36 mS}}\n    output: {capacitance: 0.3 uF, \
                impedance: 3 kOhm}\n    input: {capacitance: 0.3 uF, impedance: 3 kOhm}\nsources:\n  late: {into: \"c[1]\", current: {shape: \
                constant, amplitude: -1 uA, start: 0.5 ms}}\nrecord: {of: c, every: 0.1 ms, quantities: [voltage, current, i_K, wave_out, \
                wave_in, wave_back, variance, variance_thermal, variance_state]}\n";
    let ran = Ran::text(text);
    for trace in &ran.outcome.traces.columns {
        let minus = trace.values.iter().filter(|x| **x == 0.0 && x.is_sign_negative()).count();
        assert_eq!(minus, 0, "{:?} of neuron {}: {:?}", trace.observable, trace.neuron, trace.values);
    }
    for line in ran.outcome.variances.iter().flat_map(|of| &of.lines) {
        let all = line.vacuum.iter().chain(&line.thermal).chain(&line.state);
        assert!(all.clone().all(|x| !(*x == 0.0 && x.is_sign_negative())), "{line:?}");
    }
}
