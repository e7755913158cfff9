//! What a chart holds does not print.

use mychartum_core::chart::Observation;

pub fn case(observation: &Observation) -> String {
    format!("{observation}") //~ E0277
    //= observation.value.for_people()
}
