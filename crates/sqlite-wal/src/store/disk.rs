//! The files of the state folder: every write to them goes through here.

use crate::error::Error;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// A file that outlives the reader.
pub(super) struct Stored {
    file: File,
    path: PathBuf,
}

impl Stored {
    /// Opens the file, made if it is not there.
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        #[cfg(test)]
        if !path.exists() {
            journal::note(journal::Write::Create(path.clone()));
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        Ok(Self { file: file.map_err(Error::io("opening", &path))?, path })
    }

    /// Makes the file, empty.
    pub(super) fn create(path: PathBuf) -> Result<Self, Error> {
        #[cfg(test)]
        journal::note(journal::Write::Create(path.clone()));
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path);
        Ok(Self { file: file.map_err(Error::io("creating", &path))?, path })
    }

    /// Fills as much of `buffer` as the file has at `offset`.
    pub(super) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize, Error> {
        crate::file::read_at(&self.file, buffer, offset).map_err(Error::io("reading", &self.path))
    }

    pub(super) fn write_at(&self, bytes: &[u8], offset: u64) -> Result<(), Error> {
        #[cfg(test)]
        journal::note(journal::Write::Bytes(self.path.clone(), offset, bytes.to_vec()));
        crate::file::write_at(&self.file, bytes, offset).map_err(Error::io("writing", &self.path))
    }

    pub(super) fn set_len(&self, length: u64) -> Result<(), Error> {
        #[cfg(test)]
        journal::note(journal::Write::Length(self.path.clone(), length));
        self.file.set_len(length).map_err(Error::io("writing", &self.path))
    }

    /// What was written so far is still there after a loss of power.
    pub(super) fn sync(&self) -> Result<(), Error> {
        #[cfg(test)]
        journal::note(journal::Write::Sync(self.path.clone()));
        self.file.sync_data().map_err(Error::io("syncing", &self.path))
    }
}

/// What was written to the file at `path` so far is still there after a loss of power.
pub(super) fn sync(path: PathBuf) -> Result<(), Error> {
    let file = File::open(&path).map_err(Error::io("opening", &path))?;
    Stored { file, path }.sync()
}

/// Files that were made in the folder so far are still there after a loss of power, and those that were removed are not.
pub(super) fn sync_folder(path: &Path) -> Result<(), Error> {
    #[cfg(test)]
    journal::note(journal::Write::Sync(path.to_owned()));
    // Elsewhere a folder cannot be opened, and its entries are the file system's affair.
    #[cfg(unix)]
    File::open(path).and_then(|folder| folder.sync_all()).map_err(Error::io("syncing", path))?;
    Ok(())
}

pub(super) fn remove(path: &Path) -> Result<(), Error> {
    #[cfg(test)]
    journal::note(journal::Write::Remove(path.to_owned()));
    std::fs::remove_file(path).map_err(Error::io("removing", path))
}

/// What was asked of the disk, for tests that lose power.
#[cfg(test)]
pub(crate) mod journal {
    use std::path::PathBuf;
    use std::sync::{Mutex, PoisonError};

    #[derive(Clone, Debug)]
    pub(crate) enum Write {
        Create(PathBuf),
        Bytes(PathBuf, u64, Vec<u8>),
        Length(PathBuf, u64),
        /// Of a file or of a folder.
        Sync(PathBuf),
        Remove(PathBuf),
    }

    static WRITES: Mutex<Vec<Write>> = Mutex::new(Vec::new());

    pub(super) fn note(write: Write) {
        WRITES.lock().unwrap_or_else(PoisonError::into_inner).push(write);
    }

    /// All writes of this process so far, in order.
    pub(crate) fn writes() -> Vec<Write> {
        WRITES.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
