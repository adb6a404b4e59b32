//! The scene for a terminal: narrow lanes on the left, and beside each row what happens in it.

use super::mark::{Mark, Place};
use super::scene::{ArrowNo, Happening, Holding, LaneNo, Scene, Step};
use driftlab_model::Stage;

/// The columns of the times, the space after them included.
const TIMES: usize = 10;
/// Lanes are this far apart where there is room, and never closer than the second.
const PITCH: usize = 11;
const PITCH_LEAST: usize = 5;
/// The room that words should have.
const WORDS: usize = 34;

/// The scene as text of at most `width` columns, drawn with box characters; every line ends in a line break.
///
/// A request is a dot where it leaves and an arrow where it arrives; one that arrives before anything else happens is the arrow alone.
#[must_use]
pub fn text(scene: &Scene, width: usize) -> String {
    let lanes = scene.lanes.len().max(1);
    let pitch = (width.saturating_sub(TIMES + WORDS) / lanes).clamp(PITCH_LEAST, PITCH);
    let mut page = Page {
        scene,
        pitch,
        width: width.max(TIMES + pitch * lanes + 12),
        out: String::new(),
        last: String::new(),
    };
    page.heads();
    let mut lives = Lives::new(scene);
    for (place, step) in scene.steps.iter().enumerate() {
        page.step(place, step, &lives);
        lives.note(scene, step);
    }
    page.row("", &lives.line(&page), &[]);
    page.out
}

struct Page<'a> {
    scene: &'a Scene,
    pitch: usize,
    width: usize,
    out: String,
    /// The time that was written last.
    last: String,
}

/// How each lane's line looks now.
struct Lives(Vec<char>);

impl Lives {
    fn new(scene: &Scene) -> Self {
        Self(scene.lanes.iter().map(|lane| if lane.opening.is_empty() { '│' } else { '┃' }).collect())
    }

    fn note(&mut self, scene: &Scene, step: &Step) {
        match &step.what {
            Happening::Lived { lane, stage } => {
                self.0[*lane] = match stage {
                    Stage::Crashed | Stage::Lost => ' ',
                    Stage::Paused | Stage::Halted(_) => '┊',
                    Stage::Started | Stage::Resumed | Stage::Restored => '│',
                };
            }
            Happening::Wrong => scene.wrong.lane.iter().for_each(|lane| self.0[*lane] = '╳'),
            Happening::Healed => scene.wrong.lane.iter().for_each(|lane| self.0[*lane] = '┃'),
            _ => {}
        }
    }

    fn line(&self, page: &Page<'_>) -> Vec<char> {
        let mut line = vec![' '; page.pitch * self.0.len()];
        for (lane, sign) in self.0.iter().enumerate() {
            line[page.column(lane)] = *sign;
        }
        line
    }
}

