//! Samples of the fields: against field modes where both are exact, and against themselves.

use qhh_core::circuit::{Channels, Circuit, Initial, Inputs};
use qhh_core::num_complex::Complex64;
use qhh_core::port::Port;
use qhh_core::quantum::{Gaussian, State};
use qhh_core::source::Packet;
use qhh_net::network::{
    Direction, Drive, Feedback, JointState, Network, PacketSource, Pattern, Source, Waveguides,
};
use qhh_net::{Outcome, RunOptions, run_with};

use rayon::prelude::*;

use crate::models::{passive_chain, run, with_modes, with_samples};

/// Samples and field modes of a network: the largest distances of the variances and of the means, in standard errors.
fn compare(network: &Network, noise: (f64, f64, f64), samples: usize) -> (f64, f64) {
    let exact = run(&with_modes(network.clone(), noise.0, noise.1, noise.2, 96));
    let sampled = run(&with_samples(network.clone(), noise, samples, Feedback::Mean));
    let ensemble = sampled.ensemble.as_ref().unwrap();
    let (mut of_variance, mut of_mean) = (0.0f64, 0.0f64);
    for (modes, own) in exact.variances.iter().zip(&ensemble.neurons) {
        assert_eq!(modes.neuron, own.neuron);
        let voltages = exact.traces.get(own.neuron, qhh_net::network::Observable::Voltage).unwrap();
        for (k, voltage) in voltages.iter().enumerate() {
            of_variance = of_variance.max((own.variance[k] - modes.total(k)).abs() / own.variance_error[k]);
            of_mean = of_mean.max((own.mean[k] - voltage).abs() / own.mean_error[k]);
        }
    }
    (of_variance, of_mean)
}

fn chain(neurons: usize, duration: f64) -> Network {
    let mut network = passive_chain(neurons, duration, 0.02);
    network.record.every = 0.5;
    network.waveguides[0].transmission = 0.8.into();
    network
}

/// Through a spike and two waveguides. The largest of some hundred distances: four and a half standard errors or so.
#[test]
fn samples_with_the_mean_gates_agree_with_field_modes() {
    let (of_variance, of_mean) = compare(&chain(3, 14.0), (0.5, 0.0, 100.0), 4000);
    assert!(of_variance < 4.5 && of_mean < 4.5, "{of_variance} and {of_mean} standard errors");
    let (of_variance, of_mean) = compare(&chain(2, 6.0), (0.2, 3.0, 100.0), 4000);
    assert!(of_variance < 4.5 && of_mean < 4.5, "{of_variance} and {of_mean} standard errors");
}

/// Runs of several blocks of noise, with fades between them, cold and warm: variances throughout, seven hundred figures that are
/// all but independent of one another, and a splitter whose noise arrives at two neurons after different delays.
#[test]
fn long_runs_have_the_variances_of_field_modes_throughout() {
    for thermal_energy in [0.0, 0.5] {
        let mut network = chain(3, 480.0);
        network.sources.clear();
        network.simulation.step = 0.04;
        network.record.every = 2.0;
        let all: Vec<usize> = (0..3).collect();
        let pairs = [(0, 1), (0, 2)];
        let mut entry = Waveguides::new("a", all.clone(), all, Pattern::Pairs(pairs.into()), 1.0);
        entry.delay =
            qhh_net::network::Delay::Time(qhh_net::network::ParameterValues::Each(vec![0.7, 3.1].into()));
        entry.weight = qhh_net::network::ParameterValues::Each(vec![0.6, -0.7].into());
        network.waveguides = vec![entry];
        let noise = (0.1, thermal_energy, 60.0);
        let exact = run(&with_modes(network.clone(), noise.0, noise.1, noise.2, 96));
        let ensemble = run(&with_samples(network, noise, 400, Feedback::Mean)).ensemble.unwrap();
        let mut squares = Vec::new();
        for (modes, own) in exact.variances.iter().zip(&ensemble.neurons) {
            // Of a normal distribution; the samples' own would follow the deviation.
            let error = |k: usize| modes.total(k) * (2.0f64 / 399.0).sqrt();
            squares
                .extend((0..own.variance.len()).map(|k| ((own.variance[k] - modes.total(k)) / error(k)).powi(2)));
        }
        let n = squares.len() as f64;
        let (mean, most) = (squares.iter().sum::<f64>() / n, squares.iter().copied().fold(0.0, f64::max).sqrt());
        println!("kT = {thermal_energy}: {n} figures, chi-square {mean:.3} each, the worst {most:.1}");
        // Neighbours 2 ms apart are somewhat correlated: as if of half as many.
        assert!((mean - 1.0).abs() < 4.0 * (4.0 / n).sqrt() && most < 4.5, "{mean} each, {most} at most");
    }
}

