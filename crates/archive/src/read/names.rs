//! Who and what a file speaks of: names that become numbers.

use super::error::{Fault, Read, one_of, quoted};
use crate::column::Column;
use crate::header::{Header, sink_named};
use crate::roster::{Roster, Stranger};
use crate::text::Fields;
use driftlab_model::{Cast, ColumnId, ColumnType, Schema, SinkCast, Table, TransactionId};
use std::collections::BTreeMap;

/// The table of a file that names none.
const ONLY_TABLE: &str = "row";

/// The names in a file.
pub(super) struct Names {
    pub(super) processes: Roster,
    pub(super) sinks: Roster,
    tables: Roster,
    fields: Vec<Fields>,
    nameless: Fields,
    transactions: BTreeMap<String, u64>,
    transaction_names: Vec<String>,
    /// Sinks that have a first load of their own.
    loads: Vec<usize>,
}

impl Names {
    pub(super) fn new(header: &Header, schema: Option<&Schema>) -> Self {
        let tables = schema.map(|schema| schema.tables().map(|(_, table)| Fields::declared(table)).collect());
        Self {
            processes: header.roster_of_processes(),
            sinks: header.roster_of_sinks(),
            tables: header.roster_of_tables(),
            fields: tables.unwrap_or_default(),
            nameless: Fields::nameless(),
            transactions: BTreeMap::new(),
            transaction_names: Vec::new(),
            loads: Vec::new(),
        }
    }

    /// The table of a row that names one.
    pub(super) fn table(&mut self, name: &str) -> Read<usize> {
        let place = find(&mut self.tables, Column::Table, name)?;
        while self.fields.len() < self.tables.names().len() {
            self.fields.push(Fields::discovered());
        }
        Ok(place)
    }

    /// The table of a row that names none, where it is clear which one that is.
    pub(super) fn only_table(&mut self, has_column: bool) -> Option<usize> {
        if !self.tables.is_open() {
            return (self.tables.names().len() == 1).then_some(0);
        }
        if has_column { None } else { self.table(ONLY_TABLE).ok() }
    }

    pub(super) fn fields(&mut self, table: usize) -> &mut Fields {
        self.fields.get_mut(table).unwrap_or(&mut self.nameless)
    }

    pub(super) fn process(&mut self, name: &str) -> Read<usize> {
        find(&mut self.processes, Column::Process, name)
    }

    pub(super) fn sink(&mut self, name: &str) -> Read<usize> {
        find(&mut self.sinks, Column::Sink, name)
    }

    /// The sink of a row that names none, where there is but one.
    pub(super) fn only_sink(&self) -> Option<usize> {
        (!self.sinks.is_open() && self.sinks.names().len() == 1).then_some(0)
    }

    pub(super) fn loads(&mut self, sink: usize) {
        if !self.loads.contains(&sink) {
            self.loads.push(sink);
        }
    }

    /// The number of a transaction that has a name.
    pub(super) fn transaction(&mut self, name: &str) -> TransactionId {
        if let Some(number) = self.transactions.get(name) {
            return TransactionId(*number);
        }
        self.transaction_names.push(name.to_owned());
        let number = self.transaction_names.len() as u64;
        self.transactions.insert(name.to_owned(), number);
        TransactionId(number)
    }

    /// The name of a transaction that has one.
    pub(super) fn transaction_name(&self, transaction: TransactionId) -> Option<&str> {
        let place = usize::try_from(transaction.0.checked_sub(1)?).ok()?;
        self.transaction_names.get(place).map(String::as_str)
    }

    /// Whom the file speaks of, the load apart.
    pub(super) fn cast(&self, header: &Header, schema: Option<Schema>) -> Result<Cast, String> {
        let listed = header.sinks(&|sink| self.loads.contains(&sink))?;
        let met = |(place, name): (usize, &String)| sink_named(name, !self.loads.contains(&place));
        let sinks: Vec<SinkCast> =
            listed.unwrap_or_else(|| self.sinks.names().iter().enumerate().map(met).collect());
        let tables =
            || self.tables.names().iter().zip(&self.fields).map(|(name, fields)| table(name, fields));
        Ok(Cast {
            strategy: header.strategy.clone(),
            schema: schema.unwrap_or_else(|| Schema::new(tables().collect())),
            processes: self.processes.names().to_vec(),
            sinks,
            partitions: header.partitions.max(1),
            load: Vec::new(),
        })
    }
}

/// A table that only its rows tell of.
fn table(name: &str, fields: &Fields) -> Table {
    let column =
        |name: &String| driftlab_model::Column { name: name.clone(), kind: ColumnType::Text, nullable: true };
    Table {
        name: name.to_owned(),
        noun: name.to_owned(),
        columns: fields.names().iter().map(column).collect(),
        key: vec![ColumnId(0)],
    }
}

fn find(roster: &mut Roster, column: Column, name: &str) -> Read<usize> {
    roster.place(name).map_err(|stranger| match stranger {
        Stranger::Unknown(near) => {
            let known = one_of(roster.names().iter().take(20).map(String::as_str));
            let expected = format!("{known}, as the metadata lists");
            let fault = Fault::column(column, format!("{} is not known", quoted(name)), expected);
            match near {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("list it in the metadata, or leave the list away"),
            }
        }
        Stranger::TooMany(limit) => {
            let found = format!("{} is a name more than there is room for", quoted(name));
            Fault::column(column, found, format!("at most {limit} different names"))
        }
    })
}
