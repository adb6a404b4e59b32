//! The writer: an observer with a file.

use super::batch::Batch;
use super::error::{Why, WriteError};
use crate::column::{COLUMNS, Column, Content, schema};
use crate::header::{HEADER, Header};
use driftlab_model::{Cast, Event, History, Observer, Time};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// After so many rows, or bytes of text, they are handed to Parquet.
const BATCH_ROWS: usize = 16 * 1024;
const BATCH_BYTES: usize = 8 << 20;
/// The bounds of a row group, which Parquet holds in memory, encoded, until it is full.
const GROUP_ROWS: usize = 1 << 20;
const GROUP_BYTES: usize = 64 << 20;
/// Offsets of texts have 31 bits.
const HUGE: usize = 1 << 30;

/// Writes a history to a Parquet file as it happens, in memory that does not grow with it.
///
/// The file appears under its name when [`Writer::finish`] is called, whole, or not at all: until then it grows beside it under a
/// hidden name, and is removed when the writer is dropped. An observer cannot fail, so the first error is kept, everything after it is
/// ignored, and `finish` gives it.
pub struct Writer {
    path: PathBuf,
    partial: PathBuf,
    file: Option<ArrowWriter<File>>,
    batch: Batch,
    failed: Option<Why>,
}

impl Writer {
    /// Begins a file that is to stand at `path`, of a history with this cast.
    ///
    /// # Errors
    /// When the folder does not take a file.
    pub fn create(path: &Path, cast: &Cast) -> Result<Self, WriteError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let partial = path.with_file_name(format!(".{name}.{}.partial", std::process::id()));
        let failed = |why| WriteError { path: path.to_owned(), why };
        let file = File::create(&partial).map_err(|error| failed(Why::Io(error)))?;
        let file = ArrowWriter::try_new(file, schema(), Some(properties())).map_err(|error| {
            let _ = fs::remove_file(&partial);
            failed(Why::Parquet(error))
        })?;
        let mut writer =
            Self { path: path.to_owned(), partial, file: Some(file), batch: Batch::new(cast), failed: None };
        if let Some(file) = &mut writer.file {
            file.append_key_value_metadata(KeyValue::new(HEADER.to_owned(), Header::of(cast).to_json()));
        }
        for (key, row) in &cast.load {
            writer.put(|batch| batch.load(key, row));
        }
        Ok(writer)
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// The first thing that went wrong since the beginning; there is no file then.
    pub fn finish(mut self) -> Result<(), WriteError> {
        self.flush();
        let done = match (self.failed.take(), self.file.take()) {
            (Some(why), _) => Err(why),
            (None, Some(file)) => self.close(file),
            (None, None) => unreachable!("a file is given up only when something failed"),
        };
        done.map_err(|why| WriteError { path: self.path.clone(), why })
    }

    fn close(&self, file: ArrowWriter<File>) -> Result<(), Why> {
        let file = file.into_inner().map_err(Why::Parquet)?;
        file.sync_all().and_then(|()| fs::rename(&self.partial, &self.path)).map_err(Why::Io)
    }

    fn put(&mut self, put: impl FnOnce(&mut Batch) -> Result<(), Why>) {
        if self.failed.is_some() {
            return;
        }
        if let Err(why) = put(&mut self.batch) {
            self.failed = Some(why);
        } else if self.batch.rows() >= BATCH_ROWS || self.batch.bytes() >= BATCH_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.failed.is_some() || self.batch.rows() == 0 {
            return;
        }
        if self.batch.bytes() > HUGE {
            self.failed = Some(Why::Huge);
            return;
        }
        let rows = self.batch.take();
        if let Some(file) = &mut self.file
            && let Err(error) = file.write(&rows)
        {
            self.failed = Some(Why::Parquet(error));
        }
    }
}

impl Observer for Writer {
    fn observe(&mut self, at: Time, event: &Event) {
        self.put(|batch| batch.event(at, event));
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        let _ = fs::remove_file(&self.partial);
    }
}

/// Writes a whole history.
///
/// # Errors
/// What kept it from being written; there is no file then.
pub fn write(path: &Path, history: &History) -> Result<(), WriteError> {
    let mut writer = Writer::create(path, &history.cast)?;
    history.replay(&mut writer);
    writer.finish()
}

fn properties() -> WriterProperties {
    let level = ZstdLevel::try_new(1).expect("1 is a level of zstd");
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_max_row_group_bytes(Some(GROUP_BYTES));
    for (column, name, content) in COLUMNS {
        let path = ColumnPath::from(name);
        match content {
            // Times and positions rise by small steps.
            Content::Moment | Content::Number | Content::Id => {
                properties = properties
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
            }
            // No two rows have the same values.
            Content::Text if column != Column::Key => {
                properties = properties.set_column_dictionary_enabled(path, false);
            }
            Content::Text | Content::Word => {}
        }
    }
    properties.build()
}
