//! What happens when driftlab itself is at fault.

use crate::output::explain;
use crate::status::Status;
use std::panic;

/// Lets a panic end the process with a short message on what to report, wherever it happens.
///
/// A backtrace tells a user nothing, and a result from a faulty lab would be worth nothing, so no thread goes on. With
/// `RUST_BACKTRACE` set, Rust's own message comes first.
pub(crate) fn install() {
    let full = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if driftlab_archive::is_decoding() {
            // A damaged Parquet file makes its library panic; the archive catches that and says where the file is damaged.
            return;
        }
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            full(info);
        }
        let place = info.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
        let payload = info.payload();
        let what = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        let command: Vec<String> =
            std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        explain(&format!(
            "driftlab: this is a fault of driftlab, not of your scenario: {what}{place}\n\
             Please report it at {}/issues with the scenario and these lines:\n  \
             driftlab {} on {} {}\n  {}",
            env!("CARGO_PKG_REPOSITORY"),
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
            command.join(" "),
        ));
        driftlab_lab::remove_run_folders();
        std::process::exit(i32::from(Status::Fault.code()));
    }));
}
