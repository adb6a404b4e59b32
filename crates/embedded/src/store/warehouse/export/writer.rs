use super::ExportOptions;
use crate::store::StoreError;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

/// What the reader tells the writer, in order.
pub(super) enum Job {
    /// A file begins; where its table's name is that of the file before, which has not ended, it takes its place.
    Begin(FileJob),
    /// Rows of it.
    Rows(RecordBatch),
    /// It is complete.
    End,
}

pub(super) struct FileJob {
    pub(super) table: String,
    pub(super) schema: SchemaRef,
}

/// Writes files as they are told, under names that say that they are not complete; gives table, rows and bytes of each.
pub(super) fn write_files(
    jobs: Receiver<Job>,
    folder: &Path,
    options: &ExportOptions,
) -> Result<Vec<(String, u64, u64)>, StoreError> {
    let mut written = Vec::new();
    let mut open: Option<(String, PathBuf, ArrowWriter<File>, u64)> = None;
    for job in jobs {
        match (job, &mut open) {
            (Job::Begin(job), _) => {
                let path = unfinished(&path_of(folder, &job.table));
                let failed = |cause| StoreError::at("create", &path, cause);
                let file = File::create(&path).map_err(|cause| StoreError::at("create", &path, cause))?;
                let writer =
                    ArrowWriter::try_new(file, job.schema, Some(properties(options))).map_err(failed)?;
                open = Some((job.table, path, writer, 0));
            }
            (Job::Rows(batch), Some((_, path, writer, rows))) => {
                *rows += batch.num_rows() as u64;
                writer.write(&batch).map_err(|cause| StoreError::at("write", path, cause))?;
            }
            (Job::End, open) => {
                if let Some((table, path, mut writer, rows)) = open.take() {
                    writer.finish().map_err(|cause| StoreError::at("write", &path, cause))?;
                    let synced = options.durability.sync_file(writer.inner());
                    synced.map_err(|cause| StoreError::at("write", &path, cause))?;
                    written.push((table, rows, writer.bytes_written() as u64));
                }
            }
            (Job::Rows(_), None) => {}
        }
    }
    Ok(written)
}

/// Pages that the caches hold, and that come from memory in use before: with pages of a megabyte a million rows took 76 MB instead of 46, and no less time.
const PAGE_BYTES: usize = 64 << 10;

/// Without dictionaries: they pay where values repeat, and cost a look-up a value everywhere; the compression finds most repetitions as well.
fn properties(options: &ExportOptions) -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_max_row_group_row_count(Some(options.row_group_rows))
        .build()
}

/// The file of a table; characters that a file name cannot have everywhere are written as their number.
pub(super) fn path_of(folder: &Path, table: &str) -> PathBuf {
    let mut name = String::new();
    for character in table.chars() {
        if character.is_alphanumeric() || matches!(character, '_' | '-' | ' ') {
            name.push(character);
        } else {
            name.push_str(&format!("%{:x}", u32::from(character)));
        }
    }
    folder.join(name + ".parquet")
}

pub(super) fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("parquet.new")
}
