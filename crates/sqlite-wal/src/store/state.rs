//! The acknowledged position.

use super::bytes::{Reader, Writer};
use super::disk::Stored;
use crate::error::Error;
use crate::position::Position;
use std::path::Path;

const MAGIC: &[u8; 8] = b"dlwalst1";
const BYTES: usize = 48;
/// Copies stand in different sectors, so that a torn write leaves the others.
const APART: u64 = 4096;

/// Copies that are written in turn, by the number of the first of two.
///
/// Those that are synced and those that are not are different ones: a loss of power could take both of two that were written since the
/// last sync.
#[derive(Clone, Copy)]
enum Pair {
    /// One of them survives a loss of power.
    Synced = 0,
    /// One of them survives the death of the process.
    Unsynced = 2,
}

/// What `state` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Everything up to it needs never be given again.
    pub(super) acknowledged: Position,
    /// The oldest segment; the shadow is the state before its first record.
    pub(super) segment: u64,
}

/// The file, which holds four copies, of which the newest counts.
pub(super) struct StateFile {
    file: Stored,
    /// The number of the write that each copy holds; 0 if it is not valid.
    copies: [u64; 4],
}

impl StateFile {
    /// Opens the file and reads its newest valid copy; `None` for the copy if it has none yet.
    pub(super) fn open(folder: &Path) -> Result<(Self, Option<State>), Error> {
        let file = Stored::open(folder.join("state"))?;
        let mut newest: Option<(u64, State)> = None;
        let mut copies = [0; 4];
        for (copy, number) in copies.iter_mut().enumerate() {
            let mut bytes = [0; BYTES];
            let read = file.read_at(&mut bytes, copy as u64 * APART)?;
            let found = parse(&bytes[..read]);
            *number = found.map_or(0, |(number, _)| number);
            if found.is_some_and(|(number, _)| newest.is_none_or(|(newest, _)| number > newest)) {
                newest = found;
            }
        }
        Ok((Self { file, copies }, newest.map(|(_, state)| state)))
    }

    /// Writes so that it survives the process.
    pub(super) fn write(&mut self, state: State) -> Result<(), Error> {
        self.write_older(Pair::Unsynced, state)
    }

    /// Writes so that it survives a loss of power.
    pub(super) fn write_through(&mut self, state: State) -> Result<(), Error> {
        self.write_older(Pair::Synced, state)?;
        self.file.sync()
    }

    fn write_older(&mut self, pair: Pair, state: State) -> Result<(), Error> {
        let first = pair as usize;
        let copy = if self.copies[first] <= self.copies[first + 1] { first } else { first + 1 };
        let number = self.copies.iter().fold(0, |newest, number| newest.max(*number)) + 1;
        let bytes =
            Writer::new(MAGIC).u64(number).u64(state.acknowledged.as_u64()).u64(state.segment).finish(BYTES);
        self.file.write_at(&bytes, copy as u64 * APART)?;
        self.copies[copy] = number;
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Option<(u64, State)> {
    let mut reader = Reader::new(bytes.get(..BYTES)?, MAGIC)?;
    let number = reader.u64();
    Some((number, State { acknowledged: Position::from_u64(reader.u64()), segment: reader.u64() }))
}
