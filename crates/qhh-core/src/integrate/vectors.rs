//! Runs the long loops on the machine's vectors.
//!
//! Each loop is compiled again for every width of vectors, and the one without vectors takes longest to compile and is
//! hardly ever run. So loops that are specialized for speed are compiled for vectors alone, and machines without them
//! share a general one, with the same numbers.

use pulp::{Arch, Simd, WithSimd};

/// Runs `op` on the vectors of `arch`; gives it back where there are none.
pub(crate) fn on_vectors<Op: WithSimd>(arch: Arch, op: Op) -> Result<Op::Output, Op> {
    match arch {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V3(simd) => Ok(Simd::vectorize(simd, op)),
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V4(simd) => Ok(Simd::vectorize(simd, op)),
        #[cfg(target_arch = "aarch64")]
        Arch::Neon(simd) => Ok(Simd::vectorize(simd, op)),
        _ => Err(op),
    }
}
