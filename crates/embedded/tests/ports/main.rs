//! What the ports promise, whatever world is behind them: each body runs in the virtual world and on real stores.
//!
//! Where the two differ, one of them does not do what the strategies were told, and the virtual world cannot predict the real one.

mod arm;
mod checkpoint;
mod events;
mod log;
mod slots;
mod snapshots;
mod transactions;

use arm::{Embedded, Simulated};

/// Makes a test of each body on each arm.
macro_rules! on_both_arms {
    ($($family:ident: $($body:ident),+;)+) => {
        mod simulated {
            use super::*;
            $($(#[test] fn $body() { $family::$body::<Simulated>(); })+)+
        }
        mod embedded {
            use super::*;
            $($(#[test] fn $body() { $family::$body::<Embedded>(); })+)+
        }
    };
}

on_both_arms! {
    transactions:
        a_commit_tells_what_each_row_was_and_is,
        a_truncate_is_a_deletion_of_every_row,
        a_row_that_is_given_another_key_goes_and_comes,
        values_come_back_as_they_were,
        several_writes_of_a_row_are_one_change,
        what_is_rolled_back_leaves_no_trace,
        an_insert_over_a_row_is_refused_and_changes_nothing,
        a_statement_without_a_row_changes_nothing_and_takes_no_place,
        increments_of_two_clients_both_count,
        positions_and_versions_grow_with_every_commit,
        an_open_transaction_is_seen_by_nobody,
        a_client_that_goes_away_before_the_commit_leaves_nothing,
        of_two_appends_at_one_version_one_is_refused_and_finds_the_stream_grown;
    events:
        the_outbox_holds_the_events_of_a_transaction_in_order,
        the_outbox_is_rolled_back_with_its_transaction,
        removed_events_are_gone_and_their_numbers_are_not_given_again,
        triggers_tell_of_every_row_change,
        triggers_tell_of_both_keys_and_of_no_truncate,
        the_bulk_path_goes_past_the_triggers,
        nothing_that_commits_later_lies_below_the_settled_number;
    snapshots:
        a_snapshot_shows_one_state_whatever_commits_meanwhile,
        pages_follow_each_other_in_key_order_and_end,
        stamped_scans_give_what_changed_and_what_was_softly_deleted,
        a_softly_deleted_row_is_gone_and_can_come_back;
    slots:
        a_slot_gives_the_commits_that_clients_were_told_of,
        whoever_follows_a_slot_has_the_rows_of_the_source,
        reading_begins_again_where_it_was_acknowledged,
        a_read_waits_for_the_first_commit_and_no_longer_than_it_should,
        a_watermark_stands_between_the_commits_before_and_after_it,
        a_slot_that_was_never_made_is_lost;
    log:
        what_is_appended_is_read_again_and_again_from_any_place,
        a_read_at_the_end_waits_for_what_comes_and_no_longer_than_it_should;
    checkpoint:
        a_bookmark_is_what_was_last_saved_under_its_name;
}
