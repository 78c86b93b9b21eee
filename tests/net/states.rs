//! States of outgoing modes of networks drawn at random: what quantum mechanics demands of every one.

use proptest::prelude::*;
use qhh_core::circuit::PortRole;
use qhh_core::quantum::wigner::{Axis, Grid};
use qhh_core::quantum::{Gaussian, State};
use qhh_core::source::Packet;
use qhh_net::network::{
    Direction, Drive, JointState, Network, OutputEnvelope, OutputMode, PacketSource, Pattern, Source, Waveguides,
};

use crate::models::{passive_chain, run, with_modes};

/// A pair of neurons on which a two-mode squeezed pair of packets falls, each followed by one more behind a waveguide.
fn pair(r: f64, phase: f64, transmission: f64, heat: f64, kick: bool) -> Network {
    let mut network = with_modes(passive_chain(4, 20.0, 0.02), 1.0, heat, 60.0, 32);
    network.waveguides = vec![Waveguides::new("axon", vec![0, 1], vec![2, 3], Pattern::OneToOne, 1.0)];
    network.waveguides[0].transmission = transmission.into();
    if !kick {
        network.sources.clear();
    }
    let first = network.sources.len();
    let packet = Packet { carrier: 6.0, centre: 8.0, width: 1.0 };
    for neuron in 0..2 {
        let source = PacketSource { packet, input: 0, state: State::Vacuum };
        network.sources.push(Source::new(&format!("signal{neuron}"), vec![neuron], Drive::Packet(source)));
    }
    let state = Gaussian::two_mode_squeezed(r, phase).unwrap();
    network.states = vec![JointState { name: "pair".to_owned(), sources: vec![first, first + 1], state }];
    let mode = |(name, neuron, port, centre): (&str, usize, PortRole, f64)| OutputMode {
        name: name.to_owned(),
        neuron,
        port,
        envelope: OutputEnvelope::Packet(Packet { centre, ..packet }),
    };
    let back = PortRole::Input(0);
    let modes = [
        ("back0", 0, back, 8.0),
        ("back1", 1, back, 8.0),
        ("on0", 2, PortRole::Output, 9.5),
        ("on1", 3, PortRole::Output, 9.5),
    ];
    network.modes = modes.into_iter().map(mode).collect();
    network
}

/// Logarithmic negativity of two modes.
fn negativity(network: &Network, modes: [usize; 2]) -> f64 {
    let states = run(network).states.unwrap();
    states.gaussian(&modes).unwrap().log_negativity(&[0]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::cases::STATES.random()))]

    /// Whatever the network: commutators hold, the uncertainty relation too, purity is 1 at most, no two modes are more
    /// entangled than what came in.
    #[test]
    fn outgoing_modes_have_a_state(
        r in 0.0..1.5f64, phase in 0.0..6.0f64, transmission in 0.1..1.0f64, heat in 0.0..2.0f64, kick: bool,
    ) {
        let states = run(&pair(r, phase, transmission, heat, kick)).states.unwrap();
        prop_assert!(states.defect() < if kick { 1e-5 } else { 1e-6 }, "commutators: {}", states.defect());
        for (j, k) in [(0, 1), (2, 3), (0, 3), (1, 2)] {
            prop_assert!(states.overlap(j, k) < 1e-6, "{j} and {k}: {}", states.overlap(j, k));
            // No state would be refused here.
            let state = states.gaussian(&[j, k]).unwrap();
            let purity = state.purity().unwrap();
            prop_assert!(purity < 1.0 + 1e-2, "purity {purity}");
            let entangled = state.log_negativity(&[0]).unwrap();
            prop_assert!(entangled <= 2.0 * r + 1e-2, "{entangled} of {}", 2.0 * r);
        }
    }

    /// Heat and loss take entanglement away, never bring any.
    #[test]
    fn loss_and_heat_only_take_entanglement_away(r in 0.2..1.2f64, eta in 0.2..0.9f64, heat in 0.0..1.0f64) {
        let cold = pair(r, 0.4, 1.0, 0.0, false);
        let of = |eta, heat| negativity(&pair(r, 0.4, eta, heat, false), [2, 3]);
        let whole = negativity(&cold, [2, 3]);
        let lossy = of(eta, 0.0);
        let hot = of(eta, heat);
        prop_assert!(lossy <= whole + 1e-9 && hot <= lossy + 1e-9, "{whole}, {lossy}, {hot}");
    }

    /// Two-way lines, rings and amplifiers keep the commutators of a network at rest.
    #[test]
    fn commutators_hold_in_loops_and_behind_amplifiers(gain in 1.0..1.5f64, two_way: bool, delay in 1.0..2.0f64) {
        let mut network = pair(0.5, 0.0, 0.8, 0.0, false);
        network.waveguides[0].delay = qhh_net::network::Delay::Time(delay.into());
        if two_way {
            network.waveguides[0].direction = Direction::TwoWay;
        } else {
            network.waveguides[0].gain = gain.into();
        }
        let states = run(&network).states.unwrap();
        prop_assert!(states.defect() < 1e-6, "{}", states.defect());
        for mode in 0..4 {
            prop_assert!(states.gaussian(&[mode]).unwrap().purity().unwrap() < 1.0 + 1e-6);
        }
    }
}

