//! Whether the processes can run a network together: they see one another, and are the same program.

use std::env;
use std::fs;

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

/// Why they cannot; the reason is one process's to print.
pub(crate) fn refusal(world: &World) -> Result<(), Option<String>> {
    let number = |name: &str| env::var(name).ok().and_then(|value| value.parse::<usize>().ok());
    if world.size() == 1 {
        let several = LAUNCHERS.iter().find(|(size, _)| number(size).is_some_and(|size| size > 1));
        let Some((size, rank)) = several else { return Ok(()) };
        return Err((number(rank).unwrap_or(0) == 0).then(|| one_of_many(size, number(size).unwrap_or(0))));
    }
    match world.unlike(program()) {
        None => Ok(()),
        Some(rank) => Err((world.rank() == 0).then(|| {
            format!(
                "rank {rank} is another program than rank 0, or another version of it\n  help: put the same file qhh-mpi on every \
                 machine"
            )
        })),
    }
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
    let file = env::current_exe().and_then(fs::read).unwrap_or_else(|_| env!("CARGO_PKG_VERSION").into());
    let digest = Sha256::digest(file);
    u64::from_le_bytes(digest[..8].try_into().expect("a checksum is longer"))
}
