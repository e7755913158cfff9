//! Somebody at the door: a browser that is not signed in, or not yet.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use mychartum_core::account::{DeviceLabel, DeviceToken, Knock, Source};

use super::cookies;
use super::forms::{hex, random_bytes};
use super::house::Shared;
use super::refusal::Refusal;
use super::sent::Sent;
use crate::pages::layout::outside_page;

/// A browser at the door.
pub(crate) struct Caller {
    /// What all requests share.
    pub(crate) house: Shared,
    /// What forms are tied to.
    visit: String,
    /// Whether the browser brought that with it.
    pub(crate) is_known: bool,
    source: Option<Vec<u8>>,
    device: Option<String>,
    label: DeviceLabel,
    /// A sign-in that goes on: its token, and what is asked.
    pub(crate) step: Option<(String, String)>,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Caller([hidden])")
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, house: &Shared) -> Result<Self, Refusal> {
        let headers = &parts.headers;
        // A tab that is still open keeps its form: the cookie is made once a browser session.
        let known = cookies::read(headers, cookies::VISIT).map(str::to_owned);
        let is_known = known.is_some();
        let fresh = || random_bytes().map(|bytes| hex(&bytes)).ok_or(Refusal::Broken);
        let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let step = cookies::read(headers, cookies::STEP).and_then(|value| value.split_once('-'));
        Ok(Self {
            house: house.clone(),
            visit: known.map_or_else(fresh, Ok)?,
            is_known,
            source: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| network(peer.ip())),
            device: cookies::read(headers, cookies::DEVICE).map(str::to_owned),
            label: DeviceLabel::of_user_agent(agent),
            step: step.map(|(token, step)| (token.to_owned(), step.to_owned())),
        })
    }
}

/// The part of an address that stands for a household or an office: 24 bits of it, or 56 of the long ones.
fn network(peer: IpAddr) -> Vec<u8> {
    match peer.to_canonical() {
        IpAddr::V4(four) => four.octets().into_iter().take(3).collect(),
        IpAddr::V6(six) => six.octets().into_iter().take(7).collect(),
    }
}

impl Caller {
    /// Who knocks, for the engine.
    pub(crate) fn knock(&self) -> Knock {
        Knock {
            source: self.source.as_deref().map(Source::new),
            device: self.device.as_deref().map(DeviceToken::presented),
            label: self.label,
        }
    }

    /// What forms carry.
    pub(crate) fn form_token(&self) -> String {
        self.house.forms.token(&self.visit)
    }

    /// Whether a form came from a page that was given to this browser.
    ///
    /// # Errors
    /// [`Refusal::Foreign`].
    pub(crate) fn sent(&self, sent: &Sent) -> Result<(), Refusal> {
        let is_ours = self.is_known && self.house.forms.accepts(sent.one("token"), &self.visit);
        if is_ours { Ok(()) } else { Err(Refusal::Foreign) }
    }

    /// A page, with the cookie where the browser has none yet.
    pub(crate) fn page(&self, status: StatusCode, title: &str, body: Markup) -> Response {
        let mut response = (status, outside_page(title, self.house.is_demo, body)).into_response();
        if !self.is_known
            && let Some(set) = cookies::set(cookies::VISIT, &self.visit)
        {
            response.headers_mut().append(header::SET_COOKIE, set);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_source_and_strangers_do_not() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("203.0.113.9"), of("203.0.113.200"));
        assert_ne!(of("203.0.113.9"), of("203.0.114.9"));
        assert_eq!(of("::ffff:203.0.113.9"), of("203.0.113.9"));
        assert_eq!(of("2001:db8:1:1::1"), of("2001:db8:1:2::2"));
        assert_ne!(of("2001:db8:1:1::1"), of("2001:db8:1:100::1"));
    }
}
