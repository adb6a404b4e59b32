//! The search index: tantivy. A row is a document: the key an indexed term, the row stored whole, its texts indexed as words.
//!
//! Writes go to the index's writer; version checks meet them at once, readers see them after the next refresh, which is a commit of the index and a reload of
//! its reader. An atomic step is a commit of its own, whose payload carries the bookmark: the two can never part. What was written since the last
//! commit dies with the process, as in any index without a translog.
//!
//! A load is written into an index of its own, and publishing it switches the alias that readers follow.

mod alias;
mod document;
mod live;
mod order;

use self::alias::Alias;
use self::document::{Content, Entry};
use self::live::LiveIndex;
use super::registry::{BackendEntry, Inapt, Place};
use super::{Backend, StoreError, Visible};
use driftlab_model::port::{Condition, Delivery, LoadId, Reply, Request};
use driftlab_model::{
    Bookmark, Failure, Key, Outcome, Refusal, Row, Settings, Shown, SinkKind, Span, Time, View,
};
use driftlab_sink::{Intake, Staging};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};

pub(super) const ENTRY: BackendEntry = BackendEntry {
    name: "search",
    summary: "tantivy, a full-text index: writes become visible at the next refresh, external versions are compared at once",
    kind: SinkKind::Search,
    inapt: &[Inapt {
        setting: "bulk_failures",
        reason: "takes every delivery of a bulk request that is not outdated",
    }],
    open: |settings, place| Ok(Box::new(SearchIndex::open(settings, place)?)),
};

struct SearchIndex {
    place: Place,
    refresh: Span,
    tombstones: Span,
    alias: Alias,
    next_index: u64,
    live: LiveIndex,
    /// What was written since readers were last shown the state: an uncommitted document cannot be searched, and versions must be compared with it.
    unshown: BTreeMap<Key, Entry>,
    /// Deletions by the moment at which their documents may go.
    deletions: BTreeSet<(Time, Key)>,
    staged: BTreeMap<LoadId, LiveIndex>,
    refresh_at: Option<Time>,
    /// Whether the load was declared complete before readers could see all of it.
    completed: bool,
}

type Answer<T> = Result<Result<T, Refusal>, StoreError>;

impl SearchIndex {
    fn open(given: &Settings, place: &Place) -> Result<Self, StoreError> {
        let folder = &place.folder;
        fs::create_dir_all(folder).map_err(|cause| StoreError::at("create", folder, cause))?;
        let mut alias = Alias::read(folder)?;
        let next_index = remove_others(folder, alias.index)?;
        let live = LiveIndex::open(index_folder(folder, alias.index))?;
        alias.intake = alias.intake.reopened();
        alias.intake.restore_bookmark(bookmark_of(&live)?);
        let mut deletions = BTreeSet::new();
        live.scan(|key, entry| {
            if matches!(entry.content, Content::Deleted(_)) {
                deletions.insert((entry.expires, key));
            }
        })?;
        Ok(Self {
            place: place.clone(),
            refresh: given.span("refresh"),
            tombstones: given.span("tombstones"),
            alias,
            next_index,
            live,
            unshown: BTreeMap::new(),
            deletions,
            staged: BTreeMap::new(),
            refresh_at: None,
            completed: false,
        })
    }

    fn answer(&mut self, now: Time, request: &Request, visible: &mut Visible) -> Answer<Reply> {
        Ok(Ok(match request {
            Request::Get(key) => Reply::Row(self.live.shown(key)?.and_then(Entry::row)),
            Request::Put(delivery) => {
                if let Err(refusal) = self.write(now, delivery)? {
                    return Ok(Err(refusal));
                }
                Reply::Done
            }
            Request::Bulk(deliveries) => {
                let mut outcomes = Vec::with_capacity(deliveries.len());
                for delivery in deliveries {
                    outcomes.push(self.write(now, delivery)?.map_err(Failure::from));
                }
                Reply::Each(outcomes)
            }
            Request::Apply { deliveries, after, bookmark } => {
                let mut intake = self.alias.intake.clone();
                if let Err(refusal) = intake.take_step(*after, *bookmark) {
                    return Ok(Err(refusal));
                }
                for delivery in deliveries {
                    // What is outdated is already superseded: skipping it completes the step.
                    let _ = self.write(now, delivery)?;
                }
                self.alias.intake = intake;
                self.live.commit(&payload(&self.alias.intake))?;
                Reply::Done
            }
            Request::Bookmark => Reply::Bookmark(self.alias.intake.bookmark()),
            Request::Stage { load, rows } => return self.stage(now, *load, rows),
            Request::Publish { load, bookmark } => return self.publish(*load, *bookmark, visible),
            Request::Complete => {
                if self.has_work() {
                    self.completed = true;
                } else {
                    visible.loaded = true;
                }
                Reply::Done
            }
            Request::Clear => {
                let mut gone = BTreeSet::new();
                self.live.scan(|key, _| {
                    gone.insert(key);
                })?;
                self.live.remove_all()?;
                self.live.commit(&payload(&self.alias.intake))?;
                self.live.reload()?;
                self.unshown.clear();
                self.deletions.clear();
                visible.shown.extend(gone.into_iter().map(|key| Shown { key, view: View::Missing }));
                Reply::Done
            }
            Request::Keys { table, after, limit } => {
                Reply::Keys(self.live.keys(*table, after.as_ref(), *limit)?)
            }
            Request::Invalidate(_) | Request::GetOrLease(_) | Request::Fill { .. } => {
                return Ok(Err(Refusal::Unsupported));
            }
        }))
    }

