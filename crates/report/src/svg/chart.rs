//! Line charts.

use crate::svg::Scale;
use maud::{Markup, html};
use std::fmt::Write;

/// A line chart with named axes.
pub(crate) struct Chart {
    /// Unique in the page; the title's and the description's ids are made from it.
    pub(crate) id: String,
    /// What it shows, for those who hear it.
    pub(crate) title: String,
    /// What is to be seen in it, for those who hear it.
    pub(crate) description: String,
    /// Width and height, in units of about one pixel.
    pub(crate) size: (f64, f64),
    /// The room left for names to the right of the lines.
    pub(crate) margin_right: f64,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) bands: Vec<Band>,
    pub(crate) lines: Vec<Line>,
}

/// How the quantity of a tick is written.
pub(crate) type Words = Box<dyn Fn(f64) -> String>;

/// An axis.
pub(crate) struct Axis {
    pub(crate) label: String,
    pub(crate) scale: Scale,
    /// How a tick's quantity is written.
    pub(crate) words: Words,
    /// At most about how many ticks there are.
    pub(crate) ticks: usize,
}

/// A stretch of the horizontal axis, shaded.
pub(crate) struct Band {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) name: String,
}

/// A line.
pub(crate) struct Line {
    /// Its class, which gives colour and dashes.
    pub(crate) class: String,
    pub(crate) points: Vec<(f64, f64)>,
    /// From where to where, up and down, a point may as well lie; nothing, or one for each point.
    pub(crate) spread: Vec<(f64, f64)>,
    pub(crate) course: Course,
    pub(crate) tag: Tag,
}

/// How a line goes from point to point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// Straight.
    Straight,
    /// A point's height is that of the whole stretch before it.
    Steps,
    /// A dot at each point, and a thin line from dot to dot.
    Dots,
    /// Dots alone, where there is nothing between two points.
    Apart,
}

/// What tells a line from others without its colour.
pub(crate) enum Tag {
    /// Its name, where it ends.
    Name(String),
    /// A letter on the line where it first reaches this height.
    Letter(char, f64),
}

const LEFT: f64 = 58.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 38.0;
/// The least distance between two names beside each other's lines.
const NAME_HEIGHT: f64 = 13.0;

impl Chart {
    fn across(&self, x: f64) -> f64 {
        LEFT + self.x.scale.place(x) * (self.size.0 - LEFT - self.margin_right)
    }

    fn down(&self, y: f64) -> f64 {
        TOP + (1.0 - self.y.scale.place(y)) * (self.size.1 - TOP - BOTTOM)
    }

    /// The chart as a picture of its own.
    pub(crate) fn draw(&self) -> Markup {
        let (width, height) = self.size;
        let (title, description) = (format!("{}-title", self.id), format!("{}-desc", self.id));
        html! {
            svg role="img" viewBox=(format!("0 0 {width} {height}")) aria-labelledby=(format!("{title} {description}")) {
                title id=(title) { (self.title) }
                desc id=(description) { (self.description) }
                (self.content())
            }
        }
    }

    /// What is in the picture, to be put into another one.
    pub(crate) fn content(&self) -> Markup {
        let (width, height) = self.size;
        let (right, foot) = (width - self.margin_right, height - BOTTOM);
        html! {
            @for band in &self.bands {
                @let (from, to) = (self.across(band.from), self.across(band.to));
                rect.fault x=(px(from)) y=(px(TOP)) width=(px((to - from).max(1.5))) height=(px(foot - TOP)) {
                    title { (band.name) }
                }
            }
            g.grid {
                @for tick in self.y.scale.ticks(self.y.ticks) {
                    @let y = self.down(tick);
                    line x1=(px(LEFT)) x2=(px(right)) y1=(px(y)) y2=(px(y)) {}
                    text x=(px(LEFT - 6.0)) y=(px(y + 3.5)) text-anchor="end" { ((self.y.words)(tick)) }
                }
                @for tick in self.x.scale.ticks(self.x.ticks) {
                    @let x = self.across(tick);
                    line x1=(px(x)) x2=(px(x)) y1=(px(foot)) y2=(px(foot + 4.0)) {}
                    text x=(px(x)) y=(px(foot + 15.0)) text-anchor="middle" { ((self.x.words)(tick)) }
                }
            }
            text.axis x=(px((LEFT + right) / 2.0)) y=(px(height - 6.0)) text-anchor="middle" { (self.x.label) }
            text.axis x=(px(2.0)) y=(px(10.0)) { (self.y.label) }
            @for line in self.lines.iter().filter(|line| !line.points.is_empty()) {
                @match line.course {
                    Course::Straight | Course::Steps => path class=(format!("line {}", line.class)) d=(self.path(line)) {},
                    Course::Dots | Course::Apart => (self.dots(line)),
                }
            }
            (self.letters())
            (self.names())
        }
    }

