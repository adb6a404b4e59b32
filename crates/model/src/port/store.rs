use crate::call::Call;
use crate::key::Key;
use crate::outcome::Outcome;
use crate::position::Bookmark;
use crate::row::{Row, Version, WriteId};
use crate::schema::TableId;

/// A store that holds a copy: cache, search index, warehouse.
///
/// One method, because a request is data: it can be delayed, lost, repeated, or outlive the process that sent it. `Ok` promises the effect; a
/// refusal promises that there was none; anything else is unknown. What readers come to see, and when, is the store's affair:
/// a search index shows a write only at its next refresh.
pub trait Store {
    /// Sends a request.
    fn call(&self, request: Request) -> Call<'_, Outcome<Reply>>;
}

/// What a store can be asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// What does a reader see of this key? → [`Reply::Row`]
    Get(Key),
    /// Write one change. → [`Reply::Done`], or refused as outdated when its condition does not hold.
    Put(Delivery),
    /// Write many, each on its own; some may fail. → [`Reply::Each`]
    Bulk(Vec<Delivery>),
    /// Write many in one atomic step, which moves the bookmark from `after` to `bookmark`: a compare-and-set, as sinks do it that keep a log's offset in
    /// the same transaction as the data. → [`Reply::Done`], or refused as outdated, and then nothing has happened, where the bookmark held is not exactly
    /// `after`, or `bookmark` is not above it.
    ///
    /// A step that comes twice, or long after its sender died, must do nothing, and neither must a step that overlaps one of which its sender did not
    /// know: a process reads its bookmark while a step of the process before it is still on the way, and begins again where that one began. To
    /// refuse bookmarks that are not above the one held would keep out the repeated step and not the overlapping one, which ends further.
    Apply {
        /// The changes, in order.
        deliveries: Vec<Delivery>,
        /// What [`Request::Bookmark`] gave until now; [`Bookmark::default`] where it gave none.
        after: Bookmark,
        /// What [`Request::Bookmark`] gives from now on.
        bookmark: Bookmark,
    },
    /// The bookmark of the last [`Request::Apply`] or [`Request::Publish`]. → [`Reply::Bookmark`]
    Bookmark,
    /// Forget a key, so that the next reader goes to the source (cache only). → [`Reply::Done`]
    Invalidate(Key),
    /// Read a key, and where it is missing ask to be the one who fills it (cache only). → [`Reply::Leased`]
    GetOrLease(Key),
    /// Fill a missing key with what was read from the source (cache only); a fill whose lease was revoked is refused as outdated. → [`Reply::Done`]
    Fill {
        /// The key.
        key: Key,
        /// What the source showed.
        row: Row,
        /// The lease; without one the fill is unconditional.
        lease: Option<Lease>,
    },
    /// Add rows to a load that nobody sees yet. → [`Reply::Staged`], or refused as [`Refusal::NoSuchLoad`](crate::Refusal::NoSuchLoad).
    ///
    /// The store names the load as it begins, and each attempt at a load begins one of its own: as with a staging table, an upload in parts or the open
    /// transaction of a warehouse, what was staged is there for as long as that very load is. A store that lost it refuses the rows that follow. Were
    /// loads named by who sends them, it would take those for a load of their own, and publish half a table.
    Stage {
        /// The load that they belong to; `None` begins one.
        load: Option<LoadId>,
        /// Its rows.
        rows: Vec<(Key, Row)>,
    },
    /// Replace everything by a staged load, in one atomic step. → [`Reply::Done`], or refused as [`Refusal::NoSuchLoad`](crate::Refusal::NoSuchLoad) where
    /// the store does not have it whole; then begin it again. One that was published already is done.
    Publish {
        /// The load.
        load: LoadId,
        /// What [`Request::Bookmark`] gives from now on.
        bookmark: Bookmark,
    },
    /// Declare the load of a store that started empty to be complete, where it was not done by [`Request::Publish`]: from now on the
    /// store claims to be a copy as a whole. Changes nothing in it. → [`Reply::Done`]
    Complete,
    /// Remove all rows, visibly. → [`Reply::Done`]
    Clear,
    /// The keys of a table above `after`, in order. → [`Reply::Keys`]
    Keys {
        /// The table.
        table: TableId,
        /// Only keys above this one.
        after: Option<Key>,
        /// At most so many.
        limit: usize,
    },
}

