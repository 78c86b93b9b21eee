//! Single modes through linear maps against QuTiP.

use qhh_core::nalgebra::Matrix2;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::linear_map::LinearMap;
use qhh_core::quantum::{Parity, State};
use serde_json::{Value, json};

use crate::gaps::largest_gap;
use crate::numbers::numbers;
use crate::python::ask;
use crate::require::note;

/// Loss, squeezing, loss, displacement: every coefficient of a map, and a rest that is no circle.
#[derive(Debug, Clone, Copy)]
struct Path {
    first_loss: f64,
    r: f64,
    phase: f64,
    second_loss: f64,
    displacement: Complex64,
}

impl Path {
    /// What the path makes of a mode, in one step.
    fn map(&self, input_mean: Complex64) -> LinearMap {
        let (c, s) = (self.r.cosh(), Complex64::from_polar(self.r.sinh(), self.phase));
        let through = (self.first_loss * self.second_loss).sqrt();
        let (mu, nu) = (Complex64::from(c * through), -s * through);
        // The first loss' vacuum is squeezed: covariance of cosh r v - e^{i phi} sinh r v*.
        let (cosh, sinh) = ((2.0 * self.r).cosh(), (2.0 * self.r).sinh());
        let (sin, cos) = self.phase.sin_cos();
        let squeezed = Matrix2::new(cosh - sinh * cos, -sinh * sin, -sinh * sin, cosh + sinh * cos) * 0.5;
        let rest = squeezed * (self.second_loss * (1.0 - self.first_loss))
            + Matrix2::identity() * (0.5 * (1.0 - self.second_loss));
        LinearMap { mean: mu * input_mean + nu * input_mean.conj() + self.displacement, mu, nu, rest }
    }
}

fn described(state: &State) -> Value {
    let complex = |z: &Complex64| json!([z.re, z.im]);
    match state {
        State::Fock { n } => json!({"kind": "fock", "n": n}),
        State::Thermal { photons } => json!({"kind": "thermal", "photons": photons}),
        State::Cat { amplitude, parity } => {
            json!({"kind": "cat", "amplitude": complex(amplitude), "even": *parity == Parity::Even})
        }
        State::Squeezed { r, phase, displacement } => {
            json!({"kind": "squeezed", "r": r, "phase": phase, "displacement": complex(displacement)})
        }
        State::Superposition(terms) => {
            let terms: Vec<Value> = terms.iter().map(|(n, c)| json!([n, complex(c)])).collect();
            json!({"kind": "superposition", "terms": terms})
        }
        other => panic!("{other:?} is not told to QuTiP"),
    }
}

/// States, paths, and number states QuTiP needs for ten digits.
fn cases() -> Vec<(State, Path, usize)> {
    let loss = |eta| Path { first_loss: eta, r: 0.0, phase: 0.0, second_loss: 1.0, displacement: Complex64::ZERO };
    let whole =
        Path { first_loss: 0.8, r: 0.3, phase: 0.9, second_loss: 0.85, displacement: Complex64::new(0.4, -0.6) };
    let cat = |re, im, parity| State::Cat { amplitude: Complex64::new(re, im), parity };
    let terms = [(0, 0.5, 0.1), (1, -0.4, 0.6), (4, 0.3, 0.3), (7, 0.0, -0.5)];
    let superposition = State::Superposition(terms.map(|(n, re, im)| (n, Complex64::new(re, im))).to_vec());
    let squeezed = State::Squeezed { r: 0.6, phase: 1.1, displacement: Complex64::new(-0.5, 0.8) };
    vec![
        (State::Fock { n: 1 }, loss(0.7), 30),
        (State::Fock { n: 5 }, whole, 75),
        (State::Fock { n: 30 }, loss(0.9), 60),
        (State::Fock { n: 30 }, whole, 165),
        (cat(2.0, 0.0, Parity::Even), loss(0.8), 60),
        (cat(1.0, -1.5, Parity::Odd), whole, 75),
        (cat(0.2, 0.1, Parity::Odd), whole, 45),
        (cat(5.0, 0.0, Parity::Even), loss(0.97), 105),
        (superposition.clone(), loss(0.6), 45),
        (superposition, whole, 90),
        (squeezed, whole, 120),
        (State::Thermal { photons: 0.8 }, whole, 105),
    ]
}

pub(crate) fn modes_through_linear_maps_are_those_of_qutip() {
    let points = [(0.0, 0.0), (0.3, -0.2), (1.2, 0.7), (-2.0, 1.5), (3.5, -0.1)];
    let lambdas = [Complex64::new(0.3, 0.1), Complex64::new(-0.8, 0.9), Complex64::new(0.0, 1.7)];
    let angle = 0.4;
    let cases = cases();
    let question: Value = cases
        .iter()
        .map(|(state, path, levels)| {
            json!({
                "state": described(state), "first_loss": path.first_loss, "r": path.r, "phase": path.phase,
                "second_loss": path.second_loss, "displacement": [path.displacement.re, path.displacement.im],
                "angle": angle, "points": points, "lambdas": lambdas.map(|l| [l.re, l.im]), "levels": levels,
            })
        })
        .collect();
    let answers = ask("modes.py", &question);
    for ((state, path, levels), answer) in cases.iter().zip(answers) {
        let output = path.map(state.moments().mean).output(state).unwrap();
        let cumulants = output.cumulants(angle);
        let ours = [
            ("mean", vec![output.mean().re, output.mean().im]),
            ("photons", vec![output.photons()]),
            ("cumulants", vec![cumulants.k1, cumulants.k2, cumulants.k3, cumulants.k4]),
            ("purity", vec![output.purity().unwrap()]),
            ("fidelity", vec![output.fidelity_with_input().unwrap()]),
            ("wigner", points.iter().map(|&(x, p)| output.wigner_at(x, p)).collect()),
            (
                "characteristic",
                lambdas.iter().map(|&l| output.characteristic(l)).flat_map(|c| [c.re, c.im]).collect(),
            ),
        ];
        note!("{state:?}, {levels} levels:");
        for (name, ours) in ours {
            let theirs = numbers(&answer[name]);
            let size = theirs.iter().fold(1.0f64, |size, x| size.max(x.abs()));
            let gap = largest_gap(&ours, &theirs);
            let truncation = answer["truncation"][name].as_f64().unwrap();
            note!("  {name}: gap {gap:.1e} of {size:.3}, QuTiP's truncation {truncation:.1e}");
            assert!(truncation < 1e-9 * size, "{name}: QuTiP needs more levels than {levels}: {truncation}");
            assert!(gap < 1e-9 * size, "{name} of {state:?}: {ours:?}, QuTiP {theirs:?}");
        }
    }
}
