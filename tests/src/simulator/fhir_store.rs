//! What a simulated server holds.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::world::population;

/// Resources with their versions.
#[derive(Debug, Clone, Default)]
pub struct FhirStore {
    resources: Vec<Value>,
    removed: Vec<String>,
}

impl FhirStore {
    /// Some patients of the synthetic population with `results` laboratory results each, all last changed at one moment.
    #[must_use]
    pub fn sample(seed: u64, patients: usize, results: usize, at: DateTime<Utc>) -> Self {
        let mut store = Self::default();
        for resource in population(seed, patients, results).filter_map(|line| serde_json::from_str(&line).ok()) {
            store.put(resource, at);
        }
        store
    }

    /// Keeps a resource as its next version.
    pub fn put(&mut self, mut resource: Value, at: DateTime<Utc>) {
        let address = address(&resource);
        let before = self.resources.iter().position(|kept| self::address(kept) == address);
        let before = before.map(|index| self.resources.remove(index));
        let version = before.as_ref().map_or(0, version) + 1;
        let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        if let Some(fields) = resource.as_object_mut() {
            fields.insert("meta".to_owned(), json!({ "versionId": version.to_string(), "lastUpdated": at }));
        }
        self.removed.retain(|removed| *removed != address);
        self.resources.push(resource);
    }

    /// Removes a resource for good: it answers 410 from now on.
    pub fn remove(&mut self, address: &str) {
        self.resources.retain(|kept| self::address(kept) != address);
        self.removed.push(address.to_owned());
    }

    /// All of it.
    #[must_use]
    pub fn resources(&self) -> &[Value] {
        &self.resources
    }

    /// The ids of its patients.
    #[must_use]
    pub fn patients(&self) -> Vec<String> {
        let patients = self.resources.iter().filter(|resource| text(resource, "resourceType") == "Patient");
        patients.map(|patient| text(patient, "id").to_owned()).collect()
    }

    /// What it has of a patient, of one type.
    #[must_use]
    pub fn of(&self, patient: &str, kind: &str) -> Vec<&Value> {
        let reference = format!("Patient/{patient}");
        let whose = |resource: &&Value| {
            let subject = ["/subject/reference", "/patient/reference"].iter().find_map(|path| resource.pointer(path));
            subject.and_then(Value::as_str) == Some(&reference)
        };
        self.resources.iter().filter(|resource| text(resource, "resourceType") == kind).filter(whose).collect()
    }

    pub(super) fn find(&self, address: &str) -> Option<&Value> {
        self.resources.iter().find(|kept| self::address(kept) == address)
    }

    pub(super) fn is_removed(&self, address: &str) -> bool {
        self.removed.iter().any(|removed| removed == address)
    }

    /// What a search finds.
    pub(super) fn search(&self, kind: &str, patient: &str, category: Option<&str>, since: Option<&str>) -> Vec<Value> {
        let since = since.and_then(|since| DateTime::parse_from_rfc3339(since).ok());
        let fits = |resource: &&Value| {
            let code = |concept: &Value| concept.pointer("/coding/0/code").and_then(Value::as_str) == category;
            let categories = resource.get("category").and_then(Value::as_array);
            let changed = resource.pointer("/meta/lastUpdated").and_then(Value::as_str);
            let changed = changed.and_then(|changed| DateTime::parse_from_rfc3339(changed).ok());
            (category.is_none() || categories.is_some_and(|all| all.iter().any(code)))
                && since.is_none_or(|since| changed.is_some_and(|changed| changed >= since))
        };
        self.of(patient, kind).into_iter().filter(fits).cloned().collect()
    }
}

/// The version tag of a resource.
pub(super) fn tag(resource: &Value) -> String {
    format!("W/\"{}\"", version(resource))
}

fn version(resource: &Value) -> u64 {
    let version = resource.pointer("/meta/versionId").and_then(Value::as_str);
    version.and_then(|version| version.parse().ok()).unwrap_or(0)
}

fn address(resource: &Value) -> String {
    format!("{}/{}", text(resource, "resourceType"), text(resource, "id"))
}

fn text<'a>(resource: &'a Value, field: &str) -> &'a str {
    resource.get(field).and_then(Value::as_str).unwrap_or("")
}