/// A thousand times as long a run, looked at as often, takes the memory of a run of some blocks.
#[test]
fn noise_of_long_runs_takes_no_more_memory() {
    let of = |times: f64| {
        let mut network = chain(3, 1000.0 * times);
        network.record.every = times;
        let network = with_samples(network, (0.1, 0.0, 100.0), 100, Feedback::Full);
        network.samples_size().unwrap().each_thread
    };
    let (long, longer) = (of(1.0), of(1000.0));
    assert!((longer / long - 1.0).abs() < 1e-3, "{long} and {longer} bytes");
}

/// Splitters with correlated noise, combiners, loss, a loop, delays between steps, an amplifier.
#[test]
fn splitters_loops_and_amplifiers_agree_with_field_modes() {
    let all: Vec<usize> = (0..5).collect();
    let mut network = chain(5, 3.0);
    network.sources.clear();
    // Both outputs of neuron 0 meet again in neuron 3, with opposite signs; 4 feeds 0.
    let pairs = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (4, 0), (0, 4)];
    let mut entry = Waveguides::new("a", all.clone(), all, Pattern::Pairs(pairs.into()), 0.33);
    entry.transmission = 0.9.into();
    entry.weight = qhh_net::network::ParameterValues::Each(vec![1.0, -0.5, 1.0, 1.0, 1.0, 1.0, 0.3].into());
    entry.gain = qhh_net::network::ParameterValues::Each(vec![1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0].into());
    network.waveguides = vec![entry];
    let (of_variance, of_mean) = compare(&network, (1.0, 0.0, 80.0), 6000);
    assert!(of_variance < 4.5 && of_mean < 4.5, "{of_variance} and {of_mean} standard errors");
    // A line of two ways.
    let mut network = chain(2, 3.0);
    network.sources.clear();
    network.waveguides[0].direction = Direction::TwoWay;
    network.waveguides[0].delay = qhh_net::network::Delay::Time(0.4.into());
    let (of_variance, _) = compare(&network, (1.0, 0.5, 80.0), 4000);
    assert!(of_variance < 4.5, "{of_variance} standard errors");
}

fn packet(neuron: usize, state: State) -> Source {
    let packet = Packet { carrier: 6.0, centre: 4.0, width: 0.7 };
    Source::new(&format!("signal{neuron}"), vec![neuron], Drive::Packet(PacketSource { packet, input: 0, state }))
}

/// Displaced squeezed, thermal and jointly squeezed packets.
#[test]
fn packets_in_gaussian_states_agree_with_field_modes() {
    let mut network = chain(2, 8.0);
    network.sources.clear();
    network.waveguides.clear();
    let squeezed = State::Squeezed { r: 1.2, phase: 0.7, displacement: Complex64::new(2.0, -1.0) };
    network.sources = vec![packet(0, squeezed), packet(1, State::Thermal { photons: 3.0 })];
    let (of_variance, of_mean) = compare(&network, (0.5, 0.0, 80.0), 6000);
    assert!(of_variance < 4.5 && of_mean < 4.5, "{of_variance} and {of_mean} standard errors");
    network.sources = vec![packet(0, State::Vacuum), packet(1, State::Vacuum)];
    let state = Gaussian::two_mode_squeezed(1.0, 0.3).unwrap();
    network.states = vec![JointState { name: "pair".to_owned(), sources: vec![0, 1], state }];
    let (of_variance, of_mean) = compare(&network, (0.5, 0.0, 80.0), 6000);
    assert!(of_variance < 4.5 && of_mean < 4.5, "{of_variance} and {of_mean} standard errors");
}

