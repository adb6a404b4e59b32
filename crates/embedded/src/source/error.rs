use std::fmt;

/// Why the source could not do its work: SQLite failed, or the reader of its log. A refusal is none.
#[derive(Debug)]
pub struct SourceError {
    attempt: String,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl SourceError {
    /// What was attempted, and what stood against it.
    pub fn new(
        attempt: impl Into<String>,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { attempt: attempt.into(), cause: cause.into() }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the source could not {}: {}", self.attempt, self.cause)
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.cause)
    }
}
