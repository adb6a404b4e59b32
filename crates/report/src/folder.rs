//! The folder that an experiment's files go to.

use crate::environment::{ENVIRONMENT_FILE, Environment};
use crate::exporter::Report;
use crate::exporters::EXPORTERS;
use crate::sweep::Sweep;
use crate::write::{WriteError, failed, write_whole};
use driftlab_scenario::Scenario;
use std::fs;
use std::path::{Path, PathBuf};

/// How much of the digest stands in a run's name: enough to tell variants of one scenario apart.
const DIGEST_DIGITS: usize = 8;

/// `<base>/<scenario>/<run>/`, known to be writable.
///
/// The run is named after its seeds and the scenario's digest, so equal runs write to the same place, and unequal ones do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFolder {
    path: PathBuf,
    /// The folders that were made for it, the innermost first.
    made: Vec<PathBuf>,
}

impl OutputFolder {
    /// Makes the folder, and writes and removes a file in it, so that what can go wrong goes wrong before an hour of work and not after it.
    ///
    /// Results that are there already stay until they are replaced, each file whole.
    ///
    /// # Errors
    /// When the folder cannot be made or does not take a file. Folders that were made for nothing are removed.
    pub fn prepare(
        base: &Path,
        scenario: &Scenario,
        first_seed: u64,
        seeds: u64,
    ) -> Result<Self, WriteError> {
        Self::of_run(base, &scenario.name, &scenario.digest, first_seed, seeds)
    }

    /// The same for a scenario of which no more is known than its name and its digest.
    ///
    /// # Errors
    /// As [`OutputFolder::prepare`].
    pub fn of_run(
        base: &Path,
        scenario: &str,
        digest: &str,
        first_seed: u64,
        seeds: u64,
    ) -> Result<Self, WriteError> {
        let of_scenario = base.join(safe(scenario));
        let path = of_scenario.join(run_name(first_seed, seeds, digest));
        let made: Vec<PathBuf> =
            path.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
        let probe = path.join(format!(".{}.probe", std::process::id()));
        fs::create_dir_all(&path)
            .map_err(failed(&path, "create the folder"))
            .and_then(|()| fs::write(&probe, b"").map_err(failed(&path, "write to")))
            .and_then(|()| fs::remove_file(&probe).map_err(failed(&path, "remove a file from")))
            .inspect_err(|_| remove_empty(&made))?;
        Ok(Self { path, made })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the folder up, because nothing came of the run: the folders that were made for it are removed where they are still empty.
    pub fn abandon(self) {
        remove_empty(&self.made);
    }

    /// Writes the file of every exporter and the environment, then lets `latest` beside the folder point at it.
    ///
    /// # Errors
    /// The first file that could not be written; those before it are there, whole.
    pub fn write(&self, report: &Report<'_>, environment: &Environment) -> Result<(), WriteError> {
        for exporter in EXPORTERS {
            write_whole(&self.path.join(exporter.file()), &exporter.render(report))?;
        }
        write_whole(&self.path.join(ENVIRONMENT_FILE), &environment.json())?;
        self.point_latest()
    }

    /// Writes the files of every exporter for one combination of a matrix, by its number from 1, in a folder of its own below this one.
    ///
    /// # Errors
    /// The first file that could not be written.
    pub fn write_combination(&self, number: usize, report: &Report<'_>) -> Result<(), WriteError> {
        for exporter in EXPORTERS {
            self.put(&format!("combinations/{number:03}/{}", exporter.file()), &exporter.render(report))?;
        }
        Ok(())
    }

    /// Writes what came of a matrix as a whole, and the environment, then lets `latest` beside the folder point at it.
    ///
    /// # Errors
    /// The first file that could not be written; those before it are there, whole.
    pub fn write_sweep(&self, sweep: &Sweep, environment: &Environment) -> Result<(), WriteError> {
        write_whole(&self.path.join("summary.json"), &sweep.json())?;
        write_whole(&self.path.join("report.md"), &sweep.markdown())?;
        write_whole(&self.path.join(ENVIRONMENT_FILE), &environment.json())?;
        self.point_latest()
    }

    /// Writes one more file below the folder.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn put(&self, file: &str, text: &str) -> Result<PathBuf, WriteError> {
        let path = self.path.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed(parent, "create the folder"))?;
        }
        write_whole(&path, text)?;
        Ok(path)
    }

    /// Lets `latest` point at this folder: a symbolic link, or where the file system has none, a text file with the folder's name.
    ///
    /// # Errors
    /// When neither can be made.
    pub fn point_latest(&self) -> Result<(), WriteError> {
        let (Some(parent), Some(name)) = (self.path.parent(), self.path.file_name()) else { return Ok(()) };
        let latest = parent.join("latest");
        let temporary = parent.join(format!(".latest.{}.partial", std::process::id()));
        let _ = fs::remove_file(&temporary);
        let linked = link(Path::new(name), &temporary).and_then(|()| fs::rename(&temporary, &latest));
        if linked.is_ok() {
            return Ok(());
        }
        let _ = fs::remove_file(&temporary);
        write_whole(&latest, &format!("{}\n", name.to_string_lossy()))
    }
}

/// Removes folders, as far as nothing is in them.
fn remove_empty(folders: &[PathBuf]) {
    for folder in folders {
        let _ = fs::remove_dir(folder);
    }
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(not(unix))]
fn link(_target: &Path, _at: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// `seed-1-x8-3f2a9c01`.
fn run_name(first_seed: u64, seeds: u64, digest: &str) -> String {
    let digest: String = digest
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(DIGEST_DIGITS)
        .collect::<String>()
        .to_lowercase();
    let mut name = format!("seed-{first_seed}-x{seeds}");
    if !digest.is_empty() {
        name.push('-');
        name.push_str(&digest);
    }
    name
}

/// A scenario's name as a path that stays below its base, whatever the file was called.
fn safe(name: &str) -> PathBuf {
    let part = |part: &str| {
        let kept = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
        part.chars().map(kept).collect::<String>()
    };
    let path: PathBuf =
        name.split(['/', '\\']).map(part).filter(|part| part.chars().any(|c| c != '.')).collect();
    if path.as_os_str().is_empty() { PathBuf::from("scenario") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leads_out_of_the_results() {
        assert_eq!(safe("dual-write/two-writers/broken"), Path::new("dual-write/two-writers/broken"));
        assert_eq!(safe("../../etc/passwd"), Path::new("etc/passwd"));
        assert_eq!(safe("/"), Path::new("scenario"));
        assert_eq!(safe("a b:c"), Path::new("a-b-c"));
    }

    #[test]
    fn equal_runs_have_equal_names() {
        assert_eq!(run_name(1, 8, "3F2A9C01DD"), "seed-1-x8-3f2a9c01");
        assert_eq!(run_name(7, 1, ""), "seed-7-x1");
    }
}
