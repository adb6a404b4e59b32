//! What lies in the folder of a partition beside its records: which segments there are, and the few numbers that no segment tells.

use super::LogError;
use super::segment::Segment;
use crate::store::Durability;
use driftlab_model::{Compacted, Offset};
use std::fs;
use std::path::{Path, PathBuf};

/// Holds the offset below which the partition was truncated.
const START: &str = "start";
/// Holds the first offset of the segment that is written to, so that its file is missed where it is gone.
const ACTIVE: &str = "active";
/// Holds how far the partition is compacted.
const COMPACTED: &str = "compacted";
/// What the name of a segment ends with that a compaction has not finished.
pub(super) const UNFINISHED: &str = "unfinished";

/// What is in the folder of a partition.
pub(super) struct Inventory {
    /// In order, the last one being that which is written to.
    pub(super) segments: Vec<Segment>,
    pub(super) start: Offset,
    pub(super) compacted: Compacted,
}

impl Inventory {
    /// Looks through a folder, and removes what a compaction left that did not come to its end: segments that were not finished, and those in whose place finished ones stand.
    pub(super) fn of(folder: &Path) -> Result<Self, LogError> {
        let mut segments = segments(folder)?;
        let is_replaced: Vec<bool> = segments
            .iter()
            .map(|segment| segments.iter().any(|other| other.takes_the_place_of(segment)))
            .collect();
        for (segment, _) in segments.iter().zip(&is_replaced).filter(|(_, is_replaced)| **is_replaced) {
            remove(&segment.path)?;
        }
        let mut is_replaced = is_replaced.into_iter();
        segments.retain(|_| is_replaced.next() == Some(false));
        let [active] = numbers(folder, ACTIVE)?.unwrap_or_default();
        if segments.last().map_or(active > 0, |last| last.base.0 < active || last.made.is_some()) {
            // To go on without it would give its offsets to other events.
            let offset = Offset(active);
            return Err(LogError::Missing { path: Segment::path_of(folder, offset), offset });
        }
        let [start] = numbers(folder, START)?.unwrap_or_default();
        let [below, forgotten] = numbers(folder, COMPACTED)?.unwrap_or_default();
        let compacted = Compacted { below: Offset(below), forgotten: Offset(forgotten) };
        Ok(Self { segments, start: Offset(start), compacted })
    }
}

pub(super) fn note_start(folder: &Path, start: Offset, durability: Durability) -> Result<(), LogError> {
    note(folder, START, &[start.0], durability)
}

pub(super) fn note_active(folder: &Path, base: Offset, durability: Durability) -> Result<(), LogError> {
    note(folder, ACTIVE, &[base.0], durability)
}

pub(super) fn note_compacted(
    folder: &Path,
    compacted: Compacted,
    durability: Durability,
) -> Result<(), LogError> {
    note(folder, COMPACTED, &[compacted.below.0, compacted.forgotten.0], durability)
}

fn note(folder: &Path, name: &str, numbers: &[u64], durability: Durability) -> Result<(), LogError> {
    let path = folder.join(name);
    let text: Vec<String> = numbers.iter().map(u64::to_string).collect();
    durability.replace(&path, text.join(" ").as_bytes()).map_err(LogError::io("write", &path))
}

/// The numbers that were noted under a name; `None` before the first time.
fn numbers<const N: usize>(folder: &Path, name: &str) -> Result<Option<[u64; N]>, LogError>
where
    [u64; N]: Default,
{
    let path = folder.join(name);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LogError::io("read", &path)(error)),
    };
    let numbers: Option<Vec<u64>> = text.split_whitespace().map(|word| word.parse().ok()).collect();
    match numbers.and_then(|numbers| numbers.try_into().ok()) {
        Some(numbers) => Ok(Some(numbers)),
        None => Err(LogError::Damaged { path, position: 0, why: "it should hold offsets, as whole numbers" }),
    }
}

fn segments(folder: &Path) -> Result<Vec<Segment>, LogError> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder).map_err(LogError::io("list", folder))? {
        let path: PathBuf = entry.map_err(LogError::io("list", folder))?.path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some(UNFINISHED) => remove(&path)?,
            Some("log") => segments.push(Segment::found(path.clone()).ok_or_else(|| {
                let why = "its name is no offset, so it is no segment of a log; move it out of the folder";
                LogError::Mismatch { path, why: why.to_owned() }
            })?),
            _ => {}
        }
    }
    segments.sort_by_key(|segment| segment.base);
    Ok(segments)
}

pub(super) fn remove(path: &Path) -> Result<(), LogError> {
    fs::remove_file(path).map_err(LogError::io("remove", path))
}
