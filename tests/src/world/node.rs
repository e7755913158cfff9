//! A small JSON tree whose numbers are text, so that `0.90` stays `0.90`.

use std::fmt::Write;

use super::decimal::Decimal;

/// One JSON value. Fields that are absent, and empty lists, are not written: FHIR allows neither null nor `[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// Nothing: the field is left out.
    Absent,
    /// `true` or `false`.
    Truth(bool),
    /// A number, exactly as it will be written.
    Number(String),
    /// A string, not yet escaped.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object; fields keep their order.
    Object(Vec<(&'static str, Node)>),
}

/// An object from `"key": value` pairs; each value is anything that becomes a [`Node`].
macro_rules! object {
    ($($key:literal : $value:expr),* $(,)?) => {
        $crate::world::node::Node::Object(vec![$(($key, $crate::world::node::Node::from($value))),*])
    };
}
pub(super) use object;

/// A list of anything that becomes a [`Node`].
macro_rules! list {
    ($($value:expr),* $(,)?) => {
        $crate::world::node::Node::List(vec![$($crate::world::node::Node::from($value)),*])
    };
}
pub(super) use list;

impl Node {
    /// The value as JSON text on one line.
    pub(super) fn json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::List(items) => items.iter().all(Self::is_absent),
            _ => false,
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Absent => out.push_str("null"),
            Self::Truth(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().filter(|item| !item.is_absent()).enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (index, (key, value)) in fields.iter().filter(|(_, value)| !value.is_absent()).enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Node {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

impl From<i64> for Node {
    fn from(number: i64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<Decimal> for Node {
    fn from(number: Decimal) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<Vec<Self>> for Node {
    fn from(items: Vec<Self>) -> Self {
        Self::List(items)
    }
}

impl<T: Into<Self>> From<Option<T>> for Node {
    fn from(maybe: Option<T>) -> Self {
        maybe.map_or(Self::Absent, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_what_is_absent_and_escapes_text() {
        let node = object! {
            "a": Decimal::new(90, 2), "b": None::<&str>, "c": list![], "d": "say \"hi\"\n\u{1}", "e": list![true, 3],
        };
        assert_eq!(node.json(), r#"{"a":0.90,"d":"say \"hi\"\n\u0001","e":[true,3]}"#);
    }
}
