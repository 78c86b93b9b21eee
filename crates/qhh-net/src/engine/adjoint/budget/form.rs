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
//! a sum of exponentials ([`super::decays`]), so that all that was before is in a few numbers a line.
//!
//! An answer that is smooth over a group is there a polynomial of few terms ([`super::smooth`]), and so is what all others
//! bring to it: a few numbers stand for a group's steps. Whether it is smooth is seen group by group, from the squares that
//! the polynomial leaves. Ours.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]
#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]

use pulp::{Simd, WithSimd};
use qhh_core::integrate::lanes::Lanes;

use super::decays::Decays;
use super::smooth::{Polynomials, TERMS};
use super::spectrum::Spectrum;

/// Steps of a group.
pub(super) const GROUP: usize = 32;

/// Part of the squares of a group's values that a polynomial may leave.
const ROUGH: f64 = 1e-11;

/// The form of one spectrum.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// `T` of 0, twice `T` of 1 to `2 GROUP - 1`.
    near: Vec<f64>,
    /// What each state brings to each step of a group, twice: `[step][state]`.
    shown: Vec<f64>,
    /// The turn of each state over a group: factor, and for two that turn together cosine and sine.
    turned: Vec<(f64, f64)>,
    /// What each step of the group before adds to each state: `[state][step]`.
    taken: Vec<f64>,
    /// The same of polynomials: of a group with itself and with the one before it, and `[state][term]`.
    polynomials: Polynomials,
    own: [[f64; TERMS]; TERMS],
    next: [[f64; TERMS]; TERMS],
    shown_smooth: Vec<[f64; TERMS]>,
    taken_smooth: Vec<[f64; TERMS]>,
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
        let mut shown = Vec::with_capacity(GROUP * n_states);
        let mut taken = vec![0.0; GROUP * n_states];
        let mut turned: Vec<(f64, f64)> = Vec::with_capacity(n_states);
        for step in 0..GROUP {
            shown.extend(decays.real.iter().map(|of| 2.0 * of.weight * (-of.rate * step as f64).exp()));
            for (state, of) in decays.real.iter().enumerate() {
                taken[state * GROUP + step] = (-of.rate * (2 * GROUP - step) as f64).exp();
            }
            for (pair, of) in decays.turning.iter().enumerate() {
                // Re(w z^step s) with the state s = x + iy.
                let of_step = of.weight * of.power(step as f64) * 2.0;
                shown.extend([of_step.re, -of_step.im]);
                let added = of.power((2 * GROUP - step) as f64);
                let state = n_real + 2 * pair;
                (taken[state * GROUP + step], taken[(state + 1) * GROUP + step]) = (added.re, added.im);
            }
        }
        turned.extend(decays.real.iter().map(|of| ((-of.rate * GROUP as f64).exp(), 0.0)));
        for of in &decays.turning {
            let turn = of.power(GROUP as f64);
            turned.extend([(turn.re, turn.im); 2]);
        }
        let polynomials = Polynomials::new();
        let whole = |step: usize, later: usize| {
            if step == later { near[0] } else { 0.5 * near[step.abs_diff(later)] }
        };
        let of_states = |of: &dyn Fn(usize, usize) -> f64| {
            (0..n_states).map(|state| polynomials.of(&|step| of(state, step))).collect::<Vec<_>>()
        };
        Self {
            own: polynomials.between(&whole),
            next: polynomials.between(&|step, later| near[step + GROUP - later]),
            shown_smooth: of_states(&|state, step| shown[step * n_states + state]),
            taken_smooth: of_states(&|state, step| taken[state * GROUP + step]),
            near,
            shown,
            turned,
            taken,
            polynomials,
            n_states,
            n_real,
            error: decays.error,
        }
    }
}

impl Form {
    /// What the form makes of values whose squares add up to 1, at most: of what a polynomial leaves, which is orthogonal to
    /// all that is smooth.
    pub(super) fn largest(&self) -> f64 {
        self.near.iter().map(|t| t.abs()).sum()
    }
}

/// What a line keeps of the steps gone through: values of the group at hand and the one before, from the last step on, and
/// the states of all others.
#[derive(Debug, Clone)]
pub(super) struct Past {
    pub(super) now: Vec<Lanes>,
    before: Before,
    states: Vec<Lanes>,
    /// Squares of all values that polynomials left.
    pub(super) rest: Lanes,
}

