//! Reading a view from its stored form, where the kind stands first.
//!
//! `derive` would read all of a view into memory before it looks for the kind, which costs as much again as reading it.

use core::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::view::View;
use super::{
    AllergyIntolerance, Appointment, Condition, DiagnosticReport, DocumentReference, Encounter, Immunization,
    MedicationRequest, Observation, Patient, Procedure,
};

/// The member that says which kind of view it is.
const KIND: &str = "t";

macro_rules! kinds {
    ($($kind:ident),+ $(,)?) => {
        #[derive(serde::Deserialize)]
        enum Kind {
            $($kind,)+
        }

        impl Kind {
            fn read<'de, D: Deserializer<'de>>(self, members: D) -> Result<View, D::Error> {
                match self {
                    $(Self::$kind => Box::<$kind>::deserialize(members).map(View::$kind),)+
                }
            }
        }
    };
}

kinds! {
    Patient, Observation, DiagnosticReport, MedicationRequest, Encounter, DocumentReference, Immunization, Condition,
    AllergyIntolerance, Procedure, Appointment,
}

impl<'de> Deserialize<'de> for View {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = View;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a view")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<View, A::Error> {
        match members.next_key::<String>()? {
            Some(first) if first == KIND => {
                let kind: Kind = members.next_value()?;
                kind.read(MapAccessDeserializer::new(members))
            }
            Some(first) => late(first, members),
            None => Err(A::Error::missing_field(KIND)),
        }
    }
}

/// A view whose kind does not stand first: the members may be in any order, at a price.
fn late<'de, A: MapAccess<'de>>(first: String, mut members: A) -> Result<View, A::Error> {
    let mut all = Map::new();
    all.insert(first, members.next_value()?);
    while let Some((name, value)) = members.next_entry::<String, Value>()? {
        all.insert(name, value);
    }
    let kind = all.remove(KIND).ok_or_else(|| A::Error::missing_field(KIND))?;
    // What serde_json says of a value may quote it; that it is none is enough.
    let read = Kind::deserialize(kind).and_then(|kind| kind.read(Value::Object(all)));
    read.map_err(|_| A::Error::custom("view: a member is not as expected"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::ItemKind;

    #[test]
    fn the_kind_may_stand_anywhere() {
        let written = serde_json::to_string(&View::Patient(Box::default())).unwrap();
        assert!(written.starts_with(r#"{"t":"Patient""#), "{written}");
        let first = r#"{"t":"Observation","status":"final","category":"laboratory","code":{"text":"a"},"later":[1]}"#;
        let last = r#"{"status":"final","later":[1],"category":"laboratory","code":{"text":"a"},"t":"Observation"}"#;
        let [first, last] = [first, last].map(|text| serde_json::from_str::<View>(text).unwrap());
        assert!(first == last);
        assert_eq!(first.kind(), ItemKind::Observation);
        let again: View = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        assert!(again == first);
        let value = serde_json::to_value(&first).unwrap();
        assert!(serde_json::from_value::<View>(value).unwrap() == first);
    }

    #[test]
    fn what_is_no_view_is_refused() {
        for text in [
            "{}",
            "[]",
            r#""Patient""#,
            r#"{"t":"Doctor"}"#,
            r#"{"t":"Observation"}"#,
            r#"{"status":"final","category":"laboratory","code":{}}"#,
            r#"{"code":{},"t":"Observation"}"#,
        ] {
            assert!(serde_json::from_str::<View>(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_refusal_does_not_tell_the_text(canary in "[a-z]{12}") {
            let text = format!(r#"{{"code":{{}},"status":["{canary}"],"t":"Observation"}}"#);
            let error = serde_json::from_str::<View>(&text).unwrap_err().to_string();
            proptest::prop_assert!(!error.contains(&canary));
        }
    }
}
