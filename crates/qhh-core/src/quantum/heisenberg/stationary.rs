//! Stationary response of one neuron whose conductances do not change.

use num_complex::Complex64;

use super::{MODES, ModeState, Wave};
use crate::circuit::{Circuit, MAX_PORTS};

/// What a circuit makes of a current and of waves at [`MODES`] frequencies, its channels with an admittance `g`.
///
/// ```text
/// Y V = I + sum_p 2 y_p A_p,    Y = g - i w C + sum_p y_p,    u_p = (V - 2 A_p)(1 - Z y_p)
/// ```
#[derive(Debug, Clone)]
pub struct Stationary {
    /// `1/Y`.
    over: Wave,
    /// By port: `2 y_p/Y` and `1 - Z y_p`.
    ports: [(Wave, Wave); MAX_PORTS],
    n_ports: usize,
    /// `i/w`: from voltage to flux.
    flux: Wave,
}

impl Stationary {
    /// Of a circuit at frequencies `omega` (rad/ms), with admittance `g` of its channels: their conductance, and what gates
    /// add that respond.
    pub fn new(circuit: &Circuit, omega: &[f64; MODES], g: &Wave) -> Self {
        // Admittances are written for e^{+iwt}: conjugate.
        let over = Wave::from_fn(|lane| (g.get(lane) + circuit.reactive_admittance(omega[lane]).conj()).inv());
        let mut ports = [(Wave::default(), Wave::default()); MAX_PORTS];
        for (of_port, (_, port)) in ports.iter_mut().zip(circuit.ports()) {
            let y = |lane: usize| port.admittance(omega[lane]).conj();
            *of_port = (
                Wave::from_fn(|lane| 2.0 * y(lane) * over.get(lane)),
                Wave::from_fn(|lane| 1.0 - port.impedance * y(lane)),
            );
        }
        // d phi/dt = V: -i w phi = V.
        let flux = Wave::from_fn(|lane| Complex64::new(0.0, 1.0 / omega[lane]));
        Self { over, ports, n_ports: circuit.ports().count(), flux }
    }

    /// The response to a current into the node and waves arriving at the ports.
    pub fn response(&self, current: Wave, arriving: &[Wave; MAX_PORTS]) -> ModeState {
        let mut state = ModeState::default();
        state.v.add_product(self.over, current);
        for ((into, _), arriving) in self.ports.iter().zip(arriving).take(self.n_ports) {
            state.v.add_product(*into, *arriving);
        }
        for (port, arriving) in arriving.iter().enumerate().take(self.n_ports) {
            let left = Wave { re: state.v.re - 2.0 * arriving.re, im: state.v.im - 2.0 * arriving.im };
            state.u[port].add_product(self.ports[port].1, left);
        }
        state.flux.add_product(self.flux, state.v);
        state
    }
}
