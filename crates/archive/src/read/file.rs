//! The Parquet file: is it one, which columns has it, and its rows in sheets.

use super::error::{Fault, Read, one_of, quoted};
use super::sheet::Sheet;
use crate::column::{COLUMNS, Column, Content, OBLIGATORY};
use crate::header::{FORMAT_VERSION, HEADER, Header, HeaderFault};
use crate::nearest::nearest;
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{Read as _, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

const SHEET_ROWS: usize = 8 * 1024;
/// What a Parquet file begins and ends with.
const MAGIC: &[u8; 4] = b"PAR1";

/// An open file whose columns were looked at.
pub(super) struct Source {
    file: File,
    metadata: ArrowReaderMetadata,
    pub(super) header: Header,
}

impl Source {
    pub(super) fn open(path: &Path) -> Read<Self> {
        let mut file = File::open(path).map_err(Fault::unreadable)?;
        look(&mut file)?;
        let metadata = caught(|| ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()))
            .map_err(|why| Fault::whole(format!("its footer is damaged: {why}"), "a whole Parquet file"))?;
        let source = Self { header: header(&metadata)?, file, metadata };
        source.check_columns()?;
        Ok(source)
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// The rows, from the first.
    pub(super) fn sheets(&self) -> Read<Sheets> {
        let file = self.file.try_clone().map_err(Fault::unreadable)?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        // Columns that are not ours are not even read.
        let known = self.metadata.schema().fields().iter().enumerate();
        let known = known.filter(|(_, field)| COLUMNS.iter().any(|(_, name, _)| name == field.name()));
        let mask = ProjectionMask::roots(builder.parquet_schema(), known.map(|(place, _)| place));
        let reader = caught(|| builder.with_batch_size(SHEET_ROWS).with_projection(mask).build());
        let reader = reader.map_err(|why| damaged(0, &why))?;
        Ok(Sheets { reader, next_row: 0 })
    }

    fn check_columns(&self) -> Read<()> {
        let fields = self.metadata.schema().fields();
        let has = |name: &str| fields.iter().any(|field| field.name() == name);
        for field in fields.iter() {
            let name = field.name().as_str();
            let Some((column, _, content)) = COLUMNS.iter().find(|(_, known, _)| *known == name) else {
                // Columns of somebody's own do no harm, but one that is nearly ours was meant to be.
                if let Some(near) =
                    nearest(name, COLUMNS.iter().map(|(_, known, _)| *known).filter(|n| !has(n)))
                    && name.len() > 3
                {
                    let found = format!("it has a column {} and none that is called `{near}`", quoted(name));
                    return Err(Fault::whole(found, format!("a column `{near}`"))
                        .help(format!("rename {} to `{near}`, or to something less like it", quoted(name))));
                }
                continue;
            };
            if !reads(*content, field.data_type()) {
                return Err(Fault::column(
                    *column,
                    format!("it is of type {}", field.data_type()),
                    content.expected(),
                )
                .help(match column {
                    Column::Value | Column::Before => {
                        "write the fields of a row as JSON text, in Python with json.dumps"
                    }
                    Column::At => "1 second is 1000000000",
                    _ => "docs/history.md tells the type of every column",
                }));
            }
        }
        let is_stamp = |name: &str| {
            fields.iter().any(|f| f.name() == name && matches!(f.data_type(), DataType::Timestamp(..)))
        };
        for (column, name, content) in COLUMNS {
            if content == Content::Moment && is_stamp(name) && has("at") && !is_stamp("at") {
                return Err(Fault::column(
                    column,
                    "it holds timestamps, and `at` does not",
                    "moments of one kind",
                ));
            }
        }
        for column in OBLIGATORY {
            if !has(column.name()) {
                let there: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
                let found = format!("it has no column `{}`; it has {}", column.name(), there.join(", "));
                return Err(Fault::whole(found, "the columns `at` and `event`"));
            }
        }
        Ok(())
    }
}

/// Sheet after sheet of a file.
pub(super) struct Sheets {
    reader: ParquetRecordBatchReader,
    next_row: u64,
}

impl Sheets {
    /// The next rows; `None` at the end.
    pub(super) fn next(&mut self) -> Read<Option<Sheet>> {
        let batch = caught(|| self.reader.next().transpose()).map_err(|why| damaged(self.next_row, &why))?;
        let Some(batch) = batch else { return Ok(None) };
        let sheet = Sheet::new(&batch, self.next_row)?;
        self.next_row += batch.num_rows() as u64;
        Ok(Some(sheet))
    }
}

thread_local! {
    static DECODES: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is decoding Parquet just now: then a panic is caught and becomes a [`ReadError`](crate::ReadError), and a panic hook
/// should let it pass.
#[must_use]
pub fn is_decoding() -> bool {
    DECODES.get()
}

/// Does what the Parquet library may panic at: it trusts some of the lengths and offsets that it reads.
fn caught<T, E: fmt::Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    DECODES.set(true);
    // What was half read is dropped with the error, so nobody sees it.
    let done = catch_unwind(AssertUnwindSafe(work));
    DECODES.set(false);
    match done {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err("a length or an offset in it is impossible".to_owned()),
    }
}

fn damaged(row: u64, why: &str) -> Box<Fault> {
    let mut fault =
        Fault::whole(format!("the data from this row on are damaged: {why}"), "a whole Parquet file");
    fault.row = Some(row);
    fault
}

/// Looks at the first and last bytes: Parquet's own words for these cases help nobody.
fn look(file: &mut File) -> Read<()> {
    let about = file.metadata().map_err(Fault::unreadable)?;
    if about.is_dir() {
        return Err(Fault::unreadable(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
    }
    let expected = "a Parquet file, as docs/history.md describes";
    if about.len() == 0 {
        return Err(Fault::whole("it is empty", expected));
    }
    let mut edge = [0; 4];
    let mut matches = |from: SeekFrom| -> Read<bool> {
        file.seek(from).map_err(Fault::unreadable)?;
        file.read_exact(&mut edge).map_err(Fault::unreadable)?;
        Ok(&edge == MAGIC)
    };
    if about.len() < 4 || !matches(SeekFrom::Start(0))? {
        return Err(Fault::whole("it is no Parquet file", expected).help(
            "a CSV or JSON file becomes one with pandas' to_parquet or DuckDB's COPY … TO 'history.parquet'",
        ));
    }
    if about.len() < 12 || !matches(SeekFrom::End(-4))? {
        let found = "it begins as a Parquet file and does not end as one";
        return Err(Fault::whole(found, "a whole Parquet file")
            .help("it was cut off, or whoever wrote it did not close it"));
    }
    Ok(())
}

fn header(metadata: &ArrowReaderMetadata) -> Read<Header> {
    let pairs = metadata.metadata().file_metadata().key_value_metadata();
    let ours = pairs.into_iter().flatten().find(|pair| pair.key == HEADER);
    let Some(json) = ours.and_then(|pair| pair.value.as_deref()) else { return Ok(Header::default()) };
    Header::parse(json).map_err(|fault| match fault {
        HeaderFault::Newer(version) => Fault::whole(
            format!("it is of version {version} of the format"),
            format!("version {FORMAT_VERSION}, the newest that this driftlab reads"),
        )
        .help("read it with a newer driftlab"),
        HeaderFault::Wrong(why) => wrong_header(&why),
    })
}

pub(super) fn wrong_header(why: &str) -> Box<Fault> {
    let fields = ["version", "strategy", "partitions", "processes", "sinks", "tables", "complete"];
    let expected = format!("a JSON object; its fields, all optional, are {}", one_of(fields));
    Fault::whole(format!("its metadata `{HEADER}` is wrong: {why}"), expected)
}

/// Whether a column of this type can be read as this content.
fn reads(content: Content, kind: &DataType) -> bool {
    let is_text = matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    match kind {
        DataType::Null => true,
        DataType::Dictionary(_, values) => content != Content::Moment && reads(content, values),
        DataType::Timestamp(..) => content == Content::Moment,
        DataType::Float32 | DataType::Float64 => {
            matches!(content, Content::Number | Content::Id | Content::Text)
        }
        DataType::Boolean => content == Content::Text,
        _ if is_text => matches!(content, Content::Word | Content::Id | Content::Text),
        kind => kind.is_integer(),
    }
}
