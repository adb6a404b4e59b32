use super::columns::{self, Decoder};
use super::record::Record;
use crate::store::{Durability, StoreError};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use driftlab_model::TableId;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
    RowSelection, RowSelector,
};
use parquet::basic::Compression;
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::cell::OnceCell;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Rows of a row group: what a writer holds in memory, encoded, before it goes to the file.
const ROW_GROUP_ROWS: usize = 64 << 10;
/// Rows of a page: what a read of a single row has to decode.
const PAGE_ROWS: usize = 2 << 10;
const BATCH_ROWS: usize = 8 << 10;

/// A Parquet file with records of one table; never changed once it is written.
#[derive(Debug)]
pub(super) struct DataFile {
    pub(super) id: u64,
    pub(super) table: TableId,
    pub(super) rows: u64,
    path: PathBuf,
    metadata: OnceCell<ArrowReaderMetadata>,
}

/// A data file that is being written. Dropped before it is finished, it leaves a file that nobody refers to, and that is removed at the next opening.
pub(super) struct DataFileWriter {
    id: u64,
    table: TableId,
    rows: u64,
    path: PathBuf,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
}

impl DataFile {
    pub(super) fn name_of(id: u64, table: TableId) -> String {
        format!("{id:010}-table-{}.parquet", table.0)
    }

    pub(super) fn new(folder: &Path, id: u64, table: TableId, rows: u64) -> Self {
        Self { id, table, rows, path: folder.join(Self::name_of(id, table)), metadata: OnceCell::new() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives every record with its place in the file, in order; one batch is in memory at a time.
    pub(super) fn scan(
        &self,
        mut each: impl FnMut(u32, Record) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut place = 0;
        for batch in self.batches()? {
            let batch = batch.map_err(|cause| self.failed(cause))?;
            let decoder = Decoder::new(&batch).map_err(|cause| self.failed(cause))?;
            for i in 0..decoder.len() {
                each(place, decoder.record(i).map_err(|cause| self.failed(cause))?)?;
                place += 1;
            }
        }
        Ok(())
    }

    /// The record at a place. Decodes a page of each column, not the file.
    pub(super) fn read(&self, place: u32) -> Result<Record, StoreError> {
        let selection = RowSelection::from(vec![RowSelector::skip(place as usize), RowSelector::select(1)]);
        let mut reader = self
            .builder()?
            .with_batch_size(1)
            .with_row_selection(selection)
            .build()
            .map_err(|cause| self.failed(cause))?;
        let batch = reader.next().ok_or_else(|| self.failed("the file has fewer rows than it should"))?;
        let batch = batch.map_err(|cause| self.failed(cause))?;
        let record = Decoder::new(&batch).and_then(|decoder| decoder.record(0));
        record.map_err(|cause| self.failed(cause))
    }

    pub(super) fn batches(&self) -> Result<ParquetRecordBatchReader, StoreError> {
        self.builder()?.with_batch_size(BATCH_ROWS).build().map_err(|cause| self.failed(cause))
    }

    pub(super) fn failed(&self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
        StoreError::at("read", &self.path, cause)
    }

    fn builder(&self) -> Result<ParquetRecordBatchReaderBuilder<File>, StoreError> {
        let file = File::open(&self.path).map_err(|cause| self.failed(cause))?;
        let metadata = match self.metadata.get() {
            Some(metadata) => metadata.clone(),
            None => {
                let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
                let metadata =
                    ArrowReaderMetadata::load(&file, options).map_err(|cause| self.failed(cause))?;
                self.metadata.get_or_init(|| metadata).clone()
            }
        };
        Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata))
    }
}

impl DataFileWriter {
    pub(super) fn create(
        folder: &Path,
        id: u64,
        table: TableId,
        schema: &SchemaRef,
    ) -> Result<Self, StoreError> {
        let path = folder.join(DataFile::name_of(id, table));
        let file = File::create(&path).map_err(|cause| StoreError::at("create", &path, cause))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_write_batch_size(PAGE_ROWS)
            .build();
        let writer = ArrowWriter::try_new(file, SchemaRef::clone(schema), Some(properties))
            .map_err(|cause| StoreError::at("create", &path, cause))?;
        Ok(Self { id, table, rows: 0, path, schema: SchemaRef::clone(schema), writer })
    }

    pub(super) fn write(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let batch = columns::encode(&self.schema, records).map_err(|cause| self.failed(cause))?;
        self.write_batch(&batch)
    }

    pub(super) fn write_batch(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|cause| self.failed(cause))
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Completes the file and makes it durable.
    pub(super) fn finish(mut self, durability: Durability) -> Result<DataFile, StoreError> {
        self.writer.finish().map_err(|cause| self.failed(cause))?;
        durability.sync_file(self.writer.inner()).map_err(|cause| self.failed(cause))?;
        let metadata = OnceCell::new();
        Ok(DataFile { id: self.id, table: self.table, rows: self.rows, path: self.path, metadata })
    }

    fn failed(&self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
        StoreError::at("write", &self.path, cause)
    }
}
