//! What a device is called in the list of devices.

use core::fmt;

use serde::{Deserialize, Serialize};

/// A browser and a system, as far as a request tells them: `Firefox on Linux`.
///
/// Two closed lists, so that nothing of what a request carries is stored or shown as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeviceLabel {
    /// The browser.
    pub browser: Browser,
    /// The operating system.
    pub system: System,
}

/// A browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Browser {
    /// Mozilla Firefox.
    Firefox,
    /// Google Chrome, and those that call themselves the same.
    Chrome,
    /// Apple Safari.
    Safari,
    /// Microsoft Edge.
    Edge,
    /// Opera.
    Opera,
    /// Samsung Internet.
    SamsungInternet,
    /// Vivaldi.
    Vivaldi,
    /// DuckDuckGo.
    DuckDuckGo,
    /// Microsoft Internet Explorer.
    InternetExplorer,
    /// Some other one, or none that was told.
    Other,
}

/// An operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum System {
    /// Microsoft Windows.
    Windows,
    /// Apple macOS.
    MacOs,
    /// Apple iOS and iPadOS.
    Ios,
    /// Google Android.
    Android,
    /// ChromeOS.
    ChromeOs,
    /// Linux.
    Linux,
    /// Some other one, or none that was told.
    Other,
}

/// Marks of browsers, in this order: most claim to be Chrome, Safari and Mozilla too (RFC 9110, section 10.1.5).
const BROWSERS: [(&str, Browser); 16] = [
    ("edg/", Browser::Edge),
    ("edga/", Browser::Edge),
    ("edgios/", Browser::Edge),
    ("edge/", Browser::Edge),
    ("opr/", Browser::Opera),
    ("opera", Browser::Opera),
    ("vivaldi/", Browser::Vivaldi),
    ("samsungbrowser/", Browser::SamsungInternet),
    ("duckduckgo/", Browser::DuckDuckGo),
    ("firefox/", Browser::Firefox),
    ("fxios/", Browser::Firefox),
    ("crios/", Browser::Chrome),
    ("chrome/", Browser::Chrome),
    ("msie ", Browser::InternetExplorer),
    ("trident/", Browser::InternetExplorer),
    ("safari/", Browser::Safari),
];

/// Marks of systems, in this order: iOS says that it is like Mac OS X, and Android that it is Linux.
const SYSTEMS: [(&str, System); 10] = [
    ("iphone", System::Ios),
    ("ipad", System::Ios),
    ("ipod", System::Ios),
    ("android", System::Android),
    ("cros ", System::ChromeOs),
    ("windows", System::Windows),
    ("macintosh", System::MacOs),
    ("mac os x", System::MacOs),
    ("linux", System::Linux),
    ("x11", System::Linux),
];

impl Default for DeviceLabel {
    fn default() -> Self {
        Self { browser: Browser::Other, system: System::Other }
    }
}

impl DeviceLabel {
    /// How many characters of a User-Agent are looked at.
    const LOOKED_AT: usize = 512;

    /// The label of a device by what its browser says of itself. What is not known is a browser.
    #[must_use]
    pub fn of_user_agent(text: &str) -> Self {
        let text: String = text.chars().take(Self::LOOKED_AT).map(|character| character.to_ascii_lowercase()).collect();
        let browser = BROWSERS.iter().find(|(mark, _)| text.contains(mark));
        let system = SYSTEMS.iter().find(|(mark, _)| text.contains(mark));
        Self {
            browser: browser.map_or(Browser::Other, |(_, browser)| *browser),
            system: system.map_or(System::Other, |(_, system)| *system),
        }
    }
}

impl Browser {
    /// Its name, if it is a known one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Firefox => "Firefox",
            Self::Chrome => "Chrome",
            Self::Safari => "Safari",
            Self::Edge => "Edge",
            Self::Opera => "Opera",
            Self::SamsungInternet => "Samsung Internet",
            Self::Vivaldi => "Vivaldi",
            Self::DuckDuckGo => "DuckDuckGo",
            Self::InternetExplorer => "Internet Explorer",
            Self::Other => return None,
        })
    }
}

impl System {
    /// Its name, if it is a known one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Windows => "Windows",
            Self::MacOs => "macOS",
            Self::Ios => "iOS",
            Self::Android => "Android",
            Self::ChromeOs => "ChromeOS",
            Self::Linux => "Linux",
            Self::Other => return None,
        })
    }
}

/// In plain English, for trails and lists that are not translated; pages take the names apart.
impl fmt::Display for DeviceLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.browser.name().unwrap_or("a browser"))?;
        self.system.name().map_or(Ok(()), |system| write!(f, " on {system}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn browsers_are_told_by_what_they_say() {
        for (text, label) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari on iOS",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15",
                "Firefox on iOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            ("curl/8.5.0", "a browser"),
            ("something for Linux", "a browser on Linux"),
            ("", "a browser"),
        ] {
            assert_eq!(DeviceLabel::of_user_agent(text).to_string(), label, "{text}");
        }
    }

    #[test]
    fn it_is_stored_as_two_names() {
        let label = DeviceLabel { browser: Browser::SamsungInternet, system: System::Android };
        let stored = serde_json::to_string(&label).unwrap();
        assert_eq!(stored, r#"{"browser":"samsung_internet","system":"android"}"#);
        assert_eq!(serde_json::from_str::<DeviceLabel>(&stored).unwrap(), label);
    }

    proptest! {
        #[test]
        fn nothing_of_what_a_request_carries_is_shown(text in any::<String>(), times in 0usize..50) {
            let label = DeviceLabel::of_user_agent(&text.repeat(times)).to_string();
            let names = |name: &str| BROWSERS.iter().any(|(_, browser)| browser.name() == Some(name))
                || SYSTEMS.iter().any(|(_, system)| system.name() == Some(name)) || name == "a browser";
            prop_assert!(label.split(" on ").all(names), "{}", label);
        }
    }
}
