//! What a gate does in one step, tabulated in the voltage.
//!
//! At a held voltage and a given step a gate moves by `x -> x + gain(V) - lost(V) x` with `lost = 1 - e^(-dt/tau)` and
//! `gain = x_inf lost`: two functions of the voltage alone, whatever formulas the rates are. Both are polynomials on
//! even cells, made finer until they are right to [`ACCURACY`] of `lost`, so that steady state and time constant of
//! every gate are right to that part, however long it remembers. Beyond the tables' ends, or where formulas are too steep
//! for them, gates are moved by their formulas. Ours.

use super::lanes::Float;
use crate::gating::{Gate, RANGE};

/// Largest error of the tables, as a part of what a gate loses in a step.
pub const ACCURACY: f64 = 2e-10;
/// Degree of the polynomials, and one more.
const TERMS: usize = 6;
/// Gates side by side: gain and loss of both fill a vector.
const PAIR: usize = 2;
const ROW: usize = 2 * PAIR;
/// Cells at first, and at most.
const CELLS: (usize, usize) = (150, 9600);

/// Tables of some gates at one step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tables {
    gates: Vec<Gate>,
    /// Step, in ms.
    dt: f64,
    n_pairs: usize,
    n_cells: usize,
    /// `[cell][pair][power][gain of both, loss of both]`; empty where no table is fine enough.
    terms: Vec<[f64; ROW]>,
}

/// Gain and loss of a gate over `dt` milliseconds at a voltage in mV.
fn step(gate: &Gate, millivolts: f64, dt: f64) -> (f64, f64) {
    let Some(rates) = gate.rates(millivolts) else { return (gate.steady(millivolts), 1.0) };
    let sum = rates.opening + rates.closing;
    let lost = -(-sum * dt).exp_m1();
    (rates.opening / sum * lost, lost)
}

/// Slopes of [`step`] per mV.
fn step_slopes(gate: &Gate, millivolts: f64, dt: f64) -> (f64, f64) {
    let (Some(at), Some(slope)) = (gate.rates(millivolts), gate.rate_slopes(millivolts)) else {
        return (gate.steady_slope(millivolts), 0.0);
    };
    let (sum, change) = (at.opening + at.closing, slope.opening + slope.closing);
    let (lost, lost_slope) = (-(-sum * dt).exp_m1(), change * dt * (-sum * dt).exp());
    let steady = at.opening / sum;
    ((slope.opening - steady * change) / sum * lost + steady * lost_slope, lost_slope)
}

/// Places in `[-1, 1]` at which polynomials meet the function.
fn nodes() -> [f64; TERMS] {
    std::array::from_fn(|k| ((k as f64 + 0.5) / TERMS as f64 * std::f64::consts::PI).cos())
}

/// Coefficients of the polynomial through values at [`nodes`], by Newton's differences.
fn through(values: [f64; TERMS]) -> [f64; TERMS] {
    let x = nodes();
    let mut differences = values;
    for order in 1..TERMS {
        for k in (order..TERMS).rev() {
            differences[k] = (differences[k] - differences[k - 1]) / (x[k] - x[k - order]);
        }
    }
    let mut terms = [0.0; TERMS];
    for k in (0..TERMS).rev() {
        // terms = terms (t - x_k) + difference
        for power in (0..TERMS).rev() {
            let below = if power > 0 { terms[power - 1] } else { differences[k] };
            terms[power] = below - x[k] * terms[power];
        }
    }
    terms
}

fn value(terms: &[f64; TERMS], t: f64) -> f64 {
    terms.iter().rev().fold(0.0, |sum, term| sum * t + term)
}

impl Tables {
    /// Tables for steps of `dt` milliseconds.
    pub(super) fn new(gates: &[Gate], dt: f64) -> Self {
        let mut tables = Self {
            gates: gates.to_vec(),
            dt,
            n_pairs: gates.len().div_ceil(PAIR),
            n_cells: CELLS.0,
            terms: Vec::new(),
        };
        if gates.is_empty() {
            return tables;
        }
        while tables.n_cells <= CELLS.1 {
            if tables.fill() {
                return tables;
            }
            tables.n_cells *= 2;
        }
        tables.terms.clear();
        tables
    }

