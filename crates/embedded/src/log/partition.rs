use super::compaction::{Compacting, Permit, Work};
use super::inventory::{Inventory, note_active, note_start, remove};
use super::segment::{MAGIC, Segment, Stop};
use super::{LogError, LogOptions, Repair, Retention, SyncPolicy, record};
use crate::store::Durability;
use driftlab_model::port::Fetched;
use driftlab_model::{ChangeEvent, Compacted, Offset, Span, Time};
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// One partition: segments in order, of which the last is written to.
#[derive(Debug)]
pub(super) struct Partition {
    folder: PathBuf,
    segment_bytes: u64,
    sync: SyncPolicy,
    state: Mutex<State>,
    /// Held by whoever removes segments; taken before the state.
    removal: Mutex<()>,
    grown: Condvar,
}

#[derive(Debug)]
struct State {
    segments: Vec<Arc<Segment>>,
    /// The active segment's file, its cursor at `size`.
    file: File,
    /// Bytes of the active segment that readers may see.
    size: u64,
    /// Bytes of all segments before it.
    closed_bytes: u64,
    /// Nothing below it is given to readers, whether its segment is gone already or not.
    start: Offset,
    end: Offset,
    compacted: Compacted,
    synced: Instant,
    buffer: Vec<u8>,
}

impl Partition {
    pub(super) fn open(
        folder: PathBuf,
        options: &LogOptions,
        repairs: &mut Vec<Repair>,
    ) -> Result<Self, LogError> {
        fs::create_dir_all(&folder).map_err(LogError::io("create", &folder))?;
        let Inventory { mut segments, start, compacted } = Inventory::of(&folder)?;
        if segments.is_empty() {
            segments.push(Segment::fresh(Segment::path_of(&folder, start), start));
            create(&segments[0].path, options.sync)?;
        }
        let mut closed_bytes = 0;
        for segment in &segments[..segments.len() - 1] {
            closed_bytes += fs::metadata(&segment.path).map_err(LogError::io("read", &segment.path))?.len();
        }
        let active = &segments[segments.len() - 1];
        let tail = active.repair()?;
        repairs.extend(tail.repair);
        let mut size = tail.size;
        if size == 0 {
            // The crash came between the creation of the file and its first bytes.
            size = create(&active.path, options.sync)?;
        }
        let mut file =
            OpenOptions::new().write(true).open(&active.path).map_err(LogError::io("open", &active.path))?;
        file.seek(SeekFrom::Start(size)).map_err(LogError::io("open", &active.path))?;
        let start = start.max(segments[0].base);
        let state = State {
            segments: segments.into_iter().map(Arc::new).collect(),
            file,
            size,
            closed_bytes,
            start,
            end: tail.end,
            compacted,
            synced: Instant::now(),
            buffer: Vec::new(),
        };
        Ok(Self {
            folder,
            segment_bytes: options.segment_bytes,
            sync: options.sync,
            state: Mutex::new(state),
            removal: Mutex::new(()),
            grown: Condvar::new(),
        })
    }

    pub(super) fn append(&self, now: Time, events: &[ChangeEvent]) -> Result<Offset, LogError> {
        let mut guard = self.lock();
        let state = &mut *guard;
        let first = state.end;
        if events.is_empty() {
            return Ok(first);
        }
        state.buffer.clear();
        let mut offset = first;
        let mut positions = Vec::with_capacity(events.len());
        for event in events {
            positions.push(state.buffer.len() as u64);
            record::put(&mut state.buffer, offset, now, event);
            offset = offset.next();
        }
        if state.size > MAGIC.len() as u64 && state.size + state.buffer.len() as u64 > self.segment_bytes {
            self.roll(state)?;
        }
        let sync = match self.sync {
            SyncPolicy::Never => false,
            SyncPolicy::EachAppend => true,
            SyncPolicy::Every(span) => state.synced.elapsed() >= duration(span),
        };
        let written = state
            .file
            .write_all(&state.buffer)
            .and_then(|()| if sync { state.file.sync_data() } else { Ok(()) });
        if let Err(cause) = written {
            // Half a record must not stay where the next append would follow it. If this fails as well, the next opening repairs.
            let size = state.size;
            let _ = state.file.set_len(size);
            let _ = state.file.seek(SeekFrom::Start(size));
            return Err(LogError::io("append to", &state.active().path)(cause));
        }
        if sync {
            state.synced = Instant::now();
        }
        for (position, offset) in positions.into_iter().zip(first.0..) {
            state.active().note(Offset(offset), now, state.size + position);
        }
        state.size += state.buffer.len() as u64;
        state.end = offset;
        drop(guard);
        self.grown.notify_all();
        Ok(first)
    }

