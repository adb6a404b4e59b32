//! The state of the database as of the last transaction decoded.

use super::batch::Batch;
use super::disk;
use super::record::Record;
use super::relay::Relay;
use super::segment::{self, SegmentHead};
use super::shadow::Shadow;
use super::state::{State, StateFile};
use crate::error::Error;
use crate::file::read_at;
use crate::page::{Bytes, Damage, PageMap, Pages, Part};
use crate::position::Position;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Pages of recent states that are held in memory, in bytes.
const CACHE_BYTES: usize = 32 << 20;

/// The shadow, and over it the pages of the transactions decoded since.
pub(crate) struct Store {
    folder: PathBuf,
    /// The database, which errors name.
    database: PathBuf,
    shadow: Shadow,
    state_file: StateFile,
    state: State,
    page_size: u32,
    usable: usize,
    pages: u32,
    /// Where the pages stand that a record in a segment holds, as of the last transaction decoded.
    overlay: PageMap<(u64, u64)>,
    segments: RefCell<HashMap<u64, Arc<File>>>,
    /// The segments that were decoded, wholly or in part.
    read: VecDeque<Read>,
    decoded: Position,
    cache: RefCell<Cache>,
    durable: bool,
}

/// A segment as far as it was decoded.
struct Read {
    segment: u64,
    /// Its last record.
    position: Position,
    /// Where the last version of each page stands in it.
    pages: PageMap<u64>,
}

/// Two generations of pages: when the young one is full it becomes the old one, and the old one is forgotten.
///
/// A page stands in the buffer that it was read into, and keeps all of it in memory. So a generation is full when its buffers are, and
/// who stays for another one moves into a buffer of his own.
#[derive(Default)]
struct Cache {
    young: PageMap<Part>,
    old: PageMap<Part>,
    /// Length of the buffers that were added to the young generation.
    bytes: usize,
}

impl Cache {
    const GENERATION_BYTES: usize = CACHE_BYTES / 2;

    fn get(&mut self, page: u32) -> Option<Part> {
        if let Some(bytes) = self.young.get(&page) {
            return Some(bytes.clone());
        }
        let moved = Part::whole(self.old.remove(&page)?.to_vec());
        self.make_room(moved.len());
        self.young.insert(page, moved.clone());
        Some(moved)
    }

    /// Makes room for a buffer of so many bytes.
    fn make_room(&mut self, bytes: usize) {
        if self.bytes + bytes > Self::GENERATION_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += bytes;
    }

    fn put(&mut self, page: u32, bytes: Part) {
        self.old.remove(&page);
        self.young.insert(page, bytes);
    }

    fn forget(&mut self, page: u32) {
        self.young.remove(&page);
        self.old.remove(&page);
    }
}

/// Whether the folder outlives the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// It is there to be resumed from, and what it says has reached the disk.
    Lasting,
    /// It goes with the reader.
    Temporary,
}

/// A folder that was there already.
pub(crate) struct Resumed {
    pub(crate) store: Store,
    pub(crate) relay: Relay,
    /// Records that were not acknowledged, to be decoded again.
    pub(crate) replay: VecDeque<Record>,
    /// Whether the relay log ends before what was acknowledged: the machine died before it reached the disk.
    pub(crate) cut: bool,
}

impl Store {
    /// Begins a folder whose shadow has been written.
    pub(crate) fn create(
        folder: &Path,
        database: &Path,
        shadow: Shadow,
        head: SegmentHead,
        usable: usize,
        durability: Durability,
    ) -> Result<(Self, Relay), Error> {
        let (mut state_file, _) = StateFile::open(folder)?;
        let durable = durability == Durability::Lasting;
        let relay = Relay::create(folder.to_owned(), 1, head)?;
        if durable {
            shadow.sync()?;
            disk::sync(segment::path(folder, 1))?;
            disk::sync_folder(folder)?;
        }
        // Only now is there a state to resume from.
        let state = State { acknowledged: head.position, segment: 1 };
        if durable {
            state_file.write_through(state)?;
        } else {
            state_file.write(state)?;
        }
        let store = Self::at(folder, database, (shadow, state_file, state), head, usable, durability);
        Ok((store, relay))
    }