/// The group before.
#[derive(Debug, Clone)]
enum Before {
    Silent,
    /// Its values.
    Rough(Vec<Lanes>),
    /// Its polynomial.
    Smooth(Box<[Lanes; TERMS]>),
}

/// What a closed group adds to the variance with all later ones, and itself.
pub(super) enum Added<'a> {
    /// Each of its steps.
    Steps(&'a mut [Lanes; GROUP]),
    /// All of them together.
    Whole(&'a mut Lanes),
}

impl Past {
    pub(super) fn new(form: &Form) -> Self {
        Self {
            now: Vec::new(),
            before: Before::Silent,
            states: vec![Lanes::default(); form.n_states],
            rest: Lanes::default(),
        }
    }

    /// Closes a group, which is whole.
    pub(super) fn close(&mut self, form: &Form, added: Added<'_>) {
        pulp::Arch::new().dispatch(Close { past: self, form, added });
    }
}

/// A type of its own so that it is compiled for the machine's vectors.
struct Close<'a> {
    past: &'a mut Past,
    form: &'a Form,
    added: Added<'a>,
}

impl WithSimd for Close<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { past, form, mut added } = self;
        let (zero, n) = (Lanes::default(), form.n_states);
        let mut values = std::mem::take(&mut past.now);
        values.resize(GROUP, zero);
        let now: &[Lanes; GROUP] = values.first_chunk().expect("it was made as long as a group");
        let mut any = false;
        for step in 0..GROUP {
            any |= !now[step].is_zero();
        }
        let mut terms = None;
        if any {
            let (found, squares) = form.polynomials.fit(now);
            let (mut rest, mut left, mut all) = (zero, 0.0, 0.0);
            for lane in 0..zero.0.len() {
                rest.0[lane] = (squares.1.0[lane] - squares.0.0[lane]).max(0.0);
                (left, all) = (left + rest.0[lane], all + squares.1.0[lane]);
            }
            if left <= ROUGH * all {
                terms = Some(found);
                past.rest = past.rest + rest;
            }
        }
        let smooth_before = match &past.before {
            Before::Silent => Some(&[zero; TERMS]),
            Before::Smooth(terms) => Some(&**terms),
            Before::Rough(_) => None,
        };
        match (&terms, smooth_before) {
            (Some(own), Some(before)) => {
                let mut brought = [zero; TERMS];
                for term in 0..TERMS {
                    for other in 0..TERMS {
                        brought[term] = Lanes::splat(form.next[term][other]).mul_add(before[other], brought[term]);
                    }
                }
                for (state, shown) in past.states.iter().zip(&form.shown_smooth) {
                    for term in 0..TERMS {
                        brought[term] = Lanes::splat(shown[term]).mul_add(*state, brought[term]);
                    }
                }
                match &mut added {
                    Added::Steps(added) => {
                        form.polynomials.values(&brought, added);
                        for step in 0..GROUP {
                            added[step] = now[step] * within(form, now, step, added[step]);
                        }
                    }
                    Added::Whole(added) => {
                        for term in 0..TERMS {
                            for other in 0..TERMS {
                                brought[term] =
                                    Lanes::splat(form.own[term][other]).mul_add(own[other], brought[term]);
                            }
                            **added = brought[term].mul_add(own[term], **added);
                        }
                    }
                }
            }
            _ if any => {
                let mut before = [zero; GROUP];
                match &past.before {
                    Before::Silent => {}
                    Before::Rough(values) => before.copy_from_slice(values),
                    Before::Smooth(terms) => form.polynomials.values(terms, &mut before),
                }
                for step in 0..GROUP {
                    let mut sum = within(form, now, step, zero);
                    for later in 0..GROUP {
                        sum = Lanes::splat(form.near[step + GROUP - later]).mul_add(before[later], sum);
                    }
                    for (state, shown) in past.states.iter().zip(&form.shown[step * n..(step + 1) * n]) {
                        sum = Lanes::splat(*shown).mul_add(*state, sum);
                    }
                    match &mut added {
                        Added::Steps(added) => added[step] = now[step] * sum,
                        Added::Whole(added) => **added = now[step].mul_add(sum, **added),
                    }
                }
            }
            _ => {
                if let Added::Steps(added) = &mut added {
                    for step in 0..GROUP {
                        added[step] = zero;
                    }
                }
            }
        }
        let states = &mut past.states;
        for at in 0..form.n_real {
            states[at] = states[at] * form.turned[at].0;
        }
        for at in (form.n_real..n).step_by(2) {
            let (x, y, (cos, sin)) = (states[at], states[at + 1], form.turned[at]);
            states[at] = x * cos - y * sin;
            states[at + 1] = x * sin + y * cos;
        }
        match &past.before {
            Before::Silent => {}
            Before::Smooth(before) => {
                for (state, taken) in states.iter_mut().zip(&form.taken_smooth) {
                    let mut sum = *state;
                    for term in 0..TERMS {
                        sum = Lanes::splat(taken[term]).mul_add(before[term], sum);
                    }
                    *state = sum;
                }
            }
            Before::Rough(before) => {
                for (state, taken) in states.iter_mut().zip(form.taken.chunks_exact(GROUP)) {
                    let mut sum = *state;
                    for step in 0..GROUP {
                        sum = Lanes::splat(taken[step]).mul_add(before[step], sum);
                    }
                    *state = sum;
                }
            }
        }
        past.before = match (any, terms) {
            (false, _) => Before::Silent,
            (true, None) => Before::Rough(values),
            (true, Some(terms)) => Before::Smooth(Box::new(terms)),
        };
    }
}

