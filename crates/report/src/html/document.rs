//! What all pages have in common: the frame, the verdict, the links to the real story, and what names mean.

use super::STYLE;
use crate::summary::Verdict;
use driftlab_check::AnomalyEntry;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A page: one file, for light and dark, for a phone and for paper.
pub(crate) fn document(title: &str, more_style: &[&str], body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · driftlab" }
                style {
                    (PreEscaped(STYLE))
                    @for style in more_style { (PreEscaped(style)) }
                }
            }
            body { (body) }
        }
    }
}

/// The verdict in one sentence.
pub(crate) fn banner(verdict: Verdict, sentence: &str) -> Markup {
    let (class, word) = match verdict {
        Verdict::Pass => ("pass", "✓ Pass"),
        Verdict::Unknown => ("unknown", "? Unknown"),
        Verdict::Fail => ("fail", "✗ Fail"),
    };
    html! { p class=(format!("verdict {class}")) { strong { (word) } " " (sentence) } }
}

/// Where the real story can be read.
pub(crate) fn real_story(links: &[String]) -> Markup {
    html! {
        @if !links.is_empty() {
            p.links {
                "The real story: "
                @for (index, link) in links.iter().enumerate() {
                    @if index > 0 { ", " }
                    (anchor(link))
                }
            }
        }
    }
}

/// What the names of anomalies mean.
pub(crate) fn meanings(seen: &[&AnomalyEntry]) -> Markup {
    html! {
        @if !seen.is_empty() {
            section aria-labelledby="names" {
                h2 #names { "What the names mean" }
                dl {
                    @for entry in seen {
                        dt id=(entry.name) { (entry.name) }
                        dd {
                            (capital(entry.definition)) "."
                            @if !entry.literature.is_empty() { span.literature { " Literature: " (entry.literature) "." } }
                        }
                    }
                }
            }
        }
    }
}

/// A link that a person may follow; an address of another scheme (`javascript:`) stays a text.
fn anchor(address: &str) -> Markup {
    html! {
        @if address.starts_with("https://") || address.starts_with("http://") {
            a href=(address) rel="noopener noreferrer" { (address.split_once("://").map_or(address, |(_, rest)| rest)) }
        } @else {
            (address)
        }
    }
}

fn capital(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
