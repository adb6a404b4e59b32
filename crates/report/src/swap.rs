//! Puts a folder in another's place in one step.

use std::fs;
use std::io;
use std::path::Path;

/// Puts `new` at `at`. Where something stood there, it stands at `new` afterwards.
///
/// Whoever looks at `at` meanwhile finds the one or the other, whole. On systems that cannot exchange two folders there is a moment without either.
pub(crate) fn swap(new: &Path, at: &Path) -> io::Result<()> {
    if !at.exists() {
        return fs::rename(new, at);
    }
    if exchange(new, at).is_ok() {
        return Ok(());
    }
    let aside = new.with_extension("old");
    fs::rename(at, &aside)?;
    fs::rename(new, at)?;
    fs::rename(&aside, new)
}

#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