    fn path(&self, line: &Line) -> String {
        let points = line.points.iter().map(|&(x, y)| (px(self.across(x)), px(self.down(y))));
        let mut d = String::with_capacity(line.points.len() * 12);
        match line.course {
            Course::Straight | Course::Dots | Course::Apart => {
                let mut last = None;
                for point in points {
                    if last.as_ref() != Some(&point) {
                        let _ = write!(d, "{}{} {}", if d.is_empty() { "M" } else { "L" }, point.0, point.1);
                    }
                    last = Some(point);
                }
            }
            Course::Steps => {
                let mut steps: Vec<(String, String)> = Vec::new();
                for point in points {
                    match steps.last_mut() {
                        Some(last) if last.1 == point.1 => last.0 = point.0,
                        _ => steps.push(point),
                    }
                }
                for (number, (x, y)) in steps.iter().enumerate() {
                    let _ =
                        if number == 0 { write!(d, "M{} {y}H{x}", px(LEFT)) } else { write!(d, "V{y}H{x}") };
                }
            }
        }
        d
    }

    /// Each point as a dot (a stretch without length, with round ends), with its spread as a bar through it.
    fn dots(&self, line: &Line) -> Markup {
        let (mut dots, mut bars) = (String::new(), String::new());
        for &(x, y) in &line.points {
            let _ = write!(dots, "M{} {}h0", px(self.across(x)), px(self.down(y)));
        }
        for (&(x, _), &(low, high)) in line.points.iter().zip(&line.spread) {
            let (low, high) = (px(self.down(low)), px(self.down(high)));
            if low != high {
                let _ = write!(bars, "M{} {low}V{high}", px(self.across(x)));
            }
        }
        html! {
            @if line.course == Course::Dots { path class=(format!("thread {}", line.class)) d=(self.path(line)) {} }
            @if !bars.is_empty() { path class=(format!("bar {}", line.class)) d=(bars) {} }
            path class=(format!("dots {}", line.class)) d=(dots) {}
        }
    }

    fn letters(&self) -> Markup {
        html! {
            @for line in &self.lines {
                @if let Tag::Letter(letter, height) = line.tag
                    && let Some(&(x, y)) = line.points.iter().find(|point| point.1 >= height).or(line.points.last())
                {
                    @let (x, y) = (self.across(x), self.down(y));
                    circle class=(format!("tag {}", line.class)) cx=(px(x)) cy=(px(y)) r="8" {}
                    text.letter x=(px(x)) y=(px(y + 3.8)) text-anchor="middle" { (letter) }
                }
            }
        }
    }

    /// The names at the ends of the lines, moved apart where they would lie on each other.
    fn names(&self) -> Markup {
        let mut names: Vec<(f64, &str, &Line)> = self
            .lines
            .iter()
            .filter_map(|line| match (&line.tag, line.points.last()) {
                (Tag::Name(name), Some(&(_, y))) => Some((self.down(y), name.as_str(), line)),
                _ => None,
            })
            .collect();
        names.sort_by(|a, b| a.0.total_cmp(&b.0));
        let foot = self.size.1 - BOTTOM;
        let mut lowest = foot + NAME_HEIGHT;
        for name in names.iter_mut().rev() {
            name.0 = name.0.min(lowest - NAME_HEIGHT);
            lowest = name.0;
        }
        let mut highest = TOP - NAME_HEIGHT;
        for name in &mut names {
            name.0 = name.0.max(highest + NAME_HEIGHT);
            highest = name.0;
        }
        html! {
            @for (y, name, line) in names {
                @let end = line.points.last().map_or(LEFT, |point| self.across(point.0));
                text class=(format!("name {}", line.class)) x=(px(end + 5.0)) y=(px(y + 3.8)) { (name) }
            }
        }
    }
}

/// A coordinate with one digit behind the point: finer is not seen, and makes the file larger.
fn px(coordinate: f64) -> String {
    let text = format!("{coordinate:.1}");
    text.strip_suffix(".0").map(ToOwned::to_owned).unwrap_or(text)
}
