//! What a source calls its statements, and names for those that it does not call anything.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use mychartum_core::chart::SourceRef;
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::Reason;

use super::header::Header;
use super::page::Page;
use super::section::Section;
use super::statement::Statement;
use super::xml::{Reach, Xml};

/// The first id of an element that says anything: `root`, or `root|extension` (HL7 v3 `II`). Roots are the same in any case.
pub(super) fn first_id(node: Xml<'_>, name: &'static str) -> Option<String> {
    node.all(name).filter(|id| id.null().is_none()).find_map(|id| {
        let root = id.said("root")?.to_ascii_lowercase();
        Some(match id.said("extension") {
            Some(extension) => format!("{root}|{extension}"),
            None => root,
        })
    })
}

/// A reference by type and id.
///
/// # Errors
/// [`Reason::Invalid`] where the id is longer than any id.
pub(super) fn source_ref(kind: &str, id: &str) -> Result<SourceRef, Reason> {
    let label = |text: &str| Label::parse(text).map_err(|_| Reason::Invalid("id"));
    Ok(SourceRef { kind: label(kind)?, id: label(id)? })
}

/// The names of a document's statements.
///
/// Senders use one id for several statements. Such an id names none of them: what they say has to tell them apart, so the
/// same statement has the same name in every document, and a changed one is another.
pub(super) struct Identities {
    /// What names the document.
    document: String,
    shared: HashSet<(&'static str, String)>,
}

impl Identities {
    pub(super) fn new<'a>(page: &Page<'a>, header: &Header<'a>, statements: &[Statement<'a>]) -> Self {
        let mut first: HashMap<(&'static str, String), [u8; 32]> = HashMap::new();
        let mut shared = HashSet::new();
        for statement in statements {
            let Ok(kind) = statement.what else { continue };
            let Some(id) = first_id(statement.node, "id") else { continue };
            let key = (kind.resource(), id);
            let content = digest(&[page.original(statement.node)]);
            if *first.entry(key.clone()).or_insert(content) != content {
                shared.insert(key);
            }
        }
        Self { document: header.key(), shared }
    }

    /// What a statement is called: its own id, else a name made from its document, its section and its content.
    ///
    /// # Errors
    /// [`Reason::Invalid`] where the id is longer than any id.
    pub(super) fn of<'a>(
        &self,
        page: &Page<'a>,
        kind: &'static str,
        node: Xml<'a>,
        section: &Section<'a>,
    ) -> Result<SourceRef, Reason> {
        let original = page.original(node);
        let Some(id) = first_id(node, "id") else {
            let made = digest(&[&self.document, section.key, original]);
            return source_ref(kind, &format!("content:{}", digits(&made, 32)));
        };
        let key = (kind, id);
        if self.shared.contains(&key) {
            return source_ref(kind, &format!("{}#{}", key.1, digits(&digest(&[original]), 16)));
        }
        source_ref(kind, &key.1)
    }
}

/// A name for a document that has no id: its content.
pub(super) fn unnamed_document(bytes: &[u8]) -> String {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    format!("content:{}", digits(&hash, 32))
}

/// SHA-256 of several texts, each with its length before it, so that no two lists look alike.
fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// The first bytes of a hash as digits.
fn digits(hash: &[u8; 32], bytes: usize) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    hash.iter().take(bytes).flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::{document, names, with_element};

    #[test]
    fn ids_are_roots_with_extensions() {
        for (xml, expected) in [
            ("<a><id root='1.2' extension=' 7 '/></a>", Some("1.2|7")),
            ("<a><id root='ABCD'/></a>", Some("abcd")),
            ("<a><id nullFlavor='UNK' root='1.2'/><id root='1.3'/></a>", Some("1.3")),
            ("<a><id extension='7'/></a>", None),
            ("<a/>", None),
        ] {
            assert_eq!(with_element(xml, |_, node| first_id(node, "id")).as_deref(), expected, "{xml}");
        }
    }

    fn result(id: &str, value: &str) -> String {
        format!(
            "<entry><observation>{id}<code code='718-7' codeSystem='2.16.840.1.113883.6.1'/><value xsi:type='PQ' value='{value}' unit='g/dL'/></observation></entry>"
        )
    }

    fn results(set: &str, entries: &[String]) -> Vec<String> {
        let section = format!("<component><section><code code='30954-2'/>{}</section></component>", entries.concat());
        let all = document(&format!("{set}<component><structuredBody>{section}</structuredBody></component>"));
        names(&all).into_iter().filter(|name| name.starts_with("Observation")).collect()
    }

    #[test]
    fn what_has_no_id_is_named_by_its_content() {
        let all = results(
            "<setId root='5'/>",
            &[result("", "1"), result("<id nullFlavor='NI'/>", "1"), result("", "2"), result("", "1")],
        );
        assert!(all.iter().all(|name| name.starts_with("Observation/content:")));
        assert_eq!(all[0], all[3]);
        assert!(all[0] != all[1] && all[0] != all[2]);
        assert_eq!(
            results("<setId root='5'/>", &[result("", "1")]),
            [all[0].clone()],
            "stable through versions of the document"
        );
        assert_ne!(results("<setId root='6'/>", &[result("", "1")]), [all[0].clone()]);
    }

    #[test]
    fn an_id_for_several_statements_names_none() {
        let id = "<id root='9'/>";
        assert_eq!(results("", &[result(id, "1")]), ["Observation/9"]);
        assert_eq!(results("", &[result(id, "1"), result(id, "1")]), ["Observation/9", "Observation/9"], "said twice");
        let two = results("", &[result(id, "1"), result(id, "2")]);
        assert!(two.iter().all(|name| name.starts_with("Observation/9#")) && two[0] != two[1]);
        assert_eq!(results("", &[result(id, "2"), result(id, "1")]), [two[1].clone(), two[0].clone()], "in any order");
    }
}
