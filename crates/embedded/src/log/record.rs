use super::codec::{self, Reader};
use driftlab_model::port::Record;
use driftlab_model::{ChangeEvent, Heading, Offset, Time};

/// Length and checksum: CRC-32 (IEEE 802.3, reflected) of all that follows, which detects every burst of up to 32 damaged bits, and torn writes but for one in four thousand million.
pub(super) const HEADER: usize = 8;
/// Offset, moment, and the version of the encoding.
const PREFIX: usize = 17;
const ENCODING: u8 = 1;

/// What stands at a position of a segment.
pub(super) enum Framed<'a> {
    /// A record whose checksum holds, or was not asked for.
    Whole(Frame<'a>),
    /// The bytes end before the record does.
    Cut {
        /// How many bytes it takes, as far as its header can be trusted.
        length: usize,
    },
    /// No record.
    Bad(&'static str),
}

/// A record as it lies in a segment.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) offset: Offset,
    pub(super) at: Time,
    /// All of it, header included.
    pub(super) bytes: &'a [u8],
}

/// Adds a record to a buffer.
pub(super) fn put(out: &mut Vec<u8>, offset: Offset, at: Time, event: &ChangeEvent) {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    out.extend_from_slice(&offset.0.to_le_bytes());
    out.extend_from_slice(&at.nanos().to_le_bytes());
    out.push(ENCODING);
    codec::put_event(out, event);
    let body = &out[start + HEADER..];
    let (length, checksum) = (body.len() as u32, crc32fast::hash(body));
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + HEADER].copy_from_slice(&checksum.to_le_bytes());
}

/// Looks at the record at the front of some bytes, without looking into its body.
pub(super) fn frame(bytes: &[u8]) -> Framed<'_> {
    let Some((header, rest)) = bytes.split_at_checked(HEADER) else { return Framed::Cut { length: HEADER } };
    let length = word(header) as usize;
    // A file that grew before its content was written ends in zeros: they must not pass for records.
    if length < PREFIX {
        return Framed::Bad("the length of the record is too small to be one");
    }
    let Some(body) = rest.get(..length) else { return Framed::Cut { length: HEADER + length } };
    let bytes = &bytes[..HEADER + length];
    Framed::Whole(Frame {
        offset: Offset(u64::from(word(body)) | u64::from(word(&body[4..])) << 32),
        at: Time::from_nanos(u64::from(word(&body[8..])) | u64::from(word(&body[12..])) << 32),
        bytes,
    })
}

impl Frame<'_> {
    pub(super) fn is_intact(&self) -> bool {
        crc32fast::hash(self.body()) == word(&self.bytes[4..])
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.is_intact() { Ok(()) } else { Err("the checksum does not match the record") }
    }

    /// The record, where its checksum holds and its encoding is known.
    pub(super) fn record(&self) -> Result<Record, &'static str> {
        self.check()?;
        let mut reader = self.content()?;
        let event = reader.event().and_then(|event| reader.finish().map(|()| event));
        Ok(Record { offset: self.offset, event: event.map_err(|_| UNREADABLE)? })
    }

    /// What a compaction goes by, where the encoding is known. The checksum is not looked at again.
    pub(super) fn heading(&self) -> Result<Heading, &'static str> {
        self.content()?.heading().map_err(|_| UNREADABLE)
    }

    fn content(&self) -> Result<Reader<'_>, &'static str> {
        if self.body()[PREFIX - 1] != ENCODING {
            return Err("the record was written by a version of driftlab that this one does not know");
        }
        Ok(Reader::new(&self.body()[PREFIX..]))
    }

    fn body(&self) -> &[u8] {
        &self.bytes[HEADER..]
    }
}

const UNREADABLE: &str = "the checksum matches, but the record cannot be read";

fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::{Lsn, Word};

    /// The published sum, bit by bit.
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, byte| {
            (0..8)
                .fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }

    /// A log that was written by an earlier version, or is read by somebody else, goes by the sum that is documented.
    #[test]
    fn a_record_carries_the_published_checksum_of_its_body() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926, "the check value of the CRC catalogue");
        let mut bytes = Vec::new();
        put(&mut bytes, Offset(3), Time::from_nanos(5), &Word::Gap.at(Lsn(7)));
        assert_eq!(word(&bytes[4..]), crc32(&bytes[HEADER..]));
        let Framed::Whole(frame) = frame(&bytes) else { panic!("the record is whole") };
        assert!(frame.is_intact());
        bytes[HEADER + PREFIX] ^= 1;
        assert!(matches!(super::frame(&bytes), Framed::Whole(frame) if !frame.is_intact()));
    }
}
