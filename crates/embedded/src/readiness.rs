//! Whether a world of real stores can run on this machine.

use crate::folder::RunFolder;
use std::io;
use std::path::PathBuf;

/// What a world of real stores finds on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The folder for temporary files, below which every run has one of its own.
    pub folder: PathBuf,
    /// How much may still be written there.
    pub free_bytes: u64,
    /// The version of SQLite.
    pub sqlite: &'static str,
}

impl Readiness {
    /// Looks, and tries to write.
    ///
    /// # Errors
    /// Where the folder for temporary files cannot be written to, or does not say how much room it has.
    pub fn of_this_machine() -> io::Result<Self> {
        let folder = RunFolder::make()?;
        std::fs::write(folder.path().join("probe"), "driftlab was here\n")?;
        Ok(Self {
            folder: std::env::temp_dir(),
            free_bytes: fs4::available_space(folder.path())?,
            sqlite: rusqlite::version(),
        })
    }
}
