//! The nearest right word.

/// The candidate that somebody most likely meant: at most one edit (a swap of neighbours is one) for every three characters.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    /// Longer words are no typing errors, and comparing them takes quadratic time.
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| {
            let other = candidate.to_lowercase();
            let allowed = (word.chars().count().max(other.chars().count()) / 3).max(1);
            (strsim::osa_distance(&word, &other), allowed, candidate)
        })
        .filter(|(edits, allowed, _)| edits <= allowed)
        .min_by_key(|(edits, ..)| *edits)
        .map(|(.., candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_near() {
        let words = ["began", "committed", "shown", "applied"];
        for (typed, meant) in [
            ("comitted", Some("committed")),
            ("Commited", Some("committed")),
            ("shwon", Some("shown")),
            ("begin", Some("began")),
            ("zebra", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, words), meant, "{typed}");
        }
        assert_eq!(nearest(&"shown".repeat(100_000), words), None);
    }
}