    fn write(&mut self, now: Time, delivery: &Delivery) -> Answer<()> {
        let key = &delivery.key;
        if delivery.condition != Condition::Always {
            let held = match self.unshown.get(key) {
                Some(entry) => Some((entry.version, entry.guarded_until)),
                None => self.live.shown(key)?.map(|entry| (entry.version, entry.guarded_until)),
            };
            if held.is_some_and(|(version, until)| now < until && version >= delivery.version) {
                return Ok(Err(Refusal::Outdated));
            }
        }
        let entry = Entry::delivered(delivery, now, self.tombstones);
        if !self.live.put(key, &entry)? {
            return Ok(Err(Refusal::Unsupported));
        }
        if matches!(entry.content, Content::Deleted(_)) {
            self.deletions.insert((entry.expires, key.clone()));
        }
        self.unshown.insert(key.clone(), entry);
        Ok(Ok(()))
    }

    /// Commits what was written, lets readers see it, and tells what they see differently: asked of the searcher before and after.
    fn show(&mut self, now: Time, visible: &mut Visible) -> Result<(), StoreError> {
        self.refresh_at = None;
        visible.loaded |= mem::take(&mut self.completed);
        if self.unshown.is_empty() {
            return Ok(());
        }
        self.forget_deletions(now)?;
        let written = mem::take(&mut self.unshown);
        let mut before = Vec::with_capacity(written.len());
        for key in written.keys() {
            before.push(self.live.shown(key)?.map(|entry| entry.content));
        }
        self.live.commit(&payload(&self.alias.intake))?;
        self.live.reload()?;
        for (key, before) in written.into_keys().zip(before) {
            let entry = self.live.shown(&key)?;
            if entry.as_ref().map(|entry| &entry.content) != before.as_ref() {
                visible.shown.push(Shown { key, view: entry.map_or(View::Missing, Entry::view) });
            }
        }
        Ok(())
    }

    /// Removes the documents of deletions that guard nothing any more.
    fn forget_deletions(&mut self, now: Time) -> Result<(), StoreError> {
        while let Some((expires, _)) = self.deletions.first()
            && *expires <= now
            && let Some((expires, key)) = self.deletions.pop_first()
        {
            // The key may have been written again since.
            let superseded = self.unshown.contains_key(&key);
            if !superseded && self.live.shown(&key)?.is_some_and(|entry| entry.expires == expires) {
                self.live.remove(&key);
            }
        }
        Ok(())
    }

    fn stage(&mut self, now: Time, load: Option<LoadId>, rows: &[(Key, Row)]) -> Answer<Reply> {
        let (load, staging) = match self.alias.intake.stage(now, load) {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(staged) => staged,
        };
        match staging {
            Staging::Over => return Ok(Ok(Reply::Staged(load))),
            Staging::GoesOn => {}
            Staging::Begins => self.alias.write(&self.place.folder, self.place.durability)?,
        }
        let staged = match self.staged.remove(&load) {
            Some(staged) => staged,
            None => self.fresh_index()?,
        };
        let staged = self.staged.entry(load).or_insert(staged);
        for (key, row) in rows {
            if !staged.put(key, &Entry::loaded(row))? {
                return Ok(Err(Refusal::Unsupported));
            }
        }
        Ok(Ok(Reply::Staged(load)))
    }

