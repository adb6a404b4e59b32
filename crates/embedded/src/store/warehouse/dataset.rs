use super::columns;
use super::data_file::{DataFile, DataFileWriter};
use super::manifest::{FileEntry, LAYOUT, Manifest, Mode, Role};
use super::record::Record;
use crate::store::registry::Place;
use crate::store::{Durability, StoreError};
use arrow::datatypes::SchemaRef;
use driftlab_model::{Schema, TableId};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

/// The folder of a warehouse: data files, and the manifest that says which of them count.
///
/// A change writes new files, makes them durable, and swaps the manifest; only then are files removed that it no longer names. What a crash leaves over is a file
/// that no manifest names; it is removed at the next opening.
pub(super) struct Dataset {
    folder: PathBuf,
    durability: Durability,
    schema: Schema,
    manifest: Manifest,
    files: BTreeMap<u64, DataFile>,
    schemas: BTreeMap<TableId, SchemaRef>,
    next_id: u64,
    /// Held so that nobody else opens the folder meanwhile; the operating system lets go of it when the process dies.
    lock: File,
}

/// Where a record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) file: u64,
    pub(super) place: u32,
}

const MANIFEST: &str = "manifest.json";

impl Drop for Dataset {
    fn drop(&mut self) {
        // To close the file is not enough: a process that is being started elsewhere holds a copy of it for a moment.
        let _ = self.lock.unlock();
    }
}

impl Dataset {
    pub(super) fn open(place: &Place, mode: Mode) -> Result<Self, StoreError> {
        let folder = place.folder.clone();
        fs::create_dir_all(&folder).map_err(|cause| StoreError::at("create", &folder, cause))?;
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(folder.join("lock"));
        let lock = lock.map_err(|cause| StoreError::at("open", &folder, cause))?;
        if lock.try_lock().is_err() {
            let why = "the warehouse is open already, here or in another process; close it there first";
            return Err(StoreError::at("open", &folder, why));
        }
        let manifest = read_manifest(&folder, mode)?;
        let files = manifest
            .files
            .iter()
            .map(|entry| (entry.id, DataFile::new(&folder, entry.id, TableId(entry.table), entry.rows)))
            .collect();
        let mut dataset = Self {
            folder,
            durability: place.durability,
            schema: place.schema.clone(),
            next_id: manifest.files.iter().map(|entry| entry.id + 1).max().unwrap_or(0),
            manifest,
            files,
            schemas: BTreeMap::new(),
            lock,
        };
        dataset.remove_orphans()?;
        Ok(dataset)
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The files that count, oldest first, with what they count for.
    pub(super) fn files(&self) -> impl Iterator<Item = (&DataFile, Role)> {
        self.manifest.files.iter().map(|entry| (&self.files[&entry.id], entry.role))
    }

    pub(super) fn read(&self, location: Location) -> Result<Record, StoreError> {
        self.files[&location.file].read(location.place)
    }

    pub(super) fn writer(&mut self, table: TableId) -> Result<DataFileWriter, StoreError> {
        let id = self.next_id;
        self.next_id += 1;
        let schema = self.schemas.entry(table).or_insert_with(|| columns::of_table(&self.schema, table));
        DataFileWriter::create(&self.folder, id, table, schema)
    }

    /// Completes files, which count from the next [`Dataset::commit`] on.
    pub(super) fn finish(
        &self,
        writers: impl IntoIterator<Item = DataFileWriter>,
    ) -> Result<Vec<DataFile>, StoreError> {
        writers.into_iter().map(|writer| writer.finish(self.durability)).collect()
    }

    /// Writes records into new files, one a table, which count from the next [`Dataset::commit`] on.
    pub(super) fn write(&mut self, records: Vec<Record>) -> Result<Vec<DataFile>, StoreError> {
        let mut tables: BTreeMap<TableId, Vec<Record>> = BTreeMap::new();
        for record in records {
            tables.entry(record.key.table()).or_default().push(record);
        }
        let mut files = Vec::with_capacity(tables.len());
        for (table, records) in tables {
            let mut writer = self.writer(table)?;
            writer.write(&records)?;
            files.push(writer.finish(self.durability)?);
        }
        Ok(files)
    }

    /// Swaps the manifest: from now on exactly the files that it names count.
    pub(super) fn commit(&mut self, next: Manifest, fresh: Vec<DataFile>) -> Result<(), StoreError> {
        let path = self.folder.join(MANIFEST);
        let failed = |cause| StoreError::at("write", &path, cause);
        let text = serde_json::to_vec_pretty(&next).map_err(|cause| StoreError::at("write", &path, cause))?;
        self.durability.replace(&path, &text).map_err(failed)?;
        self.files.extend(fresh.into_iter().map(|file| (file.id, file)));
        self.manifest = next;
        let named: BTreeSet<u64> = self.manifest.files.iter().map(|entry| entry.id).collect();
        let gone: Vec<u64> = self.files.keys().filter(|id| !named.contains(id)).copied().collect();
        for id in gone {
            if let Some(file) = self.files.remove(&id) {
                fs::remove_file(file.path()).map_err(|cause| StoreError::at("remove", file.path(), cause))?;
            }
        }
        Ok(())
    }

    /// Removes files that no manifest names: those that were being written when the process died, and those that it had no time to remove.
    fn remove_orphans(&mut self) -> Result<(), StoreError> {
        let folder = &self.folder;
        for entry in fs::read_dir(folder).map_err(|cause| StoreError::at("list", folder, cause))? {
            let path = entry.map_err(|cause| StoreError::at("list", folder, cause))?.path();
            let orphan =
                path.extension().is_some_and(|extension| extension == "parquet" || extension == "new");
            if orphan && !self.files.values().any(|file| file.path() == path) {
                fs::remove_file(&path).map_err(|cause| StoreError::at("remove", &path, cause))?;
            }
        }
        Ok(())
    }
}

impl FileEntry {
    pub(super) fn of(file: &DataFile) -> Self {
        Self { id: file.id, table: file.table.0, rows: file.rows, role: Role::Data }
    }
}

fn read_manifest(folder: &std::path::Path, mode: Mode) -> Result<Manifest, StoreError> {
    let path = folder.join(MANIFEST);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Manifest::new(mode)),
        Err(error) => return Err(StoreError::at("read", &path, error)),
    };
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|cause| StoreError::at("read", &path, cause))?;
    if manifest.layout != LAYOUT {
        let why =
            format!("its layout is {}, and this version of driftlab knows only {LAYOUT}", manifest.layout);
        return Err(StoreError::at("open", &path, why));
    }
    if manifest.mode != mode {
        let why = format!(
            "the warehouse was made with mode \"{}\" and cannot be opened with \"{}\"; remove the folder to begin anew",
            manifest.mode.name(),
            mode.name()
        );
        return Err(StoreError::at("open", &path, why));
    }
    Ok(Manifest { intake: manifest.intake.clone().reopened(), ..manifest })
}
