//! The scenario files below a folder.

use super::Entry;
use driftlab_scenario::matrix::Axis;
use driftlab_scenario::{LoadError, Matrix, Overrides};
use std::path::{Path, PathBuf};

/// The scenarios below a folder, by path. One that is wrong is listed too, so that nobody wonders where it went.
pub(crate) fn below(folder: &Path) -> Vec<Entry> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    files.iter().map(|file| entry(file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        // A link could lead in a circle.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
    }
}

fn entry(file: &Path) -> Entry {
    let name = file.display().to_string();
    let read = Matrix::load(file, &Overrides::default()).or_else(|error| {
        // Some scenarios want a database from the command line; which one does not matter here, it is not opened.
        let anything = Overrides { database: Some(PathBuf::from("FILE")), ..Overrides::default() };
        Matrix::load(file, &anything).map_err(|_| error)
    });
    let (summary, more) = match read {
        Ok(matrix) => {
            let scenario = &matrix.cells[0].scenario;
            let strategies: Vec<&str> =
                scenario.strategies.iter().map(|strategy| strategy.name.as_str()).collect();
            let mut more = vec![("strategies", strategies.join(", "))];
            if !scenario.story.is_empty() {
                more.insert(0, ("story", scenario.story.clone()));
            }
            if matrix.is_swept() {
                let axis = |axis: &Axis| format!("{} = {}", axis.option, axis.values.join(", "));
                more.push(("sweeps", matrix.axes.iter().map(axis).collect::<Vec<_>>().join("; ")));
            }
            (matrix.title, more)
        }
        Err(LoadError::Unreadable { source, .. }) => (format!("(cannot be read: {source})"), Vec::new()),
        Err(LoadError::Invalid(_)) => ("(wrong: run it to see where)".to_owned(), Vec::new()),
    };
    Entry { name, summary, more, settings: Vec::new() }
}
