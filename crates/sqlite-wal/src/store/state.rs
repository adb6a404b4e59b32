//! The acknowledged position.

use super::bytes::{Reader, Writer};
use crate::error::Error;
use crate::file::{read_at, write_at};
use crate::position::Position;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"dlwalst1";
const BYTES: usize = 48;
/// The two copies stand in different sectors, so that a torn write leaves one of them.
const APART: u64 = 4096;

/// What `state` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Everything up to it needs never be given again.
    pub(super) acknowledged: Position,
    /// The oldest segment; the shadow is the state before its first record.
    pub(super) segment: u64,
}

/// The file, which holds two copies and writes the older one.
pub(super) struct StateFile {
    file: File,
    path: PathBuf,
    writes: u64,
}

impl StateFile {
    /// Opens the file and reads its newest valid copy; `None` for the copy if it has none yet.
    pub(super) fn open(folder: &Path) -> Result<(Self, Option<State>), Error> {
        let path = folder.join("state");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(Error::io("opening", &path))?;
        let mut newest: Option<(u64, State)> = None;
        for copy in 0..2 {
            let mut bytes = [0; BYTES];
            let read = read_at(&file, &mut bytes, copy * APART).map_err(Error::io("reading", &path))?;
            let found = parse(&bytes[..read]);
            if found.is_some_and(|(writes, _)| newest.is_none_or(|(newest, _)| writes > newest)) {
                newest = found;
            }
        }
        let writes = newest.map_or(0, |(writes, _)| writes);
        Ok((Self { file, path, writes }, newest.map(|(_, state)| state)))
    }

    pub(super) fn write(&mut self, state: State) -> Result<(), Error> {
        self.writes += 1;
        let bytes = Writer::new(MAGIC)
            .u64(self.writes)
            .u64(state.acknowledged.as_u64())
            .u64(state.segment)
            .finish(BYTES);
        write_at(&self.file, &bytes, self.writes % 2 * APART).map_err(Error::io("writing", &self.path))
    }

    pub(super) fn sync(&self) -> Result<(), Error> {
        self.file.sync_data().map_err(Error::io("syncing", &self.path))
    }
}

fn parse(bytes: &[u8]) -> Option<(u64, State)> {
    let mut reader = Reader::new(bytes.get(..BYTES)?, MAGIC)?;
    let writes = reader.u64();
    Some((writes, State { acknowledged: Position::from_u64(reader.u64()), segment: reader.u64() }))
}
