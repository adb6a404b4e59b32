use super::document::{Entry, Fields, LIVE};
use super::order;
use crate::store::StoreError;
use driftlab_model::{Key, TableId};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tantivy::index::SegmentReader;
use tantivy::schema::IndexRecordOption;
use tantivy::{
    DocAddress, DocId, DocSet, Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TERMINATED,
    TantivyDocument, TantivyError,
};

/// An index in a folder of its own, with its only writer and the readers' view of it.
pub(super) struct LiveIndex {
    folder: PathBuf,
    fields: Fields,
    index: Index,
    writer: IndexWriter,
    reader: IndexReader,
}

/// What the writer may hold in memory before it writes a segment; the least that tantivy takes.
const WRITER_BYTES: usize = 15_000_000;

impl LiveIndex {
    /// Opens an index at its last commit, or makes an empty one.
    pub(super) fn open(folder: PathBuf) -> Result<Self, StoreError> {
        fs::create_dir_all(&folder).map_err(|cause| StoreError::at("create", &folder, cause))?;
        let failed = |cause: TantivyError| StoreError::at("open", &folder, cause);
        let (schema, fields) = Fields::new();
        let directory =
            tantivy::directory::MmapDirectory::open(&folder).map_err(|cause| failed(cause.into()))?;
        let index = Index::open_or_create(directory, schema).map_err(failed)?;
        let writer = index.writer_with_num_threads(1, WRITER_BYTES).map_err(failed)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failed)?;
        Ok(Self { fields, index, writer, reader, folder })
    }

    /// What the last commit carries beside its documents.
    pub(super) fn payload(&self) -> Result<Option<String>, StoreError> {
        Ok(self.index.load_metas().map_err(|cause| self.failed("read", cause))?.payload)
    }

    /// Puts an entry in the place of the one that the key had; nobody sees it before the next commit and the next reload. `false` where the key is too
    /// long, and then nothing has happened.
    pub(super) fn put(&self, key: &Key, entry: &Entry) -> Result<bool, StoreError> {
        let Some(term) = self.fields.term(key) else { return Ok(false) };
        self.writer.delete_term(term);
        let added = self.writer.add_document(self.fields.document(key, entry));
        added.map(|_| true).map_err(|cause| self.failed("write to", cause))
    }

    /// Removes what the key had, without a trace.
    pub(super) fn remove(&self, key: &Key) {
        if let Some(term) = self.fields.term(key) {
            self.writer.delete_term(term);
        }
    }

    /// Removes every document, those that were put and not committed too.
    pub(super) fn remove_all(&mut self) -> Result<(), StoreError> {
        // Deleting everything reaches what stands in segments, and not what the indexing threads hold still: that is taken back first, or it would come with the next
        // commit, sometimes.
        let cleared = self.writer.rollback().and_then(|_| self.writer.delete_all_documents());
        cleared.map(drop).map_err(|cause| self.failed("clear", cause))
    }

    /// Makes everything that was put durable, and the payload with it, in one step.
    pub(super) fn commit(&mut self, payload: &str) -> Result<(), StoreError> {
        let committed = self.writer.prepare_commit().and_then(|mut prepared| {
            prepared.set_payload(payload);
            prepared.commit()
        });
        committed.map(drop).map_err(|cause| self.failed("commit to", cause))
    }

    /// Lets readers see the last commit.
    pub(super) fn reload(&self) -> Result<(), StoreError> {
        self.reader.reload().map_err(|cause| self.failed("reload", cause))
    }

    /// What readers see of a key.
    pub(super) fn shown(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let Some(term) = self.fields.term(key) else { return Ok(None) };
        let searcher = self.reader.searcher();
        let found = searcher.segment_readers().iter().enumerate().find_map(|(segment, reader)| {
            let find = || {
                let inverted = reader.inverted_index(self.fields.key)?;
                let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
                    return Ok(None);
                };
                Ok::<_, TantivyError>(first_alive(&mut postings, reader, |_| true))
            };
            find().map(|doc| doc.map(|doc| DocAddress::new(segment as u32, doc))).transpose()
        });
        let Some(address) = found else { return Ok(None) };
        let address = address.map_err(|cause| self.failed("search", cause))?;
        Ok(Some(self.entry(&searcher, address)?.1))
    }

    /// The keys of a table that show a row, in order, read off the term dictionaries.
    pub(super) fn keys(
        &self,
        table: TableId,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Key>, StoreError> {
        let failed = |cause: TantivyError| self.failed("search", cause);
        let first = table.0.to_be_bytes().to_vec();
        let after = after.map(order::encode).filter(|after| *after >= first);
        let mut keys = BTreeSet::new();
        for reader in self.reader.searcher().segment_readers() {
            let live = reader.fast_fields().u64(LIVE).map_err(failed)?;
            let inverted = reader.inverted_index(self.fields.key).map_err(failed)?;
            let range = inverted.terms().range();
            let range = match &after {
                Some(after) => range.gt(after),
                None => range.ge(&first),
            };
            let mut terms = range.into_stream().map_err(|cause| failed(cause.into()))?;
            let mut found = 0;
            while found < limit && terms.advance() && terms.key().starts_with(&first) {
                let mut postings = inverted
                    .read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)
                    .map_err(|cause| failed(cause.into()))?;
                if first_alive(&mut postings, reader, |doc| live.first(doc) == Some(1)).is_some() {
                    let key = order::decode(terms.key());
                    keys.insert(key.map_err(|cause| StoreError::at("search", &self.folder, cause))?);
                    found += 1;
                }
            }
        }
        Ok(keys.into_iter().take(limit).collect())
    }

    /// Gives every entry that readers see, in no order.
    pub(super) fn scan(&self, mut each: impl FnMut(Key, Entry)) -> Result<(), StoreError> {
        let searcher = self.reader.searcher();
        for (segment, reader) in searcher.segment_readers().iter().enumerate() {
            for doc in reader.doc_ids_alive() {
                let (key, entry) = self.entry(&searcher, DocAddress::new(segment as u32, doc))?;
                each(key, entry);
            }
        }
        Ok(())
    }

    /// Closes the index and removes its files.
    pub(super) fn discard(self) -> Result<(), StoreError> {
        let folder = self.folder.clone();
        // Merges that are under way would write into a folder that is gone.
        let waited = self.writer.wait_merging_threads();
        waited.map_err(|cause| StoreError::at("close", &folder, cause))?;
        fs::remove_dir_all(&folder).map_err(|cause| StoreError::at("remove", &folder, cause))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn entry(&self, searcher: &Searcher, address: DocAddress) -> Result<(Key, Entry), StoreError> {
        let document: TantivyDocument = searcher.doc(address).map_err(|cause| self.failed("read", cause))?;
        self.fields.entry(&document)
    }

    fn failed(&self, attempt: &str, cause: TantivyError) -> StoreError {
        StoreError::at(attempt, &self.folder, cause)
    }
}

/// The first document of some postings that was not deleted and is wanted.
fn first_alive(
    postings: &mut impl DocSet,
    reader: &SegmentReader,
    wanted: impl Fn(DocId) -> bool,
) -> Option<DocId> {
    while postings.doc() != TERMINATED {
        let doc = postings.doc();
        if !reader.is_deleted(doc) && wanted(doc) {
            return Some(doc);
        }
        postings.advance();
    }
    None
}