/// Single photons into two neurons that fire into a third: the Wigner function of what leaves it is normalised, has the
/// moments that the network's covariance says, and is not the Gaussian's.
#[test]
fn several_photons_in_one_outgoing_mode_have_its_moments() {
    let mut network = with_modes(passive_chain(3, 20.0, 0.02), 1.0, 0.0, 60.0, 32);
    network.waveguides = vec![Waveguides::new("axon", vec![0, 1], vec![2], Pattern::AllToAll, 1.0)];
    let packet = Packet { carrier: 6.0, centre: 8.0, width: 1.0 };
    let photon = |neuron: usize| {
        let source = PacketSource { packet, input: 0, state: State::Fock { n: 3 } };
        Source::new(&format!("photon{neuron}"), vec![neuron], Drive::Packet(source))
    };
    network.sources = vec![photon(0), photon(1)];
    // A neuron passes little on: the nearest to a bright mode is what comes back from the first.
    network.modes = [(2, PortRole::Output, 9.5), (0, PortRole::Input(0), 8.0)]
        .map(|(neuron, port, centre)| OutputMode {
            name: format!("of{neuron}"),
            neuron,
            port,
            envelope: OutputEnvelope::Packet(Packet { centre, ..packet }),
        })
        .to_vec();
    let states = run(&network).states.unwrap();
    let through: Vec<f64> = states.through.iter().map(|through| through.coefficients[0].0.norm()).collect();
    assert!(through.iter().all(|mu| *mu > 1e-3), "both arrive: {through:?}");
    for mode in 0..2 {
        let several = states.several_inputs(mode).unwrap();
        let (x, p) = several.reach();
        let axis = |reach: f64| Axis { min: -reach, max: reach, points: 161 };
        let wigner = several.wigner(Grid { x: axis(x), p: axis(p) }).unwrap();
        assert!((wigner.total() - 1.0).abs() < 1e-9, "{}", wigner.total());
        let area = axis(x).step() * axis(p).step();
        let mut moments = [0.0; 3];
        for (place, w) in wigner.values.iter().enumerate() {
            let (x, p) = (axis(x).point(place / 161), axis(p).point(place % 161));
            for (moment, product) in moments.iter_mut().zip([x * x, x * p, p * p]) {
                *moment += w * product * area;
            }
        }
        let gaussian = states.gaussian(&[mode]).unwrap();
        let sigma = gaussian.covariance();
        for (moment, expected) in moments.iter().zip([sigma[(0, 0)], sigma[(0, 1)], sigma[(1, 1)]]) {
            assert!((moment - expected).abs() < 1e-4, "mode {mode}: {moments:?}, {sigma}");
        }
    }
}
