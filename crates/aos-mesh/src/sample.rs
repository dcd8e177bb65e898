//! Safe Mode's look at a source: the first few records of each stream, and what they would be mapped to. Nothing of it is landed, mapped
//! or counted; whoever decides is shown it.

use crate::source::Source;
use crate::sync::{PageSource, Vocabulary, combined};
use crate::{Error, Result};
use aos_connectors::{Pages, ReadOptions, ReadRequest, Stream};
use aos_core::record::RecordBatch;
use aos_core::shape::Shaper;
use futures_util::StreamExt;
use serde_json::Value;

/// What a look at one stream showed.
#[derive(Debug, Clone)]
pub struct StreamSample {
    pub stream: String,
    /// Objects, one a record.
    pub records: Vec<Value>,
    /// The entity it would feed, and how sure that is.
    pub entity: Option<(String, f64)>,
    /// Why it could not be looked at.
    pub problem: Option<aos_connectors::Error>,
}

/// Looks at the first records of streams, at most `records_max` of each. A stream that cannot be read is part of what was found; what may
/// pass is an error, so that the look is tried again as a whole.
///
/// # Errors
/// [`Error::Source`] for what may pass, [`Error::Stopped`].
pub async fn sample(
    source: &Source,
    streams: Vec<Stream>,
    vocabulary: Vocabulary<'_>,
    records_max: u64,
) -> Result<Vec<StreamSample>> {
    let (mut samples, mut shapes) = (Vec::new(), Vec::new());
    for stream in streams {
        source.context.check_cancel()?;
        let (mut records, mut problem) = (Vec::new(), stream.problem.clone());
        if problem.is_none() {
            match first_records(source, &stream.name, records_max).await {
                Ok(batches) => {
                    let mut shaper = Shaper::new(&stream.name, &stream.shape.system);
                    for batch in &batches {
                        shaper.observe(batch);
                        records.extend(batch.records.iter().map(|record| batch.to_json(record)));
                    }
                    shapes.push(combined(&stream, &shaper.finish()));
                }
                Err(Error::Source(error)) if !error.may_pass() && error.code() != "canceled" => problem = Some(error),
                Err(error) => return Err(error),
            }
        }
        samples.push(StreamSample { stream: stream.name, records, entity: None, problem });
    }
    let matcher = vocabulary.matcher.clone();
    let matches =
        tokio::task::spawn_blocking(move || matcher.match_source(&shapes)).await.map_err(|_| Error::Stopped)?;
    for matched in matches {
        if let Some(sample) = samples.iter_mut().find(|sample| sample.stream == matched.stream) {
            sample.entity = matched.entity.map(|choice| (choice.entity, choice.confidence));
        }
    }
    Ok(samples)
}

/// Reads no more than the first records; what a page holds beyond them is let go unseen.
async fn first_records(source: &Source, stream: &str, records_max: u64) -> Result<Vec<RecordBatch>> {
    let most = usize::try_from(records_max).unwrap_or(usize::MAX);
    let request = ReadRequest {
        records_max: Some(records_max),
        options: ReadOptions { page_records: most, ..ReadOptions::default() },
        ..ReadRequest::of(stream)
    };
    let pages = source.connector.read(request, &source.context).await?;
    let (mut batches, mut left) = (Vec::new(), most);
    match pages {
        Pages::Waiting(mut pages) => {
            while left > 0
                && let Some(page) = pages.next().await
            {
                let mut batch = page?.batch;
                batch.records.truncate(left);
                left -= batch.records.len();
                batches.push(batch);
            }
        }
        blocking @ Pages::Blocking(_) => {
            let first = move || PageSource::of(blocking).first();
            if let Some(page) = tokio::task::spawn_blocking(first).await.map_err(|_| Error::Stopped)?? {
                let mut batch = page.batch;
                batch.records.truncate(left);
                batches.push(batch);
            }
        }
    }
    Ok(batches)
}
