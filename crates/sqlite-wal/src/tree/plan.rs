//! Which pages' rows count before a transaction, and which after it.

use super::map::{Owner, TreeMap};
use crate::error::Error;
use crate::page::{Damage, Node, PageMap, PageSet, Pages};
use crate::schema::{Catalog, TableId};

/// What a transaction did to the trees of tables.
#[derive(Default)]
pub(crate) struct Plan {
    /// Pages whose rows stood in a table before and need not stand there any more.
    pub(crate) before: Vec<(TableId, u32)>,
    /// Pages whose rows stand in a table now and need not have stood there before.
    pub(crate) after: Vec<(TableId, u32)>,
    /// The places that changed, in the order in which to note them.
    owners: Vec<(u32, Owner)>,
}

impl Plan {
    /// Brings the map up to date with what was planned.
    pub(crate) fn apply(&self, map: &mut TreeMap, after: &dyn Pages) -> Result<(), Error> {
        for (page, owner) in &self.owners {
            map.set(*page, *owner);
        }
        for (_, page) in &self.after {
            let bytes = after.page(*page)?;
            map.claim_overflow(after, &parse(after, *page, &bytes)?)?;
        }
        Ok(())
    }
}

fn parse<'a>(pages: &dyn Pages, page: u32, bytes: &'a [u8]) -> Result<Node<'a>, Error> {
    Node::parse(page, bytes, pages.usable()).map_err(Error::damage(pages.path()))
}

fn children(pages: &dyn Pages, page: u32) -> Result<Vec<u32>, Error> {
    let bytes = pages.page(page)?;
    parse(pages, page, &bytes)?.children().map_err(Error::damage(pages.path()))
}

/// Plans the transaction that changed the pages `changed`.
///
/// Pages that it did not rewrite can join or leave a tree all the same: their parent was rewritten, dropped, or belongs to another table
/// now. So the pages that are in a tree afterwards are found from the roots down, through rewritten pages only, and what a rewritten page
/// pointed to before and nothing points to now has left with all that hangs below it.
pub(crate) fn plan(
    changed: &[u32],
    map: &TreeMap,
    (catalog_before, catalog_after): (&Catalog, &Catalog),
    (before, after): (&dyn Pages, &dyn Pages),
) -> Result<Plan, Error> {
    let mut planner = Planner {
        changed: changed.iter().copied().collect(),
        map,
        catalog_before,
        catalog_after,
        before,
        after,
        adopted: PageSet::default(),
        counted: PageSet::default(),
        followed: PageSet::default(),
        members: PageMap::default(),
        work: Vec::new(),
        waiting: PageMap::default(),
        plan: Plan::default(),
    };
    planner.run(changed)?;
    Ok(planner.plan)
}

struct Planner<'a> {
    changed: PageSet,
    map: &'a TreeMap,
    catalog_before: &'a Catalog,
    catalog_after: &'a Catalog,
    before: &'a dyn Pages,
    after: &'a dyn Pages,
    /// Pages that a rewritten page points to now.
    adopted: PageSet,
    /// Unchanged pages whose rows are in the plan, because they were lost or joined another table.
    counted: PageSet,
    /// Rewritten pages that stayed in their table, whose children have been seen to.
    followed: PageSet,
    /// Rewritten pages that are in a tree now.
    members: PageMap<TableId>,
    work: Vec<(u32, TableId)>,
    /// Rewritten pages, by the topmost page above them that was not rewritten though its own parent was.
    waiting: PageMap<Vec<u32>>,
    plan: Plan,
}

