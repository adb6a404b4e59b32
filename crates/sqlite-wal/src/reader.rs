//! The reader.

use crate::decoder::Decoder;
use crate::error::Error;
use crate::event::{Event, GapReason};
use crate::folder::Folder;
use crate::follower::{Arrival, End, Follower, Shared, Start};
use crate::options::Options;
use crate::page::{Part, database_header};
use crate::position::Position;
use crate::reconcile::reconcile;
use crate::schema::Schema;
use crate::source::{Source, header};
use crate::store::{Durability, Record, Relay, SegmentHead, Shadow, Store};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Reads committed transactions out of a database's write-ahead log, in commit order.
///
/// It runs beside the application: no trigger, no hook, no write to the database. What it does to the application's files is to hold
/// read marks, as any reader of the database does. A thread of its own follows the log, so that the log is let go in time however long
/// the caller takes between two calls.
pub struct Reader {
    database: PathBuf,
    poll: Duration,
    durability: Durability,
    store: Store,
    decoder: Decoder,
    /// Transactions that an earlier reader read and that were not acknowledged.
    replay: VecDeque<Record>,
    following: Option<Following>,
    ready: VecDeque<Event>,
    given: Position,
    failed: bool,
    // Declared last: it is unlocked, or removed, when nothing uses it any more.
    _folder: Folder,
}

/// A follower at work.
struct Following {
    arrivals: Receiver<Arrival>,
    shared: Arc<Shared>,
    thread: JoinHandle<(Source, Relay, End)>,
}

impl Reader {
    /// Attaches to `database` at its current end, or resumes where the state folder says.
    ///
    /// # Errors
    /// The file is no database or is encrypted, has no write-ahead log, is locked exclusively, cannot be read; the state folder is in
    /// use, is damaged, or belongs to a database of another page size; a table's declaration is not understood.
    #[allow(clippy::needless_pass_by_value)] // options are made for one reader
    pub fn open(database: impl AsRef<Path>, options: Options) -> Result<Self, Error> {
        let database = database.as_ref();
        let mut source = Source::open(database)?;
        let (folder, durability) = match &options.state {
            Some(path) => (Folder::open(path)?, Durability::Lasting),
            None => (Folder::temporary()?, Durability::Temporary),
        };
        let usable = header(&source.database)?.usable;
        if let Some(resumed) = Store::resume(folder.path(), database, source.page_size, usable)? {
            let mut reader =
                Self::new(database, &options, durability, folder, resumed.store, resumed.replay)?;
            if resumed.cut {
                reader.reconcile(source, resumed.relay, GapReason::Restarted)?;
            } else {
                reader.follow(source, resumed.relay, Start::Resumed);
            }
            return Ok(reader);
        }
        let page_size = source.page_size;
        let mut shadow = Shadow::open(folder.path(), page_size)?;
        let snapshot = source.snapshot(&mut shadow)?;
        if snapshot.pages == 0 {
            return Err(Error::NotWal { path: database.to_owned() });
        }
        let head = SegmentHead {
            position: Position::default(),
            pages: snapshot.pages,
            page_size,
            place: snapshot.place,
        };
        let (store, relay) = Store::create(folder.path(), database, shadow, head, usable, durability)?;
        let mut reader = Self::new(database, &options, durability, folder, store, VecDeque::new())?;
        reader.follow(source, relay, Start::Snapshot { backfilled: snapshot.backfilled });
        Ok(reader)
    }

    fn new(
        database: &Path,
        options: &Options,
        durability: Durability,
        folder: Folder,
        mut store: Store,
        replay: VecDeque<Record>,
    ) -> Result<Self, Error> {
        store.set_usable(database_header(&store)?.usable);
        Ok(Self {
            database: database.to_owned(),
            poll: options.poll,
            durability,
            decoder: Decoder::new(&store)?,
            given: store.decoded(),
            store,
            replay,
            following: None,
            ready: VecDeque::new(),
            failed: false,
            _folder: folder,
        })
    }

    /// The next event; `None` if there was none for `wait`.
    ///
    /// # Errors
    /// A file could not be read or written, or does not decode. The reader must then be opened again: it resumes from what was
    /// acknowledged. What can be made good by comparing is no error but an [`Event::Gap`].
    pub fn next(&mut self, wait: Duration) -> Result<Option<Event>, Error> {
        if self.failed {
            return Err(Error::Failed);
        }
        self.try_next(wait).inspect_err(|_| self.failed = true)
    }

    fn try_next(&mut self, wait: Duration) -> Result<Option<Event>, Error> {
        let deadline = Instant::now() + wait;
        loop {
            if let Some(event) = self.ready.pop_front() {
                if let Event::Transaction(transaction) = &event {
                    self.given = transaction.position;
                    if self.durability == Durability::Temporary {
                        self.store.acknowledge(self.given)?;
                    }
                }
                return Ok(Some(event));
            }
            if let Some(record) = self.replay.pop_front() {
                self.decode(record, None)?;
                continue;
            }
            let Some(following) = &self.following else { return Err(Error::Failed) };
            match following.arrivals.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Arrival { record, frames }) => {
                    following.shared.took(frames.as_ref().map_or(0, |frames| frames.len() as u64));
                    self.decode(record, frames)?;
                }
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => self.take_over()?,
            }
        }
    }

    fn decode(&mut self, record: Record, frames: Option<Part>) -> Result<(), Error> {
        let batch = self.store.batch(record, frames)?;
        self.decoder.decode(&mut self.store, &batch, &mut self.ready)
    }

    /// The follower stopped, and all that it had read is decoded: makes good what it missed.
    fn take_over(&mut self) -> Result<(), Error> {
        let Some(following) = self.following.take() else { return Err(Error::Failed) };
        let (source, relay, end) = following.thread.join().map_err(|_| Error::Failed)?;
        match end {
            End::Gap(reason) => self.reconcile(source, relay, reason),
            End::Failed(error) => Err(error),
            End::Stopped => Err(Error::Failed),
        }
    }

    fn reconcile(&mut self, mut source: Source, mut relay: Relay, reason: GapReason) -> Result<(), Error> {
        if reason != GapReason::Restarted {
            // The files may be other ones now.
            drop(source);
            source = Source::open(&self.database)?;
        }
        let (record, snapshot) = reconcile(&mut source, &mut relay, &self.store, reason)?;
        self.decode(record, None)?;
        self.follow(source, relay, Start::Snapshot { backfilled: snapshot.backfilled });
        Ok(())
    }

    fn follow(&mut self, source: Source, relay: Relay, start: Start) {
        let (sender, arrivals) = channel();
        let shared = Arc::new(Shared::default());
        let follower = Follower::new(source, relay, start, sender, Arc::clone(&shared), self.poll);
        let thread = std::thread::spawn(move || follower.run());
        self.following = Some(Following { arrivals, shared, thread });
    }

    /// Promises that everything up to and including `position` needs never be given again. Costs one small write to the state folder.
    ///
    /// # Errors
    /// The position's transaction has not been given yet (its schema events may have been), or the state folder cannot be written.
    pub fn acknowledge(&mut self, position: Position) -> Result<(), Error> {
        if position > self.given {
            return Err(Error::NotGiven { acknowledged: position, given: self.given });
        }
        self.store.acknowledge(position)
    }

    /// The position of the last transaction given.
    #[must_use]
    pub fn position(&self) -> Position {
        self.given
    }

    /// The tables as of the last event given.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.decoder.schema()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(following) = self.following.take() {
            following.shared.stop();
            let _ = following.thread.join();
        }
    }
}
