//! A file as a scenario.

use crate::matrix::Matrix;
use crate::overrides::Overrides;
use crate::problem::Problem;
use crate::registries::Registries;
use crate::render::Problems;
use crate::scenario::Scenario;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a scenario could not be loaded.
#[derive(Debug)]
pub enum LoadError {
    /// The file could not be read at all.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It was read, and it is wrong.
    Invalid(Problems),
}

impl Scenario {
    /// Reads a scenario file, with the registries of this version.
    ///
    /// # Errors
    /// When the file cannot be read, or with everything that is wrong in it. A file with a `[matrix]` is refused: see [`Matrix::load`].
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, LoadError> {
        let (file, text) = read(path)?;
        let scenario = Self::parse(&text, &file, overrides, &Registries::standard());
        Ok(Self { name: name_at(path), ..scenario.map_err(LoadError::Invalid)? })
    }
}

impl Matrix {
    /// Reads a scenario file with all its combinations, with the registries of this version.
    ///
    /// # Errors
    /// When the file cannot be read, or with everything that is wrong in it.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, LoadError> {
        let (file, text) = read(path)?;
        let matrix = Self::parse(&text, &file, overrides, &Registries::standard());
        let mut matrix = matrix.map_err(LoadError::Invalid)?;
        matrix.cells.iter_mut().for_each(|cell| cell.scenario.name = name_at(path));
        Ok(matrix)
    }
}

/// A file's name in messages, and its text.
fn read(path: &Path) -> Result<(String, String), LoadError> {
    let file = path.display().to_string();
    let bytes =
        std::fs::read(path).map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        // What precedes the first wrong byte is the same in the lossy text, so the place is right.
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let problem = Problem::new(at..at + 1, "this is not TOML", "expected text encoded as UTF-8");
        LoadError::Invalid(Problems::new(&file, &text, vec![problem]))
    })?;
    Ok((file, text))
}

/// The name must not depend on the directory from which the file was named.
fn name_at(path: &Path) -> String {
    std::path::absolute(path).map_or_else(|_| name_of(path), |absolute| name_of(&absolute))
}

/// The path below the innermost folder `scenarios`, without the ending, or else the file's stem.
pub(crate) fn name_of(path: &Path) -> String {
    let whole = path.with_extension("");
    let parts: Vec<_> = whole.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let Some((stem, folders)) = parts.split_last() else { return path.display().to_string() };
    match folders.iter().rposition(|folder| folder == "scenarios") {
        Some(at) => parts[at + 1..].join("/"),
        None => stem.to_string(),
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => {
                write!(f, "cannot read the scenario {}: {source}", path.display())
            }
            Self::Invalid(problems) => problems.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            Self::Invalid(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_path_below_scenarios() {
        for (path, name) in [
            ("scenarios/dual-write/two-writers/broken.toml", "dual-write/two-writers/broken"),
            ("/home/scenarios/mine/scenarios/etl/late.toml", "etl/late"),
            ("elsewhere/late.toml", "late"),
            ("scenarios.toml", "scenarios"),
            ("<text>", "<text>"),
        ] {
            assert_eq!(name_of(Path::new(path)), name);
        }
    }
}
