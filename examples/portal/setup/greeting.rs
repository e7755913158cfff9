//! The one calm block that the terminal shows.

use super::household::SignIn;
use crate::words::{fill, say};

/// What the block says.
#[derive(Debug)]
pub(crate) struct Greeting<'a> {
    /// The address to open.
    pub(crate) address: &'a str,
    /// Whether the people are made up.
    pub(crate) is_demo: bool,
    /// How to sign in.
    pub(crate) sign_ins: &'a [SignIn],
    /// The closing count of an import.
    pub(crate) lines: &'a [String],
    /// Whether there is a stage.
    pub(crate) has_stage: bool,
    /// The port for HL7 v2 messages, where they are taken.
    pub(crate) feed: Option<u16>,
    /// Where the data are.
    pub(crate) database: &'a str,
}

impl Greeting<'_> {
    /// The block.
    pub(crate) fn text(&self) -> String {
        let title = if self.is_demo { say("start.title-demo") } else { say("start.title-own") };
        let mut text = format!("\n  {title}\n\n  {}\n", fill("start.open", &[("address", self.address)]));
        if !self.lines.is_empty() {
            text.push('\n');
        }
        for line in self.lines {
            text.push_str(&format!("  {}\n", visible(line)));
        }
        text.push('\n');
        if self.sign_ins.is_empty() {
            text.push_str(&format!("  {}\n", say("start.no-sign-ins")));
        } else {
            text.push_str(&self.table());
            text.push_str(&format!("\n  {}\n", say("start.passwords")));
        }
        if self.has_stage {
            text.push_str(&format!("  {}\n", fill("start.stage", &[("address", self.address)])));
        }
        if let Some(port) = self.feed {
            text.push_str(&format!("  {}\n", fill("start.feed", &[("port", &port.to_string())])));
        }
        text.push_str(&format!("  {}\n  {}\n\n", self.database, say("start.stop")));
        text
    }

    fn table(&self) -> String {
        let people: Vec<String> = self.sign_ins.iter().map(|one| clipped(&visible(&one.person))).collect();
        let (person, username) = (say("start.person"), say("start.username"));
        let widest = |cells: &mut dyn Iterator<Item = &str>| cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        let first = widest(&mut people.iter().map(String::as_str).chain([person]));
        let second = widest(&mut self.sign_ins.iter().map(|one| one.username.as_str()).chain([username]));
        let mut table = format!("  {person:first$}   {username:second$}   {}\n", say("start.password"));
        for (one, person) in self.sign_ins.iter().zip(people) {
            table.push_str(&format!("  {person:first$}   {:second$}   {}\n", one.username, one.password));
        }
        table
    }
}

/// How many letters of a name the table shows.
const NAME: usize = 60;

/// A text of an imported file without what would steer the terminal: control characters, line ends, and marks that turn
/// the direction of reading (Unicode Bidirectional Algorithm, UAX #9, section 2).
fn visible(text: &str) -> String {
    let steers = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
    };
    text.chars().map(|letter| if steers(letter) { '\u{fffd}' } else { letter }).collect()
}

fn clipped(text: &str) -> String {
    if text.chars().count() <= NAME { text.to_owned() } else { text.chars().take(NAME - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let sign_in = |person: &str, username: &str| SignIn {
            person: person.into(),
            username: username.into(),
            password: "a-b-c".into(),
        };
        let people = [sign_in("Inés Velarosa", "ines"), sign_in("Nilo", "nilo")];
        let greeting = Greeting {
            address: "http://localhost:1",
            is_demo: true,
            has_stage: true,
            sign_ins: &people,
            lines: &[],
            feed: Some(2575),
            database: "in memory",
        };
        let text = greeting.text();
        let before = |line: &str| line.split_once("a-b-c").map(|(before, _)| before.chars().count());
        let places: Vec<_> = text.lines().filter_map(before).collect();
        assert_eq!(places.len(), 2);
        assert_eq!(places[0], places[1]);
        assert!(text.contains("http://localhost:1") && text.contains("Synthetic") && text.contains("2575"));
    }

    #[test]
    fn a_name_does_not_steer_the_terminal() {
        let person = format!("\u{1b}]0;x\u{7}\u{9b}31m\r\n  Open http://evil.example\u{202e}{}", "a".repeat(500));
        let people = [SignIn { person, username: "chart-1".into(), password: "a-b-c".into() }];
        let lines = ["count".to_owned(), "\u{1b}[2Jfile\nname".to_owned()];
        let greeting = Greeting {
            address: "http://localhost:1",
            is_demo: false,
            sign_ins: &people,
            lines: &lines,
            has_stage: false,
            feed: None,
            database: "d",
        };
        let text = greeting.text();
        assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n' || letter == '\u{202e}'));
        assert!(!text.lines().any(|line| line.trim_start().starts_with("Open http://evil")));
        assert!(text.lines().all(|line| line.chars().count() < 160));
    }
}
