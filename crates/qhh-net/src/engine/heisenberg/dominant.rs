//! The modes of an outgoing wave that hold most quanta, found from its correlation at two times.
//!
//! Where the state of a wave is wanted but the envelope is open, packets side by side span the envelopes on a carrier.
//! Between them `N_jk = <b_j* b_k>` (without the means) comes from the run, and the commutator `C_jk = [b_j, b_k*]` and the
//! vacuum's quanta `V_jk` are those of an open line ([`Packet::commutator`], [`Packet::vacuum_quanta`]). A mode
//! `b = sum c_j b_j` has `c* N c` quanta and the commutator `c* C^T c`: the modes wanted solve
//!
//! ```text
//! N c = quanta C^T c,    c* C^T c = 1
//! ```
//!
//! and are independent of one another. Combinations that turn nearly as fast as the carrier are left out: they are made of
//! creation operators as much as of annihilation operators, so that the vacuum itself has quanta in them, more than
//! [`COUNTER_ROTATING`]. Inside of a loop a wave is no open line's, and `C` is the run's as well.
//!
//! Ours; the modes of a quantized pulse so defined go back to the coherence matrix of optics (E. Wolf, J. Opt. Soc. Am.
//! 72, 343 (1982)).

use nalgebra::DMatrix;
use qhh_core::num_complex::Complex64;
use qhh_core::source::Packet;

use super::modes::ModeMoments;
use crate::network::{Network, OutputEnvelope};
use crate::outcome::StateMode;

/// Combinations of packets that are smaller than this, in units of the largest, are no modes of their own.
const SMALLEST: f64 = 1e-5;
/// Quanta that the vacuum may have in a mode. A single packet as fast as packets may be has 1.3e-3.
const COUNTER_ROTATING: f64 = 2e-3;

/// Packets that the modes of a network are made of, mode after mode.
pub(super) fn packets(network: &Network) -> Vec<(usize, Packet)> {
    let of = |(place, mode): (usize, &crate::network::OutputMode)| {
        mode.envelope.packets().into_iter().map(move |packet| (place, packet))
    };
    network.modes.iter().enumerate().flat_map(of).collect()
}

/// The modes as combinations of the packets: a row for each mode, a column for each packet.
///
/// `open` says that waves leave as on open lines.
pub(super) fn combine(
    network: &Network,
    moments: &ModeMoments,
    open: bool,
) -> (DMatrix<Complex64>, Vec<StateMode>) {
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
                let between = |of: fn(&Packet, &Packet) -> Complex64| {
                    DMatrix::from_fn(n, n, |j, k| of(&packets[j], &packets[k]))
                };
                let commutator = if open { between(Packet::commutator) } else { own(&moments.commutator) };
                let vacuum = between(Packet::vacuum_quanta);
                let found = dominant(&own(&moments.n), &commutator, &vacuum, search.count);
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
fn dominant(
    n: &DMatrix<Complex64>,
    commutator: &DMatrix<Complex64>,
    vacuum: &DMatrix<Complex64>,
    count: usize,
) -> Vec<(f64, Vec<Complex64>)> {
    let hermitian = |matrix: DMatrix<Complex64>| (&matrix + matrix.adjoint()) * Complex64::from(0.5);
    let scaled = |columns: DMatrix<Complex64>, squares: &[f64]| {
        DMatrix::from_fn(columns.nrows(), columns.ncols(), |row, column| {
            columns[(row, column)] / squares[column].sqrt()
        })
    };
    // Annihilation and creation operators together: what is small in both is no mode.
    let size = hermitian(commutator.transpose() + vacuum * Complex64::from(2.0)).symmetric_eigen();
    let largest = size.eigenvalues.max();
    let (kept, squares): (Vec<usize>, Vec<f64>) =
        size.eigenvalues.iter().copied().enumerate().filter(|(_, square)| *square > SMALLEST * largest).unzip();
    let basis = scaled(size.eigenvectors.select_columns(&kept), &squares);
    // With part v of creation operators, the commutator is 1 - 2v and the vacuum's quanta are v/(1 - 2v).
    let created = hermitian(basis.adjoint() * vacuum * &basis).symmetric_eigen();
    let (kept, squares): (Vec<usize>, Vec<f64>) = created
        .eigenvalues
        .iter()
        .map(|part| 1.0 - 2.0 * part)
        .enumerate()
        .filter(|(_, commutator)| 0.5 * (1.0 - commutator) < COUNTER_ROTATING * commutator)
        .unzip();
    let basis = scaled(basis * created.eigenvectors.select_columns(&kept), &squares);
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