    fn publish(&mut self, load: LoadId, bookmark: Bookmark, visible: &mut Visible) -> Answer<Reply> {
        let mut intake = self.alias.intake.clone();
        match intake.publish(load, bookmark) {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(false) => {
                visible.loaded = true;
                return Ok(Ok(Reply::Done));
            }
            Ok(true) => {}
        }
        let mut fresh = match self.staged.remove(&load) {
            Some(staged) => staged,
            None => self.fresh_index()?,
        };
        fresh.commit(&payload(&intake))?;
        fresh.reload()?;
        let alias = Alias { index: index_number(fresh.folder()).unwrap_or(self.next_index), intake };
        alias.write(&self.place.folder, self.place.durability)?;

        let mut before = BTreeMap::new();
        self.live.scan(|key, entry| drop(before.insert(key, entry.content)))?;
        let mut shown = BTreeMap::new();
        fresh.scan(|key, entry| {
            if before.remove(&key).as_ref() != Some(&entry.content) {
                shown.insert(key, entry.view());
            }
        })?;
        visible.shown.extend(before.into_keys().map(|key| Shown { key, view: View::Missing }));
        visible.shown.extend(shown.into_iter().map(|(key, view)| Shown { key, view }));
        visible.loaded = true;

        self.alias = alias;
        self.unshown.clear();
        self.deletions.clear();
        mem::replace(&mut self.live, fresh).discard()?;
        for (_, dropped) in mem::take(&mut self.staged) {
            dropped.discard()?;
        }
        Ok(Ok(Reply::Done))
    }

    fn fresh_index(&mut self) -> Result<LiveIndex, StoreError> {
        let number = self.next_index;
        self.next_index += 1;
        LiveIndex::open(index_folder(&self.place.folder, number))
    }
}

impl Backend for SearchIndex {
    fn preload(&mut self, rows: &[(Key, Row)]) -> Result<(), StoreError> {
        for (key, row) in rows {
            if !self.live.put(key, &Entry::loaded(row))? {
                return Err(StoreError::new(
                    "index a row",
                    format!("its key is too long to be a term: {key}"),
                ));
            }
        }
        self.live.commit(&payload(&self.alias.intake))?;
        self.live.reload()
    }

    fn serve(
        &mut self,
        now: Time,
        request: &Request,
        visible: &mut Visible,
    ) -> Result<Outcome<Reply>, StoreError> {
        let replaces = matches!(request, Request::Publish { .. } | Request::Clear);
        if !replaces {
            self.tick(now, visible)?;
        }
        let outcome = self.answer(now, request, visible)?;
        if replaces && outcome.is_err() {
            // Nothing was replaced, so what was due is still to be shown.
            self.tick(now, visible)?;
        }
        if (replaces && outcome.is_ok()) || self.refresh.is_zero() {
            self.show(now, visible)?;
        } else if self.refresh_at.is_none() && self.has_work() {
            self.refresh_at = Some(next_multiple(self.refresh, now));
        }
        Ok(outcome.map_err(Failure::from))
    }

    fn due(&self) -> Option<Time> {
        self.refresh_at
    }

    fn has_work(&self) -> bool {
        !self.unshown.is_empty()
    }

    fn tick(&mut self, now: Time, visible: &mut Visible) -> Result<(), StoreError> {
        if self.refresh_at.is_some_and(|at| at <= now) {
            self.show(now, visible)?;
        }
        Ok(())
    }

    fn contents(&mut self) -> Result<Vec<(Key, Row)>, StoreError> {
        let mut rows = Vec::new();
        self.live.scan(|key, entry| rows.extend(entry.row().map(|row| (key, row))))?;
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(rows)
    }
}

/// The first multiple of a period after a moment.
fn next_multiple(period: Span, now: Time) -> Time {
    let periods = now.nanos() / period.nanos() + 1;
    Time::from_nanos(periods.saturating_mul(period.nanos()))
}

fn payload(intake: &Intake) -> String {
    intake.bookmark().map_or_else(String::new, |bookmark| bookmark.0.to_string())
}

fn bookmark_of(live: &LiveIndex) -> Result<Option<Bookmark>, StoreError> {
    match live.payload()? {
        Some(text) if !text.is_empty() => {
            let number =
                text.parse().map_err(|cause| StoreError::at("read the bookmark of", live.folder(), cause));
            Ok(Some(Bookmark(number?)))
        }
        _ => Ok(None),
    }
}

fn index_folder(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("index-{number}"))
}

fn index_number(folder: &Path) -> Option<u64> {
    folder.file_name()?.to_str()?.strip_prefix("index-")?.parse().ok()
}

/// Removes indexes that the alias does not name: loads that were never published, and those that a publication put away. Gives a number that none has.
fn remove_others(folder: &Path, live: u64) -> Result<u64, StoreError> {
    for entry in fs::read_dir(folder).map_err(|cause| StoreError::at("list", folder, cause))? {
        let path = entry.map_err(|cause| StoreError::at("list", folder, cause))?.path();
        if index_number(&path).is_some_and(|number| number != live) {
            fs::remove_dir_all(&path).map_err(|cause| StoreError::at("remove", &path, cause))?;
        }
    }
    Ok(live + 1)
}
