//! Whoever signed out asks no more.

use mychartum_core::access::AccessError;
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::PatientId;
use mychartum_core::portal::Session;

pub async fn case(session: Session, patient: PatientId) -> Result<(), AccessError> {
    session.sign_out().await?;
    let _ = session.ask(patient, Section::Results, Purpose::Care).await?; //~ E0382
    //= let _ = (patient, Section::Results, Purpose::Care);
    Ok(())
}
