//! The summary that GitHub shows of a step of a workflow.

use std::fs::OpenOptions;
use std::io::Write;

/// The variable that names the file which GitHub shows.
const VARIABLE: &str = "GITHUB_STEP_SUMMARY";
/// GitHub shows nothing of a step whose summary is longer than this.
const MOST_BYTES: u64 = 1024 * 1024;

/// Appends a report in Markdown to the step's summary, where there is one and there is room in it.
pub(crate) fn append(markdown: impl FnOnce() -> Vec<u8>) -> Result<(), String> {
    let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) else { return Ok(()) };
    let mut text = markdown();
    text.push(b'\n');
    let written = OpenOptions::new().append(true).create(true).open(&path).and_then(|mut file| {
        let is_room = file.metadata()?.len() + text.len() as u64 <= MOST_BYTES;
        // One call, so that what other processes append does not come between.
        if is_room { file.write_all(&text) } else { Ok(()) }
    });
    written
        .map_err(|error| format!("could not append to {}, which {VARIABLE} names: {error}", path.display()))
}
