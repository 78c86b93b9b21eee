//! What the modes of quantum sources add to samples: amplitudes drawn from their states, in place of what the line of a
//! packet has of its mode itself.

use std::ops::Range;

use qhh_core::integrate::lanes::LANES;
use qhh_core::nalgebra::{DMatrix, DVector};
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::sampled::NoiseSynthesizer;
use qhh_core::quantum::{Gaussian, State};
use qhh_core::source::{ModeSource, Segment};

use super::fields::FieldPlace;
use super::noise::Noise;
use super::task::{Injected, Task};
use crate::network::{Drive, PacketSource, random};

/// Amplitudes of a mode in each sample, in its state and in vacuum: as near to one another as may be.
#[derive(Debug, Clone, Copy, Default)]
struct Drawn {
    state: [Complex64; LANES],
    vacuum: [Complex64; LANES],
}

impl Task<'_> {
    /// What the modes of quantum sources add to each sample.
    pub(super) fn injected(&self, painter: &mut NoiseSynthesizer, painted: &mut [f32]) -> Vec<Injected> {
        let plan = self.plan;
        let network = plan.network;
        let mut injected = Vec::new();
        // Sources of one joint state are drawn together.
        let mut joint_draws: Vec<Option<Drawn>> = vec![None; network.sources.len()];
        let mut states: Vec<_> = network.states.iter().collect();
        states.sort_by(|a, b| a.name.cmp(&b.name));
        for joint in states {
            let stream = random::hash(&format!("quantum.samples.states.{}", joint.name));
            for (source, drawn) in joint.sources.iter().zip(self.draw(&joint.state, stream, painter)) {
                joint_draws[*source] = Some(drawn);
            }
        }
        for (at, source) in network.sources_by_name() {
            let Some(state) = source.drive.state() else { continue };
            for (place, neuron) in source.targets.iter().enumerate() {
                let Some(node) = plan.graph.node_of(neuron) else { continue };
                let drawn = joint_draws[at].unwrap_or_else(|| {
                    let gaussian = Gaussian::of(state).expect("checked to be Gaussian");
                    // A mode of its own for each neuron's line, one for all that a current feeds.
                    let mut name = format!("quantum.samples.sources.{}", source.name);
                    if matches!(source.drive, Drive::Packet(_)) {
                        name = format!("{name}.{}", network.neuron_name(neuron));
                    }
                    self.draw(&gaussian, random::hash(&name), painter)[0]
                });
                match &source.drive {
                    Drive::Packet(packet) => {
                        injected.extend(self.packet(packet, node, &drawn, (painter, painted)));
                    }
                    Drive::Mode(mode) => {
                        let factor = source.factor(place, network.simulation.seed_of_structure());
                        let (currents, amplitudes) = (self.current(mode, factor), drawn.state);
                        injected.push(Injected { node, slot: None, waves: Vec::new(), currents, amplitudes });
                    }
                    Drive::Current(_) => {}
                }
            }
        }
        injected
    }

    /// Amplitudes of a state's modes in each sample, by mode.
    fn draw(&self, state: &Gaussian, stream: u64, painter: &mut NoiseSynthesizer) -> Vec<Drawn> {
        let modes = state.modes();
        let root = square_root(state.covariance());
        let mut drawn = vec![Drawn::default(); modes];
        for lane in 0..LANES {
            let normals = painter.normals(&mut self.stream(stream, lane), modes);
            let normals =
                DVector::from_iterator(2 * modes, normals.iter().flat_map(|z| [f64::from(z.re), f64::from(z.im)]));
            let quadratures = state.mean() + &root * &normals;
            for (mode, drawn) in drawn.iter_mut().enumerate() {
                let of = |values: &DVector<f64>| Complex64::new(values[2 * mode], values[2 * mode + 1]);
                drawn.state[lane] = of(&quadratures) * std::f64::consts::FRAC_1_SQRT_2;
                drawn.vacuum[lane] = of(&normals) * 0.5;
            }
        }
        drawn
    }

    /// Currents of a mode of amplitude 1 and i.
    fn current(&self, mode: &ModeSource, factor: f64) -> Vec<[Segment; 2]> {
        let grid = self.plan.network.grid();
        let with = |alpha: Complex64| ModeSource { state: State::Coherent(alpha), ..mode.clone() };
        let (one, i) = (with(Complex64::ONE), with(Complex64::I));
        let scaled = |segment: Segment| Segment { mean: factor * segment.mean, slope: factor * segment.slope };
        (0..self.plan.n_steps)
            .map(|step| [&one, &i].map(|mode| scaled(mode.on(grid).segment(step as u64))))
            .collect()
    }

    /// A noise in some steps.
    fn stretch(
        &self,
        field: usize,
        steps: Range<usize>,
        painter: &mut NoiseSynthesizer,
        painted: &mut [f32],
    ) -> Vec<[f32; LANES]> {
        let blocks = &self.plan.fields.blocks;
        let mut noise = Noise::new(blocks, 0);
        let mut rows = Vec::with_capacity(steps.len());
        let first = steps.start / blocks.hop;
        for block in first.saturating_sub(1).. {
            let begin = block * blocks.hop;
            if begin >= steps.end {
                break;
            }
            self.paint(field, block, painter, painted);
            noise.fill(blocks, block, painted);
            if block >= first {
                let (from, to) = (steps.start.max(begin), steps.end.min(begin + blocks.hop));
                rows.extend_from_slice(&noise.from(from, 0)[..to - from]);
            }
        }
        rows
    }

    /// A packet in place of what its line has of the mode.
    ///
    /// The mode's amplitude in the noise is taken out, in which quanta of all frequencies of the spectrum count alike, and
    /// vacuum put in its place: both as the line's wave, which counts them with `sqrt w`. The state is what the wave of the
    /// packet adds to that, so that a packet in vacuum on a cold line changes nothing.
    fn packet(
        &self,
        source: &PacketSource,
        node: usize,
        drawn: &Drawn,
        (painter, painted): (&mut NoiseSynthesizer, &mut [f32]),
    ) -> Vec<Injected> {
        let plan = self.plan;
        let Some((slot, port)) = source.port_of(&plan.graph.nodes[node].circuit) else { return Vec::new() };
        let (dt, hbar, packet) = (plan.network.simulation.step, plan.quantum.hbar, source.packet);
        let mean = |t: f64, alpha| packet.mean_at(t, alpha, hbar, port.impedance);
        let waves =
            (0..=plan.n_steps).map(|step| [Complex64::ONE, Complex64::I].map(|a| mean(step as f64 * dt, a)));
        let injected =
            |waves, amplitudes| Injected { node, slot: Some(slot), waves, currents: Vec::new(), amplitudes };
        let mut of_state = injected(waves.collect(), drawn.state);
        let size = packet.wave(hbar, port.impedance);
        let own = plan.fields.list.iter().position(|field| field.at == FieldPlace::Port { node, slot });
        let Some(own) = own.filter(|_| size > 0.0) else { return vec![of_state] };
        let steps = packet.reach(dt, plan.n_steps);
        let band = (Bath::LEAST * packet.carrier, plan.quantum.cutoff);
        let weights = |omega: f64| [(packet.carrier / omega).sqrt(), (omega / packet.carrier).sqrt()];
        let envelopes = packet.weighted(band, weights, dt, steps.clone());
        let mut amplitudes = drawn.vacuum;
        let mut waves = vec![[0.0; 2]; plan.n_steps + 1];
        let noise = self.stretch(own, plan.before + steps.start..plan.before + steps.end, painter, painted);
        for ((step, [seen, sent]), noise) in steps.zip(envelopes).zip(noise) {
            let back = Complex64::from_polar(1.0, -packet.carrier * step as f64 * dt);
            let turned = (seen * back).conj() * dt / size;
            for (amplitude, value) in amplitudes.iter_mut().zip(noise) {
                *amplitude -= turned * f64::from(value);
            }
            let wave = 2.0 * size * sent * back;
            waves[step] = [wave.re, -wave.im];
        }
        of_state.amplitudes.iter_mut().zip(drawn.vacuum).for_each(|(sum, vacuum)| *sum -= vacuum);
        vec![of_state, injected(waves, amplitudes)]
    }
}

/// A symmetric root of a covariance matrix.
fn square_root(covariance: &DMatrix<f64>) -> DMatrix<f64> {
    let eigen = covariance.clone().symmetric_eigen();
    let roots = DMatrix::from_diagonal(&eigen.eigenvalues.map(|value| value.max(0.0).sqrt()));
    &eigen.eigenvectors * roots * eigen.eigenvectors.transpose()
}