    /// Fills the tables; whether they are fine enough.
    fn fill(&mut self) -> bool {
        let width = (RANGE.1 - RANGE.0) / self.n_cells as f64;
        self.terms.clear();
        self.terms.resize(self.n_cells * self.n_pairs * TERMS, [0.0; ROW]);
        for cell in 0..self.n_cells {
            let at = |t: f64| RANGE.0 + (cell as f64 + 0.5 + 0.5 * t) * width;
            for (place, gate) in self.gates.iter().enumerate() {
                let of = |t: f64| step(gate, at(t), self.dt);
                let met = nodes().map(of);
                let (gain, lost) = (through(met.map(|x| x.0)), through(met.map(|x| x.1)));
                let off = |t: f64| {
                    let (exact_gain, exact_lost) = of(t);
                    let error = (value(&gain, t) - exact_gain).abs().max((value(&lost, t) - exact_lost).abs());
                    error > ACCURACY * exact_lost
                };
                if [-1.0, -0.8, -0.35, 0.15, 0.6, 1.0].into_iter().any(off) {
                    return false;
                }
                let first = (cell * self.n_pairs + place / PAIR) * TERMS;
                for power in 0..TERMS {
                    let row = &mut self.terms[first + power];
                    (row[place % PAIR], row[PAIR + place % PAIR]) = (gain[power], lost[power]);
                }
            }
        }
        true
    }