    pub(super) fn read(&self, from: Offset, limit: usize, wait: Duration) -> Result<Fetched, LogError> {
        let mut state = self.lock();
        if !wait.is_zero() && limit > 0 {
            let waits = |state: &mut State| from >= state.start && from >= state.end;
            state = self.grown.wait_timeout_while(state, wait, waits).expect(POISON).0;
        }
        let mut records = Vec::new();
        let mut next = from;
        // Whatever a compaction does meanwhile, who reads what it left is told of it.
        let fetched = |records, state: &State| Ok(Fetched { records, compacted: state.compacted });
        loop {
            if next < state.start {
                // Retention may pass a reader between two segments of one read: it has what it has, and is told the next time.
                if !records.is_empty() {
                    return fetched(records, &state);
                }
                return Err(LogError::OutOfRange { earliest: state.start });
            }
            if next >= state.end || records.len() >= limit {
                return fetched(records, &state);
            }
            let at = state.segments.partition_point(|segment| segment.base <= next).saturating_sub(1);
            let segment = Arc::clone(&state.segments[at]);
            let following = state.segments.get(at + 1).map(|segment| segment.base);
            let size = state.size;
            drop(state);
            let size = match following {
                Some(_) => fs::metadata(&segment.path).map(|metadata| metadata.len()),
                None => Ok(size),
            };
            let had = records.len();
            let read = size
                .map_err(LogError::io("read", &segment.path))
                .and_then(|size| segment.read(next, limit, size, &mut records));
            state = self.lock();
            match read {
                Ok(Stop::End) if records.len() < limit => {
                    let Some(base) = following else { return fetched(records, &state) };
                    let reached =
                        records.get(had..).and_then(<[_]>::last).map_or(next, |last| last.offset.next());
                    match segment.ends_before(reached, base) {
                        Ok(()) => next = base,
                        Err(_) if !records.is_empty() => return fetched(records, &state),
                        Err(error) => return Err(error),
                    }
                }
                Ok(_) => return fetched(records, &state),
                // The file went away under the reader.
                Err(_)
                    if next < state.start
                        || !state.segments.iter().any(|held| Arc::ptr_eq(held, &segment)) => {}
                Err(_) if had > 0 => return fetched(records, &state),
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn end(&self) -> Offset {
        self.lock().end
    }

    pub(super) fn earliest(&self) -> Offset {
        self.lock().start
    }

    pub(super) fn bytes(&self) -> u64 {
        let state = self.lock();
        state.closed_bytes + state.size
    }

    pub(super) fn sync(&self) -> Result<(), LogError> {
        let mut state = self.lock();
        state.file.sync_data().map_err(LogError::io("sync", &state.active().path))?;
        state.synced = Instant::now();
        Ok(())
    }

    pub(super) fn enforce(&self, now: Time, retention: Retention) -> Result<(), LogError> {
        let _removing = self.removal.lock().expect(POISON);
        let mut state = self.lock();
        while state.segments.len() > 1 {
            let beyond = retention.bytes_max.is_some_and(|most| state.closed_bytes + state.size > most);
            let old = match retention.age_max {
                Some(age) => now.nanos().checked_sub(age.nanos()).map(Time::from_nanos),
                None => None,
            };
            if !beyond && !old.map_or(Ok(false), |moment| Ok(state.segments[0].newest()? <= moment))? {
                break;
            }
            state.remove_first()?;
        }
        drop(state);
        // A reader that waits below the new beginning must be told.
        self.grown.notify_all();
        Ok(())
    }

    pub(super) fn truncate_before(&self, offset: Offset) -> Result<(), LogError> {
        let _removing = self.removal.lock().expect(POISON);
        let mut state = self.lock();
        let start = offset.min(state.end);
        if start <= state.start {
            return Ok(());
        }
        note_start(&self.folder, start, durability(self.sync))?;
        state.start = start;
        while state.segments.len() > 1 && state.segments[1].base <= start {
            state.remove_first()?;
        }
        drop(state);
        self.grown.notify_all();
        Ok(())
    }

    /// Begins a new segment, unless the one that is written to is empty.
    pub(super) fn close_segment(&self) -> Result<(), LogError> {
        let mut state = self.lock();
        if state.size > MAGIC.len() as u64 { self.roll(&mut state) } else { Ok(()) }
    }

    /// Compacts the closed segments; deletions up to `horizon` may be forgotten. Readers and appenders go on meanwhile.
    pub(super) fn compact(&self, horizon: Option<Time>, permit: Permit<'_>) -> Result<Compacting, LogError> {
        let _removing = self.removal.lock().expect(POISON);
        let (segments, end) = {
            let state = self.lock();
            let closed = state.segments.len() - 1;
            (state.segments[..closed].to_vec(), state.segments[closed].base)
        };
        let mut told = Compacting::default();
        let mut work = Work {
            folder: &self.folder,
            segments: &segments,
            end,
            segment_bytes: self.segment_bytes,
            durability: durability(self.sync),
            horizon,
            permit,
        };
        let (made, forgotten) = work.write(&mut told)?;
        if made.is_empty() {
            return Ok(told);
        }
        let before = self.lock().compacted;
        let compacted =
            Compacted { below: before.below.max(end), forgotten: before.forgotten.max(forgotten) };
        work.note(compacted)?;
        self.lock().compacted = compacted;
        // Those at the end first, so that the places of the others stay what they are.
        for replacement in made.into_iter().rev() {
            work.put_in_place(&replacement)?;
            let mut state = self.lock();
            state.closed_bytes = state.closed_bytes + replacement.bytes - replacement.bytes_before;
            state.segments.splice(replacement.replaced.clone(), [Arc::new(replacement.segment)]);
            drop(state);
            work.clear_away(replacement.replaced)?;
        }
        Ok(told)
    }

    /// Closes the active segment and begins the next.
    fn roll(&self, state: &mut State) -> Result<(), LogError> {
        if self.sync != SyncPolicy::Never {
            // Only the last segment may be torn, so the one before it must be whole for good.
            state.file.sync_data().map_err(LogError::io("sync", &state.active().path))?;
        }
        let segment = Segment::fresh(Segment::path_of(&self.folder, state.end), state.end);
        let size = create(&segment.path, self.sync)?;
        note_active(&self.folder, segment.base, durability(self.sync))?;
        let mut file = OpenOptions::new()
            .write(true)
            .open(&segment.path)
            .map_err(LogError::io("open", &segment.path))?;
        file.seek(SeekFrom::Start(size)).map_err(LogError::io("open", &segment.path))?;
        state.closed_bytes += state.size;
        (state.file, state.size) = (file, size);
        state.segments.push(Arc::new(segment));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(POISON)
    }
}

const POISON: &str = "nothing panics while it holds a partition";

impl State {
    fn active(&self) -> &Segment {
        &self.segments[self.segments.len() - 1]
    }

    fn remove_first(&mut self) -> Result<(), LogError> {
        let path = self.segments[0].path.clone();
        let bytes = fs::metadata(&path).map_err(LogError::io("read", &path))?.len();
        remove(&path)?;
        self.closed_bytes = self.closed_bytes.saturating_sub(bytes);
        self.segments.remove(0);
        self.start = self.start.max(self.segments[0].base);
        Ok(())
    }
}

/// Makes an empty segment file and gives its length.
fn create(path: &Path, sync: SyncPolicy) -> Result<u64, LogError> {
    let made = OpenOptions::new().write(true).create(true).truncate(true).open(path).and_then(|mut file| {
        file.write_all(&MAGIC)?;
        durability(sync).sync_file(&file)?;
        durability(sync).sync_folder(path.parent().unwrap_or(Path::new(".")))
    });
    made.map_err(LogError::io("create", path))?;
    Ok(MAGIC.len() as u64)
}

fn durability(sync: SyncPolicy) -> Durability {
    match sync {
        SyncPolicy::Never => Durability::Process,
        SyncPolicy::EachAppend | SyncPolicy::Every(_) => Durability::Power,
    }
}

fn duration(span: Span) -> Duration {
    Duration::from_nanos(span.nanos())
}
