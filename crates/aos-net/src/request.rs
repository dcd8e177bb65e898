//! A request as a value: what is sent, and how long and how much the caller is ready to take for it.

use crate::error::{Error, Result};
use bytes::Bytes;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// Texts of a header or a query shorter than this are words, not secrets, and are left in what is shown of an answer.
const SECRET_CHARS_MIN: usize = 8;
/// The same for a part of a path, where words are the rule.
const SECRET_PATH_CHARS_MIN: usize = 16;

// The HTTP library writes these itself; a second opinion about where a message ends is how requests are smuggled.
const OURS: [HeaderName; 5] =
    [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION, header::UPGRADE];
// What another host may see of the request after a redirect: anything else could be a credential.
const FOR_ANY_HOST: [HeaderName; 4] =
    [header::ACCEPT, header::ACCEPT_LANGUAGE, header::RANGE, header::IF_MODIFIED_SINCE];

#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) response_timeout: Option<Duration>,
    pub(crate) body_bytes_max: Option<u64>,
}

impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Request({} {})", self.method, self.origin())
    }
}

impl Request {
    /// # Errors
    /// [`Error::Url`] when the address cannot be read.
    pub fn new(method: Method, url: &str) -> Result<Self> {
        let url = Url::parse(url).map_err(|error| Error::Url(error.to_string()))?;
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Ok(Self { method, url, headers, body, total_timeout: None, response_timeout: None, body_bytes_max: None })
    }

    pub fn get(url: &str) -> Result<Self> {
        Self::new(Method::GET, url)
    }

    pub fn post(url: &str) -> Result<Self> {
        Self::new(Method::POST, url)
    }

    /// Adds pairs to the query of the URL.
    pub fn query<'q>(mut self, pairs: impl IntoIterator<Item = (&'q str, &'q str)>) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }

    /// # Errors
    /// [`Error::Request`] when it is no header, or one that the client writes itself.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        let (name, value) = header(name, value)?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Sets a header whose value is shown nowhere, also not where the answer repeats it.
    ///
    /// # Errors
    /// As `header`.
    pub fn secret_header(mut self, name: &str, value: &str) -> Result<Self> {
        let (name, mut value) = header(name, value)?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// # Errors
    /// As `header`.
    pub fn bearer(self, token: &str) -> Result<Self> {
        self.secret_header("authorization", &format!("Bearer {token}"))
    }

    /// # Errors
    /// [`Error::Request`] when the value has no JSON.
    pub fn json(self, value: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(value).map_err(|error| Error::Request(error.to_string()))?;
        self.body("application/json", body.into())
    }

    /// # Errors
    /// As `header`, for the content type.
    pub fn body(mut self, content_type: &str, body: Bytes) -> Result<Self> {
        self.body = body;
        self.header("content-type", content_type)
    }

    /// Overrides how long the request, its redirects and the reading of the answer may take together.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = Some(timeout);
        self
    }

    /// Overrides how long the head of the answer may take.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = Some(timeout);
        self
    }

    /// Overrides how long the body of the answer may be, after decompression.
    pub fn body_bytes_max(mut self, limit: u64) -> Self {
        self.body_bytes_max = Some(limit);
        self
    }

    /// Returns how long the address is as it is sent; some servers take no more than some thousand bytes.
    pub fn address_bytes(&self) -> usize {
        self.url.as_str().len()
    }

    /// Scheme, host and port: all of the address that may be shown.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Returns where the answer sends this request. Only reading follows: a body must not go where its sender did not send it.
    pub(crate) fn redirection(&self, status: StatusCode, headers: &HeaderMap) -> Option<Result<Url>> {
        let reads = self.method == Method::GET || self.method == Method::HEAD;
        if !reads || !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = headers.get(header::LOCATION)?;
        let target = location.to_str().ok().and_then(|location| self.url.join(location).ok());
        Some(match target {
            None => Err(self.stray("its target cannot be read")),
            Some(target) if self.url.scheme() == "https" && target.scheme() == "http" => {
                Err(self.stray("its target is not encrypted"))
            }
            Some(target) => Ok(target),
        })
    }

    pub(crate) fn follow(&mut self, target: Url) {
        if target.origin() != self.url.origin() {
            let kept = FOR_ANY_HOST.into_iter().filter_map(|name| Some((self.headers.get(&name)?.clone(), name)));
            self.headers = kept.map(|(value, name)| (name, value)).collect();
        }
        self.url = target;
    }

    pub(crate) fn stray(&self, why: &'static str) -> Error {
        Error::Redirect { origin: self.origin(), why }
    }

    /// The texts that must not be shown when the answer repeats them.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let headers =
            self.headers.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
        // "Bearer token": the answer may repeat the token alone.
        let headers =
            headers.flat_map(|value| [Some(value), value.split(' ').next_back()]).flatten().map(str::to_owned);
        let query = self.url.query_pairs().map(|(_, value)| value.into_owned());
        let path = self.url.path_segments().into_iter().flatten();
        let path = path.filter(|part| part.len() >= SECRET_PATH_CHARS_MIN).map(str::to_owned);
        let mut secrets: Vec<String> =
            headers.chain(query).filter(|secret| secret.len() >= SECRET_CHARS_MIN).chain(path).collect();
        // The longest first, so that none is left in pieces.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let parsed = HeaderName::try_from(name).map_err(|_| Error::Request("a header's name is not allowed".into()))?;
    if OURS.contains(&parsed) {
        return Err(Error::Request(format!("the header {parsed} is the client's own; leave it out")));
    }
    let value = HeaderValue::from_str(value)
        .map_err(|_| Error::Request(format!("the value of the header {parsed} has characters that are not allowed")))?;
    Ok((parsed, value))
}
