//! What the terminal can show.

use driftlab_report::terminal::Style;
use driftlab_scenario::Colour;
use std::fs::File;
use std::io::{IsTerminal, stderr, stdout};
use std::process::{Command, Stdio};

/// A width that every terminal has.
const NARROWEST_USUAL: usize = 80;
/// A width that reads well where nobody's window sets one: in files and in the logs of CI.
const UNBOUNDED: usize = 100;
/// Wider lines are hard to follow with the eye.
const WIDEST: usize = 160;

/// The style of standard output.
pub(crate) fn style() -> Style {
    Style { width: width(), colour: colour(stdout().is_terminal()) }
}

/// The colour of messages on standard error.
pub(crate) fn message_colour() -> Colour {
    colour(stderr().is_terminal())
}

/// `NO_COLOR` counts when it is not empty: <https://no-color.org>.
fn colour(terminal: bool) -> Colour {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    if terminal && !refused && !dumb { Colour::On } else { Colour::Off }
}

fn width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = match told {
        Some(columns) => columns,
        None if stdout().is_terminal() => asked().unwrap_or(NARROWEST_USUAL),
        None => UNBOUNDED,
    };
    width.clamp(40, WIDEST)
}

/// The width of the controlling terminal, as `stty` tells it: `24 80`. Asking the kernel takes unsafe code, which has no place in a command like this.
fn asked() -> Option<usize> {
    let terminal = File::open("/dev/tty").ok()?;
    let answer = Command::new("stty").arg("size").stdin(terminal).stderr(Stdio::null()).output().ok()?.stdout;
    let columns = String::from_utf8(answer).ok()?.split_whitespace().nth(1)?.parse().ok()?;
    (columns > 0).then_some(columns)
}
