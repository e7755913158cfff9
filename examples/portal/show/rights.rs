//! What someone may do with a chart, as people choose and read it.

use maud::{Markup, html};
use mychartum_core::access::{Scope, Verb};
use mychartum_core::chart::{Section, SectionSet};

use crate::words::{fill, look_up, say};

/// A right that one ticks or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Right {
    /// Its name in forms.
    pub(crate) name: &'static str,
    sections: &'static [Section],
    verb: Verb,
}

const fn see(name: &'static str, sections: &'static [Section]) -> Right {
    Right { name, sections, verb: Verb::View }
}

/// What one may see, section by section.
pub(crate) const SEE: [Right; 14] = [
    see("see-details", &[Section::Demographics]),
    see("see-results", &[Section::Results, Section::Reports]),
    see("see-medications", &[Section::Medications]),
    see("see-visits", &[Section::Visits]),
    see("see-documents", &[Section::Documents]),
    see("see-appointments", &[Section::Appointments]),
    see("see-conditions", &[Section::Conditions]),
    see("see-allergies", &[Section::Allergies]),
    see("see-immunizations", &[Section::Immunizations]),
    see("see-vitals", &[Section::Vitals]),
    see("see-findings", &[Section::Findings]),
    see("see-procedures", &[Section::Procedures]),
    see("see-messages", &[Section::Messages]),
    see("see-bills", &[Section::Billing]),
];

/// What one may do.
pub(crate) const ACT: [Right; 5] = [
    Right { name: "do-message", sections: &[Section::Messages], verb: Verb::Message },
    Right { name: "do-schedule", sections: &[Section::Appointments], verb: Verb::Schedule },
    Right { name: "do-request", sections: &[Section::Medications], verb: Verb::Request },
    Right { name: "do-pay", sections: &[Section::Billing], verb: Verb::Pay },
    Right { name: "do-download", sections: &[], verb: Verb::Download },
];

impl Right {
    /// Its name for people.
    pub(crate) fn words(self) -> &'static str {
        look_up(&format!("right.{}", self.name)).unwrap_or_default()
    }

    /// Whether a scope has all of it.
    fn is_in(self, scope: Scope) -> bool {
        match self.verb {
            Verb::Download => !scope.sections(Verb::Download).is_empty(),
            verb => self.sections.iter().all(|section| scope.has(*section, verb)),
        }
    }
}

/// The scope of the rights that were ticked. Copies are of what one may see, and of nothing else.
pub(crate) fn scope_of<'a>(ticked: impl Iterator<Item = &'a str>) -> Scope {
    let ticked: Vec<&str> = ticked.collect();
    let chosen = SEE.iter().chain(&ACT).filter(|right| ticked.contains(&right.name));
    let scope = chosen.fold(Scope::NONE, |scope, right| {
        right.sections.iter().fold(scope, |scope, section| scope.with(*section, right.verb))
    });
    let copied = if ticked.contains(&"do-download") { scope.sections(Verb::View) } else { SectionSet::NONE };
    scope.or(Scope::of(copied, &[Verb::Download]))
}

/// What someone may do, a line for each kind: what they see, and what else they may do.
pub(crate) fn lines(scope: Scope) -> Vec<String> {
    Verb::ALL
        .into_iter()
        .filter_map(|verb| {
            let sections = scope.sections(verb);
            if sections.is_empty() {
                return None;
            }
            Some(match verb {
                Verb::View => fill("verb.see", &[("sections", &sections_in_words(sections))]),
                other => verb_in_words(other).to_owned(),
            })
        })
        .collect()
}

/// The same as one sentence part.
pub(crate) fn sentence(scope: Scope) -> String {
    let lines = lines(scope);
    if lines.is_empty() { say("verb.nothing").to_owned() } else { lines.join("; ") }
}

/// What a verb other than seeing lets one do.
pub(crate) fn verb_in_words(verb: Verb) -> &'static str {
    look_up(&format!("verb.{}", verb.name())).unwrap_or_default()
}

/// Sections in words; all of a chart in one.
pub(crate) fn sections_in_words(sections: SectionSet) -> String {
    let whole = SectionSet::chart();
    let is_whole = whole.iter().all(|section| sections.has(section));
    let named = sections.iter().filter(|section| !is_whole || !whole.has(*section));
    let words = named.map(|section| look_up(&format!("section.{}", section.number())).unwrap_or_default());
    let words: Vec<&str> = is_whole.then(|| say("verb.whole")).into_iter().chain(words).collect();
    words.join(", ")
}

