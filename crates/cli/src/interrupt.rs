//! Control-C, or a request to terminate: the first asks for an orderly end, the second ends at once and leaves no temporary folder behind.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// The status that shells give to a process that Control-C has ended.
const KILLED_BY_CONTROL_C: i32 = 130;

/// From now on Control-C (and SIGTERM, and SIGHUP) asks for an orderly end. Where that cannot be arranged, it ends the process as it always does.
pub(crate) fn install() {
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            driftlab_lab::remove_run_folders();
            std::process::exit(KILLED_BY_CONTROL_C);
        }
    });
}

/// Whether an orderly end was asked for.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
