//! The folders in which runs work: gone when the run is over, also where the process is ended in the middle of it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

static IN_USE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A folder of a run's own, below the folder for temporary files; removed when it is dropped.
pub(crate) struct RunFolder(TempDir);

impl RunFolder {
    pub(crate) fn make() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("driftlab-").tempdir()?;
        in_use().push(folder.path().to_owned());
        Ok(Self(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        in_use().retain(|path| path != self.0.path());
    }
}

/// Removes the folders of all runs that are under way, for a process that ends without waiting for them: whoever still works in one meets errors.
pub fn remove_run_folders() {
    for path in in_use().drain(..) {
        let _ = std::fs::remove_dir_all(path);
    }
}

/// What is noted stays right whoever panicked while noting.
fn in_use() -> MutexGuard<'static, Vec<PathBuf>> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_with_its_run_or_when_the_process_is_ended() {
        let folder = RunFolder::make().expect("a folder for temporary files");
        let path = folder.path().to_owned();
        assert!(path.is_dir() && in_use().contains(&path));
        drop(folder);
        assert!(!path.exists() && !in_use().contains(&path));

        let folder = RunFolder::make().expect("a folder for temporary files");
        std::fs::write(folder.path().join("source.sqlite"), "rows").expect("the folder can be written to");
        remove_run_folders();
        assert!(!folder.path().exists());
    }
}