impl Planner<'_> {
    fn run(&mut self, changed: &[u32]) -> Result<(), Error> {
        let (mut lost, mut owned) = (Vec::new(), Vec::new());
        for &page in changed {
            match self.map.owner(page) {
                Owner::Root | Owner::Child(_) => owned.push(page),
                Owner::Nobody | Owner::Overflow(_) => {}
            }
        }
        for &page in &owned {
            if let Some(table) = self.table_before(page) {
                self.plan.before.push((table, page));
            }
            self.plan.owners.push((page, Owner::Nobody));
            self.climb(page);
        }
        self.roots(&mut lost)?;
        while let Some((page, table)) = self.work.pop() {
            self.plan.after.push((table, page));
            self.follow(page, table, &mut lost)?;
        }
        for &page in &owned {
            if !self.followed.contains(&page) {
                lost.extend(children(self.before, page)?);
            }
        }
        for page in lost {
            self.lose(page)?;
        }
        self.overflows(changed);
        Ok(())
    }

    fn table_before(&self, page: u32) -> Option<TableId> {
        self.map.table_of(page, self.catalog_before)
    }

    /// Finds what decides whether the rewritten `page` is still in its tree: an unchanged root says yes, a rewritten page above it is
    /// asked when its children are known.
    fn climb(&mut self, page: u32) {
        let mut at = page;
        for _ in 0..super::DEPTH_MAX {
            match self.map.owner(at) {
                Owner::Child(parent) if self.changed.contains(&parent) => {
                    if at != page {
                        self.waiting.entry(at).or_default().push(page);
                    }
                    return;
                }
                Owner::Child(parent) => at = parent,
                Owner::Root => {
                    let now = self.catalog_after.at_root(at);
                    if at != page
                        && let Some(table) =
                            now.filter(|table| self.catalog_before.at_root(at) == Some(*table))
                    {
                        // The parent did not change, so neither does the place.
                        let place = self.map.owner(page);
                        self.member(page, table, place);
                    }
                    return;
                }
                Owner::Nobody | Owner::Overflow(_) => return,
            }
        }
    }

    /// Begins at the roots that were rewritten or changed hands.
    fn roots(&mut self, lost: &mut Vec<u32>) -> Result<(), Error> {
        for (root, table) in self.catalog_after.roots() {
            if self.changed.contains(&root) {
                self.member(root, table, Owner::Root);
                self.adopted.insert(root);
            } else if self.catalog_before.at_root(root) != Some(table) {
                self.adopted.insert(root);
                self.join(root, table, Owner::Root)?;
            }
        }
        for (root, table) in self.catalog_before.roots() {
            if self.catalog_after.at_root(root) != Some(table) && !self.changed.contains(&root) {
                lost.push(root);
            }
        }
        Ok(())
    }

    fn member(&mut self, page: u32, table: TableId, owner: Owner) {
        self.plan.owners.push((page, owner));
        if self.members.insert(page, table).is_none() {
            self.work.push((page, table));
        }
    }

    /// Sees to the children of the rewritten `page`, which is in `table` now.
    fn follow(&mut self, page: u32, table: TableId, lost: &mut Vec<u32>) -> Result<(), Error> {
        let now = children(self.after, page)?;
        if !self.map.in_tree(page) || self.table_before(page) != Some(table) {
            return now.into_iter().try_for_each(|child| self.adopt(child, page, table));
        }
        // The page was in the same table: most of its children are the same too, in the same order, and stay where they are.
        self.followed.insert(page);
        let was = children(self.before, page)?;
        let front = now.iter().zip(&was).take_while(|(now, was)| now == was).count();
        let ends = now[front..].iter().rev().zip(was[front..].iter().rev());
        let back = ends.take_while(|(now, was)| now == was).count();
        for &child in now[..front].iter().chain(&now[now.len() - back..]) {
            if self.changed.contains(&child) {
                self.member(child, table, Owner::Child(page));
            } else if !self.waiting.is_empty() {
                self.release(child, table);
            }
        }
        lost.extend_from_slice(&was[front..was.len() - back]);
        now[front..now.len() - back].iter().try_for_each(|child| self.adopt(*child, page, table))
    }

    /// The unchanged `page` is in `table` as before, and so are the rewritten pages below it.
    fn release(&mut self, page: u32, table: TableId) {
        for waiting in self.waiting.remove(&page).unwrap_or_default() {
            let place = self.map.owner(waiting);
            self.member(waiting, table, place);
        }
    }

    /// `parent`, rewritten and in `table`, points to `page`.
    fn adopt(&mut self, page: u32, parent: u32, table: TableId) -> Result<(), Error> {
        if !self.adopted.insert(page) {
            let twice = Damage::new(page, "two pages point to this page");
            return Err(Error::damage(self.after.path())(twice));
        }
        if self.changed.contains(&page) {
            self.member(page, table, Owner::Child(parent));
        } else if self.table_before(page) == Some(table) {
            self.plan.owners.push((page, Owner::Child(parent)));
            self.release(page, table);
        } else {
            self.join(page, table, Owner::Child(parent))?;
        }
        Ok(())
    }

    /// The unchanged `page` is now in another table's tree than before, if it was in one, and with it all that hangs below it.
    fn join(&mut self, page: u32, table: TableId, owner: Owner) -> Result<(), Error> {
        let mut joining = vec![(page, owner)];
        while let Some((page, owner)) = joining.pop() {
            self.plan.owners.push((page, owner));
            self.plan.after.push((table, page));
            self.counted.insert(page);
            if let Some(was) = self.table_before(page) {
                self.plan.before.push((was, page));
            }
            for child in children(self.after, page)? {
                if !self.adopted.insert(child) {
                    let twice = Damage::new(child, "two pages point to this page");
                    return Err(Error::damage(self.after.path())(twice));
                }
                if self.changed.contains(&child) {
                    self.member(child, table, Owner::Child(page));
                } else {
                    joining.push((child, Owner::Child(page)));
                }
            }
        }
        Ok(())
    }

    /// `page` was pointed to by a page that was rewritten, or was a root: if nothing points to it now, it and all below it is gone.
    fn lose(&mut self, page: u32) -> Result<(), Error> {
        let mut gone = vec![page];
        while let Some(page) = gone.pop() {
            // A rewritten page's rows and children are counted with the rewritten pages.
            if self.adopted.contains(&page) || self.changed.contains(&page) || !self.map.in_tree(page) {
                continue;
            }
            self.adopted.insert(page);
            self.counted.insert(page);
            if let Some(table) = self.table_before(page) {
                self.plan.before.push((table, page));
            }
            self.plan.owners.push((page, Owner::Nobody));
            gone.extend(children(self.before, page)?);
        }
        Ok(())
    }

    /// A row can change on its overflow pages alone.
    fn overflows(&mut self, changed: &[u32]) {
        let mut seen = PageSet::default();
        for &page in changed {
            if let Owner::Overflow(holder) = self.map.owner(page)
                && !self.changed.contains(&holder)
                && !self.counted.contains(&holder)
                && seen.insert(holder)
                && let Some(table) = self.table_before(holder)
                && self.catalog_after.entry(table).is_some()
            {
                self.plan.before.push((table, holder));
                self.plan.after.push((table, holder));
            }
        }
    }
}
