use driftlab_model::port::{LoadId, Reply, Request};
use driftlab_model::{Bookmark, Fingerprint, Key, Outcome, Refusal, Row, Time};
use driftlab_sink::Staging;
use std::collections::BTreeMap;
use std::mem;

/// What every simulated store keeps beside its rows: staged loads that nobody sees, and the rules for them and for the bookmark.
#[derive(Debug, Default)]
pub(super) struct Intake {
    rules: driftlab_sink::Intake,
    staged: BTreeMap<LoadId, Vec<(Key, Row)>>,
}

impl Intake {
    /// Adds rows to a load, and gives its name. Refused where there is no such load.
    pub(super) fn stage(
        &mut self,
        now: Time,
        load: Option<LoadId>,
        rows: &[(Key, Row)],
    ) -> Result<LoadId, Refusal> {
        let (load, staging) = self.rules.stage(now, load)?;
        if staging != Staging::Over {
            self.staged.entry(load).or_default().extend_from_slice(rows);
        }
        Ok(load)
    }

    /// The rows of a load, by key, each key once; of a key that was staged twice the last row counts.
    ///
    /// `None` where this load is already published. Refused where there is no such load.
    pub(super) fn publish(
        &mut self,
        load: LoadId,
        bookmark: Bookmark,
    ) -> Result<Option<Vec<(Key, Row)>>, Refusal> {
        if !self.rules.publish(load, bookmark)? {
            return Ok(None);
        }
        let mut rows = self.staged.remove(&load).unwrap_or_default();
        self.staged.clear();
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        rows.dedup_by(|later, earlier| {
            let repeated = later.0 == earlier.0;
            if repeated {
                mem::swap(later, earlier);
            }
            repeated
        });
        Ok(Some(rows))
    }

    /// Moves the bookmark on from `after`; see [`driftlab_sink::Intake::take_step`].
    pub(super) fn take_step(&mut self, after: Bookmark, bookmark: Bookmark) -> Result<(), Refusal> {
        self.rules.take_step(after, bookmark)
    }

    /// Answers the requests that concern nothing but the intake; refuses all others as unsupported.
    pub(super) fn answer(&mut self, now: Time, request: &Request) -> Outcome<Reply> {
        match request {
            Request::Bookmark => Ok(Reply::Bookmark(self.rules.bookmark())),
            Request::Stage { load, rows } => Ok(Reply::Staged(self.stage(now, *load, rows)?)),
            _ => Err(Refusal::Unsupported.into()),
        }
    }

    /// Takes in the bookmark; false where there were loads, which it does not tell.
    pub(super) fn fingerprint(&self, print: &mut Fingerprint<'_>) -> bool {
        print.word(self.rules.bookmark().map_or(0, |bookmark| 1 + bookmark.0));
        self.rules.knows_no_load()
    }

    pub(super) fn reset(&mut self) {
        // To clear a tree costs something even where it is empty, and most runs stage nothing.
        if !self.staged.is_empty() {
            self.staged.clear();
        }
        self.rules.reset();
    }
}
