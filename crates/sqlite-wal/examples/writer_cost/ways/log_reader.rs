use super::{Beside, Way};
use driftlab_sqlite_wal::{Event, Options, Reader};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A [`Reader`] in the same process, which decodes everything on threads of its own.
pub(crate) struct LogReader;

impl Way for LogReader {
    fn name(&self) -> &'static str {
        "log reader"
    }

    fn beside(&self, path: &Path) -> Result<Option<Beside>, Box<dyn std::error::Error>> {
        let mut reader = Reader::open(path, Options::default())?;
        let done = Arc::new(AtomicBool::new(false));
        let follows = Arc::clone(&done);
        let following = std::thread::spawn(move || {
            let mut gaps = 0;
            while !follows.load(Ordering::Relaxed) {
                if let Ok(Some(Event::Gap(_))) = reader.next(Duration::from_millis(20)) {
                    gaps += 1;
                }
            }
            gaps
        });
        Ok(Some(Beside(Box::new(move || {
            done.store(true, Ordering::Relaxed);
            following.join().expect("the reader's thread does not panic")
        }))))
    }
}
