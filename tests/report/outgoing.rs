//! Runs that look at modes of outgoing waves, and what their pages show.

use num_complex::Complex64;
use qhh_core::circuit::PortRole;
use qhh_core::nalgebra::DMatrix;
use qhh_core::quantum::{Gaussian, Parity, State};
use qhh_core::source::Packet;
use qhh_net::network::{Drive, JointState, OutputEnvelope, OutputMode, PacketSource, Source};
use qhh_net::outcome::{FieldMoments, ModeResponse, ModeThrough, OutputStates, StateMode};
use qhh_report::{compare_page, run_page};
use qhh_results::FinishedRun;

use crate::examples::HOSTILE;
use crate::structure::{data, figures, series, size, text};
use crate::wired;

/// The wired chain with a cat, of whose mode a part is in the first of `n` output modes, and every two neighbours of the
/// others squeezed together.
pub(crate) fn modes(n: usize) -> FinishedRun {
    let mut run = wired::chain();
    let packet = Packet { carrier: 6.0, centre: 10.0, width: 1.5 };
    let state = State::Cat { amplitude: Complex64::new(2.0, 0.0), parity: Parity::Even };
    run.network.sources.push(Source {
        name: "cat".to_owned(),
        targets: vec![0].into(),
        drive: Drive::Packet(PacketSource { packet, input: 0, state: state.clone() }),
        scale: None,
    });
    let mode = |k: usize| OutputMode {
        name: if k == 0 { "back".to_owned() } else { format!("onward_{k}") },
        neuron: k % 6,
        port: if k == 0 { PortRole::Input(0) } else { PortRole::Output },
        envelope: OutputEnvelope::Packet(packet),
    };
    run.network.modes = (0..n).map(mode).collect();
    let own = |mode: &OutputMode| StateMode::of_packet(&mode.name, mode.neuron, mode.port, packet);
    let modes = run.network.modes.iter().map(own).collect();
    let zero = Complex64::ZERO;
    let (mut photons, mut anomalous) = (DMatrix::from_element(n, n, zero), DMatrix::from_element(n, n, zero));
    let mu = Complex64::from_polar(0.95, 0.4);
    // Two-mode squeezed by less and less.
    for k in (1..n.saturating_sub(1)).step_by(2) {
        let r = 1.0 / k as f64;
        for j in [k, k + 1] {
            photons[(j, j)] = Complex64::from(r.sinh().powi(2));
        }
        anomalous[(k, k + 1)] = Complex64::from(r.sinh() * r.cosh());
        anomalous[(k + 1, k)] = anomalous[(k, k + 1)];
    }
    let mut coefficients = vec![(zero, zero); n];
    coefficients[0].0 = mu;
    run.outcome.states = Some(OutputStates::new(
        modes,
        (0..n).map(|k| if k == 1 { Complex64::new(3.0, -1.0) } else { zero }).collect(),
        FieldMoments { n: photons, m: anomalous },
        DMatrix::identity(n, n),
        vec![ModeThrough { source: "cat".to_owned(), neuron: 0, state, coefficients }],
    ));
    run
}

/// Their Wigner function is not that of a Gaussian with the same moments.
#[test]
fn states_too_large_to_be_computed_have_no_wigner_function() {
    let drawn = |photons: u32| {
        let mut run = modes(3);
        let states = run.outcome.states.as_mut().unwrap();
        let mut one = states.through[0].clone();
        (one.state, one.coefficients[0].0) = (State::Fock { n: photons }, Complex64::from(0.5f64.sqrt()));
        let through = vec![one.clone(), ModeThrough { source: "other".to_owned(), ..one }];
        let OutputStates { modes, means, fields, commutator, .. } = states.clone();
        *states = OutputStates::new(modes, means, fields, commutator, through);
        pictures(&run_page(&run))
    };
    assert_eq!((drawn(2), drawn(290)), (4, 3));
}

/// Pictures on a page.
fn pictures(html: &str) -> usize {
    data(html).values().flat_map(series).filter(|one| one["kind"] == "picture").count()
}

/// Modes whose names try to break out.
pub(crate) fn hostile() -> FinishedRun {
    let mut run = modes(5);
    for (k, mode) in run.network.modes.iter_mut().enumerate() {
        mode.name = format!("{k}{HOSTILE}");
    }
    HOSTILE.clone_into(&mut run.network.populations[0].name);
    run
}

#[test]
fn output_modes_show_figures_wigner_functions_covariance_and_entanglement() {
    let html = run_page(&modes(6));
    let titles = figures(&html);
    for title in ["Wigner functions", "Covariance of the quadratures", "Entanglement"] {
        assert!(titles.contains(&title), "{title}: {titles:?}");
    }
    assert_eq!(pictures(&html), 6 + 2, "a picture for each mode, for the source, and that of space and time");
    assert_eq!(html.matches("class=\"tie\"").count(), 2, "two pairs are entangled");
    let text = text(&html);
    for told in [
        "back relay[0], input port",
        "onward_1 relay[1], output port 3.16 at −0.322 rad",
        "Blue is negative, which no distribution of classical waves is.",
        // Two-mode squeezing by r has the logarithmic negativity 2r.
        "onward_1, onward_2 2 3",
        "onward_3, onward_4 0.6667",
        "15 pairs, the most entangled first",
        "Entanglement is that of the Gaussian state with these moments",
    ] {
        assert!(text.contains(told), "{told:?} is not in: {text}");
    }
    assert!(size(&html) < 1_500_000, "{} bytes", size(&html));
}