impl Page<'_> {
    fn column(&self, lane: LaneNo) -> usize {
        lane * self.pitch + self.pitch / 2
    }

    /// The names above their lanes, on as many lines as they need to stand apart.
    fn heads(&mut self) {
        let mut lines: Vec<Vec<char>> = Vec::new();
        let room = self.pitch * self.scene.lanes.len() + self.pitch;
        for (lane, named) in self.scene.lanes.iter().enumerate() {
            let name: Vec<char> = named.name.chars().collect();
            let start = (self.column(lane) + 1).saturating_sub(name.len().div_ceil(2));
            let free = |line: &Vec<char>| {
                let from = start.saturating_sub(1);
                line.iter().skip(from).take(name.len() + 2).all(|c| *c == ' ')
            };
            let place = lines.iter().position(free).unwrap_or_else(|| {
                lines.push(vec![' '; room + 24]);
                lines.len() - 1
            });
            for (offset, c) in name.into_iter().enumerate() {
                if let Some(cell) = lines[place].get_mut(start + offset) {
                    *cell = c;
                }
            }
        }
        for line in lines.iter().rev() {
            self.row("", line, &[]);
        }
    }

    fn row(&mut self, time: &str, line: &[char], words: &[String]) {
        let drawn: String = line.iter().collect();
        let mut texts = words.iter();
        let first = texts.next().map_or("", String::as_str);
        let row = format!("{time:>8}  {drawn} {first}");
        self.out.push_str(row.trim_end());
        self.out.push('\n');
    }

    /// A row, with its words broken into as many lines as they need; the lanes go on beside them.
    fn say(&mut self, step: &Step, line: &[char], words: &str, lives: &Lives) {
        let room = self.width - TIMES - line.len() - 1;
        let mut time = step.at.to_string();
        if time == self.last {
            time.clear();
        } else {
            self.last.clone_from(&time);
        }
        for (number, text) in broken(words, room).into_iter().enumerate() {
            if number == 0 {
                self.row(&time, line, &[text]);
            } else {
                let lives = lives.line(self);
                self.row("", &lives, &[text]);
            }
        }
    }

    fn step(&mut self, place: usize, step: &Step, lives: &Lives) {
        let scene = self.scene;
        let mut line = lives.line(self);
        match &step.what {
            Happening::Sent(arrow) if self.arrives_at_once(place, *arrow) => {}
            Happening::Sent(arrow) => {
                let one = &scene.arrows[*arrow];
                self.depart(&mut line, one.from, one.to);
                let words =
                    format!("{} → {}: {}", scene.lanes[one.from].name, scene.lanes[one.to].name, one.what);
                self.say(step, &line, &words, lives);
            }
            Happening::Replied(_) => {}
            Happening::Wrong => self.wrong(step, lives),
            Happening::Ended => self.end(place, step, lives),
            Happening::LeftOut { steps, .. } => {
                for lane in 0..scene.lanes.len() {
                    line[self.column(lane)] = '┆';
                }
                self.say(step, &line, &format!("… {steps} steps left out …"), lives);
            }
            what => {
                let mark = scene.mark(step);
                let is_reply =
                    matches!(what, Happening::NothingNew(_) | Happening::ReplyLost(_) | Happening::GaveUp(_));
                let arrow = step.arrow().filter(|_| !is_reply);
                if let Some(arrow) = arrow {
                    let (from, to) = (scene.arrows[arrow].from, scene.arrows[arrow].to);
                    self.arrow(&mut line, from, to, matches!(what, Happening::RequestLost(_)));
                }
                if let Some(mark) = &mark {
                    line[self.column(mark.lane)] = sign(mark, what);
                }
                let words = self.words(place, arrow, mark.as_ref());
                self.say(step, &line, &words, lives);
            }
        }
    }

    /// What stands beside a step: its request where it has not been told yet, and what comes of it.
    fn words(&self, place: usize, arrow: Option<ArrowNo>, mark: Option<&Mark>) -> String {
        let scene = self.scene;
        let mut words = String::new();
        if let Some(arrow) = arrow {
            let sent = scene.steps.iter().position(|step| step.what == Happening::Sent(arrow));
            let one = &scene.arrows[arrow];
            let (from, to) = (&scene.lanes[one.from].name, &scene.lanes[one.to].name);
            if sent.is_some_and(|sent| sent < place && self.arrives_at_once(sent, arrow)) {
                words = format!("{from} → {to}: {}", one.what);
            } else if mark.is_none() {
                words = format!("{to}: {} arrives", one.what);
            }
        }
        match mark {
            Some(mark) if words.is_empty() => format!("{}: {}", scene.lanes[mark.lane].name, mark.text()),
            Some(mark) => format!("{words}; {}", mark.text()),
            None => words,
        }
    }

    /// Whether nothing is told between a request's departure and its arrival.
    fn arrives_at_once(&self, sent: usize, arrow: ArrowNo) -> bool {
        let next =
            self.scene.steps[sent + 1..].iter().find(|step| !matches!(step.what, Happening::Replied(_)));
        next.is_some_and(|step| step.arrow() == Some(arrow) && !matches!(step.what, Happening::GaveUp(_)))
    }

    fn depart(&self, line: &mut [char], from: LaneNo, to: LaneNo) {
        let column = self.column(from);
        line[column] = '○';
        let reach = self.pitch / 2;
        for step in 1..=reach {
            let cell = if to > from { column + step } else { column - step };
            line[cell] = match (step == reach, to > from) {
                (true, true) => '›',
                (true, false) => '‹',
                _ => '╌',
            };
        }
    }

    fn arrow(&self, line: &mut [char], from: LaneNo, to: LaneNo, is_lost: bool) {
        let (a, b) = (self.column(from), self.column(to));
        let (left, right) = (a.min(b), a.max(b));
        for cell in &mut line[left + 1..right] {
            *cell = match *cell {
                '│' | '┊' => '┼',
                '┃' | '╳' => '╂',
                _ => '─',
            };
        }
        line[a] = if b > a { '├' } else { '┤' };
        let tip = if b > a { b - 1 } else { b + 1 };
        line[tip] = match (is_lost, b > a) {
            (true, _) => '✗',
            (false, true) => '▶',
            (false, false) => '◀',
        };
    }

    fn wrong(&mut self, step: &Step, lives: &Lives) {
        let scene = self.scene;
        let mut line = lives.line(self);
        let against = self.column(scene.wrong.against);
        if let Some(lane) = scene.wrong.lane.map(|lane| self.column(lane)) {
            let (left, right) = (against.min(lane), against.max(lane));
            line[left..=right].fill('━');
            line[left] = '┣';
            line[right] = '┫';
            line[usize::midpoint(left, right)] = '≠';
        }
        self.say(step, &line, &format!("✗ {}", scene.wrong.headline), lives);
        let mut after = Lives(lives.0.clone());
        after.note(scene, step);
        for words in scene.wrong_words() {
            let line = after.line(self);
            self.say(step, &line, &format!("  {words}"), &after);
        }
    }

    fn end(&mut self, place: usize, step: &Step, lives: &Lives) {
        let scene = self.scene;
        let holdings = scene.holdings_before(place);
        let lanes = [Some(scene.wrong.against), scene.wrong.lane];
        let said = lanes.into_iter().flatten().filter(|lane| !holdings[*lane].is_empty()).map(|lane| {
            let held = |(key, holding): (usize, &Holding)| scene.in_words(key, *holding);
            let held: Vec<String> = holdings[lane].iter().enumerate().map(held).collect();
            format!("{}: {}", scene.lanes[lane].name, held.join(", "))
        });
        let said: Vec<String> = said.collect();
        if !said.is_empty() {
            let line = lives.line(self);
            self.say(step, &line, &format!("in the end {}", said.join("; ")), lives);
        }
    }
}

/// What stands on the lane itself.
fn sign(mark: &Mark, what: &Happening) -> char {
    let place = mark.lines.first().and_then(|line| line.place).map(|place| match place {
        Place::Nowhere => "?".to_owned(),
        Place::Commit(_) => place.sign(),
    });
    let one = place.and_then(|sign| {
        let mut characters = sign.chars();
        let first = characters.next();
        first.filter(|_| characters.next().is_none())
    });
    match what {
        Happening::Lived { stage: Stage::Crashed, .. }
        | Happening::Refused(..)
        | Happening::RolledBack { .. }
        | Happening::ReplyLost(_) => '✗',
        Happening::Lived { .. } | Happening::Fault { .. } => '◆',
        _ => one.unwrap_or('●'),
    }
}

/// Breaks a text between words; what is indented stays so.
fn broken(text: &str, width: usize) -> Vec<String> {
    let indent: String = text.chars().take_while(|c| *c == ' ').collect();
    let mut lines: Vec<String> = Vec::new();
    let mut line = indent.clone();
    for word in text.split_whitespace() {
        let is_empty = line.trim().is_empty();
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, format!("{indent}  ")));
        } else if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
