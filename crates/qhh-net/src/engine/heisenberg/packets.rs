//! Wavepackets on lines that are warm: what a state takes the place of.
//!
//! A packet's mode `a = int xi(w)* a(w) dw` is in its state and shares nothing with the rest of its line, whatever the
//! temperature. With `n(w)` the line's thermal quanta and `P` the projector on the mode, `(1 - P) n (1 - P)` of them is
//! left beside the state. To what a quantity takes from the line by `K(w)`, `int n |K|^2`, that adds
//!
//! ```text
//! -2 Re(u* v) + n_th |u|^2,   u = int K xi,   v = int K n xi,   n_th = int n |xi|^2
//! ```
//!
//! `u` is the response to the mode and `v` that to the mode with its spectrum weighted by `n(w)`: `n_th u` for a packet so
//! narrow that `n(w)` is one number, and the sum `-n_th |u|^2`. Packets on one line are taken for modes of their own.

use std::ops::Range;
use std::sync::Arc;

use nalgebra::DMatrix;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::heisenberg::Wave;
use qhh_core::source::Packet;

use super::modes::ModeMoments;
use super::pairs::add_mode;
use crate::outcome::add_states;

/// Waves that are followed beside one another, by lane.
pub(super) const FOLLOWED: usize = 4;
/// Lane of the wave that the state moves, `xi(t)`.
pub(super) const STATED: usize = 0;
/// The same with the spectrum weighted by `n(w)`.
const WARMED: usize = 1;
/// Lane of the wave of the line's mode, in which quanta count with `sqrt(w/w0)`, and weighted so.
const LINE: usize = 2;
const LINE_WARMED: usize = 3;

/// A packet's waves at the steps of a run.
#[derive(Debug)]
pub(crate) struct PacketWaves {
    packet: Packet,
    dt: f64,
    first: usize,
    /// The lanes after [`STATED`], by step; empty on a cold line.
    rows: Vec<[Complex64; FOLLOWED - 1]>,
}

impl PacketWaves {
    pub(super) fn new(packet: Packet, bath: Bath, dt: f64, n_steps: usize) -> Arc<Self> {
        let steps = packet.reach(dt, n_steps);
        let first = steps.start;
        let weights = |omega: f64| {
            let (quanta, wave) = (bath.quanta(omega), (omega / packet.carrier).sqrt());
            [quanta, wave, wave * quanta]
        };
        let band = (Bath::LEAST * packet.carrier, bath.cutoff);
        let rows = if bath.thermal_energy > 0.0 { packet.weighted(band, weights, dt, steps) } else { Vec::new() };
        Arc::new(Self { packet, dt, first, rows })
    }

    /// At the start of a step.
    pub(super) fn at(&self, step: usize) -> Wave {
        let stated = Complex64::from(self.packet.at(step as f64 * self.dt));
        let row = step.checked_sub(self.first).and_then(|place| self.rows.get(place));
        Wave::from_fn(|lane| match lane.checked_sub(1) {
            None => stated,
            Some(place) => row.and_then(|row| row.get(place)).copied().unwrap_or_default(),
        })
    }
}

/// What quantities make of the waves that are followed, `[quantity][look]` each; on a cold line of the first alone.
pub(super) type Followed = [Vec<Complex64>; FOLLOWED];

/// Coefficients of outgoing modes in the same.
pub(super) type Several = [Vec<(Complex64, Complex64)>; FOLLOWED];

/// Those of one quantity.
pub(super) fn of_one(values: &Followed, looks: Range<usize>) -> [&[Complex64]; FOLLOWED] {
    values.each_ref().map(|values| values.get(looks.clone()).unwrap_or_default())
}

/// What a state changes a variance by at each look, taking the place of thermal quanta; from the responses of one quantity.
pub(super) fn replaced(quanta: f64, values: &[impl AsRef<[Complex64]>; FOLLOWED]) -> Vec<f64> {
    if quanta == 0.0 {
        return vec![0.0; values[STATED].as_ref().len()];
    }
    let pairs = values[LINE].as_ref().iter().zip(values[LINE_WARMED].as_ref());
    pairs.map(|(u, v)| 2.0 * (quanta * u.norm_sqr() - 2.0 * (u.conj() * v).re)).collect()
}

/// Adds the same to covariances, `[pair][look]`.
pub(super) fn replace(sums: &mut [Vec<f64>], quanta: f64, values: &Followed, n_looks: usize) {
    if quanta == 0.0 {
        return;
    }
    let (u, v) = (&values[LINE], &values[LINE_WARMED]);
    add_mode(sums, (u, v), n_looks, |u, v| -2.0 * (u.conj() * v).re);
    add_mode(sums, (v, u), n_looks, |v, u| -2.0 * (v.conj() * u).re);
    add_mode(sums, (u, u), n_looks, |a, b| 2.0 * quanta * (a.conj() * b).re);
}

/// Adds the same to moments of outgoing modes, by their coefficients.
pub(super) fn replace_in_modes(moments: &mut ModeMoments, quanta: f64, modes: &Several) {
    if quanta != 0.0 {
        let of = DMatrix::from_row_slice(2, 2, &[quanta, -1.0, -1.0, 0.0].map(Complex64::from));
        let none = DMatrix::zeros(2, 2);
        add_states(&mut moments.n, &mut moments.m, &[&modes[STATED], &modes[WARMED]], (&of, &none));
    }
}
