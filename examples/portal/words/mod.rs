//! What people read: one table of messages a language, kept outside the code.
//!
//! The tables are a small part of Fluent: `key = text` with `{ $name }` for what is filled in, and `.one` and `.other`
//! after a key that counts. A test holds the pages and the table to each other.

use std::collections::HashMap;
use std::sync::OnceLock;

const ENGLISH: &str = include_str!("en.ftl");

/// The language of the table, for the `lang` attribute.
pub(crate) const LANGUAGE: &str = "en";

fn table() -> &'static HashMap<&'static str, &'static str> {
    static TABLE: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| entries(ENGLISH).collect())
}

fn entries(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, text)| (key.trim(), text.trim()))
}

/// The message of a key; the key itself where the table has none.
pub(crate) fn say(key: &'static str) -> &'static str {
    table().get(key).copied().unwrap_or(key)
}

/// The message of a key made at run time, such as one of a status, if the table has it.
pub(crate) fn look_up(key: &str) -> Option<&'static str> {
    table().get(key).copied()
}

/// The message of a key with its places filled in.
pub(crate) fn fill(key: &'static str, values: &[(&str, &str)]) -> String {
    put(say(key), values)
}

/// The message of a key that counts something: `{ $count }` and the right form of the word.
pub(crate) fn count(key: &str, number: usize) -> String {
    let form = if number == 1 { "one" } else { "other" };
    let text = look_up(&format!("{key}.{form}")).unwrap_or("{ $count }");
    put(text, &[("count", &number.to_string())])
}

fn put(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{ $") {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once(" }") else { return filled };
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn sources(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("words/mod.rs") {
                into.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }

    fn code() -> String {
        let mut code = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("portal"), &mut code);
        code
    }

    #[test]
    fn every_message_the_pages_ask_for_is_in_the_table() {
        let code = code();
        let mut asked = BTreeSet::new();
        for call in ["say(\"", "fill(\"", "fill(\n"] {
            asked.extend(
                code.split(call).skip(1).filter_map(|rest| rest.trim_start().trim_start_matches('"').split('"').next()),
            );
        }
        assert!(asked.len() > 100, "{}", asked.len());
        let missing: Vec<_> = asked.into_iter().filter(|key| look_up(key).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        let counted: Vec<_> = code.split("count(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for key in counted {
            assert!(look_up(&format!("{key}.one")).is_some() && look_up(&format!("{key}.other")).is_some(), "{key}");
        }
    }

    #[test]
    fn no_message_is_there_twice_or_for_nobody() {
        let code = code();
        let mut seen = BTreeSet::new();
        for (key, text) in entries(ENGLISH) {
            assert!(seen.insert(key), "{key} is there twice");
            assert!(!text.is_empty(), "{key} is empty");
            let stem = key.trim_end_matches(".one").trim_end_matches(".other");
            let family = stem.split_once('.').map_or(stem, |(family, _)| family);
            let used = [key, stem].iter().any(|name| code.contains(&format!("\"{name}\"")))
                || code.contains(&format!("\"{family}.{{}}\""));
            assert!(used, "{key} is for nobody");
        }
    }

    #[test]
    fn places_are_filled_by_name() {
        assert_eq!(put("{ $a } of { $b }", &[("b", "9"), ("a", "3")]), "3 of 9");
        assert_eq!(put("{ $a", &[("a", "3")]), "");
        assert_eq!(count("count.results", 1), "1 result");
        assert_eq!(count("count.results", 2), "2 results");
    }

    #[test]
    fn sentences_are_short() {
        for (key, text) in entries(ENGLISH) {
            for sentence in text.split(['.', '?', ':', ';']) {
                assert!(sentence.split_whitespace().count() <= 25, "{key}: more than 25 words in a sentence");
            }
        }
    }
}
