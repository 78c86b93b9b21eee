//! By how much waves can grow: the largest singular value of the scattering matrix in power waves.
//!
//! Power iteration on `S^T S`, matrix-free, the waves of ports at other ranks brought from there. Bits do not depend on the
//! number of ranks: what arrives at a port is added up in the order of its arms, norms are made block by block, and what comes
//! back to a port is added up in whole multiples of 2^-61 of the most that it can be, which is exact in any order.

use qhh_core::stop;

use super::Coupling;
use super::scattering::{Impedances, PortAt, Rows, for_each_row, n_ports};
use crate::network::Network;
use crate::ranks::Ranks;

/// Steps of the power iteration at most: it converges from below, to a part in a thousand or better.
const ITERATIONS: usize = 40;

/// Part of itself by which the singular value still changes when it has converged.
const SETTLED: f64 = 1e-13;

/// The most that can come back to a port is half of what 63 bits hold.
const RANGE: f64 = (1_u64 << 61) as f64;

impl Coupling {
    /// Largest singular value of the matrix in power waves, to about a part in a thousand, from below; and the port that a
    /// wave of the largest growth leaves through most. All ranks call this together, and have the same answer.
    pub(crate) fn largest_singular_value(&self, network: &Network, ranks: &dyn Ranks) -> (f64, Option<PortAt>) {
        let Self { scattering, .. } = self;
        if scattering.facts.n_arms == 0 {
            return (0.0, None);
        }
        let (arms, border) = (&scattering.arms, &scattering.border);
        let (own, sending) = (border.own_rows(), border.sending());
        let mut out = vec![1.0; border.n_rows()];
        self.roots(network, &scattering.senders, &mut out[own.clone()]);
        border.share(ranks, &mut out);
        let mut into = vec![1.0; scattering.n_receivers];
        self.roots(network, &scattering.receivers, &mut into);
        // No singular value is above the root of what an arm hands on at most: splitters and combiners are contractions.
        let unit = RANGE / 2.0_f64.powf(scattering.facts.largest_power.clamp(1e-200, 1e200).log2().ceil());
        // The first vector has something of every port, and no symmetry that could hide the largest one.
        let mut wave: Vec<f64> = sending.map(|row| 1.0 + 0.1 * ((row * 7919) % 101) as f64 / 101.0).collect();
        let (mut sent, mut value) = (vec![0.0; border.n_rows()], 0.0);
        for _ in 0..ITERATIONS {
            let size = self.norm(&scattering.senders, &wave, ranks);
            if size == 0.0 {
                return (0.0, None);
            }
            for ((wave, sent), out) in wave.iter_mut().zip(&mut sent[own.clone()]).zip(&out[own.clone()]) {
                *wave /= size;
                *sent = *wave * out;
            }
            border.share(ranks, &mut sent);
            let mut arrived = vec![0.0; scattering.n_receivers];
            let mut back = vec![0_i64; border.n_rows()];
            for (row, (arrived, into)) in arrived.iter_mut().zip(&into).enumerate() {
                stop::check();
                let arm = |k: usize| arms.amplitudes()[k] * sent[arms.senders()[k] as usize];
                *arrived = arms.of(row).map(arm).sum::<f64>() / into;
                let returned = *arrived / into * unit;
                for k in arms.of(row) {
                    let s = arms.senders()[k] as usize;
                    #[expect(clippy::cast_possible_truncation, reason = "to a whole number of units")]
                    let part = (arms.amplitudes()[k] * out[s] * returned) as i64;
                    back[s] += part;
                }
            }
            border.collect(ranks, &mut back, |own, more| own + more);
            let before = std::mem::replace(&mut value, self.norm(&scattering.receivers, &arrived, ranks));
            wave = back[own.clone()].iter().map(|units| *units as f64 / unit).collect();
            if (value - before).abs() <= SETTLED * value {
                break;
            }
        }
        (value, self.loudest(&wave, ranks))
    }

    /// Roots of the impedances of the ports of some rows.
    fn roots(&self, network: &Network, rows: &[Rows], roots: &mut [f64]) {
        let impedances = Impedances::new(network);
        for_each_row(rows, &self.layout, self.blocks.start, |row, port| roots[row] = impedances.at(port).sqrt());
    }

    /// Root of the sum of squares over the rows of all ranks.
    fn norm(&self, rows: &[Rows], values: &[f64], ranks: &dyn Ranks) -> f64 {
        let mut rest = values;
        let of_blocks: Vec<f64> = self
            .blocks
            .clone()
            .zip(rows)
            .map(|(block, rows)| {
                let (own, more) = rest.split_at(n_ports(rows) * self.layout.len(block));
                rest = more;
                own.iter().map(|x| x * x).sum()
            })
            .collect();
        ranks.along(0.0, |sum: f64| of_blocks.into_iter().fold(sum, |sum, of_block| sum + of_block)).sqrt()
    }

    /// The port of the largest of the values of sending rows, the last of several.
    fn loudest(&self, wave: &[f64], ranks: &dyn Ranks) -> Option<PortAt> {
        let own = (0..wave.len()).max_by(|&a, &b| wave[a].abs().total_cmp(&wave[b].abs()));
        let mut at = None;
        for_each_row(&self.scattering.senders, &self.layout, self.blocks.start, |row, port| {
            if Some(row) == own {
                at = Some((wave[row].abs(), port.neuron, port.slot));
            }
        });
        let most = ranks.along(None, |below: Option<(f64, usize, usize)>| match (below, at) {
            (Some(below), Some(own)) if own.0 < below.0 => Some(below),
            (below, own) => own.or(below),
        });
        most.map(|(_, neuron, slot)| PortAt { neuron, slot })
    }
}
