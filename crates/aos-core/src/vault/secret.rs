//! Bytes that nobody is shown by accident.

use zeroize::Zeroizing;

/// A secret in memory, wiped when it is dropped.
///
/// It has no `Debug`, no `Display` and no `Serialize`, so that neither a log line, an error nor an answer can carry it unasked:
///
/// ```compile_fail
/// println!("{:?}", aos_core::vault::Secret::new("hush"));
/// ```
/// ```compile_fail
/// println!("{}", aos_core::vault::Secret::new("hush"));
/// ```
/// ```compile_fail
/// let _ = serde_json::to_string(&aos_core::vault::Secret::new("hush"));
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// Hands the bytes out, to code that needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Hands the bytes out as text; none when they are not UTF-8.
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}
