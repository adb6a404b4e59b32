//! The folder that an experiment's files go to.

use crate::environment::{ENVIRONMENT_FILE, Environment};
use crate::exporter::Report;
use crate::exporters::EXPORTERS;
use crate::swap::swap;
use crate::sweep::Sweep;
use crate::write::{WriteError, failed, write_whole};
use driftlab_scenario::Scenario;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// How much of the digest stands in a run's name: enough to tell variants of one scenario apart.
const DIGEST_DIGITS: usize = 8;
/// How the name of a folder ends that is still being filled.
const UNFINISHED: &str = ".partial";

/// `<base>/<scenario>/<run>/`, known to be writable.
///
/// The run is named after its seeds and the scenario's digest, so equal runs write to the same place, and unequal ones do not. Files are gathered in a hidden folder
/// beside it, which takes its place in one step when all of them are there: whoever looks, and whenever the process is killed, finds the results from before or the new
/// ones, whole.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    gathering: PathBuf,
    /// Held as long as files are gathered. Another process that could have the lock knows that nobody gathers there any more.
    _lock: File,
    /// The folders that were made for it, the innermost first.
    made: Vec<PathBuf>,
}

impl OutputFolder {
    /// Makes the folder to gather files in, and writes and removes a file there, so that what can go wrong goes wrong before an hour of work and not after it.
    ///
    /// Results that are there already stay until they are replaced as a whole. What processes that were killed had gathered for the same run is removed.
    ///
    /// # Errors
    /// When the folder cannot be made or does not take a file. Folders that were made for nothing are removed.
    pub fn prepare(
        base: &Path,
        scenario: &Scenario,
        first_seed: u64,
        seeds: u64,
    ) -> Result<Self, WriteError> {
        Self::prepare_run(base, &scenario.name, &run_name(first_seed, seeds, &scenario.digest))
    }

    /// The same for an exploration of so many seeds, of whose scenario no more is known than its name and its digest: its results stand beside those of runs, not in
    /// their place.
    ///
    /// # Errors
    /// As [`OutputFolder::prepare`].
    pub fn of_exploration(
        base: &Path,
        scenario: &str,
        digest: &str,
        first_seed: u64,
        seeds: u64,
    ) -> Result<Self, WriteError> {
        Self::prepare_run(base, scenario, &format!("explore-{}", run_name(first_seed, seeds, digest)))
    }

    fn prepare_run(base: &Path, scenario: &str, run: &str) -> Result<Self, WriteError> {
        let of_scenario = base.join(safe(scenario));
        let path = of_scenario.join(run);
        let gathering = of_scenario.join(format!(".{run}.{}{UNFINISHED}", std::process::id()));
        let mut made: Vec<PathBuf> =
            of_scenario.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
        remove_abandoned(&of_scenario, run);
        made.insert(0, gathering.clone());
        let probe = gathering.join("probe");
        let lock = fs::create_dir_all(&gathering)
            .map_err(failed(&path, "create the folder"))
            .and_then(|()| fs::write(&probe, b"").map_err(failed(&path, "write to")))
            .and_then(|()| fs::remove_file(&probe).map_err(failed(&path, "remove a file from")))
            .and_then(|()| held(&gathering).map_err(failed(&path, "lock the folder")))
            .inspect_err(|_| remove_empty(&made))?;
        Ok(Self { path, gathering, _lock: lock, made })
    }

    /// Where the results will be, once they are published.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the folder up, because nothing came of the run: nothing of it stays, and the folders that were made for it are removed where they are still empty.
    pub fn abandon(self) {
        let _ = fs::remove_dir_all(&self.gathering);
        remove_empty(&self.made);
    }

    /// Writes the file of every exporter and the environment, then publishes all that was gathered.
    ///
    /// # Errors
    /// The first file that could not be written; the results from before are then still in their place.
    pub fn write(&self, report: &Report<'_>, environment: &Environment) -> Result<(), WriteError> {
        for exporter in EXPORTERS {
            self.put(exporter.file(), exporter.render(report))?;
        }
        for drawn in report.album.plates.iter().filter_map(|plate| plate.shrunk.as_ref()) {
            self.put(&drawn.path(), drawn.file.json())?;
        }
        self.put(ENVIRONMENT_FILE, environment.json())?;
        self.publish()
    }

