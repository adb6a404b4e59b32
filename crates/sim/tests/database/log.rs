//! The write-ahead log and its slots.

use crate::fixture::{Bank, put};
use driftlab_model::{Commit, Lsn, Refusal, Time, TransactionId, Watermark};
use driftlab_sim::database::DatabaseConfig;
use std::sync::Arc;

fn bank() -> Bank {
    Bank::new(DatabaseConfig::default(), 5)
}

fn read(bank: &Bank, slot: &str, after: Lsn, limit: usize) -> Result<Vec<Arc<Commit>>, Refusal> {
    let mut out = Vec::new();
    bank.db.read_slot(slot, after, limit, &mut out)?;
    Ok(out)
}

#[test]
fn a_slot_gives_whole_commits_in_order_from_where_it_was_created() {
    let mut bank = bank();
    let before = bank.autocommit(&put(1, 0));
    let start = bank.db.create_slot("cdc");
    assert_eq!(start, before.lsn);
    let commits: Vec<_> = (1..=5).map(|n| bank.autocommit(&put(n, n))).collect();
    let rolled_back = bank.begin();
    bank.run(rolled_back, 0, &put(1, 9));
    bank.db.rollback(rolled_back.session);
    assert_eq!(read(&bank, "cdc", start, 100).unwrap(), commits);
    assert_eq!(read(&bank, "cdc", start, 2).unwrap(), commits[..2]);
    assert_eq!(read(&bank, "cdc", commits[1].lsn, 2).unwrap(), commits[2..4]);
    for pair in commits.windows(2) {
        assert_eq!(pair[1].lsn.0 - pair[0].lsn.0, pair[1].size() as u64);
    }
    assert_eq!(bank.db.log_end(), commits[4].lsn);
    assert_eq!(bank.db.create_slot("cdc"), start, "it is found, not made anew");
}

#[test]
fn what_a_slot_has_confirmed_is_not_given_again_and_nothing_else_is_lost() {
    let mut bank = bank();
    bank.db.create_slot("quick");
    bank.db.create_slot("slow");
    let commits: Vec<_> = (1..=4).map(|n| bank.autocommit(&put(n, n))).collect();
    bank.db.confirm("quick", commits[2].lsn).unwrap();
    bank.db.confirm("quick", commits[0].lsn).unwrap();
    assert_eq!(bank.db.confirmed("quick"), Ok(commits[2].lsn), "never backwards");
    assert_eq!(read(&bank, "quick", Lsn(0), 100).unwrap(), commits[3..]);
    assert_eq!(read(&bank, "slow", Lsn(0), 100).unwrap(), commits);
    bank.db.drop_slot("slow");
    assert_eq!(read(&bank, "slow", Lsn(0), 100), Err(Refusal::SlotLost));
    assert_eq!(read(&bank, "quick", Lsn(0), 100).unwrap(), commits[3..]);
    bank.db.confirm("quick", Lsn(u64::MAX)).unwrap();
    assert_eq!(bank.db.confirmed("quick"), Ok(commits[3].lsn), "never beyond the end");
    let next = bank.autocommit(&put(1, 1));
    assert_eq!(read(&bank, "quick", commits[3].lsn, 9).unwrap(), [next]);
}

#[test]
fn the_log_keeps_nothing_that_no_slot_holds_back() {
    let mut bank = bank();
    let commit = bank.autocommit(&put(1, 1));
    assert_eq!(Arc::strong_count(&commit), 1);
    bank.db.create_slot("cdc");
    let commit = bank.autocommit(&put(1, 2));
    assert_eq!(Arc::strong_count(&commit), 2);
    bank.db.confirm("cdc", commit.lsn).unwrap();
    assert_eq!(Arc::strong_count(&commit), 1);
    let commit = bank.autocommit(&put(1, 3));
    bank.db.drop_slot("cdc");
    assert_eq!(Arc::strong_count(&commit), 1);
}

/// An abandoned slot fills the disk of its database; a retention cap saves the disk and loses the slot.
#[test]
fn a_slot_that_holds_back_too_much_is_invalidated() {
    let mut bank = Bank::new(DatabaseConfig { retain_bytes: Some(1_000), ..DatabaseConfig::default() }, 5);
    bank.db.create_slot("abandoned");
    bank.db.create_slot("alive");
    let mut commits = Vec::new();
    while bank.db.confirmed("abandoned").is_ok() {
        let commit = bank.autocommit(&put(1, 1));
        if commits.len() < 3 {
            bank.db.confirm("alive", commit.lsn).unwrap();
        }
        commits.push(commit);
        assert!(commits.len() < 1_000);
    }
    assert!(bank.db.log_end().0 > 1_000);
    assert!(bank.db.costs().log_bytes_retained_max > 1_000);
    assert_eq!(read(&bank, "abandoned", Lsn(0), 1), Err(Refusal::SlotLost));
    assert_eq!(bank.db.confirm("abandoned", Lsn(1)), Err(Refusal::SlotLost));
    assert_eq!(read(&bank, "alive", Lsn(0), 100).unwrap(), commits[3..]);
    assert_eq!(Arc::strong_count(&commits[0]), 1, "what only the lost slot held back is gone");
    assert_eq!(bank.db.create_slot("abandoned"), bank.db.log_end(), "created again, it begins anew");
    assert_eq!(read(&bank, "abandoned", Lsn(0), 100).unwrap(), []);
}

/// patroni#3641: nothing is written to the captured tables, and everything to those beside them.
#[test]
fn a_slot_holds_back_what_neighbours_write_until_a_mark_moves_it_on() {
    let neighbours = DatabaseConfig {
        neighbours_bytes_per_s: 1_000,
        retain_bytes: Some(5_000),
        ..DatabaseConfig::default()
    };
    let mut bank = Bank::new(neighbours, 5);
    bank.db.create_slot("idle");
    bank.db.create_slot("beating");
    for second in 1..=4 {
        let beat = bank.db.mark(Watermark(1), Time::from_nanos(second * 1_000_000_000));
        bank.db.confirm("beating", beat).unwrap();
        assert!((1_000 * second..1_100 * second).contains(&beat.0), "{beat} after {second} s");
    }
    assert!(bank.db.costs().log_bytes_retained_max > 4_000);
    bank.db.mark(Watermark(1), Time::from_nanos(6_000_000_000));
    assert_eq!(bank.db.confirmed("idle"), Err(Refusal::SlotLost));
    assert!(bank.db.confirmed("beating").is_ok());
}

#[test]
fn a_watermark_is_a_record_of_its_own_and_no_commit() {
    let mut bank = bank();
    bank.db.create_slot("cdc");
    let before = bank.autocommit(&put(1, 1));
    let at = bank.db.mark(Watermark(7), Time::from_nanos(99));
    let after = bank.autocommit(&put(1, 2));
    assert!(before.lsn < at && at < after.lsn);
    assert_eq!(after.index, before.index.next());
    let records = read(&bank, "cdc", Lsn(0), 10).unwrap();
    assert_eq!(records.len(), 3);
    let mark = &records[1];
    assert_eq!((mark.watermark, mark.lsn, mark.index), (Some(Watermark(7)), at, before.index));
    assert_eq!((mark.transaction, mark.at), (TransactionId::default(), Time::from_nanos(99)));
    assert!(mark.changes.is_empty());
}
