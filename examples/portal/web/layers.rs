//! What every request passes, from the outside in: time limit, host, same site, headers.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::house::Shared;
use super::refusal::Refusal;

/// The most bytes that a request may bring.
pub(crate) const BODY_LIMIT: usize = 64 << 10;

const TIME_LIMIT: Duration = Duration::from_secs(15);

/// What pages may load and do: only what this program serves, no inline code, and no markup made by scripts.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const FIXED: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), display-capture=(), fullscreen=(), geolocation=(), gyroscope=(), \
         magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), usb=(), \
         screen-wake-lock=(), xr-spatial-tracking=()",
    ),
];

/// Ends requests that take too long.
pub(crate) async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::TooSlow.page(),
    }
}

/// Turns away requests that were meant for another host: a page elsewhere may make its own name lead here.
pub(crate) async fn for_us(State(house): State<Shared>, request: Request, next: Next) -> Response {
    if is_ours(request.headers(), house.port) { next.run(request).await } else { Refusal::WrongHost.page() }
}

/// Turns away requests that change something and come from another site.
pub(crate) async fn from_here(State(house): State<Shared>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && !is_same_site(request.headers(), house.port) {
        return Refusal::Foreign.page();
    }
    next.run(request).await
}

/// Puts the fixed headers on every answer, and keeps all but the assets out of every cache.
pub(crate) async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Answers whatever no route is for.
pub(crate) async fn nowhere() -> Response {
    Refusal::NotFound.page()
}

/// Answers a method that a route has no use for.
pub(crate) async fn wrong_method() -> (StatusCode, Response) {
    (StatusCode::METHOD_NOT_ALLOWED, Refusal::NotFound.page())
}

fn is_ours(headers: &HeaderMap, port: u16) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let only = hosts.next().filter(|_| hosts.next().is_none()).and_then(|host| host.to_str().ok());
    only.is_some_and(|host| names(port).iter().any(|name| name == host))
}

/// Whether a request comes from a page of this portal, as far as the browser says.
///
/// Since pages say `no-referrer`, browsers send `Origin: null` with our own forms (Fetch, section 3.2): that counts only
/// where the browser also says that the site is the same. What says nothing is no browser, and needs a form token anyway.
fn is_same_site(headers: &HeaderMap, port: u16) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let is_our_name =
        |origin: &str| names(port).iter().any(|name| origin.strip_prefix("http://") == Some(name.as_str()));
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin"), Some(origin)) => origin == "null" || is_our_name(origin),
        (Some("same-origin" | "none") | None, None) => true,
        (Some("none") | None, Some(origin)) => is_our_name(origin),
        (Some(_), _) => false,
    }
}

fn names(port: u16) -> [String; 3] {
    ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn only_names_of_this_machine_are_ours() {
        for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            assert!(is_ours(&headers(&[("host", host)]), 8080), "{host}");
        }
        for host in ["localhost", "localhost:8081", "evil.example:8080", "localhost:8080.evil.example", ""] {
            assert!(!is_ours(&headers(&[("host", host)]), 8080), "{host}");
        }
        assert!(!is_ours(&headers(&[]), 8080));
        assert!(!is_ours(&headers(&[("host", "localhost:8080"), ("host", "evil.example")]), 8080));
    }

    #[test]
    fn another_site_may_not_change_anything() {
        assert!(is_same_site(
            &headers(&[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:8080")]),
            8080
        ));
        assert!(is_same_site(&headers(&[("sec-fetch-site", "same-origin"), ("origin", "null")]), 8080));
        assert!(is_same_site(&headers(&[]), 8080));
        for pair in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "null"),
            ("origin", "http://localhost:9090"),
            ("origin", "https://localhost:8080"),
            ("origin", "http://evil.example"),
        ] {
            assert!(!is_same_site(&headers(&[pair]), 8080), "{pair:?}");
        }
        assert!(!is_same_site(&headers(&[("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")]), 8080));
    }
}
