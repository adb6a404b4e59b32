//! From the pages of a transaction to its events.

use crate::error::Error;
use crate::event::{Change, Event, Gap, Origin, SchemaChange, Transaction};
use crate::page::{DatabaseHeader, PageSet, Pages, database_header};
use crate::rows::{RowDecoder, Side, diff};
use crate::schema::{Catalog, Changes, Schema, TableId, compare};
use crate::store::{After, Batch, Kind, Store};
use crate::tree::{Plan, TreeMap, plan, walk};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What is known of the database's tables as of the last transaction decoded.
pub(crate) struct Decoder {
    header: DatabaseHeader,
    catalog: Catalog,
    map: TreeMap,
    rows: HashMap<TableId, RowDecoder>,
    schema: Schema,
    next_id: u32,
}

impl Decoder {
    /// Reads catalogue and trees of the state in `store`.
    pub(crate) fn new(store: &Store) -> Result<Self, Error> {
        let header = database_header(store)?;
        let mut next_id = 1;
        let catalog = Catalog::read(store, header.encoding, &Catalog::default(), &mut next_id)?;
        let map = TreeMap::read(store, &catalog)?;
        let schema = catalog.schema();
        let mut decoder = Self { header, catalog, map, rows: HashMap::new(), schema, next_id };
        decoder.rows = decoder.row_decoders(&decoder.catalog, &HashMap::new());
        Ok(decoder)
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    fn row_decoders(
        &self,
        catalog: &Catalog,
        known: &HashMap<TableId, RowDecoder>,
    ) -> HashMap<TableId, RowDecoder> {
        let changed =
            |id: TableId, table: &Arc<_>| known.get(&id).is_none_or(|rows| !Arc::ptr_eq(&rows.table, table));
        let entries = catalog.entries.iter().filter(|entry| changed(entry.id, &entry.table));
        entries
            .map(|entry| (entry.id, RowDecoder::new(Arc::clone(&entry.table), self.header.encoding)))
            .collect()
    }

    /// Decodes the transaction `batch`, which follows the state in `store`, and steps over it there.
    pub(crate) fn decode(
        &mut self,
        store: &mut Store,
        batch: &Batch,
        events: &mut impl Extend<Event>,
    ) -> Result<(), Error> {
        let changed = batch.changed();
        let position = batch.record.position;
        let mut found = Vec::new();
        if let Kind::Reconciled(reason) = batch.record.kind {
            events.extend([Event::Gap(Gap { position, reason, pages: changed.len() as u64 })]);
        }
        if !changed.is_empty() {
            let after = After { batch, before: store, usable: self.header.usable };
            let header = database_header(&after)?;
            let after = After { usable: header.usable, ..after };
            let (catalog, schema_changes) = self.next_catalog(&after, &header, &changed)?;
            let next = catalog.as_ref().unwrap_or(&self.catalog);
            let plan = plan(&changed, &self.map, (&self.catalog, next), (store, &after))?;
            let old_rows = match &catalog {
                Some(catalog) => {
                    let fresh = self.row_decoders(catalog, &self.rows);
                    let mut old = HashMap::new();
                    for (id, decoder) in fresh {
                        if let Some(before) = self.rows.insert(id, decoder) {
                            old.insert(id, before);
                        }
                    }
                    old
                }
                None => HashMap::new(),
            };
            self.changes(store, &after, &plan, next, &schema_changes, &old_rows, &changed, &mut found)?;
            plan.apply(&mut self.map, &after)?;
            events.extend(
                schema_changes.events.into_iter().map(|kind| Event::Schema(SchemaChange { position, kind })),
            );
            if let Some(catalog) = catalog {
                self.rows.retain(|id, _| catalog.entry(*id).is_some());
                self.schema = catalog.schema();
                self.catalog = catalog;
            }
            self.header = header;
            store.set_usable(header.usable);
        }
        store.apply(batch)?;
        let origin = if batch.record.kind == Kind::Log { Origin::Log } else { Origin::Reconciled };
        let log_bytes = batch.record.body_bytes(store.page_size());
        events.extend([Event::Transaction(Transaction { position, origin, changes: found, log_bytes })]);
        Ok(())
    }

    /// The catalogue after the transaction, if it rewrote a page of it.
    fn next_catalog(
        &mut self,
        after: &After<'_>,
        header: &DatabaseHeader,
        changed: &[u32],
    ) -> Result<(Option<Catalog>, Changes), Error> {
        let mut touched = header.cookie != self.header.cookie;
        for &page in changed {
            if touched {
                break;
            }
            if self.map.root_of(page) == Some(1) {
                let skip = if page == 1 { 100 } else { 0 };
                touched = after.before.page(page)?[skip..] != after.page(page)?[skip..];
            }
        }
        if !touched {
            return Ok((None, Changes::default()));
        }
        let read = Catalog::read(after, header.encoding, &self.catalog, &mut self.next_id)?;
        let (catalog, changes) = compare(&self.catalog, read);
        Ok((Some(catalog), changes))
    }

    /// The row changes of all tables.
    #[allow(clippy::too_many_arguments)]
    fn changes(
        &self,
        before: &Store,
        after: &After<'_>,
        plan: &Plan,
        next: &Catalog,
        schema: &Changes,
        old_rows: &HashMap<TableId, RowDecoder>,
        changed: &[u32],
        found: &mut Vec<Change>,
    ) -> Result<(), Error> {
        let mut lists: BTreeMap<TableId, (Vec<u32>, Vec<u32>)> = BTreeMap::new();
        for (table, page) in &plan.before {
            lists.entry(*table).or_default().0.push(*page);
        }
        for (table, page) in &plan.after {
            lists.entry(*table).or_default().1.push(*page);
        }
        for table in &schema.rescan {
            if let (Some(old), Some(new)) = (self.catalog.entry(*table), next.entry(*table)) {
                lists.insert(*table, (walk(before, old.root)?, walk(after, new.root)?));
            }
        }
        let changed: PageSet = changed.iter().copied().collect();
        for (table, (old, new)) in &lists {
            // A table that was dropped says so by its event; the catalogue's own rows are events too.
            let (Some(_), Some(decoder)) = (next.entry(*table), self.rows.get(table)) else { continue };
            let old_decoder = old_rows.get(table).unwrap_or(decoder);
            let old = Side { pages: before, decoder: old_decoder, list: old };
            let new = Side { pages: after, decoder, list: new };
            let origins = schema.origins.get(table).map(Vec::as_slice);
            diff(&old, &new, &changed, origins, found)?;
        }
        // A copy that applies them in this order never holds two rows of one key.
        found.sort_by_key(Change::kind);
        Ok(())
    }
}