    /// Writes the files of every exporter for one combination of a matrix, by its number from 1, in a folder of its own below this one.
    ///
    /// # Errors
    /// The first file that could not be written.
    pub fn write_combination(&self, number: usize, report: &Report<'_>) -> Result<(), WriteError> {
        for exporter in EXPORTERS {
            self.put(&format!("combinations/{number:03}/{}", exporter.file()), exporter.render(report))?;
        }
        Ok(())
    }

    /// Writes what came of a matrix as a whole, and the environment, then publishes all that was gathered.
    ///
    /// # Errors
    /// The first file that could not be written; the results from before are then still in their place.
    pub fn write_sweep(&self, sweep: &Sweep, environment: &Environment) -> Result<(), WriteError> {
        self.put("summary.json", sweep.json())?;
        self.put("report.md", sweep.markdown())?;
        self.put("junit.xml", sweep.junit())?;
        self.put("report.html", sweep.html(&environment.again))?;
        self.put(ENVIRONMENT_FILE, environment.json())?;
        self.publish()
    }

    /// Gathers one more file.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn put(&self, file: &str, contents: impl AsRef<[u8]>) -> Result<PathBuf, WriteError> {
        write_whole(&self.gather(file)?, contents)?;
        Ok(self.path.join(file))
    }

    /// The path that a file is to be written to by somebody else before everything is published. The folders above it are there.
    ///
    /// # Errors
    /// When a folder above it could not be made.
    pub fn gather(&self, file: &str) -> Result<PathBuf, WriteError> {
        let path = self.gathering.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed(parent, "create the folder"))?;
        }
        Ok(path)
    }

    /// Puts what was gathered in the place of the results from before, all at once, and lets `latest` beside the folder point at it.
    ///
    /// # Errors
    /// When the folders cannot be exchanged, or `latest` cannot be made.
    pub fn publish(&self) -> Result<(), WriteError> {
        swap(&self.gathering, &self.path).map_err(failed(&self.path, "replace"))?;
        // What is left there now are the results from before, if there were any.
        let _ = fs::remove_dir_all(&self.gathering);
        self.point_latest()
    }

    /// Lets `latest` point at this folder: a symbolic link, or where the file system has none, a text file with the folder's name.
    fn point_latest(&self) -> Result<(), WriteError> {
        let (Some(parent), Some(name)) = (self.path.parent(), self.path.file_name()) else { return Ok(()) };
        let latest = parent.join("latest");
        // Gathered like any other file, so that a link that a killed process leaves behind is removed with the rest.
        let temporary = self.gather("latest")?;
        let linked = link(Path::new(name), &temporary).and_then(|()| fs::rename(&temporary, &latest));
        let _ = fs::remove_dir_all(&self.gathering);
        if linked.is_ok() {
            return Ok(());
        }
        write_whole(&latest, format!("{}\n", name.to_string_lossy()))
    }
}

/// A lock on a folder, where the system has such locks.
fn held(folder: &Path) -> std::io::Result<File> {
    let lock = File::open(folder)?;
    // A file system without locks is no reason not to write results.
    let _ = lock.try_lock();
    Ok(lock)
}

/// Removes what was gathered for a run by processes that are no more.
fn remove_abandoned(of_scenario: &Path, run: &str) {
    let Ok(entries) = fs::read_dir(of_scenario) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let pid = name
            .strip_prefix('.')
            .and_then(|name| name.strip_prefix(run)?.strip_prefix('.')?.strip_suffix(UNFINISHED));
        let is_ours = pid.is_some_and(|pid| pid.bytes().all(|digit| digit.is_ascii_digit()));
        if is_ours && File::open(entry.path()).is_ok_and(|folder| folder.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(entry.path());
        }
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
