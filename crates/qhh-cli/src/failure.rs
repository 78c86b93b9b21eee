//! What can end a command; what is printed of it is [`crate::diagnostics`]'s business, its code [`crate::exit`]'s.

use std::io;

use qhh::Error;
use qhh::qhh_format::yaml::LoadError;

/// What ended a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What the library could not do.
    Error(Error),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::Error(error.into())
    }
}
