//! Versions: for each key what is committed, what older views still see of it, and what its lock's holder is about to commit.

use super::loss::Manifest;
use super::stamp::NewestStamp;
use super::view::Views;
use driftlab_model::port::{Page, Scan, Scanned};
use driftlab_model::{Change, CommitIndex, Key, Lookup, Row, TableId, Time, Version, WriteId};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

/// A key's place in the database, given when the key is first touched and kept for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowId(u32);

impl RowId {
    pub(super) const fn place(self) -> usize {
        self.0 as usize
    }
}

/// What a key holds.
#[derive(Clone, Debug, Default)]
pub(super) enum Image {
    /// Nothing.
    #[default]
    Absent,
    /// A row.
    Row(Row),
    /// A row that was softly deleted at this stamp: there for scans by stamp, gone for everybody else.
    Marked(Time),
}

impl Image {
    /// The row, where it logically exists.
    pub(super) const fn row(&self) -> Option<&Row> {
        match self {
            Self::Row(row) => Some(row),
            Self::Absent | Self::Marked(_) => None,
        }
    }
    fn into_row(self) -> Option<Row> {
        match self {
            Self::Row(row) => Some(row),
            Self::Absent | Self::Marked(_) => None,
        }
    }
    fn stamp(&self) -> Option<Time> {
        match self {
            Self::Absent => None,
            Self::Row(row) => Some(row.updated_at()),
            Self::Marked(stamp) => Some(*stamp),
        }
    }
}

/// An image, and the commit that made it current.
#[derive(Debug, Default)]
struct Committed {
    since: CommitIndex,
    image: Image,
}

/// What the holder of a key's lock has made of it, not yet committed.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) write: WriteId,
    pub(super) version: Version,
    pub(super) image: Image,
}

#[derive(Debug)]
struct Chain {
    key: Key,
    newest: Committed,
    /// Replaced images that a view may still see, by age.
    older: VecDeque<Committed>,
    draft: Option<Draft>,
    /// The row that the initial load gave it.
    loaded: Option<Row>,
    /// Whether it may differ from the initial load.
    touched: bool,
}

/// All keys with their versions.
///
/// A key that was touched once keeps its place, even when its row is deleted or never came to be.
#[derive(Debug, Default)]
pub(super) struct Versions {
    places: Lookup<Key, RowId>,
    chains: Vec<Chain>,
    /// The keys that ever held something, in key order; built when first asked for, because most runs never scan.
    order: Option<BTreeMap<Key, RowId>>,
    /// Which rows have an older image, in the order of the commits that replaced it.
    aging: VecDeque<(CommitIndex, RowId)>,
    newest_stamp: NewestStamp,
    /// How many places the initial load takes, and its highest stamp.
    loaded: usize,
    loaded_stamp: NewestStamp,
    /// The rows that somebody has written to since.
    touched: Vec<RowId>,
}

impl Versions {
    /// The place of a key, given now where it has none.
    pub(super) fn place(&mut self, key: &Key) -> RowId {
        if let Some(&row) = self.places.get(key) {
            return row;
        }
        let row = RowId(self.chains.len() as u32);
        self.places.insert(key.clone(), row);
        self.chains.push(Chain {
            key: key.clone(),
            newest: Committed::default(),
            older: VecDeque::new(),
            draft: None,
            loaded: None,
            touched: false,
        });
        row
    }

    /// The place of a key, if it has one.
    pub(super) fn find(&self, key: &Key) -> Option<RowId> {
        self.places.get(key).copied()
    }

    /// Makes a row part of the initial load.
    pub(super) fn load(&mut self, key: &Key, row: Row) {
        let place = self.place(key);
        self.newest_stamp.note(place, Some(row.updated_at()));
        self.loaded_stamp = self.newest_stamp;
        let chain = &mut self.chains[place.place()];
        chain.newest = Committed { since: CommitIndex(0), image: Image::Row(row.clone()) };
        chain.loaded = Some(row);
        self.loaded = self.chains.len();
        self.order = None;
    }

