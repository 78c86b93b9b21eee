//! Runs shared out among several processes, on one machine or many.
//!
//! Rank 0 is the program as ever: it alone reads files, writes folders and prints, and its runs are a [`Leader`]'s. The
//! others [`serve`]: they are given the network and what is asked of it, step their share, and touch no file but a copy of
//! the network in a folder for temporary files. So neither files nor a common disk can differ between them. What carries the
//! messages is a [`Ranks`]: the program `qhh-mpi` has one over MPI.

mod dry_run;
mod prediction;

use std::cell::{Cell, RefCell};
use std::fs;
use std::rc::Rc;
use std::time::Instant;

use qhh_core::stop;
use qhh_format::yaml::{self, Loaded, Reading};
pub use qhh_net::engine::Ranks;
use qhh_net::engine::{Checkpoint, Observer};
use qhh_net::{Checked, Network, Outcome, RunError, RunOptions, Simulation};
use qhh_results::unfinished::fingerprint;
use qhh_results::{RanksCost, ResultsError};
use serde::{Deserialize, Serialize};

use crate::cost::peak_memory;
use crate::spread::{self, Spread};
use crate::text::counted;
use crate::{Error, RunObserver};
pub use dry_run::DryRunSettings;
pub use prediction::{Bandwidth, RanksPrediction};

thread_local! {
    /// Whose runs those of this thread are.
    static LEADER: RefCell<Option<Rc<Leader>>> = const { RefCell::new(None) };
}

/// What rank 0 wants of the others.
#[derive(Debug, Serialize, Deserialize)]
enum Command {
    /// Take this network: its resolved text, and the data files it names.
    Load { yaml: String, files: Vec<(String, Vec<u8>)> },
    /// Run it, with what a verification changes, on so many threads each. `fingerprint` is that of the network that is run.
    Run { changes: Changes, threads: usize, fingerprint: String },
    /// Nothing more will come.
    End,
}

/// What a verification changes in a network.
#[derive(Debug, Serialize, Deserialize)]
struct Changes {
    step: f64,
    /// Cutoff and number of field modes.
    quantum: Option<(f64, Option<usize>)>,
}

impl Changes {
    /// To this network.
    fn of(network: &Network) -> Self {
        let quantum = network.quantum.map(|quantum| (quantum.cutoff, quantum.modes));
        Self { step: network.simulation.step, quantum }
    }

    /// A network with them.
    fn made(&self, mut network: Network) -> Network {
        network.simulation.step = self.step;
        if let (Some(of), Some((cutoff, modes))) = (&mut network.quantum, self.quantum) {
            (of.cutoff, of.modes) = (cutoff, modes);
        }
        network
    }
}

/// Rank 0, which runs networks together with others that [`serve`].
pub struct Leader {
    ranks: Rc<dyn Ranks>,
    /// The network that the others were given, read as they read it.
    given: RefCell<Option<Network>>,
    /// Whether a run is under way.
    busy: Cell<bool>,
    /// Of the last run.
    cost: Cell<Option<RanksCost>>,
}

impl Leader {
    /// Leads these ranks.
    pub fn new(ranks: Rc<dyn Ranks>) -> Rc<Self> {
        Rc::new(Self { ranks, given: RefCell::new(None), busy: Cell::new(false), cost: Cell::new(None) })
    }

    /// Does work of which every run is shared out.
    pub fn lead<T>(self: &Rc<Self>, work: impl FnOnce() -> T) -> T {
        LEADER.set(Some(Rc::clone(self)));
        spread::set(Spread { ranks: self.ranks.size(), here: self.ranks.here() });
        let done = work();
        spread::set(spread::ALONE);
        LEADER.set(None);
        done
    }

    /// Sends the others home; not possible where a run ended in its middle, and they wait for what will not come.
    pub fn dismiss(&self) -> bool {
        if !self.busy.get() {
            self.command(&Command::End);
        }
        !self.busy.get()
    }