/// Packets on a hot line, as wide as may be, into a neuron that has most of its noise from there. What a state takes the
/// place of is not the packet's mean quanta times `|u|^2`: that would be off by a twentieth of the variance.
#[test]
fn packets_on_warm_lines_agree_with_field_modes() {
    let mut network = chain(1, 4.0);
    network.simulation.step = 0.04;
    network.record.every = 0.2;
    network.waveguides.clear();
    let population = &mut network.populations[0];
    population.circuit = Circuit {
        capacitance: 1.0,
        channels: Channels::single(0.3, None),
        output: None,
        inputs: Inputs::one(Port { capacitance: 2.0, impedance: 1.0 }),
        sense: None,
    };
    population.initial = Initial::Given { voltage: Some(0.0), gates: vec![Some(1.0), None, None] };
    let packet = Packet { carrier: 4.0, centre: 2.0, width: 0.39 };
    let state = State::Coherent(Complex64::new(2.0, -1.0));
    network.sources =
        vec![Source::new("signal", vec![0], Drive::Packet(PacketSource { packet, input: 0, state }))];
    let (of_variance, of_mean) = compare(&network, (0.5, 3.0, 25.0), 40_000);
    println!("{of_variance} and {of_mean} standard errors");
    assert!(of_variance < 4.5 && of_mean < 4.5, "{of_variance} and {of_mean} standard errors");
}

/// Jitter from samples and from linear response, where noise is weak.
#[test]
fn jitter_of_weak_noise_is_that_of_linear_response() {
    let mut network = chain(2, 12.0);
    // The rise of a spike is steep: twice this step would be off by a tenth.
    network.simulation.step = 0.01;
    let linear = run(&with_modes(network.clone(), 0.01, 0.0, 100.0, 96)).jitter;
    let sampled = run(&with_samples(network, (0.01, 0.0, 100.0), 3000, Feedback::Mean));
    let ensemble = sampled.ensemble.unwrap();
    assert_eq!(linear.len(), ensemble.spikes.len());
    for (linear, sampled) in linear.iter().zip(&ensemble.spikes) {
        assert_eq!((linear.neuron, sampled.probability), (sampled.neuron, 1.0));
        let off = (linear.deviation - sampled.jitter).abs() / sampled.jitter_error;
        assert!(off < 4.0, "neuron {}: {} against {sampled:?}", linear.neuron, linear.deviation);
        let off = (linear.deviation - sampled.linear_jitter).abs() / sampled.linear_jitter_error;
        assert!(off < 4.0, "neuron {}: {} against {sampled:?}", linear.neuron, linear.deviation);
        assert!((0.01..0.02).contains(&(sampled.linear_jitter_error / sampled.linear_jitter)), "{sampled:?}");
    }
    for neuron in &ensemble.neurons {
        assert_eq!((neuron.spikes, neuron.made, neuron.erased), (1.0, 0.0, 0.0), "neuron {}", neuron.neuron);
    }
}

/// Gates that follow each sample: nearly the same where noise is weak, and noise that makes and erases spikes where it
/// is strong and the drive near the threshold.
#[test]
fn fed_back_noise_makes_and_erases_spikes() {
    let sampled = |amplitude: f64, hbar: f64, feedback| {
        let mut network = chain(1, 14.0);
        network.waveguides.clear();
        network.sources = vec![Source::new("kick", vec![0], crate::models::constant(amplitude, 5.0, 7.0))];
        run(&with_samples(network, (hbar, 0.0, 100.0), 640, feedback)).ensemble.unwrap()
    };
    let (weak, mean) = (sampled(40.0, 1e-4, Feedback::Full), sampled(40.0, 1e-4, Feedback::Mean));
    assert_eq!((weak.spikes[0].probability, mean.spikes[0].probability), (1.0, 1.0));
    // A sample whose voltage runs ahead opens its sodium channel sooner: fed back, the noise of the rise is amplified.
    let ratio = weak.spikes[0].jitter / mean.spikes[0].jitter;
    assert!((2.0..6.0).contains(&ratio), "{ratio}");
    // Both kinds of jitter of the same samples agree where they are short, amplified or not.
    for spike in [&weak.spikes[0], &mean.spikes[0]] {
        let off = (spike.jitter - spike.linear_jitter).abs();
        assert!(off < 3.0 * spike.jitter_error.hypot(spike.linear_jitter_error), "{spike:?}");
    }
    // Drives just above and just below the threshold.
    let fired = |ensemble: &qhh_net::outcome::Ensemble| ensemble.neurons[0].spikes;
    let scan = |amplitude: f64| sampled(amplitude, 1e-6, Feedback::Full);
    let (mut low, mut high) = (2.0, 40.0);
    while high - low > 0.1 {
        let middle = 0.5 * (low + high);
        if fired(&scan(middle)) > 0.5 { high = middle } else { low = middle }
    }
    let (below, above) = (sampled(low - 0.3, 2.0, Feedback::Full), sampled(high + 0.3, 2.0, Feedback::Full));
    assert!(below.neurons[0].made > 0.05 && below.spikes.is_empty(), "{:?}", below.neurons[0].made);
    let probability = above.spikes[0].probability;
    assert!((0.3..0.98).contains(&probability) && above.neurons[0].erased > 0.02, "{probability}");
    // Here they part, by far more than their errors.
    let spike = &above.spikes[0];
    let off = (spike.jitter - spike.linear_jitter).abs();
    assert!(off > 10.0 * spike.jitter_error.hypot(spike.linear_jitter_error), "{spike:?}");
}

