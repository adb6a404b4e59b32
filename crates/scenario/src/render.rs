//! Problems as text: the offending line, underlined.

use crate::lines::Lines;
use crate::problem::{Place, Problem};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;

/// A longer label runs out of the terminal; it is told below the line, in as many lines as it takes.
const LABEL_MAX: usize = 90;

/// Everything that is wrong with a scenario, in the order of the file; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    file: String,
    text: String,
    lines: Lines,
    all: Vec<Problem>,
}

/// Whether text for a terminal is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text, for files, pipes, and those who set `NO_COLOR`.
    Off,
    /// With ANSI escape sequences.
    On,
}

impl Problems {
    pub(crate) fn new(file: &str, text: &str, mut all: Vec<Problem>) -> Self {
        let lines = Lines::of(text);
        all.sort_by_key(|problem| problem.place.order());
        for problem in &mut all {
            if let Place::At(span) = &mut problem.place {
                *span = first_line(text, span);
                problem.position = Some(lines.position(text, span.start));
            }
        }
        Self { file: file.to_owned(), text: text.to_owned(), lines, all }
    }

    /// The problems, in the order of the file; those of the command line last.
    #[must_use]
    pub fn all(&self) -> &[Problem] {
        &self.all
    }

    /// All of them as a person reads them, each with its line, a blank line between two.
    #[must_use]
    pub fn render(&self, colour: Colour) -> String {
        let renderer = match colour {
            Colour::Off => Renderer::plain(),
            Colour::On => Renderer::styled(),
        };
        let texts: Vec<String> = self.all.iter().map(|problem| self.render_one(problem, &renderer)).collect();
        texts.join("\n\n")
    }

    fn render_one(&self, problem: &Problem, renderer: &Renderer) -> String {
        let title = Level::ERROR.primary_title(problem.message.as_str());
        let note = Level::NOTE.message(wrapped(&problem.expected));
        let mut group = match &problem.place {
            Place::At(span) if problem.expected.len() <= LABEL_MAX => {
                title.element(self.snippet(span, &problem.expected))
            }
            Place::At(span) => title.element(self.snippet(span, "")).element(note),
            Place::File => title.element(Origin::path(self.file.as_str())).element(note),
            Place::CommandLine => Group::with_title(title).element(note),
        };
        if let Some(help) = &problem.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }

    /// Only the one line is given to the renderer, so that many problems in a long file are not quadratic.
    fn snippet<'a>(
        &'a self,
        span: &Range<usize>,
        label: &'a str,
    ) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let start = self.lines.start(span.start);
        let end = self.text[start..].find('\n').map_or(self.text.len(), |length| start + length);
        Snippet::source(&self.text[start..end])
            .line_start(self.lines.line(span.start))
            .path(self.file.as_str())
            .annotation(AnnotationKind::Primary.span(span.start - start..span.end - start).label(label))
    }
}

/// A text in lines that fit a terminal, broken at blanks.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let full = lines.last().is_some_and(|line| !line.is_empty() && line.len() + word.len() > LABEL_MAX);
        match lines.last_mut() {
            Some(line) if !full => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

/// A span cut to its first line and to whole characters, whatever it was.
fn first_line(text: &str, span: &Range<usize>) -> Range<usize> {
    let whole = |mut offset: usize| {
        offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = whole(span.start);
    let end = whole(span.end).max(start);
    let end = text[start..end].find(['\n', '\r']).map_or(end, |length| start + length);
    start..end
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Colour::Off))
    }
}

impl std::error::Error for Problems {}
