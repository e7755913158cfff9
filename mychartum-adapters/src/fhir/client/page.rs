//! One page of a search: what is a match, what is a remark, and what comes next.

use std::collections::HashSet;

use mychartum_core::chart::SourceRef;
use mychartum_core::kernel::text::Label;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::address::Address;
use super::position::digest;
use super::query::is_id;

/// A page, sorted out. Texts of entries are as they were received.
#[derive(Default)]
pub(super) struct Page<'a> {
    /// The entries for the reader, and whether one's subject is at another server.
    pub(super) entries: Vec<(&'a str, Whose)>,
    /// What the source has no more.
    pub(super) withdrawn: Vec<SourceRef>,
    /// The link to the next page, as given.
    pub(super) next: Option<String>,
    /// How many entries had come before.
    pub(super) duplicates: u64,
    /// How many entries speak of the answer itself.
    pub(super) remarks: u64,
    /// Whether the server says that something is missing.
    pub(super) incomplete: bool,
}

/// At which server the subject of an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// At this one, or it does not say.
    Ours,
    /// At another one: the same id is another person there.
    Elsewhere,
}

/// It is no page: not JSON, or no resource that answers a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoPage;

#[derive(Deserialize)]
struct Outer<'a> {
    #[serde(rename = "resourceType", default)]
    kind: Value,
    #[serde(default)]
    link: Value,
    #[serde(borrow, default)]
    entry: Option<&'a RawValue>,
    #[serde(default)]
    issue: Value,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(rename = "fullUrl", default)]
    full_url: Value,
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(default)]
    search: Value,
    #[serde(default)]
    request: Value,
}

#[derive(Deserialize)]
struct Look {
    #[serde(rename = "resourceType", default)]
    kind: Value,
    #[serde(default)]
    id: Value,
    #[serde(default)]
    meta: Value,
    #[serde(default)]
    subject: Value,
    #[serde(default)]
    patient: Value,
    #[serde(default)]
    participant: Value,
    #[serde(default)]
    issue: Value,
}

impl<'a> Page<'a> {
    /// Sorts out a page. `seen` holds what came before in this call, and grows.
    pub(super) fn read(
        body: &'a str,
        kind: &str,
        server: &Address,
        seen: &mut HashSet<String>,
    ) -> Result<Self, NoPage> {
        let body = body.trim_start_matches('\u{feff}');
        let outer: Outer<'a> = serde_json::from_str(body).map_err(|_| NoPage)?;
        let mut page = Self::default();
        match outer.kind.as_str() {
            // Without a bundle there is nothing to say what is not there, however mild the remark.
            Some("OperationOutcome") => {
                page.remark(&outer.issue);
                page.incomplete = true;
                return Ok(page);
            }
            Some("Bundle") => {}
            _ => return Err(NoPage),
        }
        page.next = next(&outer.link);
        let entries = outer.entry.map_or("[]", RawValue::get);
        // One entry where a list belongs is taken as a list of one.
        let entries = serde_json::from_str::<Vec<&'a RawValue>>(entries).or_else(|_| match entries.starts_with('{') {
            true => serde_json::from_str(entries).map(|one| vec![one]),
            false => serde_json::from_str("[]"),
        });
        for raw in entries.map_err(|_| NoPage)? {
            page.sort(raw.get(), kind, server, seen);
        }
        Ok(page)
    }

    fn sort(&mut self, raw: &'a str, kind: &str, server: &Address, seen: &mut HashSet<String>) {
        // What cannot be looked at goes on to the reader, which sets it aside whole.
        let Ok(entry) = serde_json::from_str::<Entry<'_>>(raw) else { return self.entries.push((raw, Whose::Ours)) };
        let Some(resource) = entry.resource else {
            match deleted(&entry, Some(kind)) {
                Some(gone) => self.withdrawn.push(gone),
                None => self.entries.push((raw, Whose::Ours)),
            }
            return;
        };
        let Ok(look) = serde_json::from_str::<Look>(resource.get()) else {
            return self.entries.push((raw, Whose::Ours));
        };
        let outcome = entry.search.get("mode").and_then(Value::as_str) == Some("outcome");
        if outcome || look.kind.as_str() == Some("OperationOutcome") {
            return self.remark(&look.issue);
        }
        if let Some(key) = key(&look, resource.get())
            && !seen.insert(key)
        {
            self.duplicates += 1;
            return;
        }
        self.entries.push((raw, whose(&look, server)));
    }

    /// Notes a remark. Only one that is known to be harmless leaves the answer complete.
    fn remark(&mut self, issues: &Value) {
        self.remarks += 1;
        let harmless = |issue: &Value| {
            matches!(issue.get("severity").and_then(Value::as_str), Some("warning" | "information" | "success"))
        };
        self.incomplete |= !issues.as_array().is_some_and(|issues| !issues.is_empty() && issues.iter().all(harmless));
    }

    /// The entries as a bundle for the reader.
    pub(super) fn bundle(&self) -> String {
        let texts: Vec<&str> = self.entries.iter().map(|(text, _)| *text).collect();
        format!(r#"{{"resourceType":"Bundle","type":"searchset","entry":[{}]}}"#, texts.join(","))
    }
}

