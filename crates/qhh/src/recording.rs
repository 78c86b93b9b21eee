//! Runs of the mean field on tape, for numbers that a program works out itself.

use qhh_format::yaml::{self, NumberEntry, Override};
use qhh_lab::measure::Measure;
use qhh_net::engine::adjoint::{Gradient, Tape};
use qhh_net::{RunError, RunOptions};

use crate::text::threads;
use crate::{Error, Network, RunObserver, RunSettings, resources};

/// A run of the mean field that can be gone through backwards: voltages, and from the slopes of any number by them its
/// derivatives by everything.
///
/// # Examples
/// ```
/// use qhh::{Network, RunSettings};
///
/// let network = Network::from_yaml("
/// name: leak
/// simulation: {duration: 1 ms}
/// neurons:
///   cell:
///     circuit: single-channel
///     membrane: {capacitance: 1 uF}
///     channels: {potassium: {conductance: 1 mS}}
///     initial: {voltage: 10 mV}
/// ")?;
/// let mut recording = network.record(&["cell"], &RunSettings::default(), &mut ())?;
/// // Half the square of the last voltage has the slope of that voltage.
/// let mut slopes = vec![vec![0.0; recording.voltages(0).len()]];
/// *slopes[0].last_mut().expect("it has steps") = *recording.voltages(0).last().expect("it has steps");
/// let path = "neurons.cell.membrane.capacitance";
/// let gradient = recording.gradient(&slopes, &[path], &RunSettings::default(), &mut ())?;
/// assert!(gradient[0] > 0.0);
/// // The same the other way round: how every voltage changes with the capacitance.
/// let tangents = recording.tangents(&[path], &RunSettings::default(), &mut ())?;
/// let last = recording.voltages(0).len() - 1;
/// assert!((tangents[0][0][last] * slopes[0][last] / gradient[0] - 1.0).abs() < 1e-12);
/// # Ok::<(), qhh::Error>(())
/// ```
pub struct Recording {
    network: Network,
    tape: Tape,
}

impl Network {
    /// Every number of its file below `neurons`, `sources` and `waveguides`, with its unit, in the order of the file.
    pub fn numbers(&self) -> Vec<NumberEntry> {
        let (text, overrides, _) = self.source();
        yaml::numbers(text, overrides).unwrap_or_default()
    }

    /// The numbers at some paths of the file, each one and not a list.
    fn numbers_at(&self, paths: &[&str]) -> Result<Vec<NumberEntry>, Error> {
        let mut numbers = self.numbers();
        numbers.retain(|entry| entry.values.len() == 1);
        let at = |path: &&str| {
            let found = numbers.iter().find(|entry| entry.path == *path);
            found.cloned().ok_or_else(|| {
                let known: Vec<&str> = numbers.iter().map(|entry| entry.path.as_str()).collect();
                let near = yaml::suggestion(path, &known);
                Error::Usage {
                    message: format!("{}: there is no number at `{path}` in its file: {near}", self.name()),
                    remedy: "name an entry that the file writes out, such as `neurons.relay.membrane.capacitance`",
                }
            })
        };
        paths.iter().map(at).collect()
    }

    /// A copy with other numbers at some paths of its file, each in the unit that it has there; checked.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no such number; else as [`Network::set`].
    pub fn set_numbers(&self, numbers: &[(&str, f64)]) -> Result<Self, Error> {
        let paths: Vec<&str> = numbers.iter().map(|(path, _)| *path).collect();
        let entries = self.numbers_at(&paths)?;
        let set = entries.iter().zip(numbers).map(|(entry, (_, value))| entry.set([*value]));
        self.set_all(&set.collect::<Vec<Override>>())
    }

