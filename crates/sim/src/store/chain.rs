use super::versioned::SlotId;

/// An order of slots in which any can be moved to the end or taken out in constant time: a list whose links lie beside the slots.
#[derive(Debug, Default)]
pub(super) struct Chain {
    links: Vec<Option<Link>>,
    first: Option<SlotId>,
    last: Option<SlotId>,
    len: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Link {
    before: Option<SlotId>,
    after: Option<SlotId>,
}

impl Chain {
    pub(super) fn first(&self) -> Option<SlotId> {
        self.first
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn move_to_end(&mut self, id: SlotId) {
        if self.last == Some(id) {
            return;
        }
        self.remove(id);
        if self.links.len() <= id.index() {
            self.links.resize(id.index() + 1, None);
        }
        self.links[id.index()] = Some(Link { before: self.last, after: None });
        match self.last {
            Some(last) => self.link_mut(last).after = Some(id),
            None => self.first = Some(id),
        }
        self.last = Some(id);
        self.len += 1;
    }

    pub(super) fn remove(&mut self, id: SlotId) {
        let Some(link) = self.links.get_mut(id.index()).and_then(Option::take) else { return };
        match link.before {
            Some(before) => self.link_mut(before).after = link.after,
            None => self.first = link.after,
        }
        match link.after {
            Some(after) => self.link_mut(after).before = link.before,
            None => self.last = link.before,
        }
        self.len -= 1;
    }

    pub(super) fn clear(&mut self) {
        self.links.clear();
        (self.first, self.last, self.len) = (None, None, 0);
    }

    fn link_mut(&mut self, id: SlotId) -> &mut Link {
        self.links[id.index()].as_mut().expect("the neighbours of a linked slot are linked")
    }
}
