//! Any bytes as a write-ahead log.

use driftlab_sqlite_wal::wal::{ByteOrder, Chain, Checksum, FRAME_HEADER_BYTES, HEADER_BYTES, Header};

/// Verifies the log as it is, and then with right checksums in its header and in as many frames as the first byte says: what follows a
/// checksum is hardly ever reached by chance.
pub(crate) fn run(bytes: &[u8]) {
    let Some((sealed, log)) = bytes.split_first() else { return };
    verify(log);
    let mut log = log.to_vec();
    let expected = seal(&mut log, usize::from(*sealed));
    assert!(verify(&log) >= expected, "{expected} frames were sealed");
}

/// How many frames verify.
fn verify(log: &[u8]) -> u64 {
    let Some(header) = Header::parse(log) else { return 0 };
    let mut chain = Chain::start(&header);
    let frames = log[HEADER_BYTES..].chunks(FRAME_HEADER_BYTES + header.page_size as usize);
    let verified = frames.map_while(|frame| chain.step(frame)).count() as u64;
    assert_eq!(verified, chain.frame);
    verified
}

/// Gives header and frames right checksums; how many frames must verify now.
fn seal(log: &mut [u8], frames: usize) -> u64 {
    let Some(header) = log.get_mut(..HEADER_BYTES) else { return 0 };
    let little = Header::parse(&with_checksum(header, ByteOrder::Little));
    let big = Header::parse(&with_checksum(header, ByteOrder::Big));
    let Some(parsed) = little.or(big) else { return 0 };
    let sealed = with_checksum(header, parsed.order);
    header.copy_from_slice(&sealed);
    let salts = header[16..24].to_vec();
    let mut checksum = parsed.checksum;
    let mut expected = 0;
    let size = FRAME_HEADER_BYTES + parsed.page_size as usize;
    for frame in log[HEADER_BYTES..].chunks_exact_mut(size).take(frames) {
        frame[8..16].copy_from_slice(&salts);
        checksum = checksum.over(parsed.order, &frame[..8]).over(parsed.order, &frame[FRAME_HEADER_BYTES..]);
        put(&mut frame[16..24], checksum);
        if frame[..4] == [0; 4] {
            break;
        }
        expected += 1;
    }
    expected
}

fn with_checksum(header: &[u8], order: ByteOrder) -> Vec<u8> {
    let mut header = header.to_vec();
    let checksum = Checksum::default().over(order, &header[..24]);
    put(&mut header[24..32], checksum);
    header
}

fn put(bytes: &mut [u8], Checksum(first, second): Checksum) {
    bytes[..4].copy_from_slice(&first.to_be_bytes());
    bytes[4..].copy_from_slice(&second.to_be_bytes());
}
