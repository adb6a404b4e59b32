//! Small words: what a request does in the third person, numbers of things.

/// A request's words in the third person: `set key 1 = 2` becomes `sets key 1 = 2`.
pub(super) fn third_person(what: &str) -> String {
    match what {
        "which keys?" => return "asks which keys there are".to_owned(),
        "which position?" => return "asks where it stood".to_owned(),
        "the load is complete" => return "declares the load complete".to_owned(),
        _ => {}
    }
    let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
    let verb = if verb == "apply" { "applies".to_owned() } else { format!("{verb}s") };
    if rest.is_empty() { verb } else { format!("{verb} {rest}") }
}

/// A text with the full stop of a sentence. It keeps its first letter, which may be that of a name.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_in_the_third_person() {
        assert_eq!(third_person("set key 1 = 2"), "sets key 1 = 2");
        assert_eq!(third_person("apply key 1 = 2 up to 3"), "applies key 1 = 2 up to 3");
        assert_eq!(third_person("clear"), "clears");
    }
}