/// Much noise carries the voltage over the threshold again and again while it falls: that is one spike all the same.
#[test]
fn noise_on_the_way_down_makes_no_spikes() {
    let mut network = chain(2, 20.0);
    network.sources = vec![Source::new("kick", vec![0], crate::models::constant(40.0, 5.0, 7.0))];
    for threshold in [-20.0, 0.0] {
        network.simulation.spike_threshold = Some(threshold);
        let ensemble =
            run(&with_samples(network.clone(), (0.5, 0.0, 150.0), 160, Feedback::Full)).ensemble.unwrap();
        for neuron in &ensemble.neurons {
            assert_eq!((neuron.spikes, neuron.made, neuron.erased), (1.0, 0.0, 0.0), "{threshold} mV, {neuron:?}");
        }
    }
}

#[test]
fn samples_do_not_depend_on_threads() {
    let network = with_samples(chain(2, 3.0), (0.5, 0.0, 100.0), 200, Feedback::Full);
    let of = |threads| -> Outcome {
        let options = RunOptions { threads, ..RunOptions::default() };
        run_with(&network, options, &mut |_| std::ops::ControlFlow::Continue(())).unwrap()
    };
    let one = of(1);
    assert!(one.ensemble.is_some());
    for threads in [2, 7] {
        assert!(of(threads) == one, "{threads} threads");
    }
}

/// A run without threads of its own that is called from somebody else's pool, as in a sweep.
#[test]
fn runs_can_be_called_from_any_thread() {
    let mut network = passive_chain(3, 4.0, 0.02);
    network = with_samples(network, (0.1, 0.0, 100.0), 16, Feedback::Mean);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("threads");
    let runs: Vec<_> = pool.install(|| (0..6).into_par_iter().map(|_| run(&network)).collect());
    let alone = run(&network);
    for run in runs {
        assert_eq!(run.spikes, alone.spikes);
        assert_eq!(run.variances[2].lines[0].vacuum, alone.variances[2].lines[0].vacuum);
    }
}

/// Variances of samples against field modes at the start, in standard errors, and what a run states of its samples.
fn at_the_start(network: &Network, noise: (f64, f64, f64), samples: usize) -> (f64, String) {
    let exact = run(&with_modes(network.clone(), noise.0, noise.1, noise.2, 4096));
    let sampled = run(&with_samples(network.clone(), noise, samples, Feedback::Mean));
    let ensemble = sampled.ensemble.as_ref().unwrap();
    let distance = |(modes, own): (&qhh_net::outcome::NeuronVariance, &qhh_net::outcome::EnsembleNeuron)| {
        ((own.variance[0] - modes.total(0)) / own.variance_error[0]).abs()
    };
    let worst = exact.variances.iter().zip(&ensemble.neurons).map(distance).fold(0.0, f64::max);
    let statement = sampled.approximations.iter().find(|a| a.name == "fluctuations: wigner").unwrap();
    (worst, statement.statement.clone())
}

