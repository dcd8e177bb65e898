//! Where pages come from: a blocking iterator, or a task that asks ahead.

use crate::{Error, Result};
use aos_connectors::{Pages, RecordPage};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// What the reading half takes pages from.
pub(crate) enum PageSource {
    Blocking(Box<dyn Iterator<Item = Result<RecordPage, aos_connectors::Error>> + Send>),
    /// A task asks for pages ahead: one waits here while the one before is worked on. `None` is the end.
    Waiting(
        mpsc::Receiver<Option<Result<RecordPage, aos_connectors::Error>>>,
        #[allow(dead_code)] AbortOnDropHandle<()>,
    ),
}

impl PageSource {
    pub fn of(pages: Pages) -> Self {
        match pages {
            Pages::Blocking(pages) => Self::Blocking(pages),
            Pages::Waiting(mut pages) => {
                let (sender, receiver) = mpsc::channel(1);
                let asking = tokio::spawn(async move {
                    while let Some(page) = pages.next().await {
                        let ends = page.is_err();
                        if sender.send(Some(page)).await.is_err() || ends {
                            return;
                        }
                    }
                    let _ = sender.send(None).await;
                });
                Self::Waiting(receiver, AbortOnDropHandle::new(asking))
            }
        }
    }

    /// Returns the next page, on a thread that may block. A source that goes silent without having come to its end is an error.
    pub fn next(&mut self) -> Result<Option<RecordPage>> {
        match self {
            Self::Blocking(pages) => Ok(pages.next().transpose()?),
            Self::Waiting(pages, _) => match pages.blocking_recv() {
                Some(Some(page)) => Ok(Some(page?)),
                Some(None) => Ok(None),
                None => Err(Error::Stopped),
            },
        }
    }

    /// Returns the first page alone.
    pub fn first(mut self) -> Result<Option<RecordPage>> {
        self.next()
    }

    pub fn waits(&self) -> bool {
        matches!(self, Self::Waiting(..))
    }
}
