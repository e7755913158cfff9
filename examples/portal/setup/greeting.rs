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
            text.push_str(&format!("  {line}\n"));
        }
        text.push('\n');
        if self.sign_ins.is_empty() {
            text.push_str(&format!("  {}\n", say("start.no-sign-ins")));
        } else {
            text.push_str(&self.table());
            text.push_str(&format!("\n  {}\n", say("start.passwords")));
        }
        text.push_str(&format!("  {}\n  {}\n\n", self.database, say("start.stop")));
        text
    }

    fn table(&self) -> String {
        let width = |pick: fn(&SignIn) -> &str, title: &str| {
            let widest = self.sign_ins.iter().map(|sign_in| pick(sign_in).chars().count()).max().unwrap_or(0);
            widest.max(title.chars().count())
        };
        let (person, username) = (say("start.person"), say("start.username"));
        let (first, second) = (width(|one| &one.person, person), width(|one| &one.username, username));
        let mut table = format!("  {person:first$}   {username:second$}   {}\n", say("start.password"));
        for one in self.sign_ins {
            table.push_str(&format!("  {:first$}   {:second$}   {}\n", one.person, one.username, one.password));
        }
        table
    }
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
            sign_ins: &people,
            lines: &[],
            database: "in memory",
        };
        let text = greeting.text();
        let before = |line: &str| line.split_once("a-b-c").map(|(before, _)| before.chars().count());
        let places: Vec<_> = text.lines().filter_map(before).collect();
        assert_eq!(places.len(), 2);
        assert_eq!(places[0], places[1]);
        assert!(text.contains("http://localhost:1") && text.contains("Synthetic"));
    }
}