fn next(links: &Value) -> Option<String> {
    let is_next = |link: &&Value| link.get("relation").and_then(Value::as_str) == Some("next");
    let url = links.as_array()?.iter().find(is_next)?.get("url")?.as_str()?;
    Some(url.to_owned())
}

/// What the deletions of a bundle name, of any type; `None` for what is no bundle.
pub(super) fn deletions(body: &str) -> Option<Vec<SourceRef>> {
    let outer: Outer<'_> = serde_json::from_str(body).ok()?;
    if outer.kind.as_str() != Some("Bundle") {
        return None;
    }
    let entries = outer.entry.map_or("[]", RawValue::get);
    let entries: Vec<&RawValue> = serde_json::from_str(entries).ok()?;
    let entries = entries.into_iter().filter_map(|raw| serde_json::from_str::<Entry<'_>>(raw.get()).ok());
    Some(entries.filter_map(|entry| deleted(&entry, None)).collect())
}

/// What a deletion in a bundle names (FHIR R4 section 3.1.0.11), of a type if one is wanted.
fn deleted(entry: &Entry<'_>, kind: Option<&str>) -> Option<SourceRef> {
    if entry.request.get("method").and_then(Value::as_str) != Some("DELETE") {
        return None;
    }
    let url = entry.request.get("url").and_then(Value::as_str).or(entry.full_url.as_str())?;
    let url = url.split_once("/_history").map_or(url, |(path, _)| path);
    let mut parts = url.trim_end_matches('/').rsplit('/');
    let (id, found) = (parts.next()?, parts.next()?);
    if kind.is_some_and(|kind| found != kind) || !is_id(id) {
        return None;
    }
    Some(SourceRef { kind: Label::parse(found).ok()?, id: Label::parse(id).ok()? })
}

/// What makes two entries the same: type, id and version; without a version, the very same bytes.
fn key(look: &Look, text: &str) -> Option<String> {
    let (kind, id) = (look.kind.as_str()?, look.id.as_str()?);
    let version = look.meta.get("versionId").and_then(Value::as_str).map(str::to_owned);
    Some(format!("{kind}/{id}/{}", version.unwrap_or_else(|| digest(text))))
}

fn whose(look: &Look, server: &Address) -> Whose {
    let list = |value: &'_ Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let actors = list(&look.participant).into_iter().filter_map(|one| one.get("actor").cloned());
    let all = list(&look.subject).into_iter().chain(list(&look.patient)).chain(actors);
    let elsewhere = |reference: &Value| {
        let text = reference.get("reference").and_then(Value::as_str).or(reference.as_str()).unwrap_or("");
        text.contains("://") && text.contains("Patient/") && !server.holds(text)
    };
    if all.into_iter().any(|reference| elsewhere(&reference)) { Whose::Elsewhere } else { Whose::Ours }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn server() -> Address {
        Address::base("base", "https://a.example/r4").unwrap()
    }

    fn read<'a>(body: &'a str, seen: &mut HashSet<String>) -> Result<Page<'a>, NoPage> {
        Page::read(body, "Observation", &server(), seen)
    }

    #[test]
    fn matches_remarks_and_deletions_are_told_apart() {
        let body = r#"{"resourceType":"Bundle","link":[{"relation":"self","url":"s"},{"relation":"next","url":"n"}],"entry":[
            {"resource":{"resourceType":"Observation","id":"1","meta":{"versionId":"1"}}},
            {"resource":{"resourceType":"Observation","id":"1","meta":{"versionId":"2"}}},
            {"resource":{"resourceType":"Observation","id":"1","meta":{"versionId":"1"}}},
            {"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning"}]},"search":{"mode":"outcome"}},
            {"request":{"method":"DELETE","url":"Observation/9"}},
            {"request":{"method":"DELETE","url":"Patient/9"}},
            5
        ]}"#;
        let mut seen = HashSet::new();
        let page = read(body, &mut seen).unwrap();
        assert_eq!((page.entries.len(), page.duplicates, page.remarks), (4, 1, 1));
        assert_eq!(page.withdrawn.iter().map(|gone| gone.id.as_str()).collect::<Vec<_>>(), ["9"]);
        assert_eq!((page.next.as_deref(), page.incomplete), (Some("n"), false));
    }

    #[test]
    fn subjects_elsewhere_are_told() {
        for (subject, whose) in [
            (r#""subject":{"reference":"Patient/1"}"#, Whose::Ours),
            (r#""subject":{"reference":"https://a.example/r4/Patient/1"}"#, Whose::Ours),
            (r#""subject":{"reference":"https://b.example/r4/Patient/1"}"#, Whose::Elsewhere),
            (r#""patient":[{"reference":"https://b.example/r4/Patient/1"}]"#, Whose::Elsewhere),
            (r#""participant":[{"actor":{"reference":"https://b.example/Patient/1"}}]"#, Whose::Elsewhere),
            (r#""participant":[{"actor":{"reference":"https://b.example/Location/1"}}]"#, Whose::Ours),
        ] {
            let body = format!(
                r#"{{"resourceType":"Bundle","entry":[{{"resource":{{"resourceType":"Observation","id":"1",{subject}}}}}]}}"#
            );
            assert_eq!(read(&body, &mut HashSet::new()).unwrap().entries[0].1, whose, "{subject}");
        }
    }

    #[test]
    fn only_harmless_remarks_leave_an_answer_complete() {
        for (issues, incomplete) in [
            (r#"[{"severity":"information"}]"#, false),
            (r#"[{"severity":"warning"},{"severity":"error"}]"#, true),
            (r#"[{"severity":"fatal"}]"#, true),
            (r#"[{}]"#, true),
            ("[]", true),
            ("null", true),
        ] {
            let body = format!(
                r#"{{"resourceType":"Bundle","entry":[{{"resource":{{"resourceType":"OperationOutcome","issue":{issues}}}}}]}}"#
            );
            assert_eq!(read(&body, &mut HashSet::new()).unwrap().incomplete, incomplete, "{issues}");
        }
        assert!(read(r#"{"resourceType":"OperationOutcome"}"#, &mut HashSet::new()).unwrap().incomplete);
        for no_page in ["<html>", "", "[]", "{}", r#"{"resourceType":"Patient"}"#] {
            assert_eq!(read(no_page, &mut HashSet::new()).err(), Some(NoPage), "{no_page}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(body in "\\PC{0,200}") {
            let _ = read(&body, &mut HashSet::new());
            let _ = read(&format!(r#"{{"resourceType":"Bundle","entry":[{body}]}}"#), &mut HashSet::new());
        }
    }
}