/// A change for a store. One of [`Key::all_of`] a table, with no row after, deletes every row of it that the store holds, each under the same condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The key.
    pub key: Key,
    /// The row before, where the pipeline knows it; stores that add up need it.
    pub before: Option<Row>,
    /// The row to show; `None` deletes. A partial row changes the row that is held, and nothing where none is.
    pub after: Option<Row>,
    /// The write that it comes from, which also is the event's id.
    pub write: WriteId,
    /// The version of the change.
    pub version: Version,
    /// When to refuse it.
    pub condition: Condition,
}

/// When a store refuses a delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// Never: the last to arrive wins.
    #[default]
    Always,
    /// When it holds a version that is not older; versions of deletions are kept as tombstones and count. A store that adds up or appends
    /// holds no versions to compare and takes it for [`Condition::Always`].
    Newer,
    /// When it has already applied this write. A store of rows takes it for [`Condition::Newer`], which is how it knows.
    Once,
}

/// The permission to fill a missing key, revoked by the next invalidation (Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease(pub u64);

/// A load that a store has begun. No other load of that store has this name, be it one of before it lost everything that it held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadId(pub u64);

/// What a store answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// It took effect.
    Done,
    /// What the key shows.
    Row(Option<Row>),
    /// The outcome of each delivery, in order.
    Each(Vec<Outcome<()>>),
    /// The rows are staged, in this load.
    Staged(LoadId),
    /// The saved bookmark.
    Bookmark(Option<Bookmark>),
    /// What the key shows, or the lease to fill it; neither when another holds the lease.
    Leased {
        /// The row, where the cache holds one.
        row: Option<Row>,
        /// The lease, where it was granted.
        lease: Option<Lease>,
    },
    /// Keys in order; fewer than the limit means there are no more.
    Keys(Vec<Key>),
}

impl Delivery {
    /// The delivery of a change.
    #[must_use]
    pub fn of(change: &crate::change::Change, condition: Condition) -> Self {
        Self {
            key: change.key.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
            write: change.write,
            version: change.version,
            condition,
        }
    }
    /// About how many bytes it takes on a wire.
    #[must_use]
    pub fn size(&self) -> usize {
        24 + self.key.size() + self.after.as_ref().map_or(0, Row::size)
    }
}

impl Request {
    /// About how many bytes it takes on a wire.
    #[must_use]
    pub fn size(&self) -> usize {
        let each = |deliveries: &[Delivery]| deliveries.iter().map(Delivery::size).sum::<usize>();
        16 + match self {
            Self::Get(key) | Self::Invalidate(key) | Self::GetOrLease(key) => key.size(),
            Self::Put(delivery) => delivery.size(),
            Self::Bulk(deliveries) | Self::Apply { deliveries, .. } => each(deliveries),
            Self::Fill { key, row, .. } => key.size() + row.size(),
            Self::Stage { rows, .. } => rows.iter().map(|(key, row)| key.size() + row.size()).sum(),
            Self::Bookmark | Self::Publish { .. } | Self::Complete | Self::Clear | Self::Keys { .. } => 0,
        }
    }

    /// How many rows it moves: 1 where it is about one key or none.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Bulk(deliveries) | Self::Apply { deliveries, .. } => deliveries.len(),
            Self::Stage { rows, .. } => rows.len(),
            _ => 1,
        }
    }

    /// Whether it changes anything.
    #[must_use]
    pub const fn is_write(&self) -> bool {
        !matches!(self, Self::Get(_) | Self::Bookmark | Self::Keys { .. } | Self::GetOrLease(_))
    }
}