    /// Gives the network whose runs are to come to the others.
    fn load(&self, loaded: &Loaded) -> Result<(), Error> {
        let files = loaded.attachments.iter().map(|file| -> Result<_, Error> {
            let bytes = fs::read(&file.source);
            let bytes = bytes.map_err(|cause| ResultsError::CannotRead { path: file.source.clone(), cause });
            Ok((file.name.clone(), bytes.map_err(Error::Folder)?))
        });
        let files: Vec<(String, Vec<u8>)> = files.collect::<Result<_, Error>>()?;
        self.given.replace(Some(load(&loaded.yaml, &files)?));
        self.command(&Command::Load { yaml: loaded.yaml.clone(), files });
        Ok(())
    }

    /// Runs a network that differs from the one they were given in what a verification changes.
    pub(crate) fn run(
        &self,
        network: &Checked,
        options: RunOptions,
        kept: Checkpoint,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, RunError> {
        let changes = Changes::of(network);
        let given = self.given.borrow().clone().map(|given| changes.made(given));
        // Equal, if not to the sign of a zero, which a file need not tell.
        let Some(given) = given.filter(|given| *given == **network) else {
            return Err(RunError::Invalid("it does not read back from its resolved text".to_owned()));
        };
        self.busy.set(true);
        self.command(&Command::Run { changes, threads: options.threads, fingerprint: fingerprint(&given) });
        let counted = Counted::new(&*self.ranks);
        let simulation = Simulation::from_checked(network, options);
        let outcome = stop::unless_stopped(|| simulation.resume_among(&counted, kept, observer));
        // The others wait for what will not come: the leader stays busy.
        let Ok(outcome) = outcome else { return Err(RunError::Stopped { time: 0.0 }) };
        let mut cost = RanksCost { ranks: self.ranks.size(), ..counted.cost() };
        for rank in 1..self.ranks.size() {
            let of: Option<RanksCost> = postcard::from_bytes(&self.ranks.receive(rank)).ok();
            cost = of.map_or(cost, |of| cost.with(of));
        }
        self.cost.set(Some(cost));
        self.busy.set(false);
        outcome.map(|outcome| outcome.expect("rank 0 gets the outcome"))
    }

    /// What the ranks of the last run exchanged.
    pub(crate) fn cost(&self) -> Option<RanksCost> {
        self.cost.get()
    }

    fn command(&self, command: &Command) {
        self.ranks.broadcast(postcard::to_stdvec(command).expect("commands are plain data"));
    }
}

/// Whose runs those of this thread are; none if it runs alone.
pub(crate) fn leader() -> Option<Rc<Leader>> {
    LEADER.with_borrow(Clone::clone)
}

/// Gives the network whose runs are to come to the other processes, if there are any; warns if there are too many.
pub(crate) fn share(loaded: &Loaded, observer: &mut dyn RunObserver) -> Result<(), Error> {
    let Some(leader) = leader() else { return Ok(()) };
    let (blocks, ranks) = (loaded.network.n_blocks(), leader.ranks.size());
    if blocks < ranks {
        observer.warning(&format!(
            "{}: {} of neurons on {ranks} ranks, which leaves {} without any: start fewer",
            loaded.network.name,
            counted(blocks, "block"),
            ranks - blocks
        ));
    }
    leader.load(loaded)
}

/// Takes part in the runs of rank 0, until that sends the others home.
///
/// # Errors
/// [`Error::Usage`] if what comes from rank 0 is not understood, [`Error::Folder`] if there is no place for temporary files.
/// The other ranks then wait for this one: the processes must be ended.
///
/// # Panics
/// Never: what it sends is plain data, which can be written.
pub fn serve(ranks: &dyn Ranks) -> Result<(), Error> {
    let mut network: Option<Network> = None;
    loop {
        let command = postcard::from_bytes(&ranks.broadcast(Vec::new()));
        match command.map_err(|_| misunderstood("sent a command that is none"))? {
            Command::End => return Ok(()),
            Command::Load { yaml, files } => network = Some(load(&yaml, &files)?),
            Command::Run { changes, threads, fingerprint: expected } => {
                let Some(network) = &network else { return Err(misunderstood("runs no network")) };
                let network = changes.made(network.clone());
                if fingerprint(&network) != expected {
                    return Err(misunderstood("runs another network"));
                }
                let counted = Counted::new(ranks);
                let options = RunOptions { threads, ..RunOptions::default() };
                // Rank 0 has checked it, which may take all of its waveguides, and says how it ended.
                let simulation = Simulation::checked_elsewhere(&network, options);
                let go_on = &mut |_| std::ops::ControlFlow::Continue(());
                let _ = simulation.resume_among(&counted, Checkpoint::default(), go_on);
                ranks.send(0, postcard::to_stdvec(&counted.cost()).expect("costs are plain data"));
            }
        }
    }
}

/// Reads a network that was checked from its resolved text and its data files.
fn load(yaml: &str, files: &[(String, Vec<u8>)]) -> Result<Network, Error> {
    let written = |path: &std::path::Path, cause| ResultsError::CannotWrite { path: path.to_owned(), cause };
    let folder = tempfile::tempdir().map_err(|cause| Error::Folder(written(&std::env::temp_dir(), cause)))?;
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::write(&path, bytes).map_err(|cause| Error::Folder(written(&path, cause)))?;
    }
    Ok(yaml::draft_text(&folder.path().join("network.yaml"), yaml, &Reading::default())?.into_network())
}

