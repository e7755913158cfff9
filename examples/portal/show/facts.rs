//! Short lists of facts: a name and what is known. What is not known is left out or said so, never guessed.

use maud::{Markup, html};
use mychartum_core::chart::Party;
use mychartum_core::kernel::{Concept, PartialDate};

use super::date;
use crate::words::say;

/// A list of facts in the making.
#[derive(Debug, Default)]
pub(crate) struct Facts(Vec<(&'static str, Markup)>);

impl Facts {
    /// An empty list.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a fact by the key of its name.
    pub(crate) fn with(mut self, name: &'static str, fact: Markup) -> Self {
        self.0.push((name, fact));
        self
    }

    /// Adds a text, if it says anything.
    pub(crate) fn text(self, name: &'static str, text: &str) -> Self {
        if text.is_empty() { self } else { self.with(name, html! { (text) }) }
    }

    /// Adds a text that may be missing.
    pub(crate) fn label<const MAX: usize>(
        self,
        name: &'static str,
        text: Option<&mychartum_core::kernel::Text<MAX>>,
    ) -> Self {
        self.text(name, text.map_or("", |text| text.as_str()))
    }

    /// Adds a date with its time and zone, if there is one.
    pub(crate) fn date(self, name: &'static str, at: Option<&PartialDate>) -> Self {
        match at {
            Some(at) => self.with(name, date::shown_with_zone(at)),
            None => self,
        }
    }

    /// Adds the names of people or places that are known.
    pub(crate) fn parties<'a>(self, name: &'static str, parties: impl IntoIterator<Item = &'a Party>) -> Self {
        self.text(name, &names(parties))
    }

    /// Adds concepts in words.
    pub(crate) fn concepts<'a>(self, name: &'static str, concepts: impl IntoIterator<Item = &'a Concept>) -> Self {
        self.text(name, &join(concepts.into_iter().map(Concept::shown)))
    }

    /// The list as an element; nothing where it is empty.
    pub(crate) fn shown(&self) -> Markup {
        html! {
            @if !self.0.is_empty() {
                dl.facts {
                    @for (name, fact) in &self.0 { div { dt { (say(name)) } dd { (fact) } } }
                }
            }
        }
    }
}

/// The known names of people or places, each once.
pub(crate) fn names<'a>(parties: impl IntoIterator<Item = &'a Party>) -> String {
    join(parties.into_iter().map(Party::shown))
}

/// Texts with commas between, without blanks and repetitions.
pub(crate) fn join<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for text in texts.filter(|text| !text.is_empty()) {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_twice_and_blanks_are_left_out() {
        assert_eq!(join(["a", "", "b", "a"].into_iter()), "a, b");
    }

    #[test]
    fn an_empty_list_is_no_list() {
        assert_eq!(Facts::new().text("fact.specimen", "").shown().into_string(), "");
    }
}
