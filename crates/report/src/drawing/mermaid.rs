//! The scene as a Mermaid sequence diagram, which many Markdown viewers draw.

use super::scene::{Happening, LaneKind, Scene};
use std::fmt::Write;

/// The scene as the text of a Mermaid `sequenceDiagram`, without the fence around it.
///
/// Its arrows cannot slope, so each stands where it arrives: the order from top to bottom is the order of the effects.
#[must_use]
pub fn mermaid(scene: &Scene) -> String {
    let mut out = String::from("sequenceDiagram\n");
    for (number, lane) in scene.lanes.iter().enumerate() {
        let role = if lane.kind == LaneKind::Client { "actor" } else { "participant" };
        let _ = writeln!(out, "    {role} p{number} as {}", escaped(&lane.name));
    }
    for (place, step) in scene.steps.iter().enumerate() {
        let is_effect = !matches!(
            step.what,
            Happening::Sent(_)
                | Happening::Replied(_)
                | Happening::NothingNew(_)
                | Happening::ReplyLost(_)
                | Happening::RequestLost(_)
                | Happening::GaveUp(_)
        );
        if let Some(arrow) = step.arrow().filter(|_| is_effect).map(|arrow| &scene.arrows[arrow]) {
            let _ = writeln!(out, "    p{}->>p{}: {}", arrow.from, arrow.to, escaped(&arrow.what));
        }
        match &step.what {
            Happening::RequestLost(arrow) => {
                let arrow = &scene.arrows[*arrow];
                let _ = writeln!(out, "    p{}-xp{}: {} (lost)", arrow.from, arrow.to, escaped(&arrow.what));
            }
            Happening::ReplyLost(arrow) => {
                let arrow = &scene.arrows[*arrow];
                let _ = writeln!(out, "    p{}--xp{}: reply lost", arrow.to, arrow.from);
            }
            Happening::Wrong => wrong(&mut out, scene),
            Happening::Ended => ended(&mut out, scene, place),
            Happening::LeftOut { steps, .. } => {
                let last = scene.lanes.len().saturating_sub(1);
                let _ = writeln!(out, "    Note over p0,p{last}: … {steps} steps left out …");
            }
            _ => {
                if let Some(mark) = scene.mark(step) {
                    let _ = writeln!(out, "    Note over p{}: {}", mark.lane, escaped(&mark.text()));
                }
            }
        }
    }
    out
}

fn wrong(out: &mut String, scene: &Scene) {
    let lines = [format!("✗ {}", scene.wrong.headline)].into_iter().chain(scene.wrong_words());
    let lines: Vec<String> = lines.map(|line| escaped(&line)).collect();
    // Translucent, so that it is legible on a light and on a dark page.
    let _ = writeln!(out, "    rect rgba(200, 40, 30, 0.18)");
    let _ = writeln!(out, "    Note over {}: {}", both(scene), lines.join("<br/>"));
    let _ = writeln!(out, "    end");
}

fn ended(out: &mut String, scene: &Scene, place: usize) {
    let holdings = scene.holdings_before(place);
    let lanes = [Some(scene.wrong.against), scene.wrong.lane];
    for lane in lanes.into_iter().flatten().filter(|lane| !holdings[*lane].is_empty()) {
        let held: Vec<String> =
            holdings[lane].iter().enumerate().map(|(key, held)| scene.in_words(key, *held)).collect();
        let _ = writeln!(out, "    Note over p{lane}: in the end {}", escaped(&held.join(", ")));
    }
}

/// The two lanes that differ, from left to right.
fn both(scene: &Scene) -> String {
    let (a, b) = (scene.wrong.against, scene.wrong.lane.unwrap_or(scene.wrong.against));
    if a == b { format!("p{a}") } else { format!("p{},p{}", a.min(b), a.max(b)) }
}

/// A text that Mermaid shows as it is written: what ends a statement, begins a comment or an entity, or is taken for HTML goes by its number.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | ';' | '<' | '>' | '&' | '%' | '"' | '`' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mermaid_would_take_for_its_own_goes_by_its_number() {
        assert_eq!(escaped("a; b <br> #1\n%%"), "a#59; b #60;br#62; #35;1 #37;#37;");
    }
}
