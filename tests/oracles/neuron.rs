//! A whole neuron with frozen conductances, fed by Fock, cat and squeezed states, against QuTiP.

use qhh_core::circuit::PortRole;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::{Parity, State};
use qhh_core::source::Packet;
use qhh_net::network::{Drive, OutputEnvelope, OutputMode, PacketSource, Source};
use serde_json::{Value, json};

use crate::gaps::largest_gap;
use crate::models::{passive_chain, run, with_modes};
use crate::numbers::numbers;
use crate::python::ask;
use crate::require::note;

const HBAR: f64 = 0.5;
const CUTOFF: f64 = 60.0;
const ANGLE: f64 = 0.4;
const POINTS: [[f64; 2]; 5] = [[0.0, 0.0], [0.3, -0.2], [1.2, 0.7], [-1.5, 1.0], [2.5, -0.1]];
/// Of the largest of a figure's numbers: what a step of 0.01 ms leaves.
const ALLOWED: f64 = 5e-6;

/// States, how Python is told of them, and number states QuTiP needs.
fn cases() -> Vec<(State, Value, usize)> {
    let amplitude = Complex64::new(1.2, 0.9);
    vec![
        (State::Fock { n: 1 }, json!({"kind": "fock", "n": 1}), 9),
        (State::Fock { n: 5 }, json!({"kind": "fock", "n": 5}), 15),
        (
            State::Cat { amplitude, parity: Parity::Even },
            json!({"kind": "cat", "amplitude": [1.2, 0.9], "even": true}),
            36,
        ),
        (
            State::Cat { amplitude, parity: Parity::Odd },
            json!({"kind": "cat", "amplitude": [1.2, 0.9], "even": false}),
            36,
        ),
        (
            State::Squeezed { r: 0.6, phase: 1.1, displacement: Complex64::ZERO },
            json!({"kind": "squeezed", "r": 0.6, "phase": 1.1, "displacement": [0.0, 0.0]}),
            60,
        ),
    ]
}

pub(crate) fn a_whole_neuron_with_frozen_conductances_is_that_of_qutip() {
    let packet = Packet { carrier: 6.0, centre: 14.0, width: 1.5 };
    let outgoing = [("back", PortRole::Input(0), 14.1), ("on", PortRole::Output, 14.4)];
    let mut network = with_modes(passive_chain(1, 28.0, 0.01), HBAR, 0.0, CUTOFF, 64);
    network.record.every = 0.5;
    network.modes = outgoing
        .map(|(name, port, centre)| OutputMode {
            name: name.to_owned(),
            neuron: 0,
            port,
            envelope: OutputEnvelope::Packet(Packet { centre, ..packet }),
        })
        .to_vec();
    let (circuit, initial) = network.neuron(0).unwrap();
    let (_, gates) = initial.resolve(&circuit, network.rate_units()).unwrap();
    let g = circuit.conductances(&gates);
    let port = |wanted: PortRole| {
        let (_, port) = circuit.ports().find(|(role, _)| *role == wanted).unwrap();
        json!([port.capacitance, port.impedance])
    };
    let times: Vec<f64> = (20..40).map(|k| 0.5 * f64::from(k)).collect();
    let told = |packet: Packet| json!([packet.carrier, packet.centre, packet.width]);
    let question: Value = cases()
        .iter()
        .map(|(_, state, levels)| {
            json!({
                "state": state, "capacitance": circuit.capacitance, "conductance": g.total(),
                "input": port(PortRole::Input(0)), "output": port(PortRole::Output), "hbar": HBAR, "cutoff": CUTOFF,
                "packet": told(packet), "times": times, "angle": ANGLE, "points": POINTS, "levels": levels,
                "modes": [
                    ["input", told(Packet { centre: outgoing[0].2, ..packet })],
                    ["output", told(Packet { centre: outgoing[1].2, ..packet })],
                ],
            })
        })
        .collect();
    let answers = ask("neuron.py", &question);
    for ((state, _, levels), answer) in cases().into_iter().zip(answers) {
        // No state has a mean that would move the conductances.
        let source = PacketSource { packet, input: 0, state: state.clone() };
        network.sources = vec![Source::new("signal", vec![0], Drive::Packet(source))];
        let outcome = run(&network);
        let at = |values: &dyn Fn(usize) -> f64| -> Vec<f64> { (20..40).map(values).collect() };
        let shape = outcome.shape(&network, 0);
        let of_shape = |values: Option<&Vec<f64>>| values.map_or(vec![0.0; 20], |values| values[20..40].to_vec());
        let mut ours = vec![
            ("variance".to_owned(), at(&|k| outcome.variances[0].total(k))),
            ("skewness".to_owned(), of_shape(shape.as_ref().map(|shape| &shape.skewness))),
            ("kurtosis".to_owned(), of_shape(shape.as_ref().map(|shape| &shape.kurtosis))),
        ];
        let states = outcome.states.as_ref().unwrap();
        for mode in 0..2 {
            let map = states.linear_map(mode, &states.through[0]).unwrap();
            let output = map.output(&state).unwrap();
            let cumulants = output.cumulants(ANGLE);
            ours.extend([
                (format!("photons of mode {mode}"), vec![output.photons()]),
                (
                    format!("cumulants of mode {mode}"),
                    vec![cumulants.k1, cumulants.k2, cumulants.k3, cumulants.k4],
                ),
                (format!("wigner of mode {mode}"), POINTS.iter().map(|[x, p]| output.wigner_at(*x, *p)).collect()),
            ]);
        }
        note!("{state:?}, {levels} levels:");
        for (name, ours) in ours {
            let theirs = numbers(&answer[&name]);
            let size = theirs.iter().fold(0.1f64, |size, x| size.max(x.abs()));
            let gap = largest_gap(&ours, &theirs);
            let truncation = answer["truncation"][&name].as_f64().unwrap();
            note!("  {name}: gap {gap:.1e} of {size:.3}, QuTiP's truncation {truncation:.1e}");
            assert!(truncation < 1e-7 * size, "{name}: QuTiP needs more levels than {levels}: {truncation}");
            assert!(gap < ALLOWED * size, "{name} of {state:?}: {ours:?}, QuTiP {theirs:?}");
        }
    }
}