    /// The places of all keys of a table that were ever touched.
    pub(super) fn places_of(&self, table: TableId) -> Vec<RowId> {
        let places = (0..).map(RowId).zip(&self.chains);
        let own = places.filter(|(_, chain)| chain.key.table() == table && !chain.key.is_empty());
        own.map(|(row, _)| row).collect()
    }

    /// The row as the holder of its lock sees it: its own draft, or what is committed.
    pub(super) fn current(&self, row: RowId) -> Option<&Row> {
        let chain = &self.chains[row.place()];
        chain.draft.as_ref().map_or(&chain.newest.image, |draft| &draft.image).row()
    }

    /// The committed row.
    pub(super) fn committed(&self, row: RowId) -> Option<&Row> {
        self.chains[row.place()].newest.image.row()
    }

    /// What every key holds, in no order: rows, and marks of deletions.
    pub(super) fn held(&self) -> impl Iterator<Item = (&Key, &Image)> {
        self.chains.iter().map(|chain| (&chain.key, &chain.newest.image))
    }

    /// The row as a view sees it.
    pub(super) fn seen(&self, row: RowId, view: CommitIndex) -> Option<&Row> {
        self.chains[row.place()].seen(view).row()
    }

    /// Whether a commit after a view changed the row.
    pub(super) fn changed_after(&self, row: RowId, view: CommitIndex) -> bool {
        self.chains[row.place()].newest.since > view
    }

    /// Sets the draft and says whether it is the first of its transaction.
    pub(super) fn draft(&mut self, row: RowId, draft: Draft) -> bool {
        let chain = &mut self.chains[row.place()];
        if !std::mem::replace(&mut chain.touched, true) {
            self.touched.push(row);
        }
        chain.draft.replace(draft).is_none()
    }

    /// Whether the holder of the row's lock has a draft of it.
    pub(super) fn has_draft(&self, row: RowId) -> bool {
        self.chains[row.place()].draft.is_some()
    }

    /// Forgets the draft.
    pub(super) fn discard(&mut self, row: RowId) {
        self.chains[row.place()].draft = None;
    }

    /// What committing the draft would change; `None` where there was no row before and is none after.
    pub(super) fn net_change(&self, row: RowId) -> Option<Change> {
        self.chains[row.place()].net_change()
    }

    /// Makes the draft the committed image from a commit on, and gives what that changes.
    pub(super) fn install(&mut self, row: RowId, index: CommitIndex, views: &Views) -> Option<Change> {
        let chain = &mut self.chains[row.place()];
        let Draft { write, version, image } = chain.draft.take()?;
        if chain.newest.image.row().is_none() && image.row().is_none() {
            return None;
        }
        self.newest_stamp.note(row, image.stamp());
        let after = image.row().cloned();
        let replaced = std::mem::replace(&mut chain.newest, Committed { since: index, image });
        let key = chain.key.clone();
        let before = if !replaced.ever_held() {
            if let Some(order) = &mut self.order {
                order.insert(key.clone(), row);
            }
            None
        } else if views.see(replaced.since) {
            let before = replaced.image.row().cloned();
            chain.older.push_back(replaced);
            self.aging.push_back((index, row));
            before
        } else {
            replaced.image.into_row()
        };
        Some(Change { key, before, after, write, version })
    }

    /// Drops the older images that no view can see any more.
    pub(super) fn vacuum(&mut self, views: &Views) {
        let horizon = views.horizon();
        while let Some(&(replaced, row)) = self.aging.front()
            && horizon.is_none_or(|horizon| replaced <= horizon)
        {
            self.aging.pop_front();
            self.chains[row.place()].older.pop_front();
        }
    }

    /// How many older images are kept for views.
    pub(super) fn older_images(&self) -> usize {
        self.aging.len()
    }

    /// The highest stamp of the committed state.
    pub(super) fn newest_stamp(&mut self) -> Time {
        let stamps = (0..).map(RowId).zip(&self.chains);
        self.newest_stamp.exact(stamps.filter_map(|(row, chain)| Some((row, chain.newest.image.stamp()?))))
    }

