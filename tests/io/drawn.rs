//! Drawn values as a run has them.

use crate::ran::Ran;

/// tests/faults/09: currents cut off three and more deviations above their mean; means from scipy.stats.truncnorm, with
/// four standard errors of 2000 values.
#[test]
fn currents_far_above_their_mean_are_normal_up_there() {
    for (low, mean, deviation) in [(1.3, 1.328_31, 0.0266), (1.35, 1.375_14, 0.0239), (1.5, 1.518_65, 0.0181)] {
        let set = format!("sources.s.current.amplitude.normal.low={low} uA");
        let ran = Ran::fault("09-truncated-normal/net.yaml", &[&set]);
        let drawn: Vec<f64> = (0..2000).map(|k| ran.current(&format!("c[{k}]"))[0]).collect();
        assert!(drawn.iter().all(|value| *value > low), "a value at the bound of {low}");
        let got = drawn.iter().sum::<f64>() / 2000.0;
        assert!((got - mean).abs() < 4.0 * deviation / 2000_f64.sqrt(), "from {low}: mean {got}, not {mean}");
    }
}

/// A network with everything that is drawn: capacitances, a pattern, delays, amplitudes and noise.
fn drawn(seeds: &str) -> Ran {
    let text = format!(
        "name: drawn\nsimulation: {{duration: 20 ms, step: 0.1 ms, {seeds}}}\nneurons:\n  c:\n    count: 40\n    membrane: {{capacitance: \
         {{uniform: [0.8 uF, 1.2 uF]}}}}\n    channels: {{potassium: {{conductance: 36 mS}}, sodium: {{conductance: 120 mS}}, chloride: \
         {{conductance: 0.3 mS}}}}\n    input: {{capacitance: 1 uF, impedance: 3 kOhm}}\n    output: {{capacitance: 0.3 uF, impedance: \
         3 kOhm}}\nsources:\n  bias: {{into: \"c[0..19]\", current: {{shape: constant, amplitude: {{uniform: [1 uA, 2 uA]}}}}}}\n  rain: {{into: \"c[20..39]\", \
         current: {{shape: noise, amplitude: 1 uA, interval: 0.1 ms}}}}\nwaveguides:\n  web: {{from: c, to: c, pattern: {{fixed-fan-in: \
         {{k: 3}}}}, delay: {{uniform: [1 ms, 2 ms]}}}}\nrecord: {{of: c, every: 0.1 ms, quantities: [current]}}\n"
    );
    Ran::text(&text)
}

/// Capacitances, who is joined to whom with delays, and factors of the constant current.
fn structure(ran: &Ran) -> (Vec<u64>, Vec<[u64; 3]>, Vec<u64>) {
    let network = &ran.network;
    let capacitances = (0..40).map(|neuron| network.neuron(neuron).unwrap().0.capacitance.to_bits()).collect();
    let entry = &network.waveguides[0];
    let mut values = qhh_net::coupling::connections::ConnectionValues::new(network, entry);
    let mut arms = Vec::new();
    network.for_each_connection(entry, |arm| {
        arms.push([arm.from as u64, arm.to as u64, values.delay(arm.item).to_bits()]);
    });
    let bias =
        |neuron| network.sources_into(neuron).find(|fed| fed.source.name == "bias").unwrap().factor.to_bits();
    (capacitances, arms, (0..20).map(bias).collect())
}

/// Values of the noise current, which these neurons have alone.
fn noise(ran: &Ran) -> Vec<u64> {
    let of = |neuron: usize| ran.current(&format!("c[{neuron}]")).iter().map(|value| value.to_bits());
    (20..40).flat_map(of).collect()
}

/// With a seed for the structure another `seed` draws other noise in the same network, and another `structure_seed` other
/// networks under the same noise. Without one both are drawn from `seed`.
#[test]
fn structure_and_noise_have_seeds_apart() {
    let both = drawn("seed: 3");
    let same = drawn("seed: 3, structure_seed: 3");
    assert_eq!(structure(&both), structure(&same));
    assert_eq!(both.outcome.traces, same.outcome.traces);
    let other_noise = drawn("seed: 4, structure_seed: 3");
    assert_eq!(structure(&both), structure(&other_noise));
    assert_ne!(noise(&both), noise(&other_noise));
    let other_structure = drawn("seed: 3, structure_seed: 4");
    let (one, two) = (structure(&both), structure(&other_structure));
    assert!(one.0 != two.0 && one.1 != two.1 && one.2 != two.2, "each of its parts is another");
    assert_eq!(noise(&both), noise(&other_structure));
    let graph = |ran: &Ran| qhh_format::export::Export::GraphMl.text(&ran.network).unwrap();
    assert_eq!(graph(&both), graph(&other_noise), "a graph has the arms that run");
    assert_ne!(graph(&both), graph(&other_structure));
    let moved = drawn("seed: 4");
    assert_eq!(structure(&moved), two, "what `seed` draws, `structure_seed` draws too");
    assert_eq!(noise(&moved), noise(&other_noise));
}
