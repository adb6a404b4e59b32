//! Any bytes as a page, its cells and its records. The first two bytes choose how many bytes of the page are usable.

use driftlab_sqlite_wal::page::{DatabaseHeader, Encoding, Node, Record};

/// Asks the page everything.
pub(crate) fn run(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_at_checked(2) else { return };
    let usable = 480 + usize::from(u16::from_le_bytes([choice[0], choice[1]]));
    let _ = DatabaseHeader::parse(bytes);
    for page in [1, 2] {
        let Ok(node) = Node::parse(page, bytes, usable) else { continue };
        let _ = node.children();
        for index in 0..node.len() {
            let _ = node.rowid(index);
            let Ok(cell) = node.cell(index) else { continue };
            for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be] {
                let Some(mut record) = Record::parse(cell.local, encoding) else { continue };
                while let Ok(Some(_)) = record.next_field() {}
            }
        }
    }
}
