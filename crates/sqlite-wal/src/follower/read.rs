//! Reading the log into the relay log, across its generations.

use super::{Arrival, End, Follower, WAITING_BYTES_MAX};
use crate::error::Error;
use crate::event::GapReason;
use crate::page::Part;
use crate::store::{Kind, Place, Record};
use crate::wal::{Chain, FRAME_HEADER_BYTES, Index};
use std::sync::atomic::Ordering;

/// Frames that are read, and written to the relay log, in one go: few enough to stay in the processor's cache until they are decoded.
const CHUNK_BYTES: usize = 256 << 10;

impl Follower {
    /// Reads up to what `index` says is committed; whether that was anything.
    pub(super) fn catch_up(&mut self, index: &Index) -> Result<bool, End> {
        let place = self.relay.place();
        if place.salts != index.salts {
            self.change_generation(index)?;
            return Ok(true);
        }
        if index.committed == place.frame() {
            return Ok(false);
        }
        if index.committed < place.frame() {
            // A crash of the machine took back what had been committed.
            return Err(End::Gap(GapReason::Restarted));
        }
        let chain = match place.chain {
            Some(chain) => chain,
            None => match self.first_chain(index)? {
                Some(chain) => chain,
                None => return Ok(false),
            },
        };
        match self.read(chain, Some(index.committed))? {
            true => Ok(true),
            false => self.unreadable(index),
        }
    }

    /// The start of the generation that `index` says is valid; `None` if the file's header is another one, because it is being written.
    fn first_chain(&mut self, index: &Index) -> Result<Option<Chain>, End> {
        let page_size = self.relay.page_size();
        let path = self.source.path.clone();
        let Some(log) = self.source.log()? else { return Err(End::Gap(GapReason::LogReplaced)) };
        let Some(header) = log.header()?.filter(|header| header.salts == index.salts) else {
            return if log.is_current() { Ok(None) } else { Err(End::Gap(GapReason::LogReplaced)) };
        };
        if header.page_size != page_size {
            return Err(End::Failed(Error::PageSize { path, was: page_size, now: header.page_size }));
        }
        Ok(Some(Chain::start(&header)))
    }

    /// A committed frame does not verify: it was overwritten since, or it is damaged.
    fn unreadable(&mut self, index: &Index) -> Result<bool, End> {
        let now = self.source.look()?;
        if now.salts != index.salts {
            // The next look finds the new generation.
            return Ok(false);
        }
        Err(End::Gap(GapReason::LogDamaged))
    }

    /// The log was restarted. Everything of the old generation has been read, or still stands in the file and is read now, or there is a gap.
    fn change_generation(&mut self, index: &Index) -> Result<(), End> {
        let place = self.relay.place();
        let proven =
            self.complete || self.counts(index)? || self.read_old_end(place, index)? || self.counts(index)?;
        if !proven {
            return Err(End::Gap(GapReason::Restarted));
        }
        // If this was read under a mark, it still is complete: the new generation has nothing yet that the mark does not protect.
        self.relay.set_place(Place { salts: index.salts, chain: None });
        Ok(())
    }

    /// Whether the new generation holds all commits that the index counted since the place that was read.
    fn counts(&mut self, index: &Index) -> Result<bool, End> {
        let Some(counted) = self.counted else { return Ok(false) };
        let missing = index.commits.wrapping_sub(counted);
        if index.committed == 0 {
            return Ok(missing == 0);
        }
        let page_size = self.relay.page_size();
        let Some(mut chain) = self.first_chain(index)? else { return Ok(false) };
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut commits = 0;
        while chain.frame < index.committed {
            let at = chain.frame;
            let Some(log) = self.source.log()? else { break };
            log.frames(&chain, page_size, (index.committed - at).min(64), &mut buffer)?;
            for bytes in buffer.chunks_exact(FRAME_HEADER_BYTES + page_size as usize) {
                let Some(frame) = chain.step(bytes) else { break };
                commits += u32::from(frame.commit > 0);
            }
            if chain.frame == at {
                break;
            }
        }
        self.buffer = buffer;
        Ok(chain.frame == index.committed && commits == missing)
    }

    /// Reads the end of the old generation, beyond what the new one has overwritten; whether it is proven to be complete.
    ///
    /// A restart writes over the file from its beginning and leaves the rest. As long as the last frame that was read stands there, so
    /// does all that followed it; the first frame that does not carry on the checksums is beyond the end. It proves nothing if there was
    /// more than one restart, or if the file was truncated.
    fn read_old_end(&mut self, place: Place, index: &Index) -> Result<bool, End> {
        let Some(chain) = place.chain.filter(|_| index.salts.follow(place.salts)) else { return Ok(false) };
        let page_size = self.relay.page_size();
        let holds = |follower: &mut Self| -> Result<bool, End> {
            Ok(match follower.source.log()? {
                Some(log) => log.still_holds(&chain, page_size)?,
                None => false,
            })
        };
        if !holds(self)? {
            return Ok(false);
        }
        self.read(chain, None)?;
        holds(self)
    }

    /// Reads transactions that follow `chain` up to frame `committed`, or as far as frames verify; whether it got there.
    fn read(&mut self, mut chain: Chain, committed: Option<u64>) -> Result<bool, End> {
        let page_size = self.relay.page_size();
        let frame_bytes = FRAME_HEADER_BYTES + page_size as usize;
        let chunk = (CHUNK_BYTES / frame_bytes).max(4) as u64;
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut first = chain;
        let mut records = Vec::new();
        let verified = loop {
            let left = committed.map_or(chunk, |committed| (committed - chain.frame).min(chunk));
            if left == 0 {
                break true;
            }
            let Some(log) = self.source.log()? else { break false };
            log.frames(&chain, page_size, left, &mut buffer)?;
            self.relay.reserve(buffer.len());
            let mut start = 0;
            let mut whole = !buffer.is_empty();
            for at in 0..buffer.len() / frame_bytes {
                let end = (at + 1) * frame_bytes;
                let Some(frame) = chain.step(&buffer[at * frame_bytes..end]) else {
                    whole = false;
                    break;
                };
                if frame.commit == 0 {
                    continue;
                }
                self.relay.extend(&buffer[start..end])?;
                let place = Place { salts: chain.salts, chain: Some(chain) };
                records.push(self.relay.finish(Kind::Log, frame.commit, first, place)?);
                self.counted = self.counted.map(|counted| counted.wrapping_add(1));
                (start, first) = (end, chain);
            }
            if !records.is_empty() {
                let flushed = self.relay.flush()?;
                for record in records.drain(..) {
                    let frames = flushed.frames(&record, page_size);
                    self.send(record, frames);
                }
            }
            if !whole {
                break false;
            }
            if start < buffer.len() {
                // The transaction goes on in the next chunk.
                self.relay.extend(&buffer[start..])?;
            }
        };
        self.relay.abandon();
        self.buffer = buffer;
        Ok(verified)
    }

    fn send(&self, record: Record, frames: Option<Part>) {
        let bytes = frames.as_ref().map_or(0, |frames| frames.len() as u64);
        let waiting = self.shared.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let frames = if waiting > WAITING_BYTES_MAX {
            self.shared.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            None
        } else {
            frames
        };
        // A reader that is gone has told this thread to stop.
        let _ = self.arrivals.send(Arrival { record, frames });
    }
}
