//! Notices as text messages, through a gateway that speaks the form of Twilio's Messages resource.

mod answer;
mod report;
mod settings;
mod sms_notifier;

pub use report::ReportError;
pub use settings::{Sender, SmsSettings};
pub use sms_notifier::SmsNotifier;
