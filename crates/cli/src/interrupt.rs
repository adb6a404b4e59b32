//! Control-C: the first asks for an orderly end, the second ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// The status that shells give to a process that Control-C has ended.
const KILLED_BY_CONTROL_C: i32 = 130;

/// From now on Control-C asks for an orderly end. Where that cannot be arranged, it ends the process as it always does.
pub(crate) fn install() {
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(KILLED_BY_CONTROL_C);
        }
    });
}

/// Whether an orderly end was asked for.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
