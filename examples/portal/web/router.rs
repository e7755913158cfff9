//! Which address leads where.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use super::house::Shared;
use super::{assets, layers};
use crate::pages::{
    access_log, account, activate, allergies, appointments, as_they_see, clinic, conditions, documents, findings, home,
    immunizations, invitation, invite, medications, observation, people, people_change, person, preferences,
    procedures, recover, report, results, sections, sharing, sign_in, sign_in_step, sign_out, source, stage, subjects,
    turn, visit, visits, vitals, written,
};

/// All routes, with the layers around them.
pub(crate) fn router(house: Shared) -> Router {
    Router::new()
        .route("/", get(subjects::start))
        .route("/charts", get(subjects::charts))
        .route("/turn", post(turn::turn))
        .route("/turn/{patient}", get(turn::ask))
        .route("/acting", get(subjects::acting))
        .route("/acting/{grant}/resign", get(subjects::ask_resign).post(subjects::resign))
        .route("/invitation/{token}", get(invitation::page))
        .route("/invitation/{token}/accept", post(invitation::accept))
        .route("/invitation/{token}/decline", post(invitation::decline))
        .nest("/clinic", clinic())
        .route("/sign-in", get(sign_in::form).post(sign_in::enter))
        .route("/sign-in/step", get(sign_in_step::form).post(sign_in_step::answer))
        .route("/sign-in/send-code", post(sign_in_step::send_code))
        .route("/activate", get(activate::form))
        .route("/activate/who", post(activate::who))
        .route("/activate/make", post(activate::make))
        .route("/forgot", get(recover::forgot).post(recover::send_reset))
        .route("/forgot-name", get(recover::forgot_name).post(recover::send_name))
        .route("/reset", get(recover::reset_form).post(recover::reset))
        .route("/freeze", get(recover::freeze_form).post(recover::freeze))
        .route("/cancel-recovery", get(recover::cancel_form).post(recover::cancel))
        .nest("/account", own_account())
        .route("/stage", get(stage::page))
        .route("/stage/clock", post(stage::turn))
        .route("/stage/issue", post(stage::issue))
        .route("/stage/lab", post(stage::lab))
        .route("/stage/run", post(stage::run))
        .route("/sign-out", post(sign_out::leave))
        .route("/signed-out", get(sign_out::left))
        .route("/stay", post(sign_out::stay))
        .route("/assets/{name}", get(assets::serve))
        .nest("/chart/{patient}", chart())
        .fallback(layers::nowhere)
        .method_not_allowed_fallback(layers::wrong_method)
        .layer(from_fn_with_state(house.clone(), layers::from_here))
        .layer(DefaultBodyLimit::max(layers::BODY_LIMIT))
        .layer(from_fn(layers::in_time))
        .layer(from_fn_with_state(house.clone(), layers::for_us))
        .layer(from_fn(layers::with_headers))
        .with_state(house)
}

/// The stage that plays the clinic; its pages are for staff only.
fn clinic() -> Router<Shared> {
    Router::new()
        .route("/", get(clinic::queue::page))
        .route("/grants/{patient}/{grant}/{step}", get(clinic::queue::ask).post(clinic::queue::act))
        .route("/records", get(clinic::records::page))
        .route("/records/{source}/apart", post(clinic::records::apart))
        .route("/records/{source}/{id}", get(clinic::records::look))
        .route("/records/{source}/{id}/{step}", post(clinic::records::act))
        .route("/releases", get(clinic::releases::page))
        .route("/releases/{patient}/{item}", post(clinic::releases::release))
        .route("/second-looks", get(clinic::second_looks::page))
        .route("/second-looks/{session}", post(clinic::second_looks::done))
        .route("/accounts", get(clinic::accounts::list))
        .route("/accounts/{patient}", get(clinic::accounts::page))
        .route("/accounts/{patient}/{step}", post(clinic::accounts::act))
        .route("/caregivers", post(clinic::accounts::caregiver))
        .route("/worries", get(clinic::worries::page))
}

/// The account of whoever is signed in.
fn own_account() -> Router<Shared> {
    Router::new()
        .route("/", get(account::overview::page))
        .route("/step-up", get(account::step_up::form).post(account::step_up::prove))
        .route("/password", get(account::password::form).post(account::password::change))
        .route("/app", get(account::factors::app).post(account::factors::enrol))
        .route("/app/remove", post(account::factors::remove))
        .route("/codes", get(account::factors::codes).post(account::factors::make_codes))
        .route("/addresses", get(account::addresses::shown).post(account::addresses::act))
        .route("/notices", get(account::notices::shown).post(account::notices::save))
        .route("/devices", get(account::devices::shown))
        .route("/devices/others", post(account::devices::others))
        .route("/devices/everywhere", post(account::devices::everywhere))
        .route("/devices/{device}/out", post(account::devices::out))
        .route("/end", get(account::end::form).post(account::end::end))
}

fn chart() -> Router<Shared> {
    Router::new()
        .route("/", get(home::page))
        .route("/all", get(sections::all))
        .route("/results", get(results::list))
        .route("/results/{item}", get(observation::result))
        .route("/reports/{item}", get(report::page))
        .route("/medications", get(medications::page))
        .route("/visits", get(visits::page))
        .route("/visits/{item}", get(visit::page))
        .route("/appointments", get(appointments::page))
        .route("/vitals", get(vitals::page))
        .route("/vitals/{item}", get(observation::vital))
        .route("/conditions", get(conditions::page))
        .route("/allergies", get(allergies::page))
        .route("/immunizations", get(immunizations::page))
        .route("/documents", get(documents::list))
        .route("/documents/{item}", get(documents::page))
        .route("/procedures", get(procedures::page))
        .route("/findings", get(findings::page))
        .route("/findings/{item}", get(observation::finding))
        .route("/details", get(person::page))
        .route("/people", get(people::page))
        .route("/people/invite", get(invite::purposes))
        .route("/people/invite/{bundle}", get(invite::form).post(invite::make))
        .route("/people/{grant}/see", get(as_they_see::page))
        .route("/people/{grant}/written", get(written::page).post(written::sign))
        .route("/people/{grant}/written/{consent}/revoke", post(written::revoke))
        .route("/people/{grant}/{step}", get(people_change::ask).post(people_change::act))
        .route("/preferences", get(preferences::page).post(preferences::save))
        .route("/{section}/{item}/sharing", post(sharing::act))
        .route("/access-log", get(access_log::page))
        .route("/{section}/{item}/source", get(source::page))
        .route("/{section}/{item}/original", get(source::original))
}
