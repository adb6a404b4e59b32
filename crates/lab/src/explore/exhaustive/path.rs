use driftlab_sim::schedule::{Chooser, OpenLeg};

/// A path through the choices of a run: those that were made before are made again, and where there are none yet, the first leg is taken.
#[derive(Default)]
pub(super) struct Path {
    pub(super) choices: Vec<Choice>,
    pub(super) depth: usize,
}

#[derive(Clone, Copy)]
pub(super) struct Choice {
    taken: usize,
    pub(super) of: usize,
}

impl Chooser for Path {
    fn choose(&mut self, open: &[OpenLeg]) -> Option<usize> {
        if self.depth == self.choices.len() {
            self.choices.push(Choice { taken: 0, of: open.len() });
        }
        self.depth += 1;
        Some(self.choices[self.depth - 1].taken)
    }
}

impl Path {
    pub(super) fn starting_with(prefix: &[usize]) -> Self {
        let choices = prefix.iter().map(|&taken| Choice { taken, of: 0 }).collect();
        Self { choices, depth: 0 }
    }

    pub(super) fn taken(&self) -> Vec<usize> {
        self.choices.iter().map(|choice| choice.taken).collect()
    }

    /// Goes on to the next path, below the first `fixed` choices; false where there is none.
    pub(super) fn next(&mut self, fixed: usize) -> bool {
        while self.choices.len() > fixed {
            let last = self.choices.len() - 1;
            if self.choices[last].taken + 1 < self.choices[last].of {
                self.choices[last].taken += 1;
                return true;
            }
            self.choices.pop();
        }
        false
    }
}
