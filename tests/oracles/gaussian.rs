//! Random Gaussian states against The Walrus.

use qhh_core::num_complex::Complex64;
use qhh_core::quantum::{Gaussian, State};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::gaps::largest_gap;
use crate::numbers::numbers;
use crate::python::ask;
use crate::require::note;

/// A number between 0 and 1.
fn draw(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// Thermal states of up to 1.5 photons, mixed and squeezed in random pairs and displaced.
fn random(modes: usize, rng: &mut ChaCha8Rng) -> Gaussian {
    let mut state = Gaussian::vacuum(0);
    for _ in 0..modes {
        let photons = 1.5 * draw(rng);
        state = state.direct_sum(&Gaussian::of(&State::Thermal { photons }).unwrap());
    }
    for k in 0..2 * modes {
        let (a, b) = (k % modes, (k + 1) % modes);
        state = state.squeeze(a, 0.5 * draw(rng), 6.3 * draw(rng)).unwrap();
        if a != b {
            state = state.squeeze_two(a, b, 0.4 * draw(rng), 6.3 * draw(rng)).unwrap();
            state = state.beam_splitter(a, b, draw(rng)).unwrap();
        }
        state = state.rotate(b, 6.3 * draw(rng)).unwrap();
        state = state.displace(a, Complex64::new(0.3 * draw(rng), 0.3 * draw(rng))).unwrap();
    }
    state
}

pub(crate) fn gaussian_figures_are_those_of_the_walrus() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let pairs: Vec<(Gaussian, Gaussian, Vec<usize>)> = [1, 2, 2, 3, 4, 5, 8, 20]
        .into_iter()
        .map(|modes| (random(modes, &mut rng), random(modes, &mut rng), (0..modes).step_by(2).collect()))
        .collect();
    let question: Value = pairs
        .iter()
        .map(|(state, other, party)| {
            json!({
                "mean": state.mean().as_slice(), "covariance": state.covariance().as_slice(),
                "other_mean": other.mean().as_slice(), "other_covariance": other.covariance().as_slice(),
                "party": party,
            })
        })
        .collect();
    let answers = ask("gaussian_states.py", &question);
    for ((state, other, party), answer) in pairs.iter().zip(answers) {
        let ours = [
            ("log_negativity", vec![state.log_negativity(party).unwrap()]),
            ("symplectic_eigenvalues", state.symplectic_eigenvalues().unwrap()),
            ("purity", vec![state.purity().unwrap()]),
            ("entropy", vec![state.entropy().unwrap()]),
            ("fidelity", vec![state.fidelity(other).unwrap()]),
        ];
        for (name, ours) in ours {
            let theirs = numbers(&answer[name]);
            let gap = largest_gap(&ours, &theirs);
            note!("{} modes, {name}: {:.6}, gap {gap:.1e}", state.modes(), ours[0]);
            // Relative to what is compared: fidelity and purity of many modes are small.
            let size = theirs.iter().fold(0.0f64, |size, x| size.max(x.abs()));
            assert!(gap <= 1e-11 * size, "{} modes, {name}: {ours:?}, The Walrus {theirs:?}", state.modes());
        }
    }
}
