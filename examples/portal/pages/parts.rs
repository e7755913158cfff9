//! Parts that several pages share.

use maud::{Markup, html};
use mychartum_core::access::Obligations;
use mychartum_core::access::consent::REDISCLOSURE_NOTICE;
use mychartum_core::chart::{Item, Observation, Section};

use super::layout::Frame;
use crate::show::status::Progress;
use crate::show::{date, flag, value};
use crate::words::{count, fill, say};

/// A heading with a note beside it.
pub(crate) fn heading(title: &str, note: Markup) -> Markup {
    html! { div.heading { h1 { (title) } (note) } }
}

/// The name of something, or words for what has none.
pub(crate) fn named(name: &str) -> &str {
    if name.is_empty() { say("part.no-name") } else { name }
}

/// A way back to the list that a page belongs to.
pub(crate) fn back(to: &str, name: &str) -> Markup {
    html! { p.back { a href=(to) { span aria-hidden="true" { "\u{2190} " } (name) } } }
}

/// What is said where there is nothing: never a blank page.
pub(crate) fn nothing(text: &str) -> Markup {
    html! { p.empty { (text) } }
}

/// A row for an observation: its name and day, its value, and what to say about it.
pub(crate) fn observation_row(frame: &Frame, section: &str, item: &Item<Observation>, with_day: bool) -> Markup {
    let view = &item.view;
    let (flag, _) = flag::of(&view.value, &view.interpretation, &view.ranges);
    // Nobody expects a range with a weight or an answer; with a laboratory's result its absence is worth a word.
    let goes_without_saying = flag == flag::Flag::Reported && section != "results";
    let outside = view
        .components
        .iter()
        .filter(|part| flag::of(&part.value, &part.interpretation, &part.ranges).0.is_outside())
        .count();
    if is_veiled(frame, section) {
        return html! {
            li {
                a.row href=(frame.item(section, item.id)) {
                    span.what {
                        (named(view.code.shown()))
                        @if with_day { span.when { (date::shown_or_unknown(view.at())) } }
                    }
                    span.value { (say("part.tap")) }
                }
            }
        };
    }
    html! {
        li {
            a.row href=(frame.item(section, item.id)) {
                span.what {
                    (named(view.code.shown()))
                    @if with_day { span.when { (date::shown_or_unknown(view.at())) } }
                }
                span class=(value::class(&view.value)) { (value::of_observation(view)) }
                span.state {
                    @if outside > 0 { span.tag.out { (count("count.outside", outside)) } }
                    @else if view.components.is_empty() && !view.value_is_missing() && !goes_without_saying { (flag.tag()) }
                    (view.status.note())
                    @if item.version > 1 && view.status.key().is_none() { span.note { (say("part.changed")) } }
                }
            }
        }
    }
}

/// Whether the patient wants to see the values of a section only after a tap.
pub(crate) fn is_veiled(frame: &Frame, section: &str) -> bool {
    let section = match section {
        "results" => Section::Results,
        "findings" => Section::Findings,
        _ => return false,
    };
    frame.after_tap.has(section)
}

/// Whether there is a value to say something about.
trait Missing {
    fn value_is_missing(&self) -> bool;
}

impl Missing for Observation {
    fn value_is_missing(&self) -> bool {
        matches!(self.value, mychartum_core::chart::Value::Unstated | mychartum_core::chart::Value::Absent(_))
    }
}

/// Where an item came from, in a line, with the way to all that is known about it.
pub(crate) fn source_line<V>(frame: &Frame, section: &str, item: &Item<V>) -> Markup {
    let received = date::day_of(item.provenance.received_at.with_timezone(&chrono::Local).date_naive());
    let is_part2 = item.obligations.has(Obligations::PART2_NOTICE);
    html! {
        @if is_part2 { p.notice { (REDISCLOSURE_NOTICE) " " (say("part.part2")) } }
        p.source {
            (fill("part.source", &[("source", &source_name(item.provenance.source.as_str())), ("day", &received)])) " "
            a href=(frame.to(&format!("{section}/{}/source", item.id))) { (say("part.source-more")) }
        }
    }
}

/// A source's name for people: its words with spaces and a capital letter.
pub(crate) fn source_name(source: &str) -> String {
    let mut name = String::with_capacity(source.len());
    for word in source.split(['-', '_', '.']).filter(|word| !word.is_empty()) {
        if !name.is_empty() {
            name.push(' ');
        }
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// Notes that someone wrote beside an item.
pub(crate) fn notes(notes: &[mychartum_core::kernel::text::Narrative]) -> Markup {
    html! {
        @if !notes.is_empty() {
            div.notes {
                @for note in notes { (crate::show::prose::paragraphs(note.as_str())) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_a_name() {
        assert_eq!(source_name("riverside-clinic"), "Riverside Clinic");
        assert_eq!(source_name("lab.2_b"), "Lab 2 B");
    }
}
