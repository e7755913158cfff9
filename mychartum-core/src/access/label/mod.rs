//! Sensitivity labels: which codes carry one, what an item says of itself, and how far a label reaches.
//!
//! A label comes from the source ([`labels_of_security`]), from the rules ([`LabelRules`], [`own_labels`]) or from a
//! clinician; labels only ever add up. From the items that have one it reaches those that tell of them ([`propagate`]).

mod own;
mod propagation;
mod rule_error;
mod rules;
mod security;
mod tie;

pub use own::own_labels;
pub use propagation::propagate;
pub use rule_error::{LabelRuleError, LabelRuleErrorKind};
pub use rules::LabelRules;
pub use security::labels_of_security;
pub use tie::Tie;
