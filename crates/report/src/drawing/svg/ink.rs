//! Writes SVG: shapes and texts with classes, coordinates with one digit behind the point.

use std::fmt::Write;

/// What was written so far.
#[derive(Default)]
pub(super) struct Ink(pub(super) String);

impl Ink {
    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(px);
        let _ = writeln!(self.0, r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#);
    }

    pub(super) fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), round: f64) {
        let [x, y, width, height, round] = [x, y, width, height, round].map(px);
        let _ = writeln!(
            self.0,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{round}"/>"#
        );
    }

    pub(super) fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        let [x, y, radius] = [x, y, radius].map(px);
        let _ = writeln!(self.0, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}"/>"#);
    }

    pub(super) fn path(&mut self, class: &str, points: &[(f64, f64)], end: &str) {
        let mut d = String::new();
        for (number, (x, y)) in points.iter().enumerate() {
            let _ = write!(d, "{}{} {}", if number == 0 { "M" } else { "L" }, px(*x), px(*y));
        }
        let _ = writeln!(self.0, r#"<path class="{class}" d="{d}{end}"/>"#);
    }

    pub(super) fn text(&mut self, class: &str, anchor: Anchor, (x, y): (f64, f64), text: &str) {
        let (anchor, x, y, text) = (anchor.name(), px(x), px(y), escaped(text));
        let _ =
            writeln!(self.0, r#"<text class="{class}" text-anchor="{anchor}" x="{x}" y="{y}">{text}</text>"#);
    }

    pub(super) fn cross(&mut self, (x, y): (f64, f64)) {
        self.line("st-cross", (x - 5.0, y - 5.0), (x + 5.0, y + 5.0));
        self.line("st-cross", (x - 5.0, y + 5.0), (x + 5.0, y - 5.0));
    }
}

/// Which point of a text is put where it is to be.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A coordinate with one digit behind the point: finer is not seen, and makes the file larger.
fn px(coordinate: f64) -> String {
    let text = format!("{coordinate:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// A text that no reader of XML takes for anything else.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // XML has no other control characters than these, not even escaped ones.
            '\n' | '\t' | '\r' => out.push(' '),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