fn misunderstood(what: &str) -> Error {
    Error::Usage { message: format!("rank 0 {what}"), remedy: "start the same program on every machine" }
}

/// Counts what a rank exchanges.
struct Counted<'a> {
    ranks: &'a dyn Ranks,
    bytes: Cell<u64>,
    /// What it would have received if every port had sent something in every window.
    expected: Cell<u64>,
    /// Seconds in which it waited for waves.
    waited: Cell<f64>,
}

impl<'a> Counted<'a> {
    fn new(ranks: &'a dyn Ranks) -> Self {
        Self { ranks, bytes: Cell::new(0), expected: Cell::new(0), waited: Cell::new(0.0) }
    }

    fn cost(&self) -> RanksCost {
        RanksCost {
            ranks: 1,
            exchanged_bytes: self.bytes.get(),
            expected_bytes: self.expected.get(),
            exchange_seconds: self.waited.get(),
            peak_memory_bytes: peak_memory(),
        }
    }
}

impl Ranks for Counted<'_> {
    fn rank(&self) -> usize {
        self.ranks.rank()
    }

    fn size(&self) -> usize {
        self.ranks.size()
    }

    fn here(&self) -> usize {
        self.ranks.here()
    }

    fn exchange(&self, send: &[(usize, Vec<u8>)], receive: &mut [(usize, Vec<u8>)], meanwhile: &mut dyn FnMut()) {
        // Buffers are as long as the longest message.
        let expected: usize = receive.iter().map(|(_, buffer)| buffer.len()).sum();
        self.expected.update(|sum| sum + expected as u64);
        let (start, mut computed) = (Instant::now(), 0.0);
        self.ranks.exchange(send, receive, &mut || {
            let start = Instant::now();
            meanwhile();
            computed = start.elapsed().as_secs_f64();
        });
        let bytes: usize = send.iter().map(|(_, message)| message.len()).sum();
        self.bytes.update(|sum| sum + bytes as u64);
        self.waited.update(|sum| sum + start.elapsed().as_secs_f64() - computed);
    }

    fn send(&self, to: usize, message: Vec<u8>) {
        self.ranks.send(to, message);
    }

    fn receive(&self, from: usize) -> Vec<u8> {
        self.ranks.receive(from)
    }

    fn broadcast(&self, message: Vec<u8>) -> Vec<u8> {
        self.ranks.broadcast(message)
    }

    fn least(&self, value: u64) -> u64 {
        self.ranks.least(value)
    }
}