/// Boxes to tick, with those of a scope ticked. Only rights within `most` are offered.
pub(crate) fn boxes(scope: Scope, most: Scope) -> Markup {
    html! {
        fieldset.ticks {
            legend { (say("right.see")) }
            @for right in SEE.iter().filter(|right| right.is_in(most)) { (tick(*right, scope)) }
        }
        fieldset.ticks {
            legend { (say("right.do")) }
            @for right in ACT.iter().filter(|right| right.is_in(most)) { (tick(*right, scope)) }
        }
    }
}

fn tick(right: Right, scope: Scope) -> Markup {
    html! {
        div.check {
            input type="checkbox" name="right" value=(right.name) id=(right.name) checked[right.is_in(scope)];
            label for=(right.name) { (right.words()) }
        }
    }
}

/// A bundle of rights for a purpose, to begin from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bundle {
    /// Its name in paths.
    pub(crate) name: &'static str,
    rights: &'static [&'static str],
}

/// The bundles, from much to little; the last one begins with nothing.
pub(crate) const BUNDLES: [Bundle; 6] = [
    Bundle { name: "everything", rights: &["*"] },
    Bundle { name: "view", rights: &["see-*"] },
    Bundle { name: "errands", rights: &["see-details", "see-appointments", "see-bills", "do-schedule", "do-pay"] },
    Bundle { name: "messages", rights: &["see-details", "see-messages", "do-message"] },
    Bundle {
        name: "emergency",
        rights: &["see-details", "see-medications", "see-conditions", "see-allergies", "see-immunizations"],
    },
    Bundle { name: "own-choice", rights: &["see-details"] },
];

impl Bundle {
    /// The bundle of a name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        BUNDLES.into_iter().find(|bundle| bundle.name == name)
    }

    /// What it is for.
    pub(crate) fn title(self) -> &'static str {
        look_up(&format!("bundle.{}", self.name)).unwrap_or_default()
    }

    /// A sentence about it.
    pub(crate) fn about(self) -> &'static str {
        look_up(&format!("bundle-about.{}", self.name)).unwrap_or_default()
    }

    /// What it gives.
    pub(crate) fn scope(self) -> Scope {
        let names = SEE.iter().chain(&ACT).map(|right| right.name);
        let takes = |name: &str| {
            self.rights.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => *pattern == name,
            })
        };
        scope_of(names.filter(|name| takes(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_verb_and_bundle_has_words() {
        for right in SEE.iter().chain(&ACT) {
            assert!(!right.words().is_empty(), "{}", right.name);
        }
        for verb in Verb::ALL.into_iter().filter(|verb| *verb != Verb::View) {
            assert!(!verb_in_words(verb).is_empty(), "{}", verb.name());
            let only = Scope::NONE.with(Section::Billing, verb);
            assert_eq!(sentence(only), verb_in_words(verb));
        }
        for bundle in BUNDLES {
            assert!(!bundle.title().is_empty() && !bundle.about().is_empty(), "{}", bundle.name);
            assert!(!bundle.scope().is_empty(), "{}", bundle.name);
        }
        assert!(sentence(Scope::ALL).contains(say("verb.whole")));
        assert_eq!(sentence(Scope::NONE), say("verb.nothing"));
    }

    #[test]
    fn a_scope_is_what_was_ticked() {
        let scope = scope_of(["see-results", "do-pay", "do-download", "nonsense"].into_iter());
        assert!(scope.has(Section::Results, Verb::View) && scope.has(Section::Reports, Verb::Download));
        assert!(scope.has(Section::Billing, Verb::Pay));
        assert!(!scope.has(Section::Billing, Verb::Download), "copies only of what is seen");
        assert!(!scope.has(Section::Medications, Verb::View) && !scope.has(Section::Demographics, Verb::Manage));
        let ticked: Vec<&str> =
            SEE.iter().chain(&ACT).filter(|right| right.is_in(scope)).map(|right| right.name).collect();
        assert_eq!(scope_of(ticked.into_iter()), scope);
    }

    #[test]
    fn bundles_are_for_their_purpose() {
        let emergency = Bundle::of_name("emergency").unwrap().scope();
        assert!(!emergency.has(Section::Results, Verb::View) && emergency.has(Section::Allergies, Verb::View));
        let view = Bundle::of_name("view").unwrap().scope();
        assert!(view.has(Section::Results, Verb::View) && view.sections(Verb::Pay).is_empty());
    }
}
