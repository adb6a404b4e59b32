//! The file's metadata: its version, and the cast as JSON.

use crate::roster::Roster;
use crate::words::{COLUMN_TYPES, SINK_FORMS, SINK_KINDS, Words, meaning_of, word_for};
use driftlab_model::{Cast, Column, ColumnId, Schema, SinkCast, SinkForm, SinkKind, Table, Time};
use serde::{Deserialize, Serialize};

/// The key of the metadata.
pub(crate) const HEADER: &str = "driftlab.history";
/// The version that this driftlab writes, and the newest that it reads.
pub const FORMAT_VERSION: u64 = 1;

/// Numbers of processes end below the one that stands for nobody in particular.
pub(crate) const MOST_PROCESSES: usize = u16::MAX as usize;
pub(crate) const MOST_SINKS: usize = u8::MAX as usize + 1;
pub(crate) const MOST_TABLES: usize = u16::MAX as usize + 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) version: u64,
    /// Whether everybody is listed and every value names its write, so that one reading is enough.
    pub(crate) complete: bool,
    pub(crate) strategy: String,
    pub(crate) partitions: u32,
    pub(crate) processes: Option<Vec<String>>,
    pub(crate) sinks: Option<Vec<SinkHeader>>,
    pub(crate) tables: Option<Vec<TableHeader>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SinkHeader {
    pub(crate) name: String,
    #[serde(default = "search")]
    kind: String,
    #[serde(default = "rows")]
    form: String,
    #[serde(default = "yes")]
    served: bool,
    /// Where nobody says so, whether it is preloaded depends on its events.
    #[serde(default)]
    preloaded: Option<bool>,
    /// When it joined the history, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    joins: Option<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableHeader {
    name: String,
    #[serde(default)]
    noun: Option<String>,
    columns: Vec<ColumnHeader>,
    key: Vec<ColumnRef>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnHeader {
    name: String,
    #[serde(default = "text", rename = "type")]
    kind: String,
    #[serde(default = "yes")]
    nullable: bool,
}

/// A column of a key: by its name or, where two columns share it, by its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum ColumnRef {
    Place(u16),
    Name(String),
}

fn search() -> String {
    SinkKind::Search.name().to_owned()
}
fn rows() -> String {
    word_for(SINK_FORMS, &SinkForm::Rows).to_owned()
}
fn text() -> String {
    word_for(COLUMN_TYPES, &driftlab_model::ColumnType::Text).to_owned()
}
const fn yes() -> bool {
    true
}

impl Default for Header {
    fn default() -> Self {
        Self {
            version: FORMAT_VERSION,
            complete: false,
            strategy: "recorded".to_owned(),
            partitions: 1,
            processes: None,
            sinks: None,
            tables: None,
        }
    }
}

/// Why a header says nothing that can be used.
#[derive(Debug)]
pub(crate) enum HeaderFault {
    /// The file's version is newer than what is read here.
    Newer(u64),
    /// What is wrong.
    Wrong(String),
}

impl Header {
    /// The header of a file that holds everything that `cast` lists.
    pub(crate) fn of(cast: &Cast) -> Self {
        Self {
            version: FORMAT_VERSION,
            complete: true,
            strategy: cast.strategy.clone(),
            partitions: cast.partitions,
            processes: Some(cast.processes.clone()),
            sinks: Some(cast.sinks.iter().map(SinkHeader::of).collect()),
            tables: Some(cast.schema.tables().map(|(_, table)| TableHeader::of(table)).collect()),
        }
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a header is JSON")
    }

    pub(crate) fn parse(json: &str) -> Result<Self, HeaderFault> {
        /// What every version has.
        #[derive(Deserialize)]
        struct Versioned {
            #[serde(default)]
            version: Option<u64>,
        }
        let wrong = |why: serde_json::Error| HeaderFault::Wrong(why.to_string());
        // The version first: of a newer one even the names of the fields are unknown.
        let versioned: Versioned = serde_json::from_str(json).map_err(wrong)?;
        match versioned.version {
            Some(version) if version > FORMAT_VERSION => Err(HeaderFault::Newer(version)),
            _ => serde_json::from_str(json).map_err(wrong),
        }
    }

    pub(crate) fn roster_of_processes(&self) -> Roster {
        match &self.processes {
            Some(names) => Roster::closed(names.clone(), MOST_PROCESSES),
            None => Roster::open(MOST_PROCESSES),
        }
    }

    pub(crate) fn roster_of_sinks(&self) -> Roster {
        match &self.sinks {
            Some(sinks) => Roster::closed(sinks.iter().map(|sink| sink.name.clone()).collect(), MOST_SINKS),
            None => Roster::open(MOST_SINKS),
        }
    }

