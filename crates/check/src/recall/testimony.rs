use super::journals;
use super::truth::Truth;
use driftlab_model::{Recount, Retained, Testimony};

/// What can be made of what is left when a run has ended, and of what the strategy itself makes of its tables; `event_table` is what its event table is called.
#[must_use]
pub fn testimony(retained: &Retained, recount: Option<Recount>, event_table: &str) -> Testimony {
    let log = journals::log(&retained.log);
    let mut testimony = Testimony { began: retained.began, ..Testimony::default() };
    let journals = &mut testimony.journals;
    if let Some(mut recount) = recount {
        // The log has the commits in order, and a stamp is older than its commit.
        if let Some(log) = &log {
            journals::date(&mut recount.journal, log);
        }
        testimony.own = recount.own;
        journals.push(recount.journal);
    }
    journals.extend(log);
    journals.extend(journals::event_table(event_table, &retained.events, retained.events_removed));
    journals.push(journals::tables(&retained.rows, &retained.marked));
    for entry in journals.iter_mut().flat_map(|journal| &mut journal.entries) {
        entry.at = entry.at.by_run(retained.began);
    }
    testimony
}

/// The same, and what sinks that keep every version have, as far as anybody is going to ask.
#[must_use]
pub fn with_versions(mut testimony: Testimony, truth: &Truth) -> Testimony {
    let versions = journals::versions(truth, &testimony);
    let before_tables = testimony.journals.len().saturating_sub(1);
    testimony.journals.splice(before_tables..before_tables, versions);
    testimony
}
