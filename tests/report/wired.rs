//! Runs of neurons joined by waveguides, and what their pages show.

use std::f64::consts::TAU;

use qhh_net::network::{Delay, Direction, Observable, Pattern, Waveguides};
use qhh_net::outcome::{Conduction, Pace, SpaceTime, Spike, WaveBalance};
use qhh_report::{compare_page, run_page};
use qhh_results::FinishedRun;

use crate::examples::{self, HOSTILE};
use crate::graph::{joined, within};
use crate::structure::{data, figures, series, size, text};

/// The chain of six with its waveguides, and everything a run says of them.
pub(crate) fn chain() -> FinishedRun {
    let mut run = examples::chain();
    let mut axon = within("axon", 0..6, Pattern::Chain);
    axon.delay = Delay::Length { length: 0.02.into(), velocity: 0.005 };
    run.network.waveguides = vec![axon];
    let outcome = &mut run.outcome;
    let columns: Vec<&[f64]> = (0..6).filter_map(|k| outcome.traces.get(k, Observable::Voltage)).collect();
    #[expect(clippy::cast_possible_truncation, reason = "a picture")]
    let voltages = columns.iter().flat_map(|column| column.iter().map(|&v| v as f32)).collect();
    let times = outcome.traces.times.clone();
    outcome.space_time = Some(SpaceTime { times, neurons: (0..6).collect(), voltages });
    outcome.waves = Some(WaveBalance { sent: 812.5, arrived: 650.0, in_flight: 81.25, amplified: false });
    outcome.conduction = vec![Conduction {
        waveguides: "axon".to_owned(),
        passed: 4,
        fired: 5,
        pace: Some(Pace { mean: 5.32, range: (5.1, 5.61), delay: 4.0, velocity: Some(0.02 / 5.32) }),
    }];
    run
}

/// Waves of activity in a network of `n` neurons in two populations, four in five of them excitatory.
fn waves(n: usize, n_spikes: usize) -> FinishedRun {
    let excitatory = n / 5 * 4;
    let mut recurrent = within("recurrent", 0..excitatory, Pattern::FixedFanIn { k: 4 });
    recurrent.gain = 4.0.into();
    let far = Waveguides::new("inhibit", excitatory..n, 0..excitatory, Pattern::FixedFanIn { k: 1 }, 2.5);
    let near = Waveguides::new("excite", 0..excitatory, excitatory..n, Pattern::FixedFanIn { k: 2 }, 1.0);
    let mut entries = vec![recurrent, far, near];
    for entry in &mut entries {
        entry.allow_self = true;
    }
    let mut run = examples::bare();
    run.network = joined("waves", &[("excitatory", excitatory), ("inhibitory", n - excitatory)], entries);
    run.network.record.neurons = Vec::new();
    run.network.record.observables = Vec::new();
    run.network.quantum = None;
    let duration = run.network.simulation.duration;
    let phase = |neuron: usize, t: f64| (TAU * (3.0 * t / duration - 2.0 * neuron as f64 / n as f64)).sin();
    // A sequence that fills time and space evenly, kept where the wave is high.
    let place = |k: usize, step: f64| (k as f64 * step).fract();
    let spikes = (0..4 * n_spikes).filter_map(|k| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below n")]
        let neuron = (place(k, 0.754_877_666_246_692_8) * n as f64) as usize;
        let time = place(k, 0.569_840_290_998_053_3) * duration;
        (phase(neuron, time) > 0.7).then_some(Spike { neuron, time })
    });
    let outcome = &mut run.outcome;
    outcome.spikes = spikes.collect();
    outcome.spikes.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.neuron.cmp(&b.neuron)));
    outcome.n_neurons = n;
    let times: Vec<f64> = (0..600).map(|k| f64::from(k) * duration / 599.0).collect();
    let neurons: Vec<usize> = (0..300).map(|k| k * (n - 1) / 299).collect();
    #[expect(clippy::cast_possible_truncation, reason = "a picture")]
    let voltage = |neuron: usize, t: f64| (-65.0 + 100.0 * phase(neuron, t).max(0.0).powi(8)) as f32;
    let voltages = neurons.iter().flat_map(|&neuron| times.iter().map(move |&t| voltage(neuron, t))).collect();
    outcome.space_time = Some(SpaceTime { times, neurons, voltages });
    outcome.waves = Some(WaveBalance { sent: 2e6, arrived: 5.5e6, in_flight: 1.3e5, amplified: true });
    outcome.conduction = ["recurrent", "inhibit"]
        .map(|name| Conduction {
            waveguides: name.to_owned(),
            passed: n / 3,
            fired: n,
            pace: Some(Pace { mean: 3.1, range: (1.7, 8.0), delay: 1.25, velocity: None }),
        })
        .to_vec();
    run
}

