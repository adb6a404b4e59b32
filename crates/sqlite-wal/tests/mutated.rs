//! Damaged logs, pages and records: errors or fewer transactions; no panic, no endless loop, no memory beyond the input's size.
//!
//! The fuzz targets in `fuzz/` do the same for longer.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod common;

use common::connect;
use driftlab_sqlite_wal::page::{DatabaseHeader, Encoding, Node, NodeKind, Record};
use driftlab_sqlite_wal::wal::{Chain, HEADER_BYTES, Header};
use driftlab_sqlite_wal::{Options, Reader};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// A database with trees of several levels, overflow and both kinds of tables, and its log before the checkpoint.
fn sample() -> &'static (Vec<u8>, Vec<u8>) {
    static SAMPLE: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let writer = connect(&path);
        writer
            .execute_batch(
                "PRAGMA page_size=512; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;
                 CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b REAL);
                 CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID;
                 CREATE INDEX i ON t(a);
                 WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s LIMIT 300)
                 INSERT INTO t SELECT n, hex(randomblob(n % 40)), n FROM s;
                 INSERT INTO w SELECT 'k' || id, a FROM t;
                 UPDATE t SET a = hex(randomblob(900)) WHERE id % 50 = 0;",
            )
            .unwrap();
        let log = std::fs::read(folder.path().join("s.db-wal")).unwrap();
        writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        (std::fs::read(&path).unwrap(), log)
    })
}

fn mutated(bytes: &[u8], mutations: &[(usize, u8)], cut: usize) -> Vec<u8> {
    let mut bytes = bytes[..bytes.len() - cut % bytes.len()].to_vec();
    let length = bytes.len();
    for (at, value) in mutations {
        bytes[at % length] = *value;
    }
    bytes
}

/// The transactions that verify.
fn transactions(log: &[u8]) -> usize {
    let Some(header) = Header::parse(log) else { return 0 };
    let mut chain = Chain::start(&header);
    let frames = log[HEADER_BYTES..].chunks_exact(24 + header.page_size as usize);
    frames.map_while(|bytes| chain.step(bytes)).filter(|frame| frame.commit > 0).count()
}

/// Everything that a page can be asked.
fn ask(page: u32, bytes: &[u8], usable: usize) {
    let Ok(node) = Node::parse(page, bytes, usable) else { return };
    let _ = node.children();
    for index in 0..node.len() {
        let _ = node.rowid(index);
        let Ok(cell) = node.cell(index) else { continue };
        assert!(
            cell.local.len() <= usable && (node.kind() != NodeKind::TableInterior || cell.local.is_empty())
        );
        for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be] {
            let Some(mut record) = Record::parse(cell.local, encoding) else { continue };
            while let Ok(Some(_)) = record.next_field() {}
        }
    }
}

fn mutations() -> impl Strategy<Value = Vec<(usize, u8)>> {
    prop::collection::vec((any::<usize>(), any::<u8>()), 0..12)
}

fn open(path: &Path, state: &Path) -> Option<Reader> {
    Reader::open(path, Options { state: Some(state.to_owned()), ..Options::default() }).ok()
}

fn copy(from: &Path, to: &Path) -> PathBuf {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    to.to_owned()
}

/// A state folder that was made from the whole sample.
fn state() -> &'static tempfile::TempDir {
    static STATE: OnceLock<tempfile::TempDir> = OnceLock::new();
    STATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        std::fs::write(&path, &sample().0).unwrap();
        open(&path, &folder.path().join("state")).expect("the sample is whole");
        folder
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_log_verifies_no_more_than_the_whole_one(mutations in mutations(), cut in 0_usize..20_000) {
        let whole = &sample().1;
        prop_assert!(transactions(&mutated(whole, &mutations, cut)) <= transactions(whole));
    }

    #[test]
    fn a_mutated_page_decodes_or_is_refused(
        page in 0_usize..200, mutations in mutations(), usable in 480_usize..=512, first in any::<bool>(),
    ) {
        let database = &sample().0;
        let start = page * 512 % database.len();
        let bytes = mutated(&database[start..start + 512], &mutations, 0);
        ask(if first { 1 } else { 2 }, &bytes, usable);
        let _ = DatabaseHeader::parse(&bytes);
    }

    #[test]
    fn bytes_out_of_nowhere_are_no_page(bytes in prop::collection::vec(any::<u8>(), 0..1200), usable in 480_usize..1200) {
        ask(2, &bytes, usable);
        let _ = Header::parse(&bytes);
        let _ = DatabaseHeader::parse(&bytes);
        let _ = Record::parse(&bytes, Encoding::Utf16Be);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// The pages changed while the reader was away, to something that is no database any more: the whole way from files to rows.
    #[test]
    fn a_reader_that_returns_to_a_mutated_database_says_so_or_reads_it(mutations in mutations()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        std::fs::write(&path, mutated(&sample().0, &mutations, 0)).unwrap();
        let state = copy(&state().path().join("state"), &folder.path().join("state"));
        if let Some(mut reader) = open(&path, &state) {
            while let Ok(Some(_)) = reader.next(Duration::from_millis(5)) {}
        }
    }

    #[test]
    fn a_mutated_state_folder_is_refused_or_resumed(mutations in mutations(), file in 0_usize..3) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        std::fs::write(&path, &sample().0).unwrap();
        let state = copy(&state().path().join("state"), &folder.path().join("state"));
        let file = state.join(["state", "relay-1", "shadow"][file]);
        std::fs::write(&file, mutated(&std::fs::read(&file).unwrap(), &mutations, 0)).unwrap();
        if let Some(mut reader) = open(&path, &state) {
            while let Ok(Some(_)) = reader.next(Duration::from_millis(5)) {}
        }
    }
}
