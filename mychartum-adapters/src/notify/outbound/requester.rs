//! The HTTP client.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::time::Duration;
use std::error::Error as _;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Request};

use super::super::{SetupError, Trust};

/// The most bytes of an answer that are read.
const MOST: usize = 64 << 10;

/// Sends one request and reads a short answer.
#[derive(Debug, Clone)]
pub(in super::super) struct Requester {
    client: Client,
    timeout: Duration,
}

/// What came back.
pub(in super::super) struct Answer {
    pub(in super::super) status: u16,
    #[cfg_attr(not(feature = "notify-sms"), expect(dead_code, reason = "receivers of webhooks answer by the status"))]
    pub(in super::super) body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Fault {
    /// It leads to where requests must not go.
    Private,
    /// No connection, no answer in time, or one cut off.
    Silent,
}

/// Which addresses requests may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Reach {
    /// All.
    Anywhere,
    /// Only addresses of the public network.
    #[cfg_attr(
        not(feature = "notify-webhook"),
        expect(dead_code, reason = "a text gateway is where the host says it is")
    )]
    PublicOnly,
}

impl Requester {
    /// A client without redirects, proxies, cookies or a memory of referrers.
    pub(in super::super) fn new(trust: &Trust, reach: Reach, timeout: Duration) -> Result<Self, SetupError> {
        let builder = Client::builder()
            .tls_backend_preconfigured(trust.client_config()?)
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .timeout(timeout);
        let builder = match reach {
            Reach::Anywhere => builder,
            // The addresses that were looked at are those that are connected to: a name cannot change in between.
            Reach::PublicOnly => builder.dns_resolver(Arc::new(PublicOnly)),
        };
        Ok(Self { client: builder.build().map_err(|_| SetupError::Tls)?, timeout })
    }

    pub(in super::super) fn client(&self) -> &Client {
        &self.client
    }

    pub(in super::super) async fn send(&self, request: Request) -> Result<Answer, Fault> {
        let answer = tokio::time::timeout(self.timeout, self.exchange(request)).await;
        answer.unwrap_or(Err(Fault::Silent))
    }

    async fn exchange(&self, request: Request) -> Result<Answer, Fault> {
        let mut response = self.client.execute(request).await.map_err(|error| fault(&error))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        // What exceeds the limit is left unread; the status alone says whether the message was taken.
        while let Some(piece) = response.chunk().await.map_err(|_| Fault::Silent)? {
            if body.len() + piece.len() > MOST {
                body.clear();
                break;
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer { status, body })
    }
}

fn fault(error: &reqwest::Error) -> Fault {
    let mut source = error.source();
    while let Some(error) = source {
        if error.is::<PrivateAddress>() {
            return Fault::Private;
        }
        source = error.source();
    }
    Fault::Silent
}

/// A name that leads to a private address.
#[derive(Debug)]
struct PrivateAddress;

impl fmt::Display for PrivateAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("leads to a private address")
    }
}

impl std::error::Error for PrivateAddress {}

/// Resolves names, and refuses those that lead anywhere private, even beside a public address.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !is_public(address.ip())) {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public network (the IANA special-purpose registries, RFC 6890).
pub(in super::super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_four(four),
        IpAddr::V6(six) => is_public_six(six),
    }
}

fn is_public_four(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (224.., ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_public_six(address: Ipv6Addr) -> bool {
    // Forms that carry an address of the older network are judged by it: mapped, NAT64, 6to4.
    let [a, b, c, d, e, f, g, h] = address.segments();
    let four = |high: u16, low: u16| {
        let ([p, q], [r, s]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_four(Ipv4Addr::new(p, q, r, s))
    };
    match (a, b) {
        (0, 0) if (c, d, e, f) == (0, 0, 0, 0xffff) => four(g, h),
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => four(g, h),
        (0x2002, _) => four(b, c),
        // Teredo, documentation.
        (0x2001, 0 | 0xdb8) => false,
        // What is not global unicast: loopback, unique local, link local, multicast and the rest.
        _ => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known_in_every_form() {
        let private = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "::127.0.0.1",
        ];
        for address in private {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
