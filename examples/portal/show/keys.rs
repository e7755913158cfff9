//! Names of a value's kinds, as the tables of words and the forms know them.

use serde::Serialize;

/// The name of a value: its serialised word, and with a reason both words (`suspended-safety`).
pub(crate) fn key(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(map)) => {
            let mut words = map.iter().map(|(word, reason)| match reason {
                serde_json::Value::String(reason) => format!("{word}-{reason}"),
                _ => word.clone(),
            });
            words.next().unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The value of a name among some.
pub(crate) fn of_key<T: Serialize + Copy>(all: &[T], name: &str) -> Option<T> {
    all.iter().copied().find(|value| key(value) == name)
}
