use super::order;
use crate::log::codec::{self, Malformed, Reader};
use crate::store::StoreError;
use driftlab_model::port::{Condition, Delivery};
use driftlab_model::{Key, Row, Span, Time, Value, Version, View, WriteId};
use tantivy::Term;
use tantivy::schema::{
    BytesOptions, FAST, Field, INDEXED, STORED, Schema, TEXT, TantivyDocument, Value as _,
};

/// What the index holds of a key: a row or a deletion, with the version that guards it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) version: Version,
    /// Until when the version counts.
    pub(super) guarded_until: Time,
    /// When a deletion's document may go: readers see no row with it and none without it.
    pub(super) expires: Time,
    pub(super) content: Content,
}

/// A row or a deletion.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Row(Row),
    Deleted(WriteId),
}

/// The fields of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// The key, as bytes that sort as keys do: a term.
    pub(super) key: Field,
    /// 1 for a row, 0 for a deletion.
    pub(super) live: Field,
    /// The entry, whole.
    body: Field,
    /// All texts of the row, for full-text search.
    text: Field,
}

/// Terms may not be longer than 64 KiB, tantivy's own prefix included.
const KEY_BYTES_MAX: usize = 60_000;
pub(super) const LIVE: &str = "live";

impl Entry {
    pub(super) fn delivered(delivery: &Delivery, now: Time, tombstones: Span) -> Self {
        let (guarded_until, expires, content) = match (&delivery.after, delivery.condition) {
            (Some(row), _) => (Time::NEVER, Time::NEVER, Content::Row(row.clone())),
            (None, Condition::Newer | Condition::Once) => {
                (now + tombstones, now + tombstones, Content::Deleted(delivery.write))
            }
            (None, Condition::Always) => (Time::ZERO, now + tombstones, Content::Deleted(delivery.write)),
        };
        Self { version: delivery.version, guarded_until, expires, content }
    }

    pub(super) fn loaded(row: &Row) -> Self {
        let content = Content::Row(row.clone());
        Self { version: row.version(), guarded_until: Time::NEVER, expires: Time::NEVER, content }
    }

    pub(super) fn row(self) -> Option<Row> {
        match self.content {
            Content::Row(row) => Some(row),
            Content::Deleted(_) => None,
        }
    }

    pub(super) fn view(self) -> View {
        match self.content {
            Content::Row(row) => View::Row(row),
            Content::Deleted(write) => View::Deleted(write),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        codec::put_u64(&mut out, self.version.0);
        codec::put_u64(&mut out, self.guarded_until.nanos());
        codec::put_u64(&mut out, self.expires.nanos());
        match &self.content {
            Content::Row(row) => {
                out.push(1);
                codec::put_row(&mut out, row);
            }
            Content::Deleted(write) => {
                out.push(0);
                codec::put_write(&mut out, *write);
            }
        }
        out
    }

    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let version = Version(reader.number()?);
        let guarded_until = Time::from_nanos(reader.number()?);
        let expires = Time::from_nanos(reader.number()?);
        let content = match reader.byte()? {
            0 => Content::Deleted(reader.write()?),
            _ => Content::Row(reader.row()?),
        };
        reader.finish()?;
        Ok(Self { version, guarded_until, expires, content })
    }
}

impl Fields {
    pub(super) fn new() -> (Schema, Self) {
        let mut builder = Schema::builder();
        let fields = Self {
            key: builder.add_bytes_field("key", BytesOptions::default().set_indexed().set_stored()),
            live: builder.add_u64_field(LIVE, FAST | INDEXED),
            body: builder.add_bytes_field("body", STORED),
            text: builder.add_text_field("text", TEXT),
        };
        (builder.build(), fields)
    }

    /// The term of a key; `None` where it is longer than the index can take.
    pub(super) fn term(&self, key: &Key) -> Option<Term> {
        let bytes = order::encode(key);
        (bytes.len() <= KEY_BYTES_MAX).then(|| Term::from_field_bytes(self.key, &bytes))
    }

    pub(super) fn document(&self, key: &Key, entry: &Entry) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_bytes(self.key, &order::encode(key));
        document.add_bytes(self.body, &entry.encode());
        let row = if let Content::Row(row) = &entry.content { Some(row) } else { None };
        document.add_u64(self.live, u64::from(row.is_some()));
        for value in row.iter().flat_map(|row| row.values().iter()) {
            if let Value::Text(text) = value {
                document.add_text(self.text, text);
            }
        }
        document
    }

    pub(super) fn entry(&self, document: &TantivyDocument) -> Result<(Key, Entry), StoreError> {
        let bytes = |field| document.get_first(field).and_then(|value| value.as_bytes()).ok_or(Malformed);
        let key = bytes(self.key).and_then(order::decode);
        let entry = bytes(self.body).and_then(Entry::decode);
        key.and_then(|key| Ok((key, entry?))).map_err(|cause| StoreError::new("read a document", cause))
    }
}
