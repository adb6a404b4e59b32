//! What the tests share: a copy built from decoded changes alone, and a source of reproducible choices.
#![allow(dead_code, clippy::disallowed_methods, clippy::disallowed_types)]

pub(crate) mod random;
pub(crate) mod replica;

use driftlab_sqlite_wal::{Event, Reader};
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};

/// A connection such as an application has: it waits for locks.
pub(crate) fn connect(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(20)).unwrap();
    connection
}

/// The next event, which must come.
pub(crate) fn expect(reader: &mut Reader) -> Event {
    reader.next(Duration::from_secs(20)).unwrap().expect("an event within 20 s")
}

/// All events until nothing comes any more for a while.
pub(crate) fn drain(reader: &mut Reader, quiet: Duration) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(event) = reader.next(quiet).unwrap() {
        events.push(event);
    }
    events
}

/// Waits until `condition` holds.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(20), "not within 20 s: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