/// What a step of a group answers to with the later ones of the group and itself, added to `sum`.
#[inline(always)]
fn within(form: &Form, now: &[Lanes; GROUP], step: usize, sum: Lanes) -> Lanes {
    let mut sum = Lanes::splat(form.near[0]).mul_add(now[step], sum);
    for later in 0..step {
        sum = Lanes::splat(form.near[step - later]).mul_add(now[later], sum);
    }
    sum
}

#[cfg(test)]
mod tests {
    use qhh_core::quantum::bath::Bath;

    use super::*;

    /// Smooth answers with a corner and a jump, by groups against all pairs one by one.
    #[test]
    fn groups_add_up_what_all_pairs_do() {
        let bath = Bath { hbar: 1.0, thermal_energy: 0.0, cutoff: 120.0 };
        let (dt, n) = (0.01, 20 * GROUP);
        let spectrum = Spectrum::new(bath, dt);
        let form = Form::new(&spectrum, n);
        let value = |k: usize, lane: usize| {
            let t = k as f64 * dt;
            let corner = (t - 1.3).max(0.0) * (lane as f64 - 3.0) * 0.1;
            let jump = if t < 0.5 { 1.0 } else { 0.0 };
            (-0.5 * t).exp() * (2.0 * t + 0.3 * lane as f64).sin() + corner + jump
        };
        let values: Vec<Lanes> = (0..n).map(|k| Lanes::from_fn(|lane| value(k, lane))).collect();
        let (mut steps, mut whole) = (Past::new(&form), Past::new(&form));
        let (mut sum_of_steps, mut sum) = (Lanes::default(), Lanes::default());
        let mut smooth = 0;
        for group in values.chunks_exact(GROUP) {
            let mut added = [Lanes::default(); GROUP];
            steps.now.extend_from_slice(group);
            steps.close(&form, Added::Steps(&mut added));
            sum_of_steps = added.iter().fold(sum_of_steps, |sum, added| sum + *added);
            whole.now.extend_from_slice(group);
            whole.close(&form, Added::Whole(&mut sum));
            smooth += usize::from(matches!(whole.before, Before::Smooth(_)));
        }
        assert!((10..20).contains(&smooth), "{smooth} groups are smooth");
        let pairs = spectrum.pairs(0, n);
        for lane in [0, 5, 15] {
            let of = |k: usize| values[k].0[lane];
            let exact: f64 =
                (0..n).map(|k| (0..n).map(|l| of(k) * of(l) * pairs[k.abs_diff(l)]).sum::<f64>()).sum();
            for (which, sum) in [("steps", sum_of_steps.0[lane]), ("whole", sum.0[lane])] {
                assert!((sum / exact - 1.0).abs() < 2e-6, "{which}: {sum}, all pairs {exact}");
            }
        }
    }
}
