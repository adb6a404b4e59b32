use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::sync::Arc;

/// A table under construction, column by column; all columns are equally long.
#[derive(Default)]
pub(super) struct Sheet {
    columns: Vec<(String, ArrayRef)>,
}

impl Sheet {
    pub(super) fn text<'a>(&mut self, name: &str, values: impl Iterator<Item = Option<&'a str>>) {
        self.column(name, Arc::new(values.collect::<StringArray>()));
    }

    pub(super) fn whole(&mut self, name: &str, values: impl Iterator<Item = Option<u64>>) {
        // 2^63 nanoseconds are three hundred years.
        let values = values.map(|value| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX)));
        self.column(name, Arc::new(values.collect::<Int64Array>()));
    }

    pub(super) fn real(&mut self, name: &str, values: impl Iterator<Item = Option<f64>>) {
        self.column(name, Arc::new(values.collect::<Float64Array>()));
    }

    pub(super) fn truth(&mut self, name: &str, values: impl Iterator<Item = Option<bool>>) {
        self.column(name, Arc::new(values.collect::<BooleanArray>()));
    }

    fn column(&mut self, name: &str, values: ArrayRef) {
        self.columns.push((name.to_owned(), values));
    }

    /// The table as a Parquet file; equal tables give equal files.
    pub(super) fn file(self) -> Vec<u8> {
        let columns = self.columns.into_iter().map(|(name, values)| (name, values, true));
        let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("all columns are equally long");
        let level = ZstdLevel::try_new(3).expect("3 is a level of zstd");
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties))
            .expect("these types are Parquet's");
        writer.write(&batch).and_then(|()| writer.close()).expect("a vector takes all bytes");
        file
    }
}
