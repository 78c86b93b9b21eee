//! The modes of an outgoing wave that hold most quanta, found from its correlation at two times.
//!
//! Where the state of a wave is asked for but not in which envelope, packets side by side span the envelopes on a
//! carrier, and the two-time correlation becomes the matrices `N_jk = <b_j* b_k>` (without the means) and
//! `C_jk = [b_j, b_k*]` between them. A mode `b = sum c_j b_j` has `c* N c` quanta and the commutator `c* C^T c`: the
//! modes wanted solve
//!
//! ```text
//! N c = quanta C^T c,    c* C^T c = 1
//! ```
//!
//! and are independent of one another. Ours; the modes of a quantized pulse so defined go back to the coherence matrix of
//! optics (E. Wolf, J. Opt. Soc. Am. 72, 343 (1982)).

use nalgebra::DMatrix;
use qhh_core::num_complex::Complex64;
use qhh_core::source::Packet;

use super::modes::ModeMoments;
use crate::network::{Network, OutputEnvelope};
use crate::record::StateMode;

/// Combinations of packets whose commutator is below this, in units of the largest, are no modes of their own.
const SMALLEST: f64 = 1e-6;

/// Packets that the modes of a network are made of, mode after mode.
pub(super) fn packets(network: &Network) -> Vec<(usize, Packet)> {
    let of = |(place, mode): (usize, &crate::network::OutputMode)| {
        mode.envelope.packets().into_iter().map(move |packet| (place, packet))
    };
    network.modes.iter().enumerate().flat_map(of).collect()
}

/// The modes as combinations of the packets: a row for each mode, a column for each packet.
pub(super) fn combine(network: &Network, moments: &ModeMoments) -> (DMatrix<Complex64>, Vec<StateMode>) {
    let n_packets = moments.n.nrows();
    let mut rows: Vec<Vec<Complex64>> = Vec::new();
    let mut modes = Vec::new();
    let mut first = 0;
    for mode in &network.modes {
        let mut add = |name: String, packets: &[Packet], combination: &[Complex64], quanta: Option<f64>| {
            let mut row = vec![Complex64::ZERO; n_packets];
            row[first..first + packets.len()].copy_from_slice(combination);
            rows.push(row);
            modes.push(StateMode {
                name,
                neuron: mode.neuron,
                port: mode.port,
                carrier: packets[0].carrier,
                width: packets[0].width,
                parts: packets.iter().zip(combination).map(|(packet, c)| (packet.centre, *c)).collect(),
                quanta,
            });
        };
        match &mode.envelope {
            OutputEnvelope::Packet(packet) => {
                add(mode.name.clone(), &[*packet], &[Complex64::ONE], None);
                first += 1;
            }
            OutputEnvelope::Dominant(search) => {
                let packets = search.packets();
                let n = packets.len();
                let own = |matrix: &DMatrix<Complex64>| matrix.view((first, first), (n, n)).into_owned();
                let found = dominant(&own(&moments.n), &own(&moments.commutator), search.count);
                for (name, (quanta, combination)) in mode.names().into_iter().zip(&found) {
                    add(name, &packets, combination, Some(*quanta));
                }
                first += n;
            }
        }
    }
    let matrix = DMatrix::from_fn(rows.len(), n_packets, |row, column| rows[row][column]);
    (matrix, modes)
}

/// The combinations with the most quanta, at most `count`, each with how many it holds.
fn dominant(n: &DMatrix<Complex64>, commutator: &DMatrix<Complex64>, count: usize) -> Vec<(f64, Vec<Complex64>)> {
    let hermitian = |matrix: DMatrix<Complex64>| (&matrix + matrix.adjoint()) * Complex64::from(0.5);
    let overlap = hermitian(commutator.transpose()).symmetric_eigen();
    let largest = overlap.eigenvalues.max();
    let kept: Vec<usize> =
        (0..overlap.eigenvalues.len()).filter(|&k| overlap.eigenvalues[k] > SMALLEST * largest).collect();
    // Columns of unit commutator, independent of one another.
    let mut basis = overlap.eigenvectors.select_columns(&kept);
    for (column, &k) in kept.iter().enumerate() {
        let scale = Complex64::from(overlap.eigenvalues[k].sqrt().recip());
        basis.column_mut(column).iter_mut().for_each(|z| *z *= scale);
    }
    let within = hermitian(basis.adjoint() * n * &basis).symmetric_eigen();
    let mut order: Vec<usize> = (0..kept.len()).collect();
    order.sort_by(|&a, &b| within.eigenvalues[b].total_cmp(&within.eigenvalues[a]));
    order.truncate(count);
    let found = |k: usize| {
        let combination = &basis * within.eigenvectors.column(k);
        // The phase of a mode is free: the largest part is real.
        let head = combination.iter().copied().max_by(|a, b| a.norm_sqr().total_cmp(&b.norm_sqr()));
        let turn = head.map_or(Complex64::ONE, |z| z.conj() / z.norm());
        (within.eigenvalues[k], combination.iter().map(|z| z * turn).collect())
    };
    order.into_iter().map(found).collect()
}
