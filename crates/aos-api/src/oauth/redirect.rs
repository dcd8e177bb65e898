//! Where codes may be sent to: encrypted addresses, this very machine, and applications by a scheme of their own.

use aos_net::Url;

const URI_BYTES_MAX: usize = 1_000;
/// Schemes of applications that are known, beside those that are a domain in reverse (RFC 8252, section 7.1).
const APPLICATIONS: [&str; 3] = ["cursor", "vscode", "vscode-insiders"];

/// Says what is wrong with an address that a program registers, if anything is.
pub(super) fn check(uri: &str) -> Result<(), &'static str> {
    if uri.len() > URI_BYTES_MAX {
        return Err("a redirect URI is longer than 1000 bytes");
    }
    let url = Url::parse(uri).map_err(|_| "a redirect URI cannot be read")?;
    if url.fragment().is_some() {
        return Err("a redirect URI has a fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a redirect URI has a user or a password");
    }
    match url.scheme() {
        "https" if url.host_str().is_some() => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err("a redirect URI is not encrypted; http is for this very machine only"),
        scheme if scheme.contains('.') || APPLICATIONS.contains(&scheme) => Ok(()),
        _ => Err("a redirect URI has a scheme that is not https and not one of a known application"),
    }
}

/// Whether a code may be sent to an address, by what was registered: the very same one; of this machine also with another port, which programs
/// choose when they start (RFC 8252, section 7.3).
pub(super) fn matches(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    let (Ok(mut registered), Ok(mut asked)) = (Url::parse(registered), Url::parse(asked)) else { return false };
    let loopback = |url: &Url| url.scheme() == "http" && is_loopback(url);
    if !loopback(&registered) || !loopback(&asked) || check(asked.as_str()).is_err() {
        return false;
    }
    let without_port = |url: &mut Url| url.set_port(None).is_ok();
    without_port(&mut registered) && without_port(&mut asked) && registered == asked
}

/// Names where an address leads, for people.
pub(super) fn place(uri: &str) -> String {
    let Ok(url) = Url::parse(uri) else { return uri.to_owned() };
    match (url.scheme(), url.host_str()) {
        ("https" | "http", Some(host)) => host.to_owned(),
        (scheme, _) => format!("{scheme}:"),
    }
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_encrypted_addresses_this_machine_and_applications_are_registered() {
        for good in [
            "https://claude.ai/api/mcp/auth_callback",
            "http://127.0.0.1:33418/",
            "http://localhost/callback",
            "http://[::1]:7/cb",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "com.example.app:/oauth",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "http://example.com/cb",
            "http://127.0.0.1.example.com/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://user@example.com/cb",
            "https://example.com/cb#x",
            "nonsense",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert!(check(&format!("https://example.com/{}", "x".repeat(URI_BYTES_MAX))).is_err());
    }

    #[test]
    fn a_redirect_matches_to_the_letter_but_for_the_port_on_this_machine() {
        assert!(matches("http://127.0.0.1:1/cb", "http://127.0.0.1:60999/cb"));
        assert!(matches("http://localhost/cb", "http://localhost:7/cb"));
        for (registered, asked) in [
            ("http://127.0.0.1:1/cb", "http://127.0.0.1:1/other"),
            ("http://127.0.0.1/cb", "http://localhost/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1/cb?x=1"),
            ("http://127.0.0.1/cb", "http://user@127.0.0.1/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1/cb#x"),
            ("https://a.example/cb", "https://a.example:8443/cb"),
            ("https://a.example/cb", "https://a.example/cb/"),
            ("https://a.example/cb", "http://a.example/cb"),
            ("https://a.example/cb", "https://a.example/CB"),
        ] {
            assert!(!matches(registered, asked), "{registered} {asked}");
        }
    }
}
