//! Checkpoints.

use super::Fake;
use driftlab_model::port::Checkpoint;
use driftlab_model::{Bookmark, Call, Outcome};

impl Checkpoint for Fake {
    fn save<'a>(&'a self, name: &'a str, bookmark: Bookmark) -> Call<'a, Outcome<()>> {
        self.step(move |world| {
            world.checkpoints.insert(name.to_owned(), bookmark);
            Ok(())
        })
    }
    fn load<'a>(&'a self, name: &'a str) -> Call<'a, Outcome<Option<Bookmark>>> {
        self.step(move |world| Ok(world.checkpoints.get(name).copied()))
    }
}
