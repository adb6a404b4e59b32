//! Files that SQLite locks, and reading at an offset.

use crate::error::Error;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What tells two files under one path from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity(u64, u64);

impl Identity {
    pub(crate) fn of_path(path: &Path) -> io::Result<Self> {
        Ok(Self::of(&std::fs::metadata(path)?))
    }
    pub(crate) fn of_file(file: &File) -> io::Result<Self> {
        Ok(Self::of(&file.metadata()?))
    }
    #[cfg(unix)]
    fn of(metadata: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(metadata.dev(), metadata.ino())
    }
    // Elsewhere a file that is open cannot be replaced under its path.
    #[cfg(not(unix))]
    fn of(_: &std::fs::Metadata) -> Self {
        Self(0, 0)
    }
}

/// A file that SQLite locks, open for reading for as long as the process lives.
///
/// POSIX locks belong to the process: closing *any* descriptor of a file drops all locks that the process holds on it, those of
/// SQLite's connections in the same process included. So a descriptor of the database or of its index, once open, is kept, and
/// shared by all readers of that file.
#[derive(Clone)]
pub(crate) struct SharedFile {
    file: Arc<File>,
    path: Arc<PathBuf>,
    identity: Identity,
}

static KEPT: Mutex<Vec<(Identity, Arc<File>)>> = Mutex::new(Vec::new());

impl SharedFile {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let failed = || Error::io("opening", path);
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = Identity::of_path(path).map_err(failed())?;
        let known = kept.iter().find(|(known, _)| cfg!(unix) && *known == identity);
        let (identity, file) = match known {
            Some((identity, file)) => (*identity, Arc::clone(file)),
            None => {
                let file = Arc::new(File::open(path).map_err(failed())?);
                // The path may lead elsewhere by now: the descriptor is kept under what it really is.
                let identity = Identity::of_file(&file).map_err(failed())?;
                // Nobody's locks matter on a file that has been deleted and that no reader uses.
                kept.retain(|(_, file)| Arc::strong_count(file) > 1 || !is_deleted(file));
                kept.push((identity, Arc::clone(&file)));
                (identity, file)
            }
        };
        Ok(Self { file, path: Arc::new(path.to_owned()), identity })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still leads to this file.
    pub(crate) fn is_current(&self) -> bool {
        Identity::of_path(&self.path).is_ok_and(|identity| identity == self.identity)
    }

    pub(crate) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize, Error> {
        read_at(&self.file, buffer, offset).map_err(Error::io("reading", &self.path))
    }

    pub(crate) fn bytes(&self) -> Result<u64, Error> {
        Ok(self.file.metadata().map_err(Error::io("looking at", &self.path))?.len())
    }
}

#[cfg(unix)]
fn is_deleted(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
}
#[cfg(not(unix))]
fn is_deleted(_: &File) -> bool {
    true
}

/// Fills as much of `buffer` as the file has at `offset`.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match read_once(file, &mut buffer[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

#[cfg(unix)]
fn read_once(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}
#[cfg(windows)]
fn read_once(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Writes all of `bytes` at `offset`.
#[cfg(unix)]
pub(crate) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}
/// Writes all of `bytes` at `offset`.
#[cfg(windows)]
pub(crate) fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        bytes = &bytes[written..];
        offset += written as u64;
    }
    Ok(())
}
