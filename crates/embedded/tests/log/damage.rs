use super::*;
use std::fs;

/// A log of one partition with events 0..count, in segments of some 300 bytes.
fn filled(folder: &Path, count: u64) -> LogOptions {
    let options = LogOptions { segment_bytes: 300, ..options() };
    let log = open(folder, &options);
    for n in 0..count {
        log.append(at(n), 0, &[event(n)]).unwrap();
    }
    options
}

/// A crash in the middle of an append leaves any part of the record: whatever it left must be gone, and nothing else.
#[test]
fn a_record_torn_at_any_byte_is_cut_off_and_the_log_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let options = LogOptions { segment_bytes: 1 << 20, ..filled(folder.path(), 0) };
    open(folder.path(), &options).append(at(0), 0, &[event(0), event(1)]).unwrap();
    let path = segments(folder.path(), 0).pop().unwrap();
    let before = fs::metadata(&path).unwrap().len();
    open(folder.path(), &options).append(at(0), 0, &[event(2)]).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in before as usize..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let log = open(folder.path(), &options);
        let survives = length == whole.len();
        let end = if survives { 3 } else { 2 };
        assert_eq!(log.end(0).unwrap(), Offset(end), "torn at byte {length}");
        let cut: u64 = log.repairs().iter().map(|repair| repair.bytes).sum();
        assert_eq!(cut, if survives { 0 } else { length as u64 - before }, "torn at byte {length}");
        assert_eq!(log.append(at(1), 0, &[event(end)]).unwrap(), Offset(end));
        let all: Vec<(u64, u64)> = (0..=end).map(|n| (n, n)).collect();
        assert_eq!(read(&log, 0, 0, 9).unwrap(), all, "torn at byte {length}");
    }
}

/// After a loss of power a file may have its new length and not its new content.
#[test]
fn a_tail_of_zeros_or_noise_is_cut_off() {
    for tail in [vec![0; 500], vec![0xff; 500], (0..250).collect()] {
        let folder = tempfile::tempdir().unwrap();
        let options = filled(folder.path(), 3);
        let path = segments(folder.path(), 0).pop().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend(&tail);
        fs::write(&path, bytes).unwrap();
        let log = open(folder.path(), &options);
        assert_eq!((log.end(0).unwrap(), log.repairs().len()), (Offset(3), 1));
        assert_eq!(log.repairs()[0].bytes, tail.len() as u64);
    }
}

/// A crash between the creation of a segment and its first bytes leaves a file that is shorter than any segment.
#[test]
fn a_segment_that_was_just_begun_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(folder.path(), 5);
    for length in 0..8 {
        let path = folder.path().join("0000").join(format!("{:020}.log", 5));
        fs::write(&path, &b"dlsg\0\0\0\x01"[..length]).unwrap();
        let log = open(folder.path(), &options);
        assert_eq!(log.end(0).unwrap(), Offset(5));
        assert_eq!(log.append(at(9), 0, &[event(5)]).unwrap(), Offset(5));
        assert_eq!(read(&log, 0, 4, 9).unwrap(), [(4, 4), (5, 5)]);
        drop(log);
        fs::remove_file(path).unwrap();
    }
}

/// A flipped bit where no crash can have struck must neither be skipped nor cut off with all that follows.
#[test]
fn any_flipped_bit_in_an_older_segment_is_an_error_that_names_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(folder.path(), 12);
    let path = segments(folder.path(), 0).swap_remove(1);
    let base: u64 = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let whole = fs::read(&path).unwrap();
    for byte in 8..whole.len() {
        let mut bytes = whole.clone();
        bytes[byte] ^= 1 << (byte % 8);
        fs::write(&path, &bytes).unwrap();
        let log = open(folder.path(), &options);
        let mut next = 0;
        let damage = loop {
            match read(&log, 0, next, 99) {
                Ok(records) => {
                    assert!(!records.is_empty(), "byte {byte}: the log ends at {next} as if nothing were");
                    for (offset, n) in records {
                        assert_eq!((offset, n), (next, next), "byte {byte}");
                        next += 1;
                    }
                }
                Err(error) => break error,
            }
        };
        let LogError::Damaged { path: named, position, .. } = &damage else {
            panic!("byte {byte}: {damage}")
        };
        assert_eq!(*named, path);
        assert!(
            *position <= byte as u64 && byte as u64 - position < 100,
            "byte {byte}: said to be at {position}"
        );
        let before = base + (position - 8) / ((whole.len() as u64 - 8) / 4).max(1);
        assert!(next >= base && next <= before + 1, "byte {byte}: {next} records were readable");
        assert!(damage.as_failure().is_none());
        drop(log);
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(read(&open(folder.path(), &options), 0, 0, 99).unwrap().len(), 12);
}

