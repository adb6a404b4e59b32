use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// What a store's promise to keep something survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The death of its process and the loss of power: files are synced before a promise is made, at some milliseconds each.
    #[default]
    Power,
    /// The death of its process alone: what the operating system holds in memory counts as kept.
    Process,
}

impl Durability {
    /// Makes the bytes of a file durable.
    pub(crate) fn sync_file(self, file: &File) -> io::Result<()> {
        match self {
            Self::Power => file.sync_all(),
            Self::Process => Ok(()),
        }
    }

    /// Makes the names in a folder durable, as far as the platform lets one open a folder.
    pub(crate) fn sync_folder(self, folder: &Path) -> io::Result<()> {
        match self {
            Self::Power if cfg!(unix) => OpenOptions::new().read(true).open(folder)?.sync_all(),
            Self::Power | Self::Process => Ok(()),
        }
    }

    /// Gives a file new content, whole or not at all, whatever happens meanwhile.
    pub(crate) fn replace(self, path: &Path, content: &[u8]) -> io::Result<()> {
        use std::io::Write;
        let fresh = path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&fresh)?;
        file.write_all(content)?;
        self.sync_file(&file)?;
        drop(file);
        std::fs::rename(&fresh, path)?;
        self.sync_folder(path.parent().unwrap_or(Path::new(".")))
    }
}
