//! The machine loses power while the reader writes to its state folder: of what was not synced, any part may be gone.

use crate::store::disk::journal::{self, Write};
use crate::{Event, Options, Position, Reader};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

type Replica = BTreeMap<i64, String>;

/// Applies the changes; whether their before images were what the copy held.
fn apply(copy: &mut Replica, changes: &[crate::Change]) -> bool {
    let image = |row: &crate::Row| (row.rowid.unwrap_or_default(), format!("{:?}", row.values));
    changes.iter().all(|change| {
        let fits = match change.before.as_ref().map(image) {
            Some((id, before)) => copy.remove(&id) == Some(before),
            None => true,
        };
        let replaced = change.after.as_ref().map(image).and_then(|(id, after)| copy.insert(id, after));
        fits && replaced.is_none()
    })
}

/// What may be left of the folder when power fails after `writes`: everything that was synced, and of the rest what `random` leaves.
fn survivors(writes: &[Write], folder: &Path, random: &mut ChaCha8Rng) -> BTreeMap<PathBuf, Vec<u8>> {
    // Some crashes lose all that they may, some nothing, most a part.
    let keep = random.random_range(0..5);
    let synced_after = |at: usize, what: &Path| {
        writes[at..].iter().any(|write| matches!(write, Write::Sync(path) if path == what))
    };
    let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    for (at, write) in writes.iter().enumerate() {
        let path = match write {
            Write::Create(path) | Write::Remove(path) => (path.starts_with(folder)).then_some((path, folder)),
            Write::Bytes(path, ..) | Write::Length(path, _) => {
                path.starts_with(folder).then_some((path, path.as_path()))
            }
            Write::Sync(_) => None,
        };
        let Some((path, made_sure_by)) = path else { continue };
        if !synced_after(at, made_sure_by) && random.random_range(0..4) >= keep {
            continue;
        }
        match write {
            Write::Create(_) => drop(files.insert(path.clone(), Vec::new())),
            Write::Remove(_) => drop(files.remove(path)),
            Write::Length(_, length) => {
                if let Some(file) = files.get_mut(path) {
                    file.resize(*length as usize, 0);
                }
            }
            Write::Bytes(_, offset, bytes) => {
                // A write that was not synced may have been torn.
                let whole = synced_after(at, path) || keep == 4 || random.random_range(0..2) == 0;
                let length = if whole { bytes.len() } else { random.random_range(0..bytes.len() + 1) };
                if let Some(file) = files.get_mut(path) {
                    let end = *offset as usize + length;
                    file.resize(file.len().max(end), 0);
                    file[*offset as usize..end].copy_from_slice(&bytes[..length]);
                }
            }
            Write::Sync(_) => {}
        }
    }
    files
}

/// Writes 240 transactions, of which the reader acknowledges every second; what a copy held after each position.
fn history(writer: &Connection, database: &Path, state: &Path) -> Vec<Replica> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut reader =
        Reader::open(database, Options { state: Some(state.to_owned()), ..Options::default() }).unwrap();
    let mut copies = vec![Replica::new()];
    for number in 0..240 {
        if number == 120 {
            // Until here the log is restarted now and then; what follows is still in it when the reader returns.
            writer.execute_batch("PRAGMA wal_autocheckpoint=0").unwrap();
        }
        let (id, other) = (random.random_range(0..300), random.random_range(0..300));
        writer
            .execute_batch(&format!(
                "BEGIN; INSERT OR REPLACE INTO t VALUES ({id}, hex(randomblob({}))); DELETE FROM t WHERE id = {other};
                 UPDATE t SET v = v || 'x' WHERE id % 60 = {}; COMMIT",
                random.random_range(0..600),
                id % 60
            ))
            .unwrap();
        let mut copy = copies.last().cloned().unwrap_or_default();
        match reader.next(Duration::from_secs(20)).unwrap() {
            Some(Event::Transaction(transaction)) => {
                assert!(apply(&mut copy, &transaction.changes));
                if copies.len() % 2 == 0 {
                    reader.acknowledge(transaction.position).unwrap();
                }
            }
            other => panic!("{other:?}"),
        }
        copies.push(copy);
    }
    copies
}

/// What is read after the loss leads from a state that there was to the database as it is, and from the acknowledged one unless a gap
/// is declared.
fn resume(database: &Path, state: &Path, copies: &[Replica], context: &str) -> bool {
    let options = Options { state: Some(state.to_owned()), ..Options::default() };
    let mut reader = Reader::open(database, options).unwrap_or_else(|error| panic!("{context}: {error}"));
    let mut candidates = vec![copies[Position::as_u64(reader.position()) as usize].clone()];
    let (mut given, mut gap) = (false, false);
    let begun = Instant::now();
    loop {
        match reader.next(Duration::from_millis(5)).unwrap_or_else(|error| panic!("{context}: {error}")) {
            Some(Event::Transaction(transaction)) => {
                given = true;
                candidates.retain_mut(|copy| apply(copy, &transaction.changes));
                assert!(
                    !candidates.is_empty(),
                    "{context}: before images at {} fit no state",
                    transaction.position
                );
            }
            Some(Event::Gap(_)) => {
                gap = true;
                if !given {
                    candidates = copies.to_vec();
                }
            }
            Some(Event::Schema(change)) => panic!("{context}: {change:?}"),
            None if candidates.iter().any(|copy| Some(copy) == copies.last()) => return gap,
            None => assert!(begun.elapsed() < Duration::from_secs(20), "{context}: changes are missing"),
        }
    }
}

/// Once, a segment was folded into the shadow before it was synced itself: a loss of power in between left a shadow of two states, and
/// changes that were already on it were never given.
#[test]
fn a_loss_of_power_at_any_write_leaves_a_state_to_resume_from() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, rounds) = match number("DRIFTLAB_WAL_POWER_SEED") {
        Some(seed) => (seed, 1),
        None => (0, number("DRIFTLAB_WAL_POWER_ROUNDS").unwrap_or(60)),
    };
    let folder = tempfile::tempdir().unwrap();
    let (database, state) = (folder.path().join("app.db"), folder.path().join("state"));
    let writer = Connection::open(&database).unwrap();
    writer
        .execute_batch(
            "PRAGMA page_size=1024; PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=200;
             CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)",
        )
        .unwrap();
    let copies = history(&writer, &database, &state);
    let writes: Vec<Write> = journal::writes();
    let ready = writes
        .iter()
        .position(|write| matches!(write, Write::Sync(path) if *path == state.join("state")))
        .unwrap();
    let mut gaps = 0;
    for seed in first..first + rounds {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let end = ready + 1 + random.random_range(0..writes.len() - ready);
        let context =
            format!("DRIFTLAB_WAL_POWER_SEED={seed}, power fails after write {end} of {}", writes.len());
        let after = folder.path().join(format!("after-{seed}"));
        std::fs::create_dir(&after).unwrap();
        for (path, bytes) in survivors(&writes[..end], &state, &mut random) {
            std::fs::write(after.join(path.file_name().unwrap()), bytes).unwrap();
        }
        gaps += u32::from(resume(&database, &after, &copies, &context));
        std::fs::remove_dir_all(&after).unwrap();
    }
    println!("{rounds} losses of power, {gaps} gaps declared");
}
