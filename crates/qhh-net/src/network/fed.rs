//! What is fed into a neuron: each source with its factor and the random numbers that are this neuron's.

use std::borrow::Cow;

use qhh_core::integrate::adiabatic::Tone;
use qhh_core::source::{Current, Draws, Segment, Shape, SteppedCurrent, SteppedMode};
use qhh_core::time_grid::TimeGrid;

use super::{Drive, Network, Source, random};

/// A source as one neuron is fed by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fed<'a> {
    /// The source.
    pub source: &'a Source,
    /// Factor on its current.
    pub factor: f64,
    /// What is fed, factor aside: the source's drive, with this neuron's random numbers where they are not shared.
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
            let factor = source.factor_into(neuron, self.simulation.seed_of_structure())?;
            Some(Fed { source, factor, drive: self.drive_into(source, neuron) })
        });
        let mut fed: Vec<Fed<'_>> = fed.collect();
        fed.sort_by(|a, b| a.source.name.cmp(&b.source.name));
        fed.into_iter()
    }

    /// What a source feeds into a neuron, factor aside.
    fn drive_into<'a>(&self, source: &'a Source, neuron: usize) -> Cow<'a, Drive> {
        if let Drive::Current(current) = &source.drive
            && let Some(draws @ Draws::Own(_)) = current.shape.draws()
        {
            let shape = current.shape.clone().with_draws(self.draws_of(draws, neuron));
            return Cow::Owned(Drive::Current(Current { shape, ..*current }));
        }
        Cow::Borrowed(&source.drive)
    }

    /// The random numbers of a current for one target: addressed by its population's name and its index there, so that other
    /// neurons, and the order of the file, change nothing.
    pub(crate) fn draws_of(&self, draws: Draws, neuron: usize) -> Draws {
        let (population, index) =
            self.locate(neuron).map_or(("", neuron), |(of, index)| (of.name.as_str(), index));
        draws.of(random::hash(population), index as u64)
    }

    /// Changes the seed of everything that is drawn, noise currents included; of the structure only where it has no seed of
    /// its own.
    pub fn reseed(&mut self, seed: u64) {
        self.simulation.seed = seed;
        for source in &mut self.sources {
            if let Drive::Current(current) = &mut source.drive
                && let Some(draws) = current.shape.draws()
            {
                let draws = draws_of(seed, &source.name, matches!(draws, Draws::Shared { .. }));
                current.shape = current.shape.clone().with_draws(draws);
            }
        }
    }

    /// The steps of the run.
    pub fn grid(&self) -> TimeGrid {
        TimeGrid::new(self.simulation.step)
    }
}

/// The random numbers of a source, the same for all its targets if `shared`.
pub fn draws_of(seed: u64, source: &str, shared: bool) -> Draws {
    let stream = random::hash(source);
    if shared { Draws::Shared { seed, stream } } else { Draws::own(seed, stream) }
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

/// The tone a drive, `factor` times, is under the adiabatic method, if it is one.
pub(crate) fn tone(drive: &Drive, factor: f64, grid: TimeGrid) -> Option<Tone> {
    let tone = match drive {
        Drive::Current(current) => Tone::of_current(current, grid)?,
        Drive::Mode(mode) => Tone::of_mode(mode, grid),
        Drive::Packet(_) => return None,
    };
    Some(Tone { amplitude: factor * tone.amplitude, ..tone })
}

/// Frequency, start and stop of the first periodic source into a neuron, by the sources' names.
pub(crate) fn periodic_drive(network: &Network, neuron: usize) -> Option<(f64, f64, f64)> {
    let into = network.sources_into(neuron);
    into.filter_map(|fed| match &*fed.drive {
        Drive::Current(current) => match current.shape {
            Shape::Sine { omega, .. } => Some((omega, current.start, current.stop)),
            _ => None,
        },
        Drive::Mode(mode) => Some((mode.omega, mode.start, mode.stop)),
        Drive::Packet(_) => None,
    })
    .find(|(omega, ..)| *omega > 0.0)
}
