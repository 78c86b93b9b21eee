//! Covariances of recorded quantities that are linear in the fields: voltages, and waves at the ports.
//!
//! With `X_i = <X_i> + sum_p int dw [u_ip(w, t) a_p(w) + h.c.]`, `Cov(X_i, X_j) = sum_p int dw Re(u_ip u_jp*)` in the
//! strengths of the fields, and `2 Re(n u_i* u_j + m u_i u_j)` of a source's mode. Gates follow the mean: they have no
//! fluctuations of this order, and a channel's current has those of the voltage, times its conductance.

use std::ops::Range;

use qhh_core::circuit::PortRole;
use qhh_core::integrate::lanes::Lanes;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::heisenberg::{MODES, ModeState, Propagator, Wave};

use super::graph::ModeGraph;
use super::task::Arriving;
use crate::network::{Network, Observable};

/// One quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantity {
    pub(super) neuron: usize,
    pub(super) node: usize,
    pub(super) observable: Observable,
    /// The port of a wave.
    slot: usize,
}

/// Quantities by neuron.
#[derive(Debug, Default)]
pub(super) struct Quantities {
    pub(super) list: Vec<Quantity>,
}

impl Quantities {
    /// Place among `nodes` of the node whose voltage a quantity is; none if it is a wave.
    pub(super) fn voltage_among(&self, quantity: usize, nodes: &[usize]) -> Option<usize> {
        let of = self.list[quantity];
        nodes.iter().position(|&node| node == of.node).filter(|_| of.observable == Observable::Voltage)
    }

    /// Those a network records; none where it asks for no covariances.
    pub(super) fn new(network: &Network, graph: &ModeGraph) -> Self {
        if network.record.covariance { Self::recorded(network, graph) } else { Self::default() }
    }

    /// All that a network records.
    fn recorded(network: &Network, graph: &ModeGraph) -> Self {
        let mut list = Vec::new();
        for &neuron in &network.record.neurons {
            let Some(node) = graph.node_of(neuron) else { continue };
            let slot_of =
                |wanted: PortRole| graph.nodes[node].circuit.ports().position(|(role, _)| role == wanted);
            for &observable in &network.record.observables {
                let slot = match observable {
                    Observable::Voltage => Some(0),
                    Observable::WaveOut | Observable::WaveEcho => slot_of(PortRole::Output),
                    Observable::WaveIn | Observable::WaveBack => slot_of(PortRole::Input(0)),
                    _ => None,
                };
                list.extend(slot.map(|slot| Quantity { neuron, node, observable, slot }));
            }
        }
        Self { list }
    }

    /// The waves whose noise budget a network records.
    pub(super) fn in_budget(network: &Network, graph: &ModeGraph) -> Self {
        let mut waves = if network.record.noise_budget { Self::recorded(network, graph) } else { Self::default() };
        waves.list.retain(|quantity| quantity.observable != Observable::Voltage);
        waves
    }

    /// Whether there are no waves among them.
    pub(super) fn only_voltages(&self) -> bool {
        self.list.iter().all(|quantity| quantity.observable == Observable::Voltage)
    }

    /// Places of those at nodes in reach, ascending.
    pub(super) fn within(&self, reach: &[usize]) -> Vec<usize> {
        (0..self.list.len()).filter(|&place| reach.contains(&self.list[place].node)).collect()
    }

    /// Every pair once, a quantity with itself included: the first, then the first and second of the second, ..
    pub(super) fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
        (0..n).flat_map(|i| (0..=i).map(move |j| (i, j)))
    }
}

impl Quantity {
    /// The quantity in a state of its node.
    pub(super) fn value(&self, state: &ModeState, arriving: Arriving<'_>) -> Wave {
        match self.observable {
            Observable::Voltage => state.v,
            Observable::WaveOut | Observable::WaveBack => {
                Propagator::leaving(state, self.slot, arriving.at(self.slot))
            }
            _ => arriving.at(self.slot),
        }
    }
}

