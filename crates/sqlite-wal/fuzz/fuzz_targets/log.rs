//! Any bytes as a write-ahead log.
#![no_main]

use driftlab_sqlite_wal::wal::{Chain, HEADER_BYTES, Header};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(header) = Header::parse(bytes) else { return };
    let mut chain = Chain::start(&header);
    let frames = bytes[HEADER_BYTES..].chunks(24 + header.page_size as usize);
    let verified = frames.map_while(|frame| chain.step(frame)).count() as u64;
    assert_eq!(verified, chain.frame);
});
