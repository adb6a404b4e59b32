//! Integers of one to nine bytes.

/// The variable-length integer at the start of `bytes` and how many bytes it takes; `None` if they end before it does.
#[inline]
#[must_use]
pub fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    // Most are short: serial types, lengths, and the rowids of all but large tables.
    match *bytes {
        [first, ..] if first < 0x80 => Some((u64::from(first), 1)),
        [first, second, ..] if second < 0x80 => Some((u64::from(first & 0x7f) << 7 | u64::from(second), 2)),
        _ => long(bytes),
    }
}

fn long(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    for (at, byte) in bytes.iter().enumerate().take(8) {
        number = number << 7 | u64::from(byte & 0x7f);
        if *byte < 0x80 {
            return Some((number, at + 1));
        }
    }
    Some((number << 8 | u64::from(*bytes.get(8)?), 9))
}
