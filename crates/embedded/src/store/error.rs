use std::fmt;
use std::path::{Path, PathBuf};

/// Why a store could not do its work: the component under it failed. A refusal is none; see [`super::Backend`].
#[derive(Debug)]
pub struct StoreError {
    attempt: String,
    place: Option<PathBuf>,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// What was attempted, and what stood against it.
    pub fn new(
        attempt: impl Into<String>,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { attempt: attempt.into(), place: None, cause: cause.into() }
    }

    /// The same, with the file or folder concerned.
    pub fn at(
        attempt: impl Into<String>,
        place: &Path,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { place: Some(place.to_path_buf()), ..Self::new(attempt, cause) }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {}", self.attempt)?;
        if let Some(place) = &self.place {
            write!(f, " {}", place.display())?;
        }
        write!(f, ": {}", self.cause)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.cause)
    }
}
