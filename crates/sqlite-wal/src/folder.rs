//! The folder in which the reader keeps its state.

use crate::error::Error;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A folder that this reader alone uses, for as long as this lives.
pub(crate) struct Folder {
    path: PathBuf,
    lock: File,
    temporary: bool,
}

const TEMPORARY: &str = "sqlite-wal-reader-";

impl Folder {
    /// The folder at `path`, made if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(path).map_err(Error::io("creating", path))?;
        let lock_path = path.join("lock");
        let lock = File::options().write(true).create(true).truncate(false).open(&lock_path);
        let lock = lock.map_err(Error::io("opening", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), lock, temporary: false }),
            Err(TryLockError::WouldBlock) => Err(Error::State {
                path: path.to_owned(),
                what: "another reader uses this folder; give each reader its own, end the other one"
                    .to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(Error::io("locking", &lock_path)(error)),
        }
    }

    /// A folder that goes with the reader; those that killed readers left behind are removed first.
    pub(crate) fn temporary() -> Result<Self, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let parent = std::env::temp_dir();
        for entry in std::fs::read_dir(&parent).map_err(Error::io("reading", &parent))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(TEMPORARY)
                && entry.path().join("state").exists()
                && let Ok(left) = Self::open(&entry.path())
            {
                let _ = std::fs::remove_dir_all(&left.path);
            }
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut folder = Self::open(&parent.join(format!("{TEMPORARY}{}-{number}", std::process::id())))?;
        folder.temporary = true;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.path);
        }
        let _ = self.lock.unlock();
    }
}