    pub(crate) fn roster_of_tables(&self) -> Roster {
        match &self.tables {
            Some(tables) => {
                Roster::closed(tables.iter().map(|table| table.name.clone()).collect(), MOST_TABLES)
            }
            None => Roster::open(MOST_TABLES),
        }
    }

    /// The sinks that are listed, where `loads` says of each whether it has a first load of its own.
    pub(crate) fn sinks(&self, loads: &dyn Fn(usize) -> bool) -> Result<Option<Vec<SinkCast>>, String> {
        let Some(sinks) = &self.sinks else { return Ok(None) };
        let cast = |(place, sink): (usize, &SinkHeader)| {
            let about = |what: &str| format!("the {what} of the sink `{}`", sink.name);
            Ok(SinkCast {
                name: sink.name.clone(),
                kind: read_word(SINK_KINDS, &sink.kind, &about("kind"))?,
                form: read_word(SINK_FORMS, &sink.form, &about("form"))?,
                served: sink.served,
                preloaded: sink.preloaded.unwrap_or_else(|| sink.joins.is_none() && !loads(place)),
                joins: sink.joins.map(Time::from_nanos),
            })
        };
        sinks.iter().enumerate().map(cast).collect::<Result<_, String>>().map(Some)
    }

    /// The tables that are listed.
    pub(crate) fn schema(&self) -> Result<Option<Schema>, String> {
        let Some(tables) = &self.tables else { return Ok(None) };
        tables
            .iter()
            .map(TableHeader::table)
            .collect::<Result<_, _>>()
            .map(|tables| Some(Schema::new(tables)))
    }
}

/// A sink that only its events tell of.
pub(crate) fn sink_named(name: &str, preloaded: bool) -> SinkCast {
    SinkCast {
        name: name.to_owned(),
        kind: SinkKind::Search,
        form: SinkForm::Rows,
        served: true,
        preloaded,
        joins: None,
    }
}

fn read_word<T: Copy>(words: &Words<T>, text: &str, what: &str) -> Result<T, String> {
    meaning_of(words, text).ok_or_else(|| {
        let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        format!("{what} is `{text}`; it can be {}", known.join(", "))
    })
}

impl SinkHeader {
    fn of(sink: &SinkCast) -> Self {
        Self {
            name: sink.name.clone(),
            kind: word_for(SINK_KINDS, &sink.kind).to_owned(),
            form: word_for(SINK_FORMS, &sink.form).to_owned(),
            served: sink.served,
            preloaded: Some(sink.preloaded),
            joins: sink.joins.map(Time::nanos),
        }
    }
}

impl TableHeader {
    pub(crate) fn of(table: &Table) -> Self {
        let name_of = |column: &ColumnId| {
            let named = table.columns.get(usize::from(column.0));
            let is_one = |name: &str| table.columns.iter().filter(|other| other.name == name).count() == 1;
            match named {
                Some(named) if is_one(&named.name) => ColumnRef::Name(named.name.clone()),
                _ => ColumnRef::Place(column.0),
            }
        };
        let column = |column: &Column| ColumnHeader {
            name: column.name.clone(),
            kind: word_for(COLUMN_TYPES, &column.kind).to_owned(),
            nullable: column.nullable,
        };
        Self {
            name: table.name.clone(),
            noun: Some(table.noun.clone()),
            columns: table.columns.iter().map(column).collect(),
            key: table.key.iter().map(name_of).collect(),
        }
    }

    pub(crate) fn table(&self) -> Result<Table, String> {
        let place_of = |column: &ColumnRef| match column {
            ColumnRef::Place(place) if usize::from(*place) < self.columns.len() => Ok(ColumnId(*place)),
            ColumnRef::Place(place) => Err(format!(
                "the key of the table `{}` names column {place}, and it has {} columns",
                self.name,
                self.columns.len()
            )),
            ColumnRef::Name(name) => {
                let place = self.columns.iter().position(|column| column.name == *name);
                place.map(|place| ColumnId(place as u16)).ok_or_else(|| {
                    format!(
                        "the key of the table `{}` names the column `{name}`, which it does not have",
                        self.name
                    )
                })
            }
        };
        let column = |column: &ColumnHeader| {
            let what = format!("the type of the column `{}` of the table `{}`", column.name, self.name);
            let kind = read_word(COLUMN_TYPES, &column.kind, &what)?;
            Ok(Column { name: column.name.clone(), kind, nullable: column.nullable })
        };
        if self.key.is_empty() {
            return Err(format!("the table `{}` has no key", self.name));
        }
        Ok(Table {
            name: self.name.clone(),
            noun: self.noun.clone().unwrap_or_else(|| self.name.clone()),
            columns: self.columns.iter().map(column).collect::<Result<_, String>>()?,
            key: self.key.iter().map(place_of).collect::<Result<_, String>>()?,
        })
    }
}
