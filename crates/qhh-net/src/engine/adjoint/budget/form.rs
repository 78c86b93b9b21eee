//! The variance that a line's noise brings, from how a number answers to the line at every step.
//!
//! With `f(t)` the answer to a unit of the line at `t`, a straight line between values `f_k` at the steps,
//!
//! ```text
//! int_0^wc dw E(w) |int f(t) e^{-iwt} dt|^2 = sum over k, l of f_k f_l T(k - l)
//! T(k) = int_0^wc dw E(w) h(w)^2 cos(w k dt),    h(w) = dt (sin(w dt/2)/(w dt/2))^2
//! ```
//!
//! exact over frequencies, whatever the step makes of a turn of the field. Steps come from the last to the first, in
//! groups of [`GROUP`]. Pairs within a group, and between neighbouring ones, are added up one by one; farther apart, `T` is
//! a sum of exponentials ([`super::decays`]), so that all that was before is in a few numbers a line. Ours.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]
#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]

use pulp::{Simd, WithSimd};
use qhh_core::integrate::lanes::Lanes;

use super::decays::Decays;
use super::spectrum::Spectrum;

/// Steps of a group.
pub(super) const GROUP: usize = 32;

/// The form of one spectrum.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// `T` of 0, twice `T` of 1 to `2 GROUP - 1`.
    near: Vec<f64>,
    /// What each state brings to each step of a group, twice: `[step][state]`.
    shown: Vec<f64>,
    /// The turn of each state over a group: factor, and for two that turn together cosine and sine.
    turned: Vec<(f64, f64)>,
    /// What each step of the group before adds to each state: `[step][state]`.
    taken: Vec<f64>,
    /// States, those that turn together last and side by side.
    n_states: usize,
    n_real: usize,
    /// The largest error of `T` beyond, against the size it falls off with.
    pub(super) error: f64,
}

impl Form {
    /// Of steps that lie at most `longest` apart.
    pub(super) fn new(spectrum: &Spectrum, longest: usize) -> Self {
        let mut near = spectrum.pairs(0, 2 * GROUP);
        near[1..].iter_mut().for_each(|t| *t *= 2.0);
        let decays = Decays::new(spectrum, GROUP + 1, longest);
        let (n_real, n_states) = (decays.real.len(), decays.real.len() + 2 * decays.turning.len());
        let mut form = Self {
            near,
            shown: Vec::with_capacity(GROUP * n_states),
            turned: Vec::with_capacity(n_states),
            taken: Vec::with_capacity(GROUP * n_states),
            n_states,
            n_real,
            error: decays.error,
        };
        for step in 0..GROUP {
            form.shown.extend(decays.real.iter().map(|of| 2.0 * of.weight * (-of.rate * step as f64).exp()));
            form.taken.extend(decays.real.iter().map(|of| (-of.rate * (2 * GROUP - step) as f64).exp()));
            for of in &decays.turning {
                // Re(w z^step s) with the state s = x + iy.
                let shown = of.weight * of.power(step as f64) * 2.0;
                let taken = of.power((2 * GROUP - step) as f64);
                form.shown.extend([shown.re, -shown.im]);
                form.taken.extend([taken.re, taken.im]);
            }
        }
        form.turned.extend(decays.real.iter().map(|of| ((-of.rate * GROUP as f64).exp(), 0.0)));
        for of in &decays.turning {
            let turn = of.power(GROUP as f64);
            form.turned.extend([(turn.re, turn.im); 2]);
        }
        form
    }
}

/// What a line keeps of the steps gone through: values of the group at hand and the one before, from the last step on, and
/// the states of all others.
#[derive(Debug, Clone)]
pub(super) struct Past {
    pub(super) now: [Lanes; GROUP],
    before: [Lanes; GROUP],
    states: Vec<Lanes>,
}

impl Past {
    pub(super) fn new(form: &Form) -> Self {
        Self {
            now: [Lanes::default(); GROUP],
            before: [Lanes::default(); GROUP],
            states: vec![Lanes::default(); form.n_states],
        }
    }

    /// Closes a group: what each of its steps adds to the variance with all later ones, and itself.
    pub(super) fn close(&mut self, form: &Form, added: &mut [Lanes; GROUP]) {
        pulp::Arch::new().dispatch(Close { past: self, form, added });
    }
}

/// A type of its own so that it is compiled for the machine's vectors.
struct Close<'a> {
    past: &'a mut Past,
    form: &'a Form,
    added: &'a mut [Lanes; GROUP],
}

impl WithSimd for Close<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { past: Past { now, before, states }, form, added } = self;
        let n = form.n_states;
        if now.iter().any(|value| !value.is_zero()) {
            for step in 0..GROUP {
                let mut sum = now[step] * form.near[0];
                for later in 0..step {
                    sum = Lanes::splat(form.near[step - later]).mul_add(now[later], sum);
                }
                for later in 0..GROUP {
                    sum = Lanes::splat(form.near[step + GROUP - later]).mul_add(before[later], sum);
                }
                for (state, shown) in states.iter().zip(&form.shown[step * n..(step + 1) * n]) {
                    sum = Lanes::splat(*shown).mul_add(*state, sum);
                }
                added[step] = now[step] * sum;
            }
        } else {
            added.fill(Lanes::default());
        }
        for (state, turned) in states.iter_mut().zip(&form.turned).take(form.n_real) {
            *state = *state * turned.0;
        }
        for at in (form.n_real..n).step_by(2) {
            let (x, y, (cos, sin)) = (states[at], states[at + 1], form.turned[at]);
            states[at] = x * cos - y * sin;
            states[at + 1] = x * sin + y * cos;
        }
        if before.iter().any(|value| !value.is_zero()) {
            for step in 0..GROUP {
                for (state, taken) in states.iter_mut().zip(&form.taken[step * n..(step + 1) * n]) {
                    *state = Lanes::splat(*taken).mul_add(before[step], *state);
                }
            }
        }
        *before = *now;
        now.fill(Lanes::default());
    }
}
