//! What the names of the anomalies mean, for those that were seen.

use super::Page;
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn names(&self) -> Markup {
        let seen = self.summary.anomalies_seen();
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
}

fn capital(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
