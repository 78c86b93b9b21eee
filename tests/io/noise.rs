//! Noise currents: independent values, each neuron its own, addressed by names alone.

use std::collections::HashSet;

use qhh_net::RunOptions;

use crate::ran::Ran;

/// Product of neighbours less the mean's square, over the variance.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len()) as f64;
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let spread = |x: &[f64], m: f64| (x.iter().map(|x| (x - m).powi(2)).sum::<f64>() / x.len() as f64).sqrt();
    a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum::<f64>() / n / spread(a, ma) / spread(b, mb)
}

/// tests/faults/04, at other steps and intervals too: neighbours never repeat and know nothing of each other.
#[test]
fn successive_values_never_repeat() {
    for shared in ["true", "false"] {
        for (step, interval, every) in
            [("0.1", "0.1", 1), ("0.02", "0.1", 5), ("0.03", "0.03", 1), ("0.1", "0.7", 7)]
        {
            let set = [
                format!("sources.n.current.shared={shared}"),
                format!("simulation.step={step} ms"),
                format!("record.every={step} ms"),
                format!("sources.n.current.interval={interval} ms"),
                format!("simulation.duration={} ms", 4000.0 * interval.parse::<f64>().unwrap()),
            ];
            let set: Vec<&str> = set.iter().map(String::as_str).collect();
            let ran = Ran::fault("04-noise-samples-repeat/net.yaml", &set);
            let samples = ran.current("c[0]");
            for (k, values) in samples[..4000 * every].chunks(every).enumerate() {
                assert!(
                    values.iter().all(|value| *value == values[0]),
                    "{set:?}: value {k} is not held: {values:?}"
                );
            }
            let values: Vec<f64> = samples.iter().step_by(every).copied().collect();
            assert_eq!(values.len(), 4001);
            let distinct: HashSet<u64> = values.iter().map(|value| value.to_bits()).collect();
            assert_eq!(distinct.len(), values.len(), "{set:?}: values repeat");
            let lag = correlation(&values[1..], &values[..4000]);
            assert!(lag.abs() < 3.0 / 4000_f64.sqrt(), "{set:?}: correlation of neighbours {lag}");
        }
    }
}

/// A hundred resistors with one noise source; `more` stands before them.
fn crowd(shared: bool, more: &str, into: &str, options: RunOptions) -> Ran {
    let resistor = "membrane: {capacitance: 0.000001 uF}, channels: {potassium: {conductance: 0 mS}, sodium: {conductance: 0 mS}, \
                    chloride: {conductance: 1 mS}}";
    let text = format!(
        "name: crowd\nsimulation: {{duration: 100 ms, step: 0.1 ms, seed: 12}}\nneurons:\n{more}  r: {{count: 100, {resistor}}}\n\
         \x20 other: {{count: 3, {resistor}}}\nsources:\n  rain: {{into: {into}, current: {{shape: noise, amplitude: 2 uA, mean: 1 uA, \
         interval: 0.1 ms, shared: {shared}}}}}\nrecord: {{of: [r, other], every: 0.1 ms, quantities: [voltage, current]}}\n"
    );
    Ran::text_with(&text, options)
}

#[test]
fn each_neuron_has_a_noise_of_its_own_unless_it_is_shared() {
    let alone = crowd(false, "", "r", RunOptions::default());
    let name = |k: usize| format!("r[{k}]");
    let mut worst = 0.0_f64;
    for a in 0..100 {
        for b in 0..a {
            worst = worst.max(correlation(alone.current(&name(a)), alone.current(&name(b))).abs());
        }
    }
    // The greatest of 4950 correlations of 1000 values: five standard errors.
    assert!(worst < 5.0 / 1000_f64.sqrt(), "two neurons are correlated by {worst}");
    let all: Vec<f64> = (0..100).flat_map(|k| alone.current(&name(k)).to_vec()).collect();
    let mean = all.iter().sum::<f64>() / 1e5;
    let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
    assert!((mean - 1.0).abs() < 4.0 * 2.0 / 1e5_f64.sqrt(), "mean {mean}");
    assert!((variance - 4.0).abs() < 4.0 * 4.0 * (2.0 / 1e5_f64).sqrt(), "variance {variance}");
    let shared = crowd(true, "", "r", RunOptions::default());
    for k in 1..100 {
        assert_eq!(shared.current(&name(k)), shared.current(&name(0)));
        assert_eq!(shared.voltage(&name(k)), shared.voltage(&name(0)));
    }
}

/// What a neuron's noise is depends on seed, source, population and index: on no thread, window, order or company.
#[test]
fn a_neurons_noise_depends_on_names_alone() {
    let plain = crowd(false, "", "r", RunOptions::default());
    let before = "  aa: {count: 7, membrane: {capacitance: 1 uF}, channels: {potassium: {conductance: 1 mS}, sodium: \
                  {conductance: 1 mS}, chloride: {conductance: 1 mS}}}\n";
    let options = |threads, longest_window| RunOptions { threads, longest_window };
    let others = [
        crowd(false, before, "r", RunOptions::default()),
        crowd(false, "", "[r, other]", RunOptions::default()),
        crowd(false, "", "[\"r[50..99]\", \"r[0..49]\"]", RunOptions::default()),
        crowd(false, "", "r", options(1, 1)),
        crowd(false, "", "r", options(5, 13)),
    ];
    for other in &others {
        for k in 0..100 {
            let name = format!("r[{k}]");
            assert_eq!(other.current(&name), plain.current(&name));
            assert_eq!(other.voltage(&name), plain.voltage(&name));
        }
    }
    assert_ne!(others[1].current("other[0]"), others[1].current("r[0]"));
}

/// What is injected is what is recorded: the voltage of a resistor without capacitance to speak of is the current's.
#[test]
fn what_is_recorded_is_what_is_injected() {
    let ran = crowd(false, "", "r", RunOptions::default());
    for k in 0..100 {
        let name = format!("r[{k}]");
        let (v, i) = (ran.voltage(&name), ran.current(&name));
        // The method follows a jump to half a percent of it.
        let off = v[1..].iter().zip(i).map(|(v, i)| (v - i).abs()).fold(0.0, f64::max);
        assert!(off < 0.1, "{name} is off by {off} mV");
    }
}