/// The even cat of amplitude 2 has the negativity volume 0.294; a tenth of loss takes much of it.
#[test]
fn negativity_stands_beside_that_of_the_input() {
    let text = text(&run_page(&modes(2)));
    let told = text.split(" of 0.294 in cat").next().filter(|rest| rest.len() < text.len());
    let volume = told.and_then(|rest| rest.split_whitespace().next_back()).unwrap_or_else(|| panic!("{text}"));
    let volume: f64 = volume.parse().unwrap();
    assert!(volume > 0.05 && volume < 0.294, "{volume}");
}

/// Half of a two-mode squeezed pair is thermal. Thermal states of n and n' photons have the fidelity
/// (sqrt((n + 1)(n' + 1)) - sqrt(n n'))^-2.
#[test]
fn a_source_of_a_joint_state_is_told_with_its_partner_and_compared_by_its_part() {
    let mut run = modes(2);
    let cat = run.network.sources.len() - 1;
    let mut partner = run.network.sources[cat].clone();
    "partner".clone_into(&mut partner.name);
    run.network.sources.push(partner);
    for source in &mut run.network.sources[cat..] {
        if let Drive::Packet(packet) = &mut source.drive {
            packet.state = State::Vacuum;
        }
    }
    let state = Gaussian::two_mode_squeezed(1.0, 0.0).unwrap();
    run.network.states = vec![JointState { name: "pair".to_owned(), sources: vec![cat, cat + 1], state }];
    let states = run.outcome.states.as_mut().unwrap();
    states.through[0].state = State::Vacuum;
    let sent = 1.0f64.sinh().powi(2);
    let left = 0.95 * 0.95 * sent;
    (states.n[(0, 0)], states.m[(0, 0)]) = (Complex64::from(left), Complex64::ZERO);
    let text = text(&run_page(&run));
    let fidelity = (((sent + 1.0) * (left + 1.0)).sqrt() - (sent * left).sqrt()).powi(-2);
    assert!(text.contains(&format!("{fidelity:.4} cat")), "{fidelity}: {text}");
    for told in [
        "in the joint state pair",
        "pair: a joint Gaussian state of the modes of cat and partner, on average 1.381 and 1.381 photons; logarithmic \
         negativity of cat with partner 2 nats",
        "back: what leaves the input port of relay[0], of carrier 6 rad/ms",
    ] {
        assert!(text.contains(told), "{told:?} is not in: {text}");
    }
}

/// An even cat is symmetric, so that of the two only the kurtosis is to be seen.
#[test]
fn a_state_that_is_not_gaussian_shows_in_the_shape_of_voltages() {
    let mut run = modes(2);
    assert!(!figures(&run_page(&run)).contains(&"Skewness and kurtosis"), "no response is known");
    let n = run.outcome.traces.times.len();
    let values = (0..n).map(|k| Complex64::from_polar(0.5 * (k as f64 / n as f64), 0.1 * k as f64)).collect();
    run.outcome.responses = vec![ModeResponse { source: "cat".to_owned(), neuron: 0, values }];
    let html = run_page(&run);
    let figure = data(&html)["shape"].clone();
    let labels: Vec<&str> =
        figure["panels"].as_array().unwrap().iter().filter_map(|panel| panel["y"]["label"].as_str()).collect();
    assert_eq!(labels, ["Excess kurtosis"]);
    assert!(!figure.to_string().contains("samples"), "{figure}");
}

#[test]
fn a_mode_alone_has_no_partner() {
    let html = run_page(&modes(1));
    let titles = figures(&html);
    assert!(titles.contains(&"Wigner functions"), "{titles:?}");
    assert!(!titles.contains(&"Covariance of the quadratures") && !titles.contains(&"Entanglement"), "{titles:?}");
}

#[test]
fn modes_that_are_not_independent_are_told_and_not_joined() {
    let mut run = modes(4);
    let states = run.outcome.states.as_mut().unwrap();
    states.commutator[(1, 2)] = Complex64::new(0.3, 0.1);
    states.commutator[(2, 1)] = Complex64::new(0.3, -0.1);
    let html = run_page(&run);
    let text = text(&html);
    assert!(text.contains("1 of 6 pairs are not independent"), "{text}");
    assert!(text.contains("Some of these modes are not independent of one another"), "{text}");
    assert!(text.contains("No two of the modes are entangled"), "{text}");
    assert!(text.contains("onward_1, onward_2 – – 0.32"), "{text}");
}

#[test]
fn many_modes_do_not_swell_the_page() {
    let html = run_page(&modes(60));
    assert!(size(&html) < 1_500_000, "{} bytes", size(&html));
    let text = text(&html);
    for told in ["and 12 more modes: see states.json", "The first 24 of 60 modes", "1770 pairs"] {
        assert!(text.contains(told), "{told:?} is not in: {text}");
    }
}

#[test]
fn no_name_of_a_mode_becomes_markup() {
    let run = hostile();
    for html in [run_page(&run), compare_page(&[run.clone(), run])] {
        assert_eq!(html.matches("<script>").count(), 1, "only the page's own script");
        assert!(!html.contains("<img") && !html.contains(HOSTILE));
    }
}

#[test]
fn modes_of_one_name_are_compared() {
    let text = text(&compare_page(&[modes(4), modes(6)]));
    assert!(text.contains("onward_2: photons 1.381 1.381 same"), "{text}");
    assert!(text.contains("onward_1, onward_2: logarithmic negativity 2 nats 2 nats same"), "{text}");
    assert!(!text.contains("onward_5: photons"), "one run alone has it: {text}");
}