    /// Resumes a folder; `None` if it holds no state yet.
    pub(crate) fn resume(
        folder: &Path,
        database: &Path,
        page_size: u32,
        usable: usize,
    ) -> Result<Option<Resumed>, Error> {
        let (state_file, state) = StateFile::open(folder)?;
        let Some(state) = state else { return Ok(None) };
        let lost = |what: &str| Error::State { path: folder.to_owned(), what: what.to_owned() };
        let mut segments = VecDeque::new();
        let mut number = state.segment;
        while let Some(found) = segment::read(folder, number)? {
            let follows = segments.back().is_none_or(|(_, last): &(u64, segment::Segment)| {
                last.records.last().map_or(last.head.position, |record| record.position)
                    == found.head.position
            });
            if !follows {
                break;
            }
            segments.push_back((number, found));
            number += 1;
        }
        // What a dying machine left beyond the end of what is whole.
        while segment::path(folder, number).exists() {
            disk::remove(&segment::path(folder, number))?;
            number += 1;
        }
        if state.segment > 1 {
            // Folded, but not deleted yet when the process died.
            let _ = disk::remove(&segment::path(folder, state.segment - 1));
        }
        let Some((_, first)) = segments.front() else {
            return Err(lost("its oldest segment is missing or damaged"));
        };
        let head = first.head;
        if head.page_size != page_size {
            return Err(Error::PageSize { path: database.to_owned(), was: head.page_size, now: page_size });
        }
        let shadow = Shadow::open(folder, page_size)?;
        let mut store =
            Self::at(folder, database, (shadow, state_file, state), head, usable, Durability::Lasting);
        let mut replay = VecDeque::new();
        let (mut last, mut end) = (head, SegmentHead::BYTES as u64);
        let mut number = state.segment;
        for (at, segment) in segments {
            (number, end) = (at, segment.end);
            for record in segment.records {
                last = SegmentHead {
                    position: record.position,
                    pages: record.pages,
                    place: record.place,
                    ..last
                };
                if record.position <= state.acknowledged {
                    let batch = store.batch(record, None)?;
                    store.apply(&batch)?;
                } else {
                    replay.push_back(record);
                }
            }
        }
        let cut = last.position < state.acknowledged;
        let mut relay = Relay::resume(folder.to_owned(), number, end, last)?;
        relay.skip_to(state.acknowledged);
        store.decoded = store.decoded.max(state.acknowledged);
        Ok(Some(Resumed { store, relay, replay, cut }))
    }

