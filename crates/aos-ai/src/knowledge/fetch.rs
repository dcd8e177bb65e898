//! A document by its URL: through the one way out, which judges every address it leads to. No path of this machine is ever read.

use super::{Ingested, KnowledgeError, NewDocument, TenantKnowledge};
use aos_net::{Request, Url, header};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(120);
const ACCEPTED: &str = "text/html, text/markdown, text/plain, application/pdf, text/csv, */*;q=0.1";

impl TenantKnowledge {
    /// Refuses what cannot be fetched or kept, and brings the rest into the form in which it is.
    ///
    /// # Errors
    /// [`KnowledgeError::Invalid`] and [`KnowledgeError::AboveYou`].
    pub fn checked_url(&self, new: NewDocument) -> Result<NewDocument, KnowledgeError> {
        let location = address(&new.location)?;
        self.checked(NewDocument { location, ..new })
    }

    /// ... and also what leads where no request may go. A name that nobody knows at this moment may be known when it is fetched.
    ///
    /// # Errors
    /// [`KnowledgeError::Invalid`], [`KnowledgeError::AboveYou`] and [`KnowledgeError::Fetch`].
    pub async fn reachable_url(&self, new: NewDocument) -> Result<NewDocument, KnowledgeError> {
        let new = self.checked_url(new)?;
        let guard = self.parts().net.guard();
        let Ok(url) = Url::parse(&new.location) else { return Ok(new) };
        guard.check_url(&url)?;
        if let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default())
            && let Err(error @ aos_net::Error::Blocked { .. }) = guard.resolve(host, port).await
        {
            return Err(error.into());
        }
        Ok(new)
    }

    /// Reads the document at the URL that `new.location` is, and takes it in.
    ///
    /// # Errors
    /// Any but [`KnowledgeError::Embedding`].
    pub async fn ingest_url(&self, new: NewDocument) -> Result<Ingested, KnowledgeError> {
        let new = self.checked_url(new)?;
        let limit = self.parts().document_bytes_max;
        let request = Request::get(&new.location)?.header("accept", ACCEPTED)?;
        let request = request.total_timeout(TIMEOUT).body_bytes_max(limit);
        let answer = self.parts().net.tenant(&self.scope).fetch(request).await?;
        let content_type =
            answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let bytes = answer.bytes().await?;
        self.ingest(bytes.to_vec(), content_type.as_deref(), new).await
    }
}

/// Returns the address as it names a document: without the part after `#`, which names a place in it.
///
/// # Errors
/// [`KnowledgeError::Invalid`] for what is no web address, or holds a password.
fn address(text: &str) -> Result<String, KnowledgeError> {
    let refuse = |why: &str| Err(KnowledgeError::Invalid(why.to_owned()));
    let Ok(mut url) = Url::parse(text.trim()) else { return refuse("this is no URL; begin it with https://") };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return refuse(
            "documents are fetched from addresses that begin with https:// or http://; upload a file to give one",
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("a document's address holds no password; leave it out, and upload what needs one");
    }
    url.set_fragment(None);
    Ok(url.into())
}
