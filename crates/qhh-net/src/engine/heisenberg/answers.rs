//! What one circuit answers at a complex frequency: its voltage and what leaves its ports.
//!
//! Written for `e^{-iwt}`. Above the real axis what happened long ago counts less, below it counts more.

use qhh_core::circuit::{Circuit, MAX_PORTS};
use qhh_core::num_complex::Complex64;

/// A circuit at a complex frequency and a given admittance of its channels there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answers {
    /// Admittance of the whole circuit.
    pub(crate) whole: Complex64,
    /// Admittance `y` of each port, and `y Z`.
    ports: [(Complex64, Complex64); MAX_PORTS],
}

impl Answers {
    pub(crate) fn new(circuit: &Circuit, g: Complex64, omega: Complex64) -> Self {
        let turn = -Complex64::I * omega;
        let mut answers = Self {
            whole: turn * circuit.capacitance + circuit.sense_conductance() + g,
            ports: Default::default(),
        };
        for ((_, port), at) in circuit.ports().zip(&mut answers.ports) {
            let capacitor = turn * port.capacitance;
            let admittance = capacitor / (1.0 + capacitor * port.impedance);
            answers.whole += admittance;
            *at = (admittance, admittance * port.impedance);
        }
        answers
    }

    /// The voltage for a wave of size 1 that arrives at a port.
    pub(crate) fn voltage(&self, slot: usize) -> Complex64 {
        2.0 * self.ports[slot].0 / self.whole
    }

    /// What leaves a port for a voltage of 1, and for a wave of size 1 that arrives there: `B = Z y V + (1 - 2 Z y) A`.
    pub(crate) fn leaving(&self, slot: usize) -> (Complex64, Complex64) {
        let part = self.ports[slot].1;
        (part, 1.0 - 2.0 * part)
    }
}