/// A neuron whose amplified wave comes back to it after 20 ms with nine tenths of its amplitude: of what it sends at a
/// resonance a third is older than five rounds, and 1 % is older than twenty-two.
#[test]
fn samples_wait_for_echoes_of_a_loop() {
    let mut network = chain(1, 0.4);
    network.sources.clear();
    (network.simulation.step, network.record.every) = (0.1, 0.2);
    let circuit = network.populations[0].circuit.clone();
    let g = {
        let (_, gates) = network.neuron(0).unwrap().1.resolve(&circuit, network.rate_units()).unwrap();
        network.simulation.baths.effective_conductance(&circuit.conductances(&gates))
    };
    // What leaves through the output for a wave at the input, at its largest over all frequencies.
    let passed = |omega: f64| {
        let port = |slot: usize| circuit.ports().nth(slot).unwrap().1;
        let (out, into) = (port(0), port(1));
        let z = circuit.impedance(g, omega);
        (2.0 * z * into.admittance(omega) * out.admittance(omega) * out.impedance).norm()
            * (out.impedance / into.impedance).sqrt().recip()
    };
    let most = (1..4000).map(|k| passed(f64::from(k) * 0.01)).fold(0.0, f64::max);
    let mut ring = Waveguides::new("ring", vec![0], vec![0], Pattern::OneToOne, 20.0);
    ring.allow_self = true;
    ring.gain = (0.9 / most).powi(2).into();
    assert!(ring.gain.range().0 > 1.0, "{most}");
    network.waveguides = vec![ring];
    let (worst, statement) = at_the_start(&network, (1.0, 0.0, 4.0), 1600);
    assert!(worst < 4.0, "{worst} standard errors");
    assert!(!statement.contains("Echoes"), "{statement}");
    // So much that the loop all but starts by itself: no time before the run is long enough.
    network.waveguides[0].gain = (0.999_999 / most).powi(2).into();
    network.waveguides[0].delay = qhh_net::network::Delay::Time(4000.0.into());
    let (_, statement) = at_the_start(&network, (1.0, 0.0, 2.0), 16);
    assert!(statement.contains("Echoes fade slowly"), "{statement}");
}

/// Between two ends that reflect nearly all of what is fast or slow.
#[test]
fn samples_wait_for_echoes_of_a_line_of_two_ways() {
    let mut network = chain(2, 0.4);
    network.sources.clear();
    (network.simulation.step, network.record.every) = (0.04, 0.2);
    network.waveguides[0].transmission = 1.0.into();
    network.waveguides[0].direction = Direction::TwoWay;
    network.waveguides[0].delay = qhh_net::network::Delay::Time(2.01.into());
    for warm in [0.0, 2.0] {
        let (worst, statement) = at_the_start(&network, (1.0, warm, 10.0), 1600);
        assert!(worst < 4.0, "{worst} standard errors");
        println!("{worst} standard errors; {statement}");
    }
}

/// The noise of a line is its neuron's and port's: another population, before or behind, changes nothing of it.
#[test]
fn a_neuron_keeps_its_noise_when_others_are_added() {
    let variance = |network: &Network, neuron: usize| {
        let ensemble = run(&with_samples(network.clone(), (0.5, 0.0, 50.0), 32, Feedback::Mean)).ensemble.unwrap();
        ensemble.neurons.iter().find(|of| of.neuron == neuron).unwrap().variance.clone()
    };
    let network = chain(3, 2.0);
    let mut more = network.clone();
    let mut other = network.populations[0].clone();
    "another".clone_into(&mut other.name);
    other.count = 2;
    more.populations.insert(0, other);
    let moved = |neurons: &qhh_net::Neurons| neurons.iter().map(|neuron| neuron + 2).collect::<qhh_net::Neurons>();
    for entry in &mut more.waveguides {
        (entry.from, entry.to) = (moved(&entry.from), moved(&entry.to));
    }
    for source in &mut more.sources {
        source.targets = moved(&source.targets);
    }
    more.record.neurons = (0..5).collect();
    for neuron in 0..3 {
        assert_eq!(variance(&network, neuron), variance(&more, neuron + 2), "neuron {neuron}");
    }
    // Neurons of one population differ.
    assert_ne!(variance(&more, 0), variance(&more, 1));
}
