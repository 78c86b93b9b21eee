//! Whether the processes can run a network together: they see one another, and are the same program.

use std::fs::File;
use std::io::Read as _;
use std::{env, io};

use qhh::ranks::Ranks as _;
use sha2::{Digest, Sha256};

use crate::world::World;

/// Where launchers say how many processes they start, and which this one is.
const LAUNCHERS: [(&str, &str); 4] = [
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("PMI_SIZE", "PMI_RANK"),
    ("PMIX_SIZE", "PMIX_RANK"),
    ("SLURM_NTASKS", "SLURM_PROCID"),
];

/// Whether this process is the first that a launcher started, or the only one.
pub(crate) fn is_first() -> bool {
    LAUNCHERS.iter().all(|(_, rank)| env::var(rank).map_or(true, |rank| rank == "0"))
}

/// Why they cannot; the reason is one process's to print.
pub(crate) fn refusal(world: &World) -> Result<(), Option<String>> {
    let number = |name: &str| env::var(name).ok().and_then(|value| value.parse::<usize>().ok());
    if world.size() == 1 {
        let several = LAUNCHERS.iter().find(|(size, _)| number(size).is_some_and(|size| size > 1));
        let Some((size, rank)) = several else { return Ok(()) };
        return Err((number(rank).unwrap_or(0) == 0).then(|| one_of_many(size, number(size).unwrap_or(0))));
    }
    let refused = |message: String| Err((world.rank() == 0).then_some(message));
    if let Some(rank) = world.unlike(program()) {
        return refused(format!(
            "rank {rank} is another program than rank 0, or another version of it\n  help: put the same file qhh-mpi on every \
             machine"
        ));
    }
    if let Some(rank) = world.unlike(arguments()) {
        return refused(format!(
            "rank {rank} was started with other arguments than rank 0\n  help: start all ranks with one call: mpirun -n {} \
             qhh-mpi run network.yaml",
            world.size()
        ));
    }
    Ok(())
}

/// What to say where a launcher started several processes of which each is alone.
pub(crate) fn one_of_many(variable: &str, size: usize) -> String {
    format!(
        "{variable} says that {size} processes were started, and each is alone: the launcher belongs to another MPI than \
         qhh-mpi, which was built with {}\n  help: start it with that MPI's mpirun (in a batch script of Slurm: `mpirun \
         qhh-mpi ..` or `srun --mpi=pmix qhh-mpi ..`), or build qhh-mpi again with the launcher's MPI",
        World::library()
    )
}

/// Says which program this is: eight bytes of the checksum of its file, or of its version where that cannot be read.
fn program() -> u64 {
    let mut digest = Sha256::new();
    let digest = match env::current_exe().and_then(File::open).and_then(|file| hash(file, &mut digest)) {
        Ok(()) => digest.finalize(),
        Err(_) => Sha256::digest(env!("CARGO_PKG_VERSION")),
    };
    first_bytes(&digest)
}

/// Says what the program was started with, likewise.
fn arguments() -> u64 {
    let mut digest = Sha256::new();
    for argument in env::args_os().skip(1) {
        let bytes = argument.as_encoded_bytes();
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    }
    first_bytes(&digest.finalize())
}

fn first_bytes(digest: &[u8]) -> u64 {
    u64::from_le_bytes(digest[..8].try_into().expect("a checksum is longer"))
}

/// Adds a file to a checksum, piece by piece: it may be larger than what a rank takes of the network.
fn hash(mut file: File, digest: &mut Sha256) -> io::Result<()> {
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(());
        }
        digest.update(&piece[..read]);
    }
}