    fn at(
        folder: &Path,
        database: &Path,
        (shadow, state_file, state): (Shadow, StateFile, State),
        head: SegmentHead,
        usable: usize,
        durability: Durability,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            database: database.to_owned(),
            shadow,
            state_file,
            state,
            page_size: head.page_size,
            usable,
            pages: head.pages,
            overlay: PageMap::default(),
            segments: RefCell::default(),
            read: VecDeque::new(),
            decoded: head.position,
            cache: RefCell::default(),
            durable: durability == Durability::Lasting,
        }
    }

    pub(crate) fn decoded(&self) -> Position {
        self.decoded
    }
    pub(crate) fn page_size(&self) -> u32 {
        self.page_size
    }
    pub(crate) fn set_usable(&mut self, usable: usize) {
        self.usable = usable;
    }

    fn segment(&self, number: u64) -> Result<Arc<File>, Error> {
        if let Some(file) = self.segments.borrow().get(&number) {
            return Ok(Arc::clone(file));
        }
        let path = segment::path(&self.folder, number);
        let file = Arc::new(File::open(&path).map_err(Error::io("opening", &path))?);
        self.segments.borrow_mut().insert(number, Arc::clone(&file));
        Ok(file)
    }

    /// The pages of `record`, whose frames the caller may have.
    pub(crate) fn batch(&self, record: Record, frames: Option<Part>) -> Result<Batch, Error> {
        let segment = self.segment(record.segment)?;
        Batch::new(record, self.page_size, frames, &segment, &self.folder)
    }

    /// Steps over a transaction: its pages are the state now.
    pub(crate) fn apply(&mut self, batch: &Batch) -> Result<(), Error> {
        let record = batch.record;
        let cache = self.cache.get_mut();
        let bytes = record.body_bytes(self.page_size) as usize;
        match batch.held().filter(|_| bytes <= Cache::GENERATION_BYTES) {
            Some(pages) => {
                cache.make_room(bytes);
                pages.for_each(|(page, bytes)| cache.put(page, bytes));
            }
            None => batch.offsets().for_each(|(page, _)| cache.forget(page)),
        }
        self.overlay.extend(batch.offsets().map(|(page, offset)| (page, (record.segment, offset))));
        self.pages = record.pages;
        self.decoded = record.position;
        if self.read.back().is_none_or(|read| read.segment != record.segment) {
            let read = Read { segment: record.segment, position: record.position, pages: PageMap::default() };
            self.read.push_back(read);
        }
        if let Some(read) = self.read.back_mut() {
            read.position = record.position;
            read.pages.extend(batch.offsets());
        }
        Ok(())
    }

    /// Notes that everything up to `position` needs never be given again, and folds the segments that this frees.
    pub(crate) fn acknowledge(&mut self, position: Position) -> Result<(), Error> {
        if position <= self.state.acknowledged {
            return Ok(());
        }
        self.state.acknowledged = position;
        if self.durable {
            self.state_file.write(self.state)?;
        }
        // The newest segment may still be written to.
        while self.read.len() > 1 && self.read[0].position <= position {
            if let Some(read) = self.read.pop_front() {
                self.fold(&read)?;
            }
        }
        Ok(())
    }

    fn fold(&mut self, read: &Read) -> Result<(), Error> {
        let number = read.segment;
        let file = self.segment(number)?;
        let mut bytes = vec![0; self.page_size as usize];
        if self.durable {
            // Should power fail when some pages have reached the shadow, this segment has to have them all, and nobody may ask for the
            // state in the middle of it.
            disk::sync(segment::path(&self.folder, number))?;
            self.state_file.write_through(self.state)?;
        }
        // All of them, even those that a later segment holds too: that one may not be acknowledged yet.
        let mut folded: Vec<(u32, u64)> = read.pages.iter().map(|(page, offset)| (*page, *offset)).collect();
        folded.sort_unstable();
        for &(page, offset) in &folded {
            read_at(&file, &mut bytes, offset).map_err(Error::io("reading", &self.folder))?;
            self.shadow.write(page, &bytes)?;
        }
        if self.durable {
            self.shadow.sync()?;
            // From here on the state begins with the next segment, which has to be there whatever fails.
            disk::sync(segment::path(&self.folder, number + 1))?;
            disk::sync_folder(&self.folder)?;
        }
        self.state.segment = number + 1;
        if self.durable {
            self.state_file.write_through(self.state)?;
        }
        self.overlay.retain(|_, (segment, _)| *segment != number);
        self.segments.borrow_mut().remove(&number);
        disk::remove(&segment::path(&self.folder, number))
    }
}

impl Pages for Store {
    fn page(&self, page: u32) -> Result<Bytes<'_>, Error> {
        if page == 0 || page > self.pages {
            return Err(Error::damage(self.path())(Damage::new(
                page,
                "the page is beyond the end of the database",
            )));
        }
        let mut cache = self.cache.borrow_mut();
        if let Some(bytes) = cache.get(page) {
            return Ok(Bytes::Shared(bytes));
        }
        let mut bytes = vec![0; self.page_size as usize];
        match self.overlay.get(&page) {
            Some(&(segment, offset)) => {
                let file = self.segment(segment)?;
                read_at(&file, &mut bytes, offset).map_err(Error::io("reading", &self.folder))?;
            }
            None => self.shadow.read(page, &mut bytes)?,
        }
        let bytes = Part::whole(bytes);
        cache.make_room(bytes.len());
        cache.put(page, bytes.clone());
        Ok(Bytes::Shared(bytes))
    }
    fn count(&self) -> u32 {
        self.pages
    }
    fn usable(&self) -> usize {
        self.usable
    }
    fn path(&self) -> &Path {
        &self.database
    }
}
