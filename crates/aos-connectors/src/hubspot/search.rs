//! Pages of what changed since a time, through the search. Each page is a query of its own for ids behind the last one, so that neither
//! the search's 10,000 results nor changes meanwhile make it skip a record.

use super::access::Portal;
use super::objects::ObjectType;
use super::{SEARCH, associations};
use crate::error::Error;
use crate::rest::{Body, Doubt, Fate, Records, Shortfall, envelope};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

/// The most that one page of the search holds.
pub(super) const PAGE_RECORDS: u32 = 200;

#[derive(Deserialize)]
struct Page<'t> {
    total: u64,
    #[serde(borrow)]
    results: Vec<&'t RawValue>,
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

pub(super) struct Search<'a> {
    pub portal: &'a Portal,
    pub object: &'a ObjectType,
    pub properties: &'a [String],
    pub page_records: u32,
    pub since: DateTime<Utc>,
}

impl Search<'_> {
    /// Reads the records behind an id into `records`, and returns the last id when there are more.
    pub async fn page(&self, behind: Option<u64>, records: &mut Records) -> Result<Option<u64>, Error> {
        let since = self.since.timestamp_millis().to_string();
        let mut filters = vec![json!({ "propertyName": self.object.modified(), "operator": "GTE", "value": since })];
        if let Some(id) = behind {
            filters.push(json!({ "propertyName": "hs_object_id", "operator": "GT", "value": id.to_string() }));
        }
        let body = json!({
            "filterGroups": [{ "filters": filters }],
            "sorts": [{ "propertyName": "hs_object_id", "direction": "ASCENDING" }],
            "properties": self.properties,
            "limit": self.page_records,
        });
        let request = self.portal.post(&format!("crm/v3/objects/{}/search", self.object.path), &body)?;
        let mut shortfall = Shortfall::default();
        let asked = self.portal.session.ask(&request, &[SEARCH], |reply| {
            let body = reply.body();
            let page: Page<'_> = envelope(body.text())?;
            let announced = page.total.min(u64::from(self.page_records));
            shortfall.check(page.results.len(), usize::try_from(announced).unwrap_or(usize::MAX))?;
            let ids = page.results.iter().map(|raw| Ok(envelope::<Identified>(raw.get())?.id));
            let ids = ids.collect::<Result<Vec<_>, Doubt>>()?;
            let last = last(&ids)?;
            if last.is_some() && last <= behind {
                return Err(Doubt::new("a page of the search lies before the one before it"));
            }
            let more = page.total > page.results.len() as u64 && !page.results.is_empty();
            Ok((reply.bytes.clone(), reply.date(), ids, last.filter(|_| more)))
        });
        let (bytes, date, ids, next) = asked.await?;
        records.horizon.begin(date, self.portal.session.context.clock.now());
        let associated = associations::of(self.portal, self.object, &ids).await?;
        let body = Body::of(&bytes);
        let page: Page<'_> = envelope(body.text()).map_err(|Doubt(what)| Error::Contract { what })?;
        for raw in page.results {
            records.read(&body, raw, |members| {
                associated.put(members);
                Fate::Kept
            });
        }
        Ok(next)
    }
}

/// Ids are numbers written as text; their order is that of the numbers.
fn last(ids: &[String]) -> Result<Option<u64>, Doubt> {
    let number = |id: &String| id.parse::<u64>().map_err(|_| Doubt::new("an id of the search is no number"));
    Ok(ids.iter().map(number).collect::<Result<Vec<_>, _>>()?.into_iter().max())
}
