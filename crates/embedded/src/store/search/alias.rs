use crate::store::{Durability, StoreError};
use driftlab_sink::Intake;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// Which index readers are sent to, and which loads are under way and which was published: a file that is swapped whole. It changes as a load is published, as
/// an alias is switched to a new index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Alias {
    /// The number of the index's folder.
    pub(super) index: u64,
    /// Loads. The bookmark that counts is in the index's last commit, with the data that it belongs to.
    pub(super) intake: Intake,
}

const FILE: &str = "alias.json";

impl Alias {
    /// The alias of a folder; that of an empty one is the first index.
    pub(super) fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|cause| StoreError::at("read", &path, cause)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(StoreError::at("read", &path, error)),
        }
    }

    pub(super) fn write(&self, folder: &Path, durability: Durability) -> Result<(), StoreError> {
        let path = folder.join(FILE);
        let text = serde_json::to_vec_pretty(self).map_err(|cause| StoreError::at("write", &path, cause))?;
        durability.replace(&path, &text).map_err(|cause| StoreError::at("write", &path, cause))
    }
}
