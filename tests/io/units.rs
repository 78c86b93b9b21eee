//! Units that mean nothing where they stand are refused, with what to write.

use std::path::Path;

use qhh_format::yaml;

use crate::ran::refusal;

/// tests/faults/18: hertz counts cycles, so `uC Hz` could be one current or 2 pi of it.
#[test]
fn hertz_in_a_current_is_refused() {
    let refused = refusal("18-hertz-in-a-current/net.yaml");
    assert!(refused.contains("`5 uC Hz`") && refused.contains("write 1/s or rad/s"), "{refused}");
}

/// An angle or hertz in each place that takes neither; the same values are taken without.
#[test]
fn angles_and_hertz_are_refused_where_they_mean_nothing() {
    let text = |[capacitance, n, start, amplitude, frequency, phase, delay]: [&str; 7]| {
        format!(
            "name: units\nsimulation: {{duration: 1 ms}}\nneurons:\n  c:\n    count: 2\n    membrane: {{capacitance: {capacitance}}}\n    \
             channels: {{potassium: {{conductance: 36 mS}}}}\n    circuit: single-channel\n    initial: {{n: {n}}}\n    \
             output: {{capacitance: 0.3 uF, impedance: 3 kOhm}}\n    input: {{capacitance: 0.3 uF, impedance: 3 kOhm}}\nsources:\n  \
             s: {{into: c, current: {{shape: sine, start: {start}, amplitude: {amplitude}, frequency: {frequency}, phase: {phase}}}}}\n\
             waveguides:\n  w: {{from: \"c[0]\", to: \"c[1]\", pattern: one-to-one, delay: {delay}}}\n"
        )
    };
    let good = ["1 uF", "0.4", "0.1 ms", "5 uA", "80 Hz", "30 deg", "0.3 ms"];
    let load = |values| yaml::load_text(Path::new("net.yaml"), &text(values), &[]);
    load(good).unwrap_or_else(|error| panic!("{error}"));
    let bad = [
        (0, "1 uF rad"),
        (0, "1 mS/kHz"),
        (1, "0.4 rad"),
        (1, "23 deg"),
        (2, "0.1 ms deg"),
        (2, "1 1/kHz"),
        (3, "5 uA deg"),
        (3, "5 uA rad"),
        (3, "5 uC kHz"),
        (4, "80 Hz rad"),
        (4, "1 rad^2/ms"),
        (5, "30 deg^2"),
        (5, "0.25 Hz s"),
        (6, "0.3 ms/rad"),
    ];
    for (place, value) in bad {
        let mut values = good;
        values[place] = value;
        let refused = load(values).expect_err(value).to_string();
        assert!(refused.contains(value), "{value}: {refused}");
    }
}
