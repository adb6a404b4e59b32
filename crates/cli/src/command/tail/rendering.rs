//! What a line looks like.

use driftlab_sqlite_wal::Event;
use std::time::SystemTime;

/// A form in which events of a database are printed.
pub(super) trait Rendering {
    /// Appends the lines of an event that was read at a moment; none where this form has no word for it.
    fn render(&self, event: &Event, read: SystemTime, lines: &mut String);
}

/// Appends one JSON document and ends the line.
pub(super) fn line(document: &impl serde::Serialize, lines: &mut String) {
    let json = serde_json::to_string(document);
    lines.push_str(&json.expect("text keys and finite numbers, which JSON can always say"));
    lines.push('\n');
}