    /// Gain and loss of every gate, by its place, over a step at a voltage in mV.
    #[inline(always)]
    pub(super) fn at(&self, millivolts: f64, mut each: impl FnMut(usize, f64, f64)) {
        let place = (millivolts - RANGE.0) * (self.n_cells as f64 / (RANGE.1 - RANGE.0));
        if !(place >= 0.0 && place < self.n_cells as f64) || self.terms.is_empty() {
            return self.by_formula(millivolts, &mut each);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the table")]
        let cell = place as usize;
        let t = 2.0 * (place - cell as f64) - 1.0;
        let rows = &self.terms[cell * self.n_pairs * TERMS..(cell + 1) * self.n_pairs * TERMS];
        for (pair, rows) in rows.as_chunks::<TERMS>().0.iter().enumerate() {
            let mut sum = rows[TERMS - 1];
            for power in (0..TERMS - 1).rev() {
                for k in 0..ROW {
                    sum[k] = sum[k].fused(t, rows[power][k]);
                }
            }
            for which in 0..PAIR {
                let gate = PAIR * pair + which;
                if gate < self.gates.len() {
                    each(gate, sum[which], sum[PAIR + which]);
                }
            }
        }
    }

    /// Gain and loss of every gate, by its place, over a step of neurons side by side at voltages in mV.
    #[inline(always)]
    pub(super) fn each_at<const N: usize>(
        &self,
        millivolts: [f64; N],
        mut each: impl FnMut(usize, &[f64; N], &[f64; N]),
    ) {
        // Adding it leaves a whole number in the last bits.
        const WHOLE: f64 = 4_503_599_627_370_496.0;
        let n_cells = self.n_cells as f64;
        let per_cell = n_cells / (RANGE.1 - RANGE.0);
        let (mut cells, mut t) = ([0; N], [0.0; N]);
        let mut all_inside = !self.terms.is_empty();
        for lane in 0..N {
            let place = (millivolts[lane] - RANGE.0) * per_cell;
            all_inside &= place >= 0.0 && place < n_cells;
            let cell = place.floor();
            cells[lane] = (cell + WHOLE).to_bits() & 0xffff_ffff;
            t[lane] = 2.0 * (place - cell) - 1.0;
        }
        for pair in 0..self.n_pairs {
            let mut found = [[0.0; ROW]; N];
            if all_inside {
                for lane in 0..N {
                    #[expect(clippy::cast_possible_truncation, reason = "within the table")]
                    let first = (cells[lane] as usize * self.n_pairs + pair) * TERMS;
                    let rows = &self.terms[first..first + TERMS];
                    let mut sum = rows[TERMS - 1];
                    for power in (0..TERMS - 1).rev() {
                        for k in 0..ROW {
                            sum[k] = sum[k].fused(t[lane], rows[power][k]);
                        }
                    }
                    found[lane] = sum;
                }
            } else {
                self.one_by_one(pair, &millivolts, &mut found);
            }
            for which in 0..PAIR.min(self.gates.len() - PAIR * pair) {
                let (mut gain, mut lost) = ([0.0; N], [0.0; N]);
                for lane in 0..N {
                    (gain[lane], lost[lane]) = (found[lane][which], found[lane][PAIR + which]);
                }
                each(PAIR * pair + which, &gain, &lost);
            }
        }
    }

    /// Rows of a pair of gates at voltages of which some are beyond the tables.
    #[cold]
    fn one_by_one(&self, pair: usize, millivolts: &[f64], found: &mut [[f64; ROW]]) {
        for (row, millivolts) in found.iter_mut().zip(millivolts) {
            self.at(*millivolts, |gate, gain, lost| {
                if gate / PAIR == pair {
                    (row[gate % PAIR], row[PAIR + gate % PAIR]) = (gain, lost);
                }
            });
        }
    }

    /// Gain and loss of every gate, by its place, each with its slope per mV: of the tables where they are read, so that
    /// it is the slope of what the gates do.
    pub(super) fn slopes_at(&self, millivolts: f64, mut each: impl FnMut(usize, [f64; 2], [f64; 2])) {
        let per_cell = self.n_cells as f64 / (RANGE.1 - RANGE.0);
        let place = (millivolts - RANGE.0) * per_cell;
        if !(place >= 0.0 && place < self.n_cells as f64) || self.terms.is_empty() {
            for (k, gate) in self.gates.iter().enumerate() {
                let (gain, lost) = step(gate, millivolts, self.dt);
                let (gain_slope, lost_slope) = step_slopes(gate, millivolts, self.dt);
                each(k, [gain, gain_slope], [lost, lost_slope]);
            }
            return;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the table")]
        let cell = place as usize;
        let t = 2.0 * (place - cell as f64) - 1.0;
        let rows = &self.terms[cell * self.n_pairs * TERMS..(cell + 1) * self.n_pairs * TERMS];
        for (pair, rows) in rows.as_chunks::<TERMS>().0.iter().enumerate() {
            let (mut sum, mut slope) = (rows[TERMS - 1], [0.0; ROW]);
            for power in (0..TERMS - 1).rev() {
                for k in 0..ROW {
                    slope[k] = slope[k].fused(t, sum[k]);
                    sum[k] = sum[k].fused(t, rows[power][k]);
                }
            }
            for which in (0..PAIR).filter(|which| PAIR * pair + which < self.gates.len()) {
                let of = |k: usize| [sum[k], 2.0 * per_cell * slope[k]];
                each(PAIR * pair + which, of(which), of(PAIR + which));
            }
        }
    }

    #[cold]
    fn by_formula(&self, millivolts: f64, each: &mut dyn FnMut(usize, f64, f64)) {
        for (place, gate) in self.gates.iter().enumerate() {
            let (gain, lost) = step(gate, millivolts, self.dt);
            each(place, gain, lost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gating::library::LIBRARY;

    #[test]
    fn tables_keep_every_published_gate_to_what_they_promise() {
        for dt in [0.001, 0.01, 0.1] {
            for entry in LIBRARY {
                let gating = entry.gating(&[], None).unwrap();
                let tables = Tables::new(gating.gates(), dt);
                assert!(!tables.terms.is_empty(), "{} at {dt} ms", entry.name);
                for k in -1700..1700 {
                    let v = f64::from(k) * 0.1 + 0.0123;
                    tables.at(v, |gate, gain, lost| {
                        let exact = step(&gating.gates()[gate], v, dt);
                        let off = (gain - exact.0).abs().max((lost - exact.1).abs());
                        assert!(off < 1e-9 * exact.1, "{} at {v}: {gain} {lost}, {exact:?}", entry.name);
                    });
                    tables.slopes_at(v, |gate, gain, lost| {
                        let (of, by) = (|v: f64| step(&gating.gates()[gate], v, dt), 1e-3);
                        let (below, above) = (of(v - by), of(v + by));
                        for (slope, (a, b)) in [(gain[1], (below.0, above.0)), (lost[1], (below.1, above.1))] {
                            let difference = (b - a) / (2.0 * by);
                            let off = (slope - difference).abs();
                            assert!(off < 2e-6 * above.1, "{} at {v}: {slope}, {difference}", entry.name);
                        }
                    });
                }
            }
        }
    }

    #[test]
    fn side_by_side_or_one_by_one_is_the_same() {
        for entry in LIBRARY {
            let gating = entry.gating(&[], None).unwrap();
            let tables = Tables::new(gating.gates(), 0.01);
            // Within the tables, at a cell's edge, and two of them beyond.
            for millivolts in [[-150.0, -65.3, 20.0, 149.9], [-150.1, -65.3, 2.0, 150.0]] {
                let mut seen = 0;
                tables.each_at(millivolts, |gate, gains, losses| {
                    for (lane, v) in millivolts.into_iter().enumerate() {
                        tables.at(v, |of, gain, lost| {
                            assert!(
                                of != gate || (gain, lost) == (gains[lane], losses[lane]),
                                "{} at {v}",
                                entry.name
                            );
                        });
                    }
                    seen += 1;
                });
                assert_eq!(seen, gating.gates().len());
            }
        }
    }
}
