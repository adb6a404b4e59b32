use driftlab_model::{Failure, Offset, Refusal};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why the log could not do what was asked.
#[derive(Debug)]
pub enum LogError {
    /// Retention has removed the offset; the earliest that can still be read is given.
    OutOfRange {
        /// The earliest offset that can still be read.
        earliest: Offset,
    },
    /// There is no such partition.
    NoSuchPartition {
        /// The one that was asked for.
        partition: u32,
        /// How many there are.
        partitions: u32,
    },
    /// The folder holds another log than the one that was to be opened, or somebody else has it open.
    Mismatch {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// A file is damaged where a crash cannot have torn it. Everything before the position can still be read.
    Damaged {
        /// The segment file.
        path: PathBuf,
        /// The byte at which the damaged record begins.
        position: u64,
        /// What is wrong there.
        why: &'static str,
    },
    /// A segment file is not there, or less of it than there was. Everything before its first offset can still be read.
    Missing {
        /// The file that should hold the offset.
        path: PathBuf,
        /// The first offset that is missing.
        offset: Offset,
    },
    /// The operating system refused.
    Io {
        /// What was attempted.
        attempt: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        cause: io::Error,
    },
}

impl LogError {
    pub(super) fn io(attempt: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io { attempt, path: path.to_path_buf(), cause }
    }

    /// The failure that a process hears of, where this is one of a request; `None` where the log itself has failed and the run cannot go on.
    #[must_use]
    pub fn as_failure(&self) -> Option<Failure> {
        match self {
            Self::OutOfRange { earliest } => Some(Refusal::OutOfRange { earliest: *earliest }.into()),
            Self::NoSuchPartition { .. } => Some(Refusal::Unsupported.into()),
            Self::Mismatch { .. } | Self::Damaged { .. } | Self::Missing { .. } | Self::Io { .. } => None,
        }
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { earliest } => write!(f, "the log begins at offset {earliest} now"),
            Self::NoSuchPartition { partition, partitions } => {
                write!(f, "there is no partition {partition}: the log has {partitions}, counted from 0")
            }
            Self::Mismatch { path, why } => write!(f, "{} cannot be opened: {why}", path.display()),
            Self::Damaged { path, position, why } => write!(
                f,
                "{} is damaged at byte {position}: {why}; records before it can be read, so restore the file, or remove it and \
                 begin again from a new snapshot",
                path.display()
            ),
            Self::Missing { path, offset } => write!(
                f,
                "the log has lost what it held from offset {offset} on: it should be in {}; records before it can be read, so restore the file, or \
                 remove the folder and begin again from a new snapshot",
                path.display()
            ),
            Self::Io { attempt, path, cause } => write!(f, "could not {attempt} {}: {cause}", path.display()),
        }
    }
}

impl std::error::Error for LogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
