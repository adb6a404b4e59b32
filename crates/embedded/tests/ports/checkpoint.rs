//! Checkpoints.

use crate::arm::{Arm, plain};
use driftlab_model::Bookmark;

/// Names of partitions have dots in them, and a file system that takes one letter for another must not take one name for another.
pub(crate) fn a_bookmark_is_what_was_last_saved_under_its_name<A: Arm>() {
    A::run(plain(), async |ports| {
        let names =
            ["relay", "Relay", "consumer.search.0", "consumer.search.1", "../relay", "a/b", "a%2fb", ""];
        for name in names {
            assert_eq!(ports.checkpoint.load(name).await, Ok(None), "{name:?}");
        }
        for round in 0..3 {
            for (number, name) in (0..).zip(names) {
                ports.checkpoint.save(name, Bookmark(number * 10 + round)).await.unwrap();
            }
        }
        ports.checkpoint.save("relay", Bookmark(u64::MAX)).await.unwrap();
        for (number, name) in (0..).zip(names).skip(1) {
            assert_eq!(ports.checkpoint.load(name).await, Ok(Some(Bookmark(number * 10 + 2))), "{name:?}");
        }
        assert_eq!(ports.checkpoint.load("relay").await, Ok(Some(Bookmark(u64::MAX))));
    });
}