/// Sums of one task over its lines and frequencies.
pub(super) struct PairSums<'a> {
    quantities: &'a Quantities,
    /// Places of the quantities in reach.
    pub(super) reached: Vec<usize>,
    n_lines: usize,
    n_looks: usize,
    /// Looks of the window at hand, and the values there: `[look][line][quantity in reach]`.
    window: Range<usize>,
    values: Vec<Wave>,
    /// `[pair of those in reach][look]`.
    pub(super) sums: Vec<f64>,
    /// The same sums with the weights that tell what the frequencies miss.
    pub(super) null: Vec<[f64; 2]>,
}

impl<'a> PairSums<'a> {
    pub(super) fn new(quantities: &'a Quantities, reach: &[usize], n_lines: usize, n_looks: usize) -> Self {
        let reached = quantities.within(reach);
        let n_pairs = reached.len() * (reached.len() + 1) / 2;
        Self {
            quantities,
            n_lines,
            n_looks,
            window: 0..0,
            values: Vec::new(),
            sums: vec![0.0; n_pairs * n_looks],
            null: vec![[0.0; 2]; n_pairs * n_looks],
            reached,
        }
    }

    /// Makes room for the looks of a window.
    pub(super) fn open(&mut self, looks: Range<usize>) {
        self.values.clear();
        self.values.resize(looks.len() * self.n_lines * self.reached.len(), Wave::default());
        self.window = looks;
    }

    pub(super) fn look(
        &mut self,
        node: usize,
        line: usize,
        look: usize,
        state: &ModeState,
        arriving: Arriving<'_>,
    ) {
        let first = ((look - self.window.start) * self.n_lines + line) * self.reached.len();
        for (at, &place) in self.reached.iter().enumerate() {
            let quantity = &self.quantities.list[place];
            if quantity.node == node {
                self.values[first + at] = quantity.value(state, arriving);
            }
        }
    }

    /// Adds the window up. By line: its strength, the field's energy at each frequency, and what stands in the energy's place
    /// in the sums that tell what the frequencies miss.
    pub(super) fn close(&mut self, of_line: impl Fn(usize) -> (f64, Lanes<MODES>, [Lanes<MODES>; 2])) {
        let n = self.reached.len();
        if n == 0 {
            return;
        }
        for (number, values) in self.values.chunks_exact(n).enumerate() {
            let (look, line) = (self.window.start + number / self.n_lines, number % self.n_lines);
            let (strength, energy, null) = of_line(line);
            for (pair, (i, j)) in Quantities::pairs(n).enumerate() {
                let (a, b) = (values[i], values[j]);
                let together = a.re * b.re + a.im * b.im;
                let sum = |energy: Lanes<MODES>| strength * (together * energy).0.iter().sum::<f64>();
                let place = pair * self.n_looks + look;
                self.sums[place] += sum(energy);
                self.null[place].iter_mut().zip(null).for_each(|(part, energy)| *part += sum(energy));
            }
        }
    }
}

/// Adds what `each` makes of the responses to sources' modes s and t to each pair: `[pair][look]`, from the responses
/// `[quantity][look]` back from the rotating frame. Of moments `n` and `m` that is `2 Re(n u_s* u_t + m u_s u_t)`.
pub(super) fn add_mode(
    sums: &mut [Vec<f64>],
    (of_s, of_t): (&[Complex64], &[Complex64]),
    n_looks: usize,
    each: impl Fn(Complex64, Complex64) -> f64,
) {
    let n_quantities = of_s.len() / n_looks.max(1);
    for (pair, (i, j)) in Quantities::pairs(n_quantities).enumerate() {
        for (look, sum) in sums[pair].iter_mut().enumerate() {
            let (a, b) = (of_s[i * n_looks + look], of_t[j * n_looks + look]);
            *sum += each(a, b);
        }
    }
}
