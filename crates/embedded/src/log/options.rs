use driftlab_model::Span;

/// How a log is laid out, and what it promises.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogOptions {
    /// How many partitions there are; at least 1. A log that exists must be opened with the number that it was made with.
    pub partitions: u32,
    /// The bytes after which a new segment is begun; one append is never split over two.
    pub segment_bytes: u64,
    /// When what was appended survives a loss of power.
    pub sync: SyncPolicy,
    /// What is removed in time.
    pub retention: Retention,
}

/// When appended records are synced to the disk. Whatever is chosen, an append that was answered survives the death of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncPolicy {
    /// When the operating system sees fit.
    Never,
    /// Before the append is answered, and before readers see it.
    #[default]
    EachAppend,
    /// With the first append after so long a time, and whenever [`super::SegmentLog::sync`] is called.
    Every(Span),
}

/// What a partition keeps. Whole segments are removed, oldest first and never the one that is being written, so it may keep more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// At most about so many bytes.
    pub bytes_max: Option<u64>,
    /// Records that are younger than this.
    pub age_max: Option<Span>,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self {
            partitions: 1,
            segment_bytes: 64 << 20,
            sync: SyncPolicy::default(),
            retention: Retention::default(),
        }
    }
}
