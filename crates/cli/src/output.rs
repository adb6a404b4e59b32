//! Standard output that may be closed at any time, as `| head` does.

use crate::status::Status;
use std::io::{self, ErrorKind, Write};

/// Writes a text to standard output. A reader who has gone is no error: what was asked for is done, and nobody wants to read of it.
pub(crate) fn say(text: &str) -> Status {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Status::Holds,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Status::Holds,
        Err(error) => {
            complain(&format!("could not write to standard output: {error}"));
            Status::Impossible
        }
    }
}

/// Writes a message to standard error; where that is closed too, there is nobody left to tell.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "driftlab: {message}");
}

/// Writes lines of their own to standard error.
pub(crate) fn explain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
