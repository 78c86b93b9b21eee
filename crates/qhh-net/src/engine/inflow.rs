//! What sources feed into a network, window by window: currents and wavepackets, the same for all blocks.

use qhh_core::source::{Current, Draws, NoiseWindow, Segment, Shape};

use crate::network::fed::SteppedDrive;
use crate::network::{Drive, Method, Network};

/// The sources of a network over one window of steps after another.
pub(crate) struct Inflow<'a> {
    network: &'a Network,
    drives: Vec<SteppedDrive<'a>>,
    /// Current of each source.
    pub(crate) currents: Vec<Currents>,
    /// Mean power wave of each wavepacket, at the start of the window and the end of each step; none of other sources.
    pub(crate) packets: Vec<Vec<f64>>,
}

impl<'a> Inflow<'a> {
    /// The sources of a network, before the first window.
    pub(crate) fn new(network: &'a Network) -> Self {
        let drives = network.sources.iter().map(|source| source.drive.on(network.grid())).collect();
        let n_sources = network.sources.len();
        Self {
            network,
            drives,
            currents: vec![Currents::default(); n_sources],
            packets: vec![Vec::new(); n_sources],
        }
    }

    /// Works out a window of `n_steps` steps from step `first` on.
    pub(crate) fn fill(&mut self, first: u64, n_steps: usize) {
        let simulation = &self.network.simulation;
        // The adiabatic method answers each source in closed form and needs no current step by step.
        let stepped = simulation.method == Method::Langevin;
        let sources = self.network.sources.iter().zip(&self.drives);
        for ((source, on), currents) in sources.zip(&mut self.currents).filter(|_| stepped) {
            currents.fill(&source.drive, on, first, n_steps);
        }
        let hbar = self.network.quantum.map_or(0.0, |quantum| quantum.hbar);
        for (source, waves) in self.network.sources.iter().zip(&mut self.packets) {
            let Drive::Packet(packet) = &source.drive else { continue };
            let times = (first..=first + n_steps as u64).map(|step| step as f64 * simulation.step);
            waves.clear();
            waves.extend(times.map(|time| packet.mean_at(hbar, time)));
        }
    }
}

/// Current of a source through a window.
#[derive(Debug, Clone, Default)]
pub(crate) struct Currents {
    /// Over each step.
    pub(crate) segments: Vec<Segment>,
    /// The one that all steps have, if they do and it is level.
    pub(crate) steady: Option<Segment>,
    /// Of a noise: its cells.
    pub(crate) noise: NoiseWindow,
    /// Whether it is on with other random numbers for each target. The segments are then empty of current.
    pub(crate) differs: bool,
}

impl Currents {
    /// Whether nothing is injected.
    pub(crate) fn is_silent(&self) -> bool {
        self.steady.is_some_and(|segment| segment.mean == 0.0)
    }

    pub(crate) fn fill(&mut self, drive: &Drive, on: &SteppedDrive<'_>, first: u64, n_steps: usize) {
        self.segments.clear();
        self.differs = false;
        match (drive, on) {
            (Drive::Current(Current { shape, .. }), SteppedDrive::Current(on))
                if matches!(shape, Shape::Noise { .. } | Shape::Train(_)) =>
            {
                self.segments.resize(n_steps, Segment::default());
                self.noise.fill(on, first, n_steps);
                match (shape, shape.draws()) {
                    (_, Some(Draws::Own(_))) => self.differs = on.touches(first, n_steps),
                    (Shape::Train(train), _) => on.add_train(train.draws.key(), first, n_steps, |step, part| {
                        self.segments[step].mean += part.mean;
                        self.segments[step].slope += part.slope;
                    }),
                    (_, draws) => {
                        let normal = |cell| draws.map_or(0.0, |draws| draws.normal(cell));
                        let cells = self.noise.cells.clone();
                        let values: Vec<f64> = cells.map(|cell| shape.noisy(normal(cell))).collect();
                        self.noise.add_to(&values, &mut self.segments);
                    }
                }
            }
            _ => self.segments.extend((first..first + n_steps as u64).map(|step| on.segment(step))),
        }
        let level = |segment: &Segment| segment.slope == 0.0 && segment.mean == self.segments[0].mean;
        self.steady = self.segments.iter().all(level).then(|| self.segments[0]);
    }
}
