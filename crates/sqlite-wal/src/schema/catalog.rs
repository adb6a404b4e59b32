//! The database's catalogue (`sqlite_schema`): which tables there are and where their trees begin.

use super::describe::describe;
use super::table::{Schema, Table};
use crate::error::Error;
use crate::page::{Encoding, Node, NodeKind, PageMap, Pages, Record, payload};
use crate::tree::walk;
use crate::value::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// A table as long as it lives, through renamings and moved roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TableId(pub(crate) u32);

impl TableId {
    /// The catalogue itself, whose tree begins on page 1.
    pub(crate) const CATALOG: Self = Self(0);
}

/// One line of the catalogue: a table with rows of its own.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: TableId,
    /// The rowid of the line, which a renaming leaves as it is.
    pub(crate) line: i64,
    pub(crate) root: u32,
    pub(crate) table: Arc<Table>,
}

/// The tables of one state of a database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) entries: Vec<Entry>,
    roots: PageMap<TableId>,
    by_id: HashMap<TableId, usize>,
}

impl Catalog {
    pub(crate) fn new(entries: Vec<Entry>) -> Self {
        let mut roots: PageMap<TableId> = entries.iter().map(|entry| (entry.root, entry.id)).collect();
        roots.insert(1, TableId::CATALOG);
        let by_id = entries.iter().enumerate().map(|(at, entry)| (entry.id, at)).collect();
        Self { entries, roots, by_id }
    }

    /// The catalogue that `pages` hold. Tables that `known` describes by the same statement are not described again; ids are given out
    /// anew, from `next_id` on.
    pub(crate) fn read(
        pages: &dyn Pages,
        encoding: Encoding,
        known: &Self,
        next_id: &mut u32,
    ) -> Result<Self, Error> {
        let mut entries: Vec<Entry> = Vec::new();
        for number in walk(pages, 1)? {
            let bytes = pages.page(number)?;
            let node = Node::parse(number, &bytes, pages.usable()).map_err(Error::damage(pages.path()))?;
            if node.kind() != NodeKind::TableLeaf {
                continue;
            }
            for index in 0..node.len() {
                let cell = node.cell(index).map_err(Error::damage(pages.path()))?;
                let Some((name, root, sql)) = line(&payload(pages, &cell)?, encoding) else { continue };
                let described =
                    known.entries.iter().find(|entry| entry.table.sql == sql && entry.table.name == name);
                let table = match described {
                    Some(entry) => Arc::clone(&entry.table),
                    None => Arc::new(describe(&name, &sql, encoding)?),
                };
                entries.push(Entry { id: TableId(*next_id), line: cell.rowid, root, table });
                *next_id += 1;
            }
        }
        Ok(Self::new(entries))
    }

    /// The table whose tree begins on page `root`.
    pub(crate) fn at_root(&self, root: u32) -> Option<TableId> {
        self.roots.get(&root).copied()
    }
    pub(crate) fn roots(&self) -> impl Iterator<Item = (u32, TableId)> + '_ {
        self.roots.iter().map(|(root, id)| (*root, *id))
    }
    pub(crate) fn entry(&self, id: TableId) -> Option<&Entry> {
        self.by_id.get(&id).map(|at| &self.entries[*at])
    }
    pub(crate) fn schema(&self) -> Schema {
        Schema { tables: self.entries.iter().map(|entry| Arc::clone(&entry.table)).collect() }
    }
}

/// Name, root page and statement of a line that declares a table of the user with a tree of its own.
fn line(payload: &[u8], encoding: Encoding) -> Option<(String, u32, String)> {
    let mut record = Record::parse(payload, encoding)?;
    let mut field = || record.next_field().ok().flatten();
    let (kind, name, _, root, sql) = (field()?, field()?, field()?, field()?, field()?);
    match (kind, name, root, sql) {
        (Value::Text(kind), Value::Text(name), Value::Integer(root), Value::Text(sql))
            if kind == "table" && root > 1 && !name.to_ascii_lowercase().starts_with("sqlite_") =>
        {
            Some((name, u32::try_from(root).ok()?, sql))
        }
        _ => None,
    }
}
