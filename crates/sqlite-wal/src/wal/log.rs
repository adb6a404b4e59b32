//! The log as a file.

use super::{Chain, FRAME_HEADER_BYTES, HEADER_BYTES, Header, frame_offset};
use crate::error::Error;
use crate::file::{Identity, read_at};
use std::fs::File;
use std::path::{Path, PathBuf};

/// An open write-ahead log.
///
/// SQLite holds no locks on this file, so it may be opened and closed freely, unlike the database and the index.
pub(crate) struct LogFile {
    file: File,
    path: PathBuf,
    identity: Identity,
}

impl LogFile {
    /// Opens the log of `database`; `None` if there is none.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Error> {
        match File::open(path) {
            Ok(file) => {
                let identity = Identity::of_file(&file).map_err(Error::io("looking at", path))?;
                Ok(Some(Self { file, path: path.to_owned(), identity }))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("opening", path)(error)),
        }
    }

    /// Whether the path still leads to this file.
    pub(crate) fn is_current(&self) -> bool {
        Identity::of_path(&self.path).is_ok_and(|identity| identity == self.identity)
    }

    /// The header as it stands now.
    pub(crate) fn header(&self) -> Result<Option<Header>, Error> {
        let mut bytes = [0; HEADER_BYTES];
        let read = self.read(&mut bytes, 0)?;
        Ok(Header::parse(&bytes[..read]))
    }

    /// Reads up to `frames` whole frames that follow `chain` into `buffer`, unverified; fewer at the end of the file.
    pub(crate) fn frames(
        &self,
        chain: &Chain,
        page_size: u32,
        frames: u64,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let size = FRAME_HEADER_BYTES + page_size as usize;
        buffer.resize(size * frames as usize, 0);
        let read = self.read(buffer, frame_offset(chain.frame, page_size))?;
        buffer.truncate(read - read % size);
        Ok(())
    }

    /// Whether the last frame that `chain` verified still stands in the file: frames are overwritten in order, so if it does, none after
    /// it has been overwritten either.
    pub(crate) fn still_holds(&self, chain: &Chain, page_size: u32) -> Result<bool, Error> {
        if chain.frame == 0 {
            return Ok(false);
        }
        let mut header = [0; FRAME_HEADER_BYTES];
        let read = self.read(&mut header, frame_offset(chain.frame - 1, page_size))?;
        Ok(read == header.len()
            && super::Salts::read(&header[8..]) == chain.salts
            && super::word(&header, 16) == chain.checksum.0
            && super::word(&header, 20) == chain.checksum.1)
    }

    /// Reads a page at `offset`; fewer bytes at the end of the file.
    pub(crate) fn page(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error> {
        self.read(buffer, offset)
    }

    fn read(&self, buffer: &mut [u8], offset: u64) -> Result<usize, Error> {
        read_at(&self.file, buffer, offset).map_err(Error::io("reading", &self.path))
    }
}
