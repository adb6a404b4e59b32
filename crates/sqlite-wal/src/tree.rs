//! Which page belongs to which table.

mod map;
mod plan;

pub(crate) use map::TreeMap;
pub(crate) use plan::{Plan, plan};

use crate::error::Error;
use crate::page::{Damage, Node, Pages};

/// A tree is never deeper: even with two children a page, it would have more pages than a database may.
pub(crate) const DEPTH_MAX: usize = 40;

/// All pages of the tree that begins on page `root`, parents before children.
///
/// A damaged tree, in which a page hangs in two places, ends in an error once more pages were seen than there are.
pub(crate) fn walk(pages: &dyn Pages, root: u32) -> Result<Vec<u32>, Error> {
    let mut found = vec![root];
    let mut at = 0;
    while at < found.len() {
        let number = found[at];
        let bytes = pages.page(number)?;
        let node = Node::parse(number, &bytes, pages.usable()).map_err(Error::damage(pages.path()))?;
        if node.kind().is_interior() {
            found.extend(node.children().map_err(Error::damage(pages.path()))?);
        }
        if found.len() > pages.count() as usize {
            return Err(Error::damage(pages.path())(Damage::new(
                number,
                "a tree has more pages than the database",
            )));
        }
        at += 1;
    }
    Ok(found)
}
