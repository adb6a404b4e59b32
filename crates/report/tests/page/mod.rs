//! What every page must be, whatever is on it.

/// Headings in order, tables with captions and headings, described pictures, ids that are unique, and links within the page that lead somewhere.
pub(crate) fn is_sound(page: &str) {
    let levels: Vec<u8> =
        page.match_indices("<h").filter_map(|(at, _)| page.as_bytes().get(at + 2).copied()).collect();
    let levels: Vec<u8> = levels.into_iter().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert_eq!(levels.first(), Some(&1));
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    let count = |what: &str| page.matches(what).count();
    assert_eq!(count("<table"), count("<caption>"));
    assert_eq!(count("<svg role=\"img\""), count("<desc "));
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id is used twice");
    for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&target), "nothing is called {target}");
    }
    assert_eq!(count("<table"), count("<thead>"));
    assert!(count("<th scope=") + count("<th class=") + count("<th rowspan=") > 0);
}

/// No script, nothing that is loaded, and no address but those that a reader may follow.
pub(crate) fn is_by_itself(page: &str) {
    for load in [
        "<script",
        "src=",
        "<link",
        "@import",
        "url(",
        "<iframe",
        "<img",
        " onload",
        " onclick",
        "href=\"javascript:",
    ] {
        assert!(!page.contains(load), "{load}");
    }
    for (at, _) in page.match_indices("http") {
        let before = &page[..at];
        assert!(before.ends_with("href=\""), "...{}", &page[at.saturating_sub(40)..at + 20]);
    }
}
