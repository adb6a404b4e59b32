//! A database whose bytes changed while the reader was away: the whole way from files to rows.
//!
//! The input is a list of patches of four bytes each: where (three bytes) and what.

use driftlab_sqlite_wal::{Options, Reader};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// A database, and the state of a reader that read it whole, as files.
struct Sample {
    database: Vec<u8>,
    state: Vec<(std::ffi::OsString, Vec<u8>)>,
}

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("fuzz-database-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("state")).expect("a folder");
    folder
}

fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = folder();
        let (path, state) = (folder.join("s.db"), folder.join("state"));
        std::fs::write(&path, include_bytes!("../sample.db")).expect("a file");
        drop(open(&path, &state).expect("the sample is whole"));
        let files = std::fs::read_dir(state).expect("a folder").flatten();
        let sample = Sample {
            database: std::fs::read(&path).expect("a file"),
            state: files
                .map(|file| (file.file_name(), std::fs::read(file.path()).expect("a file")))
                .collect(),
        };
        std::fs::remove_dir_all(folder).expect("removed");
        sample
    })
}

fn open(path: &Path, state: &Path) -> Option<Reader> {
    Reader::open(path, Options { state: Some(state.to_owned()), ..Options::default() }).ok()
}

/// Reads the patched database to its end, or to an error.
pub(crate) fn run(patches: &[u8]) {
    let sample = sample();
    let folder = folder();
    for (name, bytes) in &sample.state {
        std::fs::write(folder.join("state").join(name), bytes).expect("a file");
    }
    let mut bytes = sample.database.clone();
    for patch in patches.chunks_exact(4) {
        let at = u32::from_le_bytes([patch[0], patch[1], patch[2], 0]) as usize % bytes.len();
        bytes[at] = patch[3];
    }
    let path = folder.join("patched.db");
    std::fs::write(&path, bytes).expect("a file");
    if let Some(mut reader) = open(&path, &folder.join("state")) {
        while let Ok(Some(_)) = reader.next(Duration::from_millis(2)) {}
    }
    std::fs::remove_dir_all(folder).expect("removed");
}