    /// Runs the mean field and keeps it on tape, with the voltages of some neurons: `relay[3]`, `relay[0..3]`, `relay`.
    ///
    /// # Errors
    /// [`Error::Usage`] where there are no such neurons, or the network cannot be gone through backwards; else as
    /// [`Network::run`].
    pub fn record(
        &self,
        neurons: &[&str],
        settings: &RunSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<Recording, Error> {
        settings.within(|| {
            let mut watched = Vec::new();
            for name in neurons {
                // Neurons are named as measures name them.
                let of = Measure::parse(&format!("{name}.voltage.last"), self.net().units);
                let of = of.and_then(|measure| measure.watched(self.net()));
                watched.extend(of.map_err(|error| Error::Usage {
                    message: format!("{}: {error}", self.name()),
                    remedy: "name neurons such as `relay.3`, `relay.0..3` or `relay`",
                })?);
            }
            watched.sort_unstable();
            watched.dedup();
            self.can_go_back()?;
            let memory = resources::for_backwards(self.net(), watched.len())?;
            observer.note(&format!("{memory}{}", resources::awake(self.net())));
            let tape = self.on_tape(&watched, threads(settings.threads), observer)?;
            Ok(Recording { network: self.clone(), tape })
        })
    }

    /// Refuses a network that cannot be gone through backwards.
    pub(crate) fn can_go_back(&self) -> Result<(), Error> {
        Tape::check(self.net()).map_err(|error| Error::Usage {
            message: format!("{}: {error}", self.name()),
            remedy: "set it for this command alone, with `set`",
        })
    }

    /// Runs the mean field and keeps it.
    pub(crate) fn on_tape(
        &self,
        watched: &[usize],
        threads: usize,
        observer: &mut dyn RunObserver,
    ) -> Result<Tape, Error> {
        observer.begin(self.name());
        let options = RunOptions { threads, ..RunOptions::default() };
        let tape = Tape::record(&self.loaded().network, watched, options, &mut |p| observer.progress(p));
        observer.end();
        tape.map_err(|cause| self.failed(cause))
    }

    /// Goes backwards through it.
    pub(crate) fn back(
        &self,
        tape: &mut Tape,
        slopes: &[Vec<f64>],
        observer: &mut dyn RunObserver,
    ) -> Result<Gradient, Error> {
        observer.begin(self.name());
        let gradient = tape.backwards(slopes, true, &mut |progress| observer.progress(progress));
        observer.end();
        gradient.map_err(|cause| self.failed(cause))
    }

    fn failed(&self, cause: RunError) -> Error {
        match cause {
            RunError::Stopped { .. } => Error::Cancelled,
            cause => Error::Run { name: self.name().to_owned(), cause },
        }
    }
}

impl Recording {
    /// The network that ran.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Numbers of the neurons whose voltages are kept, ascending.
    pub fn neurons(&self) -> &[usize] {
        self.tape.watched()
    }

    /// Voltages of a neuron by its number, at the start and after each step; nothing of one that is not kept.
    pub fn voltages(&self, neuron: usize) -> &[f64] {
        self.tape.voltages(neuron)
    }

    /// The derivative by everything of a number whose slopes by the voltages are given: a list for each of
    /// [`Recording::neurons`], as long as its voltages.
    ///
    /// # Errors
    /// [`Error::Usage`] of slopes that do not fit; [`Error::Cancelled`].
    pub fn backwards(
        &mut self,
        slopes: &[Vec<f64>],
        settings: &RunSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<Gradient, Error> {
        let fit = self.neurons().iter().map(|neuron| self.voltages(*neuron).len()).eq(slopes.iter().map(Vec::len));
        if !fit {
            return Err(Error::Usage {
                message: format!("{}: the slopes do not fit the voltages", self.network.name()),
                remedy: "give one for each neuron that is kept and each of its voltages",
            });
        }
        settings.within(|| self.network.back(&mut self.tape, slopes, observer))
    }

    /// The derivative of the number by the numbers at some paths of the file, each in the unit it has there.
    ///
    /// # Errors
    /// As [`Recording::backwards`], and [`Error::Usage`] where there is no such number.
    pub fn gradient(
        &mut self,
        slopes: &[Vec<f64>],
        paths: &[&str],
        settings: &RunSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<Vec<f64>, Error> {
        let entries = self.network.numbers_at(paths)?;
        let gradient = self.backwards(slopes, settings, observer)?;
        entries.iter().map(|entry| self.network.slope_by(&gradient, entry, 0)).collect()
    }

    /// The derivatives of all voltages by the numbers at some paths of the file, each in the unit it has there: shape
    /// `[path][neuron][step]`, neurons and steps as their voltages. One run forwards for each path, and its derivative
    /// beside it; many paths and few numbers made of the voltages are [`Recording::gradient`]'s.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no such number, or its derivative is not known; [`Error::Cancelled`].
    pub fn tangents(
        &mut self,
        paths: &[&str],
        settings: &RunSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<Vec<Vec<Vec<f64>>>, Error> {
        let Self { network, tape } = self;
        let still: Vec<Vec<f64>> = tape.watched().iter().map(|of| vec![0.0; tape.voltages(*of).len()]).collect();
        let mut along = |entry: &NumberEntry| {
            let Some((direction, units)) = network.direction_of(entry)? else { return Ok(still.clone()) };
            observer.begin(network.name());
            let moved = tape.tangent(&direction, &mut |progress| observer.progress(progress));
            observer.end();
            let mut moved = moved.map_err(|cause| network.failed(cause))?;
            moved.iter_mut().flatten().for_each(|change| *change /= units);
            Ok(moved)
        };
        let entries = network.numbers_at(paths)?;
        settings.within(|| entries.iter().map(&mut along).collect())
    }
}
