//! Durable memory: a file for each name.

use super::caller::Caller;
use super::exchange::{Effect, Sender, exchange};
use super::live::Live;
use super::node::NodeId;
use crate::pool::Server;
use crate::store::Durability;
use driftlab_model::port::Checkpoint;
use driftlab_model::{Bookmark, Call, Outcome, Refusal, RequestKind};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// A folder with a file for each name. A file is replaced as a whole, so whoever looks finds the old bookmark or the new one.
pub(super) struct CheckpointFolder {
    folder: PathBuf,
    durability: Durability,
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl Server for CheckpointFolder {}

impl CheckpointFolder {
    pub(super) fn new(
        folder: &Path,
        durability: Durability,
        failure: &Arc<Mutex<Option<io::Error>>>,
    ) -> Self {
        Self { folder: folder.to_path_buf(), durability, failure: Arc::clone(failure) }
    }

    fn save(&self, name: &str, bookmark: Bookmark) -> Outcome<()> {
        let saved = self.durability.replace(&self.file(name), bookmark.0.to_string().as_bytes());
        saved.map_err(|error| self.fail(error).into())
    }

    fn load(&self, name: &str) -> Outcome<Option<Bookmark>> {
        match std::fs::read_to_string(self.file(name)) {
            Ok(text) => match text.parse() {
                Ok(number) => Ok(Some(Bookmark(number))),
                Err(error) => Err(self.fail(io::Error::new(io::ErrorKind::InvalidData, error)).into()),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.fail(error).into()),
        }
    }

    /// The file of a name: whatever a name may hold, the file's has letters, digits, `-` and `%` only.
    fn file(&self, name: &str) -> PathBuf {
        let mut file = String::from("at-");
        for byte in name.bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'-' => file.push(char::from(byte)),
                // File systems that take `A` for `a` must not take one name for another.
                other => file.push_str(&format!("%{other:02x}")),
            }
        }
        self.folder.join(file)
    }

    fn fail(&self, error: io::Error) -> Refusal {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        Refusal::Unavailable
    }
}

/// The checkpoint store, seen by one process.
pub(super) struct CheckpointPort {
    pub(super) caller: Rc<Caller>,
}

impl Checkpoint for CheckpointPort {
    fn save<'a>(&'a self, name: &'a str, bookmark: Bookmark) -> Call<'a, Outcome<()>> {
        let save = Save { name: name.into(), bookmark };
        Box::pin(exchange(Rc::clone(&self.caller), NodeId::CHECKPOINT, save))
    }

    fn load<'a>(&'a self, name: &'a str) -> Call<'a, Outcome<Option<Bookmark>>> {
        Box::pin(exchange(Rc::clone(&self.caller), NodeId::CHECKPOINT, Load { name: name.into() }))
    }
}

#[derive(Clone)]
struct Save {
    name: Arc<str>,
    bookmark: Bookmark,
}

impl Effect for Save {
    type Reply = ();

    fn kind(&self) -> RequestKind {
        RequestKind::Save
    }

    fn send(self, live: &Live, sender: Sender) -> oneshot::Receiver<Outcome<()>> {
        live.checkpoint.submit(sender.service, move |folder| {
            let outcome = folder.save(&self.name, self.bookmark);
            drop(sender.under_way);
            outcome
        })
    }
}

#[derive(Clone)]
struct Load {
    name: Arc<str>,
}

impl Effect for Load {
    type Reply = Option<Bookmark>;

    fn kind(&self) -> RequestKind {
        RequestKind::Load
    }

    fn send(self, live: &Live, sender: Sender) -> oneshot::Receiver<Outcome<Option<Bookmark>>> {
        live.checkpoint.submit(sender.service, move |folder| {
            drop(sender.under_way);
            folder.load(&self.name)
        })
    }
}
