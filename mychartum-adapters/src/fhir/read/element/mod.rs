//! FHIR's data types, read leniently, and what they become in a chart.

mod amount;
mod attachment;
mod datatype;
pub(crate) mod lenient;
mod person;

pub(crate) use amount::{Amount, Range, Ratio};
pub(crate) use attachment::AttachmentElement;
pub(crate) use datatype::{Annotation, CodeableConcept, Extension, IdentifierElement, Period, Reference, Timing, date};
pub(crate) use datatype::{concepts, first_label, label, narrative, notes};
pub(crate) use lenient::{Count, Element, Many, One, Raw, Texts, Txt, element, read_object};
pub(crate) use person::{Address, ContactPoint, HumanName};
