//! SHA-256, in hexadecimal: of texts, networks and files.

use std::fmt::{self, Write as _};

use qhh_core::stop;
use sha2::{Digest, Sha256};

/// SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// SHA-256 of a text that is never held in memory as a whole, in hexadecimal.
pub fn sha256_of_text(text: fmt::Arguments<'_>) -> String {
    struct Hashed(Sha256);
    impl fmt::Write for Hashed {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            stop::check();
            self.0.update(text);
            Ok(())
        }
    }
    let mut hashed = Hashed(Sha256::new());
    // Hashing cannot fail.
    let _ = hashed.write_fmt(text);
    hexadecimal(&hashed.0.finalize())
}

/// Bytes in hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
