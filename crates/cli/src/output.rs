//! Standard output that may be closed at any time, as `| head` does.

use crate::status::Status;
use std::io::{self, ErrorKind, Write};

/// Writes a text to standard output. A reader who has gone is no error: what was asked for is done, and nobody wants to read of it.
pub(crate) fn say(text: &str) -> Status {
    match print(text) {
        Ok(()) => Status::Holds,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Status::Holds,
        Err(error) => {
            complain(&format!("could not write to standard output: {error}"));
            Status::Impossible
        }
    }
}

/// Writes a text to standard output, for those who want to know at once that nobody reads any more.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes a message to standard error; where that is closed too, there is nobody left to tell.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "driftlab: {message}");
}

/// Writes lines of their own to standard error.
pub(crate) fn explain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