#[test]
fn a_file_that_is_no_segment_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(folder.path(), 2);
    let stranger = folder.path().join("0000").join("notes.log");
    fs::write(&stranger, "x").unwrap();
    let refused = SegmentLog::open(folder.path(), &options).unwrap_err().to_string();
    assert!(refused.contains("notes.log") && refused.contains("no segment"), "{refused}");
    fs::remove_file(stranger).unwrap();
    fs::write(segments(folder.path(), 0).pop().unwrap(), "something else").unwrap();
    let refused = SegmentLog::open(folder.path(), &options).unwrap_err().to_string();
    assert!(refused.contains("does not begin as a segment"), "{refused}");
}

/// Somebody has removed a file: readers must not step over it, because nobody would ever know.
#[test]
fn a_segment_that_is_gone_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(folder.path(), 20);
    let gone = segments(folder.path(), 0).swap_remove(2);
    let base: u64 = gone.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    fs::remove_file(&gone).unwrap();
    let log = open(folder.path(), &options);
    let before: Vec<(u64, u64)> = (0..base).map(|n| (n, n)).collect();
    assert_eq!(read(&log, 0, 0, 99).unwrap(), before, "what is before it can be read");
    let missing = read(&log, 0, base, 99).unwrap_err();
    assert!(missing.to_string().contains(&format!("from offset {base} on")), "{missing}");
    let LogError::Missing { path, offset } = missing else { panic!("{missing}") };
    assert_eq!((path, offset), (gone, Offset(base)));
    assert_eq!(read(&log, 0, 19, 99).unwrap(), [(19, 19)], "and so can what is after it");
}

/// Where the newest file is gone, appending would give its offsets to other events.
#[test]
fn a_log_whose_newest_segment_is_gone_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(folder.path(), 20);
    let gone = segments(folder.path(), 0).pop().unwrap();
    fs::remove_file(&gone).unwrap();
    let refused = SegmentLog::open(folder.path(), &options).unwrap_err();
    assert!(matches!(&refused, LogError::Missing { path, .. } if *path == gone), "{refused}");
    assert!(refused.as_failure().is_none());
}

/// A whole record with a good checksum, written by a version that is not out yet.
#[test]
fn an_event_of_an_unknown_version_is_an_error_that_names_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(folder.path(), 12);
    let path = segments(folder.path(), 0).swap_remove(1);
    let base: u64 = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // The second record: after the length and the checksum come offset, moment, and the version of the encoding.
    let second = 8 + 8 + u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
    let length = u32::from_le_bytes(bytes[second..second + 4].try_into().unwrap()) as usize;
    bytes[second + 8 + 16] = 9;
    let checksum = ieee(&bytes[second + 8..second + 8 + length]);
    bytes[second + 4..second + 8].copy_from_slice(&checksum.to_le_bytes());
    fs::write(&path, bytes).unwrap();
    let log = open(folder.path(), &options);
    assert_eq!(read(&log, 0, 0, 99).unwrap().last(), Some(&(base, base)), "what is before it can be read");
    let refused = read(&log, 0, base + 1, 99).unwrap_err();
    assert!(refused.to_string().contains("a version of driftlab that this one does not know"), "{refused}");
    let LogError::Damaged { path: named, position, .. } = refused else { panic!("{refused}") };
    assert_eq!((named, position), (path, second as u64));
}

/// CRC-32, bit by bit: as it is defined, and not as it is computed.
fn ieee(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}
