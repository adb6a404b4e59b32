//! How wide a text is, without a font: by the widths of Helvetica's letters, with a margin for wider ones.

/// Widths of the characters from space to tilde, in thousandths of the font's size (Adobe's metrics of Helvetica).
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// What a character takes that stands in no table: the widest letters of most scripts are not wider than the font's size.
const OTHER: u16 = 700;
const WIDE: u16 = 1000;

/// Fonts that a system may use instead are up to this much wider (DejaVu Sans and Verdana are the widest of those in use).
const MARGIN: f64 = 1.14;

/// How wide a text may be in a font of this size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let thousandths: u32 = text.chars().map(|c| u32::from(of(c))).sum();
    f64::from(thousandths) / 1000.0 * size * MARGIN
}

fn of(c: char) -> u16 {
    match u32::from(c) {
        code @ 0x20..=0x7e => WIDTHS[(code - 0x20) as usize],
        0..0x1100 => OTHER,
        _ => WIDE,
    }
}

/// Breaks a text between words into lines of at most this width; a word that is too long is cut.
pub(super) fn wrap(text: &str, size: f64, widest: f64) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let word = cut(word, size, widest);
        let line = lines.last_mut().expect("there is always a line");
        let grown = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
        if width(&grown, size) <= widest {
            *line = grown;
        } else if line.is_empty() {
            *line = word;
        } else {
            lines.push(word);
        }
    }
    lines
}

fn cut(word: &str, size: f64, widest: f64) -> String {
    if width(word, size) <= widest {
        return word.to_owned();
    }
    let mut short = String::new();
    for c in word.chars() {
        if width(&short, size) + width("…", size) + width(&c.to_string(), size) > widest {
            break;
        }
        short.push(c);
    }
    short + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_broken_between_words_and_long_words_are_cut() {
        assert_eq!(wrap("put key 1 = 2", 12.0, 60.0), ["put key 1", "= 2"]);
        assert!(wrap("unbreakableword", 12.0, 40.0)[0].ends_with('…'));
        assert!(width("WWWW", 10.0) > width("iiii", 10.0));
    }
}
