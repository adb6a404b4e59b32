//! Samples of something that goes on for as long as it likes.

/// One of every `stride` of what was offered, so that an hour takes no more memory than a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Samples<T> {
    seen: u64,
    stride: u64,
    kept: Vec<T>,
}

const KEPT_MAX: usize = 1 << 16;

impl<T> Default for Samples<T> {
    fn default() -> Self {
        Self { seen: 0, stride: 1, kept: Vec::new() }
    }
}

impl<T> Samples<T> {
    /// One more.
    pub(crate) fn offer(&mut self, sample: T) {
        if self.seen.is_multiple_of(self.stride) {
            self.kept.push(sample);
            if self.kept.len() == KEPT_MAX {
                let mut number = 0;
                self.kept.retain(|_| {
                    number += 1;
                    number % 2 == 1
                });
                self.stride *= 2;
            }
        }
        self.seen += 1;
    }

    /// All of others.
    pub(crate) fn extend(&mut self, others: Self) {
        let unkept = others.seen - others.kept.len() as u64;
        others.kept.into_iter().for_each(|sample| self.offer(sample));
        self.seen += unkept;
    }

    /// How many were offered.
    pub(crate) const fn seen(&self) -> u64 {
        self.seen
    }

    /// Those that were kept.
    pub(crate) fn kept(&self) -> &[T] {
        &self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_much_is_offered_an_even_part_is_kept() {
        let mut samples = Samples::default();
        (0..300_000u64).for_each(|number| samples.offer(number));
        assert_eq!(samples.seen(), 300_000);
        assert!(samples.kept().len() < KEPT_MAX && samples.kept().len() >= KEPT_MAX / 2);
        let step = samples.kept()[1] - samples.kept()[0];
        assert!(samples.kept().windows(2).all(|pair| pair[1] - pair[0] == step));
        let mut all = Samples::default();
        all.offer(7);
        all.extend(samples);
        assert_eq!(all.seen(), 300_001);
    }
}
