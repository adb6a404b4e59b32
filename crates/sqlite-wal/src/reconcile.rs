//! Making good what was missed: comparing the database with its last known state.

use crate::error::Error;
use crate::event::GapReason;
use crate::page::Pages;
use crate::source::{Snapshot, Source, Visitor, header};
use crate::store::{Kind, Record, Relay, Store};
use crate::wal::{ByteOrder, Chain, Checksum, Frame, Salts};

/// Where the checksums of a record begin that is not out of a log.
const FIRST: Chain = Chain {
    order: ByteOrder::Little,
    salts: Salts(0x7265_636f, 0x6e63_696c),
    frame: 0,
    checksum: Checksum(1, 1),
};

/// Writes the pages in which the database differs from `store` to the relay log, as if one transaction had written them.
pub(crate) fn reconcile(
    source: &mut Source,
    relay: &mut Relay,
    store: &Store,
    reason: GapReason,
) -> Result<(Record, Snapshot), Error> {
    header(&source.database)?;
    if source.page_size != store.page_size() {
        let path = source.path.clone();
        return Err(Error::PageSize { path, was: store.page_size(), now: source.page_size });
    }
    let mut compare = Compare { relay, store, chain: FIRST, frame: Vec::new() };
    let snapshot = source.snapshot(&mut compare)?;
    let record = relay.finish(Kind::Reconciled(reason), snapshot.pages, FIRST, snapshot.place)?;
    relay.flush()?;
    Ok((record, snapshot))
}

struct Compare<'a> {
    relay: &'a mut Relay,
    store: &'a Store,
    chain: Chain,
    frame: Vec<u8>,
}

impl Visitor for Compare<'_> {
    fn start(&mut self) -> Result<(), Error> {
        self.relay.abandon();
        self.chain = FIRST;
        Ok(())
    }

    fn page(&mut self, page: u32, bytes: &[u8]) -> Result<(), Error> {
        if page <= self.store.count() && *self.store.page(page)? == *bytes {
            return Ok(());
        }
        self.frame.clear();
        self.chain.seal(Frame { page, commit: 0 }, bytes, &mut self.frame);
        self.relay.extend(&self.frame)
    }
}
