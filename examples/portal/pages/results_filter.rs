//! The filter above the results: text, year, only what is out of range. A form that works without a script.

use std::collections::BTreeSet;

use chrono::Datelike;
use maud::{Markup, html};
use mychartum_core::chart::{Item, Observation};
use serde::Deserialize;

use super::layout::Frame;
use crate::show::flag;
use crate::words::say;

/// What was asked for, as it stands in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Filter {
    /// `tests` for the list by analyte, else by report.
    #[serde(default)]
    pub(crate) view: String,
    /// Words in the name.
    #[serde(default)]
    pub(crate) q: String,
    /// A year.
    #[serde(default)]
    pub(crate) year: String,
    /// `out` for only what is out of range.
    #[serde(default)]
    pub(crate) only: String,
    /// The page, from 1.
    #[serde(default)]
    pub(crate) page: String,
}

impl Filter {
    /// Whether the list is by analyte.
    pub(crate) fn by_test(&self) -> bool {
        self.view == "tests"
    }

    /// Whether it leaves anything out.
    pub(crate) fn is_set(&self) -> bool {
        !self.q.trim().is_empty() || !self.year.is_empty() || self.only == "out"
    }

    /// The page's number.
    pub(crate) fn number(&self) -> usize {
        self.page.parse().unwrap_or(1)
    }

    /// Whether a result is one of those asked for. `group` is the name of the report it stands in.
    pub(crate) fn takes(&self, item: &Item<Observation>, group: &str) -> bool {
        let words = self.q.to_lowercase();
        let name = format!("{} {group}", item.view.code.shown()).to_lowercase();
        let has_words = words.split_whitespace().all(|word| name.contains(word));
        let in_year = self.year.is_empty() || year(item).is_some_and(|year| year.to_string() == self.year);
        has_words && in_year && (self.only != "out" || is_outside(&item.view))
    }

    /// The address of this list with something changed.
    pub(crate) fn address(&self, base: &str, view: &str, page: usize) -> String {
        let mut parts = Vec::new();
        let page = if page > 1 { page.to_string() } else { String::new() };
        for (name, value) in
            [("view", view), ("q", self.q.trim()), ("year", &self.year), ("only", &self.only), ("page", &page)]
        {
            if !value.is_empty() {
                parts.push(format!("{name}={}", encoded(value)));
            }
        }
        if parts.is_empty() { base.to_owned() } else { format!("{base}?{}", parts.join("&")) }
    }

    /// The form.
    pub(crate) fn form(&self, frame: &Frame, all: &[Item<Observation>]) -> Markup {
        let years: BTreeSet<i32> = all.iter().filter_map(year).collect();
        html! {
            form.filter method="get" action=(frame.to("results")) role="search" aria-label=(say("filter.label")) {
                @if self.by_test() { input type="hidden" name="view" value="tests"; }
                div.field.wide {
                    label for="q" { (say("filter.text")) }
                    input #q name="q" type="search" value=(self.q) maxlength="80" autocomplete="off";
                }
                div.field {
                    label for="year" { (say("filter.year")) }
                    select #year name="year" {
                        option value="" { (say("filter.any-year")) }
                        @for year in years.iter().rev() {
                            option value=(year) selected[self.year == year.to_string()] { (year) }
                        }
                    }
                }
                div.check {
                    input #only name="only" type="checkbox" value="out" checked[self.only == "out"];
                    label for="only" { (say("filter.out")) }
                }
                button type="submit" { (say("filter.button")) }
                @if self.is_set() { a.reset href=(Self::default().address(&frame.to("results"), &self.view, 1)) { (say("filter.reset")) } }
            }
        }
    }

    /// The switch between the two lists.
    pub(crate) fn switch(&self, frame: &Frame) -> Markup {
        let base = frame.to("results");
        let current = |is: bool| is.then_some("true");
        html! {
            nav.switch aria-label=(say("results.views")) {
                a href=(self.address(&base, "", 1)) aria-current=[current(!self.by_test())] { (say("results.by-report")) }
                a href=(self.address(&base, "tests", 1)) aria-current=[current(self.by_test())] { (say("results.by-test")) }
            }
        }
    }
}

/// Whether a result, or a part of it, is out of range.
pub(crate) fn is_outside(view: &Observation) -> bool {
    flag::of(&view.value, &view.interpretation, &view.ranges).0.is_outside()
        || view.components.iter().any(|part| flag::of(&part.value, &part.interpretation, &part.ranges).0.is_outside())
}

fn year(item: &Item<Observation>) -> Option<i32> {
    item.view.at().map(|at| at.first_day().year())
}

/// Text as part of an address (RFC 3986, unreserved characters stay).
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_was_asked_for() {
        let filter = Filter { q: " sugar & salt ".into(), year: "2024".into(), ..Filter::default() };
        assert_eq!(filter.address("/r", "tests", 2), "/r?view=tests&q=sugar%20%26%20salt&year=2024&page=2");
        assert_eq!(Filter::default().address("/r", "", 1), "/r");
    }
}
