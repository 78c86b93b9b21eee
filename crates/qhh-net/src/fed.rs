//! What is fed into a neuron: each source with its factor and, of a noise, with the neuron's own numbers.

use std::borrow::Cow;

use qhh_core::source::{Current, Normals, Segment, Shape, SteppedCurrent, SteppedMode};
use qhh_core::time_grid::TimeGrid;

use crate::network::{Drive, Network, Source};
use crate::random;

/// A source as one neuron is fed by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fed<'a> {
    /// The source.
    pub source: &'a Source,
    /// Factor on its current.
    pub factor: f64,
    /// What is fed, factor aside: the source's drive, where a noise that is not shared has this neuron's numbers.
    pub drive: Cow<'a, Drive>,
}

impl Network {
    /// All sources with their places, in the order of their names. Sums and random streams go by it, so that the order of
    /// the file changes nothing.
    pub fn sources_by_name(&self) -> impl Iterator<Item = (usize, &Source)> {
        let mut sources: Vec<(usize, &Source)> = self.sources.iter().enumerate().collect();
        sources.sort_by(|a, b| a.1.name.cmp(&b.1.name));
        sources.into_iter()
    }

    /// The sources that feed a neuron, in the order of their names, so that a sum over them does not depend on the order
    /// of the file.
    pub fn sources_into(&self, neuron: usize) -> impl Iterator<Item = Fed<'_>> {
        let fed = self.sources.iter().filter_map(|source| {
            let factor = source.factor_into(neuron, self.simulation.seed)?;
            Some(Fed { source, factor, drive: self.drive_into(source, neuron) })
        });
        let mut fed: Vec<Fed<'_>> = fed.collect();
        fed.sort_by(|a, b| a.source.name.cmp(&b.source.name));
        fed.into_iter()
    }

    /// What a source feeds into a neuron, factor aside.
    fn drive_into<'a>(&self, source: &'a Source, neuron: usize) -> Cow<'a, Drive> {
        if let Drive::Current(current) = &source.drive
            && let Shape::Noise { mean, deviation, interval, normals: normals @ Normals::Own(_) } = current.shape
        {
            let shape = Shape::Noise { mean, deviation, interval, normals: self.normals_of(normals, neuron) };
            return Cow::Owned(Drive::Current(Current { shape, ..*current }));
        }
        Cow::Borrowed(&source.drive)
    }

    /// The numbers of a noise for one target: addressed by its population's name and its index there, so that other
    /// neurons, and the order of the file, change nothing.
    pub(crate) fn normals_of(&self, normals: Normals, neuron: usize) -> Normals {
        let (population, index) =
            self.locate(neuron).map_or(("", neuron), |(of, index)| (of.name.as_str(), index));
        normals.of(random::hash(population), index as u64)
    }

    /// Changes the seed of everything that is drawn, noise currents included.
    pub fn reseed(&mut self, seed: u64) {
        self.simulation.seed = seed;
        for source in &mut self.sources {
            if let Drive::Current(Current { shape: Shape::Noise { normals, .. }, .. }) = &mut source.drive {
                *normals = noise_of(seed, &source.name, matches!(normals, Normals::Shared { .. }));
            }
        }
    }

    /// The steps of the run.
    pub fn grid(&self) -> TimeGrid {
        TimeGrid::new(self.simulation.step)
    }
}

/// The numbers of a noise source.
pub fn noise_of(seed: u64, source: &str, shared: bool) -> Normals {
    let stream = random::hash(source);
    if shared { Normals::Shared { seed, stream } } else { Normals::own(seed, stream) }
}

impl Drive {
    /// The drive on the steps of a run.
    pub fn on(&self, grid: TimeGrid) -> SteppedDrive<'_> {
        match self {
            Self::Current(current) => SteppedDrive::Current(current.on(grid)),
            Self::Mode(mode) => SteppedDrive::Mode(mode.on(grid)),
            Self::Packet(_) => SteppedDrive::None,
        }
    }
}

/// The current of a drive on the steps of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SteppedDrive<'a> {
    /// A classical current.
    Current(SteppedCurrent<'a>),
    /// The mean current of a quantum source.
    Mode(SteppedMode<'a>),
    /// A wavepacket, which is no current.
    None,
}

impl SteppedDrive<'_> {
    /// Mean current at a place, continued from the right where it jumps.
    pub fn at(&self, place: f64) -> f64 {
        match self {
            Self::Current(current) => current.at(place),
            Self::Mode(mode) => mode.at(place),
            Self::None => 0.0,
        }
    }

    /// Mean current over a step.
    pub fn segment(&self, step: u64) -> Segment {
        match self {
            Self::Current(current) => current.segment(step),
            Self::Mode(mode) => mode.segment(step),
            Self::None => Segment::default(),
        }
    }
}
