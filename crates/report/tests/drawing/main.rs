//! Drawings of findings out of small runs of the virtual world.

mod run;

use driftlab_report::drawing::{Scene, mermaid, self, story, svg, svg_in_page};

#[test]
fn preview() {
    let list = std::env::var("SCENES").unwrap();
    let mut page = String::from("<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'><meta name=color-scheme content='light dark'><style>");
    page.push_str(&std::fs::read_to_string("src/html/style.css").unwrap());
    page.push_str("</style><body>");
    for (n, one) in list.split_whitespace().enumerate() {
        let (name, anomaly) = one.split_once(':').unwrap();
        let text = std::fs::read_to_string(format!("/tmp/scn/{name}.toml")).unwrap();
        let Some(found) = run::smallest(&text, anomaly, 400) else { println!("{one}: not found"); continue };
        let scene = Scene::of(&found.subject());
        println!("{one}: seed {} steps {}", found.seed, scene.steps());
        for (n, line) in story(&scene).iter().enumerate() { println!("  {}. {line}", n + 1); }
        println!("{}", drawing::text(&scene, 80));
        if std::env::var("MERMAID").is_ok() { println!("{}", mermaid(&scene)); }
        std::fs::write(format!("/tmp/scn/{name}-{anomaly}.svg"), svg(&scene)).unwrap();
        page.push_str(&format!("<h3>{one}: {}</h3><p>{}</p><div class=scroll>{}</div>", scene.title(), found.finding.sentence, svg_in_page(&scene, &format!("d{n}"))));
    }
    std::fs::write("/tmp/scn/page.html", page).unwrap();
}
