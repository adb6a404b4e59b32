//! Drawings of findings out of small runs of the virtual world.

mod run;
mod scenes;

use driftlab_model::Settings;
use driftlab_report::drawing::{Scene, mermaid, prevention, story, svg, svg_in_page, text};
use run::Found;
use std::sync::LazyLock;

/// A scene in every form that it is drawn in.
#[track_caller]
fn assert_drawn(name: &str, found: &Found) {
    let scene = Scene::of(&found.subject());
    let told: Vec<String> =
        story(&scene).iter().zip(1..).map(|(line, number)| format!("{number}. {line}")).collect();
    let prevented = format!("What would have prevented it: {}", scene.prevention());
    insta::assert_snapshot!(format!("{name}_as_a_story"), format!("{}\n\n{prevented}", told.join("\n")));
    insta::assert_snapshot!(format!("{name}_as_text"), text(&scene, 80));
    insta::assert_snapshot!(format!("{name}_as_mermaid"), mermaid(&scene));
    insta::assert_snapshot!(format!("{name}_as_svg"), svg(&scene));
}

#[test]
fn two_writers_race() {
    assert_drawn("race", &scenes::race());
}

#[test]
fn an_outbox_relay_passes_over_a_late_commit() {
    assert_drawn("gap", &scenes::gap());
}

#[test]
fn a_reader_fills_a_cache_with_what_is_no_longer_true() {
    assert_drawn("stale_fill", &scenes::stale_fill());
}

#[test]
fn an_application_dies_between_two_writes() {
    assert_drawn("crash_between", &scenes::crash_between());
}

#[test]
fn a_reply_is_lost() {
    assert_drawn("lost_reply", &scenes::lost_reply());
}

#[test]
fn a_consumer_acknowledges_before_it_applies() {
    assert_drawn("acknowledged_first", &scenes::acknowledged_first());
}

#[test]
fn a_transaction_is_torn() {
    assert_drawn("torn", &scenes::torn());
}

#[test]
fn an_event_is_counted_twice() {
    assert_drawn("counted_twice", &scenes::counted_twice());
}

#[test]
fn a_copy_is_away_when_it_is_written() {
    assert_drawn("outage", &scenes::outage());
}

/// The race with one copy is the classic drawing: four requests, two commits, two values shown, and the moment it goes wrong.
#[test]
fn the_race_is_drawn_in_nine_steps() {
    let scene = Scene::of(&scenes::race().subject());
    assert_eq!(scene.steps(), 9);
    assert_eq!(scene.title(), "stale_overwrite in search");
}

/// All scenes, looked for once.
static ALL: LazyLock<Vec<Found>> = LazyLock::new(|| {
    vec![
        scenes::race(),
        scenes::gap(),
        scenes::stale_fill(),
        scenes::crash_between(),
        scenes::lost_reply(),
        scenes::acknowledged_first(),
        scenes::torn(),
        scenes::counted_twice(),
        scenes::outage(),
        scenes::two_copies(),
        scenes::crowd(),
    ]
});

#[test]
fn a_crowded_scene_is_cut_around_its_finding() {
    let scene = Scene::of(&scenes::crowd().subject());
    assert!(scene.steps() <= 45, "{} steps", scene.steps());
    assert!(text(&scene, 80).contains("left out"));
    assert!(svg(&scene).contains("left out"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for found in &*ALL {
        let scene = Scene::of(&found.subject());
        for width in [80, 100, 120] {
            for line in text(&scene, width).lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }
}

/// A label that lies on another cannot be read, and nobody sees that before the report is opened.
#[test]
fn no_text_of_a_picture_lies_on_another() {
    for found in &*ALL {
        let picture = svg(&Scene::of(&found.subject()));
        let texts: Vec<Placed> = picture.lines().filter_map(Placed::of).collect();
        assert!(texts.len() > 8, "{picture}");
        for (place, one) in texts.iter().enumerate() {
            for other in &texts[..place] {
                let apart =
                    (one.y - other.y).abs() >= 9.0 || one.right < other.left || other.right < one.left;
                assert!(apart, "{}: {one:?} lies on {other:?}", found.finding.anomaly);
            }
        }
    }
}

/// A text of a picture with about the place that it takes.
#[derive(Debug)]
struct Placed {
    #[allow(dead_code, reason = "it stands in the message of a failure")]
    text: String,
    left: f64,
    right: f64,
    y: f64,
}

impl Placed {
    fn of(line: &str) -> Option<Self> {
        let line = line.strip_prefix("<text ")?;
        let attribute = |name: &str| {
            let (_, rest) = line.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        let text = line.split_once('>')?.1.split_once('<')?.0.replace("&quot;", "\"");
        let x: f64 = attribute(" x")?.parse().ok()?;
        // Narrower than most fonts: texts may come close, and must not overlap.
        let width = text.chars().count() as f64 * 5.4;
        let left = match attribute("text-anchor")?.as_str() {
            "start" => x,
            "middle" => x - width / 2.0,
            _ => x - width,
        };
        Some(Self { text, left, right: left + width, y: attribute(" y")?.parse().ok()? })
    }
}

#[test]
fn equal_scenes_make_equal_drawings() {
    let found = scenes::gap();
    let draw = || {
        let scene = Scene::of(&found.subject());
        (svg(&scene), text(&scene, 80), mermaid(&scene), story(&scene))
    };
    assert_eq!(draw(), draw());
}

/// A report is mailed, archived and opened years later: a drawing depends on nobody's server.
#[test]
fn pictures_load_nothing_and_are_a_part_of_any_page() {
    for found in &*ALL {
        let scene = Scene::of(&found.subject());
        let alone = svg(&scene);
        assert_eq!(alone.matches("http").count(), 1, "only the namespace");
        assert_eq!(alone.matches("NaN").count(), 0);
        let part = svg_in_page(&scene, "finding-3");
        assert!(part.starts_with("<svg role=\"img\"") && !part.contains("xmlns"));
        assert!(part.contains("id=\"finding-3-title\"") && part.contains("id=\"finding-3-desc\""));
        for load in ["url(", "src=", "href=", "<script", "@import"] {
            assert!(!alone.contains(load), "{load}");
        }
    }
}

/// Names come from scenario files, and values from databases: neither may break out of a page or a diagram.
#[test]
fn names_stay_names_in_every_format() {
    let mut found = scenes::race();
    let client =
        found.history.cast.processes.iter_mut().find(|name| *name == "client-1").expect("it takes part");
    "<b>&\"x\";\nend".clone_into(client);
    let scene = Scene::of(&found.subject());
    let picture = svg(&scene);
    assert!(!picture.contains("<b>") && picture.contains("&lt;b&gt;"));
    let diagram = mermaid(&scene);
    assert!(diagram.contains("as #60;b#62;#38;#34;x#34;#59; end\n"), "{diagram}");
}

/// A history that somebody exported from a pipeline of their own says what happened, and not which requests were under way.
#[test]
fn a_history_without_requests_is_drawn_too() {
    for mut found in ALL.iter().cloned() {
        found.passings.clear();
        let scene = Scene::of(&found.subject());
        assert!(scene.steps() >= 3, "{}: {}", found.finding.anomaly, text(&scene, 80));
        assert!(!story(&scene).is_empty() && svg(&scene).contains("✗"));
    }
}

#[test]
fn the_remedy_is_that_of_the_strategy() {
    let anomaly = scenes::race().finding.anomaly;
    let of = |strategy| prevention(anomaly, strategy, &Settings::default());
    assert_ne!(of("dual_writes"), of("cache_aside"));
}