/// Too many spikes and neurons to draw each.
pub(crate) fn large() -> FinishedRun {
    waves(20_000, 200_000)
}

/// A ring of neurons that echo, with names that try to break out.
pub(crate) fn hostile() -> FinishedRun {
    let mut run = chain();
    HOSTILE.clone_into(&mut run.network.name);
    HOSTILE.clone_into(&mut run.network.populations[0].name);
    HOSTILE.clone_into(&mut run.network.waveguides[0].name);
    HOSTILE.clone_into(&mut run.outcome.conduction[0].waveguides);
    run.network.waveguides[0].pattern = Pattern::Ring;
    run.network.waveguides[0].direction = Direction::TwoWay;
    run
}

#[test]
fn a_network_shows_its_graph_space_and_time_conduction_and_energy() {
    let html = run_page(&chain());
    let figures = figures(&html);
    for title in ["Voltage", "Voltage in space and time", "Spikes"] {
        assert!(figures.contains(&title), "{title}: {figures:?}");
    }
    assert!(!figures.contains(&"Rates"), "six spikes make no rate");
    assert_eq!(html.matches("class=\"arrow\"").count(), 5);
    let text = text(&html);
    for told in [
        "axon: chain, 5 from relay to relay, 4 ms",
        "6, with 1 neuron each",
        "axon 4 of 5 5.32 ms 5.1 ms 5.61 ms 4 ms 0.003759 m/ms",
        "Ports sent 812.5 µF mV² into waveguides",
        "Arrived at a port 650 µF mV² 80 %",
        "Lost on the way 81.25 µF mV² 10 %",
        "Under way at the end 81.25 µF mV² 10 %",
    ] {
        assert!(text.contains(told), "{told:?} is not in: {text}");
    }
}

#[test]
fn a_page_without_waveguides_says_nothing_of_them() {
    let html = run_page(&examples::chain());
    for absent in [
        "as a graph",
        "Conduction of spikes",
        "Energy of the waves",
        "Voltage in space and time",
        "\"kind\":\"picture\"",
    ] {
        assert!(!html.contains(absent), "{absent}");
    }
}

#[test]
fn many_spikes_are_counted_in_cells_and_many_neurons_by_population() {
    let html = run_page(&large());
    let figures = figures(&html);
    for title in ["Spikes", "Who sends to whom", "Voltage in space and time"] {
        assert!(figures.contains(&title), "{title}: {figures:?}");
    }
    let data = data(&html);
    let pictures = series(&data["raster"]).into_iter().filter(|one| one["kind"] == "picture");
    assert_eq!(pictures.count(), 2, "a picture for each population");
    let text = text(&html);
    for told in [
        "300 of 20 000 neurons, evenly chosen",
        "counted in cells of time and neighbouring neurons",
        "below, spikes per neuron and time",
        "Rate of a neuron",
        "recurrent × 64 000",
        "Added by amplifiers, after losses 3.63 × 10⁶",
    ] {
        assert!(text.contains(told), "{told:?} is not in: {text}");
    }
    assert!(size(&html) < 500_000, "{} bytes", size(&html));
}

#[test]
fn amplifiers_that_do_not_outweigh_losses_leave_a_loss() {
    let mut run = chain();
    if let Some(waves) = &mut run.outcome.waves {
        waves.amplified = true;
    }
    let text = text(&run_page(&run));
    assert!(text.contains("Lost on the way 81.25") && text.contains("Amplifiers add to it"), "{text}");
}

#[test]
fn silence_sends_nothing_and_divides_by_nothing() {
    let mut run = chain();
    run.outcome.waves = Some(WaveBalance::default());
    run.outcome.conduction.clear();
    run.outcome.spikes.clear();
    if let Some(kept) = &mut run.outcome.space_time {
        kept.voltages.fill(-65.0);
        kept.voltages[7] = f32::NAN;
    }
    let html = run_page(&run);
    let text = text(&html);
    assert!(text.contains("Arrived at a port 0 µF mV² –"), "{text}");
    assert!(
        !text.contains("NaN") && !text.contains("not a number") && !html.contains("class=\"shares\""),
        "{text}"
    );
}

#[test]
fn no_name_of_waveguides_becomes_markup() {
    let run = hostile();
    for html in [run_page(&run), compare_page(&[run.clone(), run])] {
        assert_eq!(html.matches("<script>").count(), 1, "only the page's own script");
        assert!(!html.contains("<img") && !html.contains(HOSTILE));
    }
}

/// A page shows what can be seen, however much there is: a million neurons and three million spikes weigh no more.
#[test]
fn a_page_does_not_grow_with_the_network() {
    let run = waves(200_000, 600_000);
    let html = run_page(&run);
    assert!(run.outcome.spikes.len() > 500_000 && size(&html) < 200_000, "{} bytes", size(&html));
}
