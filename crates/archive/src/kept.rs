//! What the stores of a strategy kept, beside the history of its run: one JSON document.
//!
//! Rows and keys are written as in a history, so that a page that tells one tells the other.

use crate::header::TableHeader;
use crate::text::{Fields, read_key, read_row, write_key, write_row};
use driftlab_model::{
    Before, Cause, ColumnSet, Earlier, Entry, Journal, Key, Lsn, Moment, Row, Schema, TableId, Testimony,
    Time, TransactionId, Version, WriteId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// The version that this driftlab writes and reads.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    /// What the clock that stamps rows showed when the run began.
    began_nanos: u64,
    tables: Vec<TableHeader>,
    /// Tables that the strategy keeps for itself.
    own: Vec<String>,
    stores: Vec<Store>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Store {
    store: String,
    /// From which position on every change is there; `None` where that can be said of none.
    whole_since: Option<u64>,
    /// What is left of what was before that.
    earlier: Left,
    changes: Vec<Change>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Left {
    Some,
    Newest,
    NewestOfRows,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    table: String,
    key: String,
    at_nanos: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transaction: Option<u64>,
    /// `kept`, `same` where nothing was changed, `unkept`.
    before_is: Known,
    before: Value,
    after: Value,
    /// The columns of the row after, by place, that the store never had: null stands in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    after_lacks: Vec<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    who: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Known {
    Kept,
    Same,
    Unkept,
}

/// What stores kept, as a JSON document.
#[must_use]
pub fn write_kept(schema: &Schema, testimony: &Testimony) -> String {
    let fields: Vec<Fields> = schema.tables().map(|(_, table)| Fields::declared(table)).collect();
    let name = |table: TableId| schema.table(table).name.clone();
    let value = |key: &Key, row: Option<&Row>| {
        let Some(row) = row else { return Value::Null };
        let mut text = String::new();
        write_row(&mut text, fields.get(usize::from(key.table().0)), row.values());
        serde_json::from_str(&text).expect("a row is written as JSON")
    };
    let change = |entry: &Entry| {
        let mut key = String::new();
        write_key(&mut key, &entry.key);
        let (before_is, before) = match &entry.before {
            Before::Kept(before) => (Known::Kept, before.as_ref()),
            Before::Same => (Known::Same, None),
            Before::Unkept => (Known::Unkept, None),
        };
        Change {
            table: name(entry.key.table()),
            key,
            at_nanos: entry.at.nanos(),
            position: entry.position.map(|position| position.0),
            transaction: entry.transaction.map(|transaction| transaction.0),
            before_is,
            before: value(&entry.key, before),
            after: value(&entry.key, entry.after.as_ref()),
            after_lacks: entry.after.as_ref().map_or_else(Vec::new, |row| {
                (0..row.values().len()).filter(|column| row.left_out().contains(*column)).collect()
            }),
            who: entry.cause.as_ref().map(|cause| cause.who.clone()),
            why: entry.cause.as_ref().map(|cause| cause.why.clone()),
        }
    };
    let store = |journal: &Journal| Store {
        store: journal.place.clone(),
        whole_since: journal.whole_since.map(|since| since.position.0),
        earlier: match journal.earlier {
            Earlier::Some => Left::Some,
            Earlier::Newest => Left::Newest,
            Earlier::NewestOfRows => Left::NewestOfRows,
        },
        changes: journal.entries.iter().map(change).collect(),
    };
    let document = Document {
        format: FORMAT,
        began_nanos: testimony.began.nanos(),
        tables: schema.tables().map(|(_, table)| TableHeader::of(table)).collect(),
        own: testimony.own.iter().map(|table| name(*table)).collect(),
        stores: testimony.journals.iter().map(store).collect(),
    };
    serde_json::to_string(&document).expect("text keys, and values that were JSON already") + "\n"
}

/// Reads what [`write_kept`] wrote.
///
/// # Errors
/// What is wrong with the document.
pub fn read_kept(text: &str) -> Result<Testimony, String> {
    let document: Document = serde_json::from_str(text).map_err(|why| why.to_string())?;
    if document.format != FORMAT {
        return Err(format!("it is in format {}; this version reads format {FORMAT}", document.format));
    }
    let tables: Vec<_> = document.tables.iter().map(TableHeader::table).collect::<Result<_, _>>()?;
    let fields: Vec<Fields> = tables.iter().map(Fields::declared).collect();
    let table = |name: &str| {
        let place = tables.iter().position(|table| table.name == name);
        place.map(|place| TableId(place as u16)).ok_or_else(|| format!("it has no table `{name}`"))
    };
    let mut testimony = Testimony {
        own: document.own.iter().map(|name| table(name)).collect::<Result<_, _>>()?,
        began: Time::from_nanos(document.began_nanos),
        ..Testimony::default()
    };
    for store in document.stores {
        let mut entries = Vec::with_capacity(store.changes.len());
        for change in store.changes {
            let of = table(&change.table)?;
            let fields = &fields[usize::from(of.0)];
            entries
                .push(change.entry(of, fields).map_err(|why| format!("a change in {}: {why}", store.store))?);
        }
        testimony.journals.push(Journal {
            place: store.store,
            entries,
            whole_since: store.whole_since.map(|at| Moment { position: Lsn(at), at: Time::ZERO }),
            earlier: match store.earlier {
                Left::Some => Earlier::Some,
                Left::Newest => Earlier::Newest,
                Left::NewestOfRows => Earlier::NewestOfRows,
            },
        });
    }
    Ok(testimony)
}

impl Change {
    fn entry(self, table: TableId, fields: &Fields) -> Result<Entry, String> {
        let at = Time::from_nanos(self.at_nanos);
        let transaction = self.transaction.map(TransactionId);
        let row = |value: &Value| -> Result<Option<Row>, String> {
            if value.is_null() {
                return Ok(None);
            }
            let write = WriteId { transaction: transaction.unwrap_or_default(), index: 0 };
            let values = read_row(&value.to_string(), &mut fields.clone())?;
            let row = |values: Vec<_>| Row::new(write, Version::default(), at, Arc::from(values));
            Ok(values.map(row))
        };
        let mut lacks = ColumnSet::default();
        self.after_lacks.iter().for_each(|column| lacks.insert(*column));
        Ok(Entry {
            key: read_key(table, &self.key)?,
            before: match self.before_is {
                Known::Kept => Before::Kept(row(&self.before)?),
                Known::Same => Before::Same,
                Known::Unkept => Before::Unkept,
            },
            after: row(&self.after)?.map(|row| row.without(lacks)),
            transaction,
            position: self.position.map(Lsn),
            at,
            cause: self.who.zip(self.why).map(|(who, why)| Cause { who, why }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::{ColumnType, Table, Value as Datum};

    fn testimony() -> (Schema, Testimony) {
        let columns = [("seat", ColumnType::Integer), ("customer", ColumnType::Integer)];
        let schema = Schema::new(vec![
            Table::new("reservation", "reservation of seat", 1, &columns),
            Table::new("event", "event", 2, &[("seat", ColumnType::Integer), ("text", ColumnType::Text)]),
        ]);
        let write = WriteId { transaction: TransactionId(u64::MAX - 1), index: 0 };
        let at = Time::from_nanos(7_000_000_001);
        let row = |values: &[Datum]| Row::new(write, Version::default(), at, values.to_vec().into());
        let reserved = Entry {
            key: Key::integer(TableId(0), 3),
            before: Before::Kept(None),
            after: Some(row(&[3.into(), 7.into()])),
            transaction: Some(write.transaction),
            position: Some(Lsn(480)),
            at,
            cause: Some(Cause { who: "customer 7".to_owned(), why: "reserved".to_owned() }),
        };
        let told = Entry {
            key: Key::new(TableId(1), &[3.into(), Datum::text("[x]")]),
            before: Before::Same,
            after: Some(row(&[3.into(), Datum::text("[x]")])),
            position: None,
            cause: None,
            ..reserved
        };
        let marked =
            Entry { after: None, before: Before::Unkept, transaction: None, cause: None, ..reserved.clone() };
        let mut lacks = ColumnSet::default();
        lacks.insert(1);
        let part = Entry { after: told.after.as_ref().map(|row| row.without(lacks)), ..told.clone() };
        let emptied = Entry { key: Key::all_of(TableId(0)), ..marked.clone() };
        let journal = |place: &str, entries, since, earlier| Journal {
            place: place.to_owned(),
            entries,
            whole_since: since,
            earlier,
        };
        let since = Moment { position: Lsn(44), at: Time::ZERO };
        let testimony = Testimony {
            journals: vec![
                journal("log", vec![reserved, told, part, emptied], Some(since), Earlier::Newest),
                journal("tables", vec![marked], None, Earlier::NewestOfRows),
            ],
            own: vec![TableId(1)],
            began: Time::from_nanos(5),
        };
        (schema, testimony)
    }

    #[test]
    fn what_was_kept_comes_back_as_it_was_written() {
        let (schema, testimony) = testimony();
        assert_eq!(read_kept(&write_kept(&schema, &testimony)).unwrap(), testimony);
    }

    #[test]
    fn a_document_that_is_none_is_refused_with_the_reason() {
        let (schema, testimony) = testimony();
        let text = write_kept(&schema, &testimony);
        let refused = |from: &str, to: &str| read_kept(&text.replace(from, to)).unwrap_err();
        assert!(refused("\"format\":1", "\"format\":2").contains("this version reads format 1"));
        assert!(refused("\"table\":\"event\"", "\"table\":\"events\"").contains("no table `events`"));
        assert!(refused("\"customer\":7", "\"custmer\":7").contains("did you mean `customer`"));
        assert!(read_kept(&text[..text.len() / 2]).is_err());
    }
}
