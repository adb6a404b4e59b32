//! Words in messages: the nearest right one, quoted ones, lists of them.

/// Above this likeness (Jaro-Winkler) a word is near although it needs many edits: `fresh` for `freshness`.
const LIKE: f64 = 0.9;
/// Longer words are no typing errors, and comparing them takes quadratic time.
const LONGEST: usize = 64;

/// The candidate that somebody most likely meant, if any is near: at most one edit (a swap of neighbours is one) for every
/// three characters, or very much alike. Case, hyphens and blanks do not count.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > LONGEST {
        return None;
    }
    let word = plain(word);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = plain(candidate);
            let edits = strsim::damerau_levenshtein(&word, &other);
            let likeness = strsim::jaro_winkler(&word, &other);
            let allowed = (word.chars().count().max(other.chars().count()) / 3).max(1);
            (edits <= allowed || likeness >= LIKE).then_some((candidate, likeness))
        })
        // The first of equals wins, so that the answer does not depend on how many follow.
        .fold(None, |best: Option<(&str, f64)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        })
        .map(|(candidate, _)| candidate)
}

fn plain(word: &str) -> String {
    word.to_lowercase().replace(['-', ' '], "_")
}

/// A word out of the file as a message shows it: in backticks, on one line, and not without end.
pub(crate) fn quoted(word: &str) -> String {
    const SHOWN: usize = 40;
    let mut text = String::from("`");
    for c in word.chars().take(SHOWN) {
        if c.is_control() { text.extend(c.escape_default()) } else { text.push(c) }
    }
    if word.chars().nth(SHOWN).is_some() {
        text.push('…');
    }
    text.push('`');
    text
}

/// A list of words as a message shows it.
pub(crate) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.into_iter().map(quoted).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// What is expected where one of some words is.
pub(crate) fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match words.as_slice() {
        [] => "there is none to choose".to_owned(),
        [word] => format!("expected {}", quoted(word)),
        words => format!("expected one of {}", listed(words.iter().copied())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_near() {
        let words = ["refresh", "latency", "servers", "freshness_p99", "keys.count"];
        for (typed, meant) in [
            ("refersh", Some("refresh")),
            ("Latency", Some("latency")),
            ("freshness-p99", Some("freshness_p99")),
            ("server", Some("servers")),
            ("key.count", Some("keys.count")),
            ("zebra", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, words), meant, "{typed}");
        }
    }

    /// A megabyte of key would otherwise be compared, character by character, with every word there is.
    #[test]
    fn what_is_far_too_long_is_not_compared() {
        assert_eq!(nearest(&"refresh".repeat(100_000), ["refresh"]), None);
        assert!(quoted(&"refresh".repeat(100_000)).len() < 60);
    }
}
