//! A laboratory that makes messages from a seed.

use crate::survival::Chance;

use super::delivery::{Delivery, Said};
use super::order::Order;
use super::truth::Truth;
use super::way::Way;

/// How much a laboratory has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// How many patients.
    pub patients: u64,
    /// How many orders all together, not counting one that is somebody else's at first.
    pub orders: u64,
}

/// A laboratory: what it sends, in the order in which it happened, and what has to come of it.
///
/// Each patient is registered, before or after the first results and sometimes again with another address. Orders are placed; they
/// get first values, final ones, corrections, and some are withdrawn. One order goes to the wrong patient at first. Some results
/// are nobody's. Registrations and results carry all that says who the patient is, so that a source whose every message may
/// introduce a patient (`Introduce::AnyMessage`) ends with the truth in any order.
#[derive(Debug)]
pub struct Lab {
    deliveries: Vec<Delivery>,
    truth: Truth,
}

/// Something that happens: a time of the day in minutes, and what is sent then.
struct Happening {
    minute: u64,
    said: Said,
    kind: &'static str,
    segments: Box<dyn Fn(&str) -> String>,
}

impl Lab {
    /// A laboratory with three patients and eight orders.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::of(seed, Size { patients: 3, orders: 8 })
    }

    /// A laboratory of a size; one patient at least.
    #[must_use]
    pub fn of(seed: u64, size: Size) -> Self {
        let chance = Chance::new(seed, 1);
        let patients = size.patients.max(1);
        let number = |patient: u64| format!("{:04}", 42 + patient);
        let mut all: Vec<Happening> = Vec::new();
        let mut truth = Truth::default();
        for patient in 0..patients {
            truth.charts.insert(number(patient), Vec::new());
            for visit in 0..=chance.below(2) {
                let pid = person(&number(patient), visit);
                let (kind, minute) = (if visit == 0 { "ADT^A04" } else { "ADT^A08" }, 450 * visit + chance.below(450));
                all.push(Happening { minute, said: Said::Person, kind, segments: Box::new(move |_| pid.clone()) });
            }
        }
        let mut orders = Vec::new();
        for order in 0..size.orders {
            orders.push(Order::new(&number(chance.below(patients)), 1000 + order, &chance));
        }
        if patients > 1 {
            // To the wrong patient first, which is taken back, and then to the right one under another number.
            let wrong = Order {
                steps: vec![Said::Final, Said::Withdrawn],
                ..Order::new(&number(0), 1000 + size.orders, &chance)
            };
            let right = Order { steps: vec![Said::Final], ..Order::new(&number(1), 1001 + size.orders, &chance) };
            orders.extend([wrong, right]);
        }
        for order in orders {
            truth.charts.entry(order.patient.clone()).or_default().extend(order.shown());
            let order = std::sync::Arc::new(order);
            let mut minute = chance.below(400);
            for (step, said) in order.steps.iter().copied().enumerate() {
                minute += 1 + chance.below(90);
                let order = std::sync::Arc::clone(&order);
                let pid = person(&order.patient, 0);
                let segments = Box::new(move |sent: &str| format!("{pid}{}", order.segments(sent, step)));
                all.push(Happening { minute, said, kind: "ORU^R01", segments });
            }
        }
        for nobodys in 0..=chance.below(2) {
            truth.nobodys += 1;
            let order = Order::new("", 5000 + nobodys, &chance);
            let segments = Box::new(move |sent: &str| {
                format!("PID|1||123-45-6789^^^USSSA^SS||Nobody^Told\r{}", order.segments(sent, 0))
            });
            all.push(Happening { minute: chance.below(900), said: Said::Nobodys, kind: "ORU^R01", segments });
        }
        truth.charts.values_mut().for_each(|shown| shown.sort());
        all.sort_by_key(|happening| happening.minute);
        let deliver = |(place, happening): (usize, Happening)| {
            // Each message has a second of its own, so that the sender's times tell which is newer.
            let sent = format!("20260301{:02}{:02}{:02}", 6 + happening.minute / 60, happening.minute % 60, place % 60);
            let control_id = format!("{seed:x}-{place}");
            let header = format!("MSH|^~\\&|LAB|RIVERSIDE|||{sent}||{}|{control_id}|P|2.5.1\r", happening.kind);
            let message = format!("{header}{}", (happening.segments)(&sent)).into_bytes();
            Delivery { control_id, said: happening.said, message }
        };
        Self { deliveries: all.into_iter().enumerate().map(deliver).collect(), truth }
    }

    /// What it sends, each once, in the order in which it happened.
    #[must_use]
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// What charts must show in the end.
    #[must_use]
    pub const fn truth(&self) -> &Truth {
        &self.truth
    }

    /// What arrives on a careless way: everything at least once.
    #[must_use]
    pub fn on_the_way(&self, way: &Way) -> Vec<&Delivery> {
        let chance = Chance::new(way.seed, 2);
        let happens = |times: u64| times > 0 && chance.once_in(times);
        let end = self.deliveries.len() as u64;
        let mut all: Vec<(u64, &Delivery)> = Vec::new();
        for (place, delivery) in (0..).zip(&self.deliveries) {
            let place = if happens(way.last) {
                end * 2
            } else if happens(way.overtaken) {
                place + 1 + chance.below(6)
            } else {
                place
            };
            all.push((place, delivery));
            if happens(way.again) {
                all.push((place + chance.below(end + 1), delivery));
            }
        }
        all.sort_by_key(|(place, _)| *place);
        all.into_iter().map(|(_, delivery)| delivery).collect()
    }
}

/// Who a patient is, at one of the addresses.
fn person(number: &str, address: u64) -> String {
    format!("PID|1||{number}^^^RIVERSIDE^MR||Canary^Ada{number}||19750501|F|||{address} Main Street\r")
}
