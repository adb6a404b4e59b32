//! A database whose bytes changed while the reader was away: the whole way from files to rows.
//!
//! The input is a list of patches of four bytes each: where (three bytes) and what.
#![no_main]

use driftlab_sqlite_wal::{Options, Reader};
use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// A folder with a whole database, and the state of a reader that read it.
fn sample() -> &'static (PathBuf, Vec<u8>) {
    static SAMPLE: OnceLock<(PathBuf, Vec<u8>)> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("fuzz-database-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("s.db");
        std::fs::write(&path, include_bytes!("../sample.db")).expect("a file");
        drop(open(&path, &folder.join("sample")).expect("the sample is whole"));
        let bytes = std::fs::read(&path).expect("a file");
        (folder, bytes)
    })
}

fn open(path: &Path, state: &Path) -> Option<Reader> {
    Reader::open(path, Options { state: Some(state.to_owned()), ..Options::default() }).ok()
}

fuzz_target!(|patches: &[u8]| {
    let (folder, whole) = sample();
    let state = folder.join("state");
    let _ = std::fs::remove_dir_all(&state);
    std::fs::create_dir(&state).expect("a folder");
    for entry in std::fs::read_dir(folder.join("sample")).expect("a folder").flatten() {
        std::fs::copy(entry.path(), state.join(entry.file_name())).expect("a copy");
    }
    let mut bytes = whole.clone();
    for patch in patches.chunks_exact(4) {
        let at = u32::from_le_bytes([patch[0], patch[1], patch[2], 0]) as usize % whole.len();
        bytes[at] = patch[3];
    }
    let path = folder.join("patched.db");
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("patched.db{suffix}")));
    }
    std::fs::write(&path, bytes).expect("a file");
    if let Some(mut reader) = open(&path, &state) {
        while let Ok(Some(_)) = reader.next(Duration::from_millis(2)) {}
    }
});
