//! Origins of web pages (RFC 6454): scheme, host and port, however they are written.

use std::str::FromStr;

use url::Url;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(url::Origin, String);

/// Not the origin of a web page.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("an origin has the form https://app.example or http://localhost:3000, without a path; `*` is none")]
pub struct NoOrigin;

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let url = Url::parse(text.trim()).map_err(|_| NoOrigin)?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let of_page =
            matches!(url.scheme(), "http" | "https") && url.host().is_some_and(|host| is_name(&host));
        if bare && of_page { Ok(Self(url.origin(), url.scheme().to_owned())) } else { Err(NoOrigin) }
    }
}

fn is_name(host: &url::Host<&str>) -> bool {
    !matches!(host, url::Host::Domain(name) if name.contains('*'))
}

impl Origin {
    /// Whether a server that is called by this `Host` has the origin itself.
    #[must_use]
    pub fn is_of_host(&self, host: &str) -> bool {
        format!("{}://{host}", self.1).parse::<Self>().is_ok_and(|own| own == *self)
    }
}

/// A list of origins, separated by commas.
#[derive(Clone, Debug, Default)]
pub struct Origins(Vec<Origin>);

impl FromStr for Origins {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let named = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        named.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Where the development servers of the usual front-end tools listen.
const DEVELOPMENT_PORTS: [u16; 3] = [3000, 5173, 8080];

impl Origins {
    /// Front ends under development on this machine, for the demo.
    #[must_use]
    pub fn of_development() -> Self {
        let origins = ["localhost", "127.0.0.1"].into_iter().flat_map(|host| {
            DEVELOPMENT_PORTS.into_iter().filter_map(move |port| format!("http://{host}:{port}").parse().ok())
        });
        Self(origins.collect())
    }

    #[must_use]
    pub fn contains(&self, origin: &Origin) -> bool {
        self.0.contains(origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_origin_is_written_in_many_ways() {
        let list: Origins =
            "https://a.example, HTTPS://B.Example:443/ ,http://localhost:3000,".parse().expect("a list");
        for same in
            ["https://a.example", "https://A.EXAMPLE:443", "https://b.example", "http://localhost:3000"]
        {
            assert!(list.contains(&same.parse().expect("an origin")), "{same}");
        }
        for other in ["http://a.example", "https://a.example:8443", "https://c.example"] {
            assert!(!list.contains(&other.parse().expect("an origin")), "{other}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "*",
            "https://*.example",
            "app.example",
            "https://",
            "https://a.example/app",
            "https://a.example?x",
            "https://a.example#x",
            "https://u@a.example",
            "https://u:p@a.example",
            "ftp://a.example",
            "null",
            "file:///tmp",
            "https//a.example",
            "https:// a.example",
            "://a.example",
            "https://a.example:99999",
            "https://a.example https://b.example",
            "localhost:3000",
            "javascript:x",
            "//a.example",
        ] {
            assert_eq!(text.parse::<Origins>().err(), Some(NoOrigin), "{text}");
        }
    }

    #[test]
    fn a_server_has_the_origin_of_its_own_name() {
        let origin: Origin = "https://name.example".parse().expect("an origin");
        assert!(
            ["name.example", "NAME.example", "name.example:443"].iter().all(|host| origin.is_of_host(host))
        );
        assert!(
            !["other.example", "name.example:8443", "a/b", ""].iter().any(|host| origin.is_of_host(host))
        );
    }
}