    /// A page of a table, as a view sees it.
    pub(super) fn scan(&mut self, scan: &Scan, view: CommitIndex) -> Page {
        let chains = &self.chains;
        let order = self.order.get_or_insert_with(|| {
            let places = (0..).map(RowId).zip(chains).filter(|(_, chain)| chain.newest.ever_held());
            places.map(|(row, chain)| (chain.key.clone(), row)).collect()
        });
        // Keys are ordered by table first, and one integer comes before everything else.
        let first = Key::integer(scan.table, i64::MIN);
        let from = match &scan.after {
            Some(after) if *after >= first => Bound::Excluded(after),
            _ => Bound::Included(&first),
        };
        let limit = scan.limit.max(1);
        let mut page = Page { rows: Vec::new(), next: None };
        for (key, row) in order.range::<Key, _>((from, Bound::Unbounded)) {
            if key.table() != scan.table {
                break;
            }
            let image = chains[row.place()].seen(view);
            let Some(stamp) = image.stamp() else { continue };
            let wanted = match scan.updated_after {
                Some(after) => stamp > after,
                None => image.row().is_some(),
            };
            if !wanted {
                continue;
            }
            if page.rows.len() == limit {
                page.next = page.rows.last().map(|last| last.key.clone());
                break;
            }
            page.rows.push(Scanned { key: key.clone(), row: image.row().cloned(), updated_at: stamp });
        }
        page
    }

    /// Loses what is committed of all tables but these, and gives what it was.
    pub(super) fn lose(&mut self, kept: &[TableId]) -> Manifest {
        let mut lost = Manifest::default();
        for (id, chain) in (0..).map(RowId).zip(&mut self.chains) {
            if kept.contains(&chain.key.table()) || matches!(chain.newest.image, Image::Absent) {
                continue;
            }
            if let Some(row) = std::mem::take(&mut chain.newest.image).row() {
                lost.add(&chain.key, row);
            }
            self.newest_stamp.note(id, None);
            if !std::mem::replace(&mut chain.touched, true) {
                self.touched.push(id);
            }
        }
        lost
    }

    /// Puts a row back that was lost, as if it had never been away.
    pub(super) fn put_back(&mut self, key: &Key, row: &Row) {
        let id = self.place(key);
        self.newest_stamp.note(id, Some(row.updated_at()));
        self.chains[id.place()].newest.image = Image::Row(row.clone());
    }

    /// Forgets all keys and keeps the memory.
    pub(super) fn reset(&mut self) {
        self.places.clear();
        self.chains.clear();
        self.order = None;
        self.aging.clear();
        self.newest_stamp = NewestStamp::default();
        (self.loaded, self.loaded_stamp) = (0, NewestStamp::default());
        self.touched.clear();
    }

    /// Puts everything back to the initial load, at the cost of what was touched since and not of what was loaded.
    pub(super) fn rewind(&mut self) {
        for row in self.touched.drain(..) {
            let chain = &mut self.chains[row.place()];
            let image = chain.loaded.clone().map_or(Image::Absent, Image::Row);
            chain.newest = Committed { since: CommitIndex(0), image };
            chain.older.clear();
            (chain.draft, chain.touched) = (None, false);
        }
        for chain in self.chains.drain(self.loaded..) {
            self.places.remove(&chain.key);
            if let Some(order) = &mut self.order {
                order.remove(&chain.key);
            }
        }
        self.aging.clear();
        self.newest_stamp = self.loaded_stamp;
    }
}

impl Committed {
    /// Whether its key held something, then or before.
    fn ever_held(&self) -> bool {
        self.since > CommitIndex(0) || !matches!(self.image, Image::Absent)
    }
}

impl Chain {
    fn seen(&self, view: CommitIndex) -> &Image {
        const ABSENT: &Image = &Image::Absent;
        if self.newest.since <= view {
            return &self.newest.image;
        }
        let younger = self.older.partition_point(|committed| committed.since <= view);
        younger.checked_sub(1).map_or(ABSENT, |place| &self.older[place].image)
    }

    fn net_change(&self) -> Option<Change> {
        let draft = self.draft.as_ref()?;
        let (before, after) = (self.newest.image.row(), draft.image.row());
        if before.is_none() && after.is_none() {
            return None;
        }
        Some(Change {
            key: self.key.clone(),
            before: before.cloned(),
            after: after.cloned(),
            write: draft.write,
            version: draft.version,
        })
    }
}
