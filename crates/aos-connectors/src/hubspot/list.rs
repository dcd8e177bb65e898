//! Pages of the list of objects, which is complete and in the order of ids: a first read, and the archived ones of a later read.

use super::access::Portal;
use super::associations;
use super::objects::ObjectType;
use crate::error::Error;
use crate::rest::{Body, Doubt, Fate, Members, Records, Shortfall, Trail, envelope, moment};
use aos_core::value::Value;
use aos_net::Request;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

/// The most that one page of the list holds.
pub(super) const PAGE_RECORDS: u32 = 100;
/// From here on the names of the properties go into a second request, which has a body for them.
const ADDRESS_BYTES_MAX: usize = 12_000;
/// Pages are held for their associations up to so many bytes of text.
const HELD_BYTES_MAX: usize = 8 << 20;

#[derive(Deserialize)]
struct Page<'t> {
    #[serde(borrow)]
    results: Vec<&'t RawValue>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
pub(super) struct Paging {
    pub next: Option<After>,
}

#[derive(Deserialize)]
pub(super) struct After {
    pub after: String,
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

/// What is asked of the list.
pub(super) struct List<'a> {
    pub portal: &'a Portal,
    pub object: &'a ObjectType,
    pub properties: &'a [String],
    pub page_records: u32,
    /// Whether the account has labels for what its records are associated with.
    pub labelled: bool,
    pub held: Held,
}

/// Pages whose associations are still to be asked for, and the ids on them.
#[derive(Debug, Default)]
pub(super) struct Held {
    pages: Vec<Bytes>,
    ids: Vec<String>,
}

impl List<'_> {
    fn question(&self, after: Option<&str>) -> Result<Request, Error> {
        let path = match self.object.is_owners() {
            true => "crm/v3/owners".to_owned(),
            false => format!("crm/v3/objects/{}", self.object.path),
        };
        let request = self.portal.get(&path)?.query([("limit", self.page_records.to_string().as_str())]);
        Ok(match after {
            Some(after) => request.query([("after", after)]),
            None => request,
        })
    }

    /// Reads what is there into `records`, and returns where the next pages begin: one page, or, unless it is wanted `alone`, as many as have
    /// their associations told by one request.
    pub async fn pages(
        &mut self,
        after: Option<&str>,
        alone: bool,
        records: &mut Records,
        trail: &mut Trail,
    ) -> Result<Option<String>, Error> {
        let mut followed = Vec::new();
        let read = self.read_on(after, alone, records, trail, &mut followed).await;
        if read.is_err() {
            // They are asked for again, fewer at a time.
            followed.iter().for_each(|after| trail.forget(after));
        }
        read
    }

    async fn read_on(
        &mut self,
        after: Option<&str>,
        alone: bool,
        records: &mut Records,
        trail: &mut Trail,
        followed: &mut Vec<String>,
    ) -> Result<Option<String>, Error> {
        let mut next = self.page(after, records, trail).await?;
        while let Some(after) = next.take_if(|_| !alone && self.has_room()) {
            trail.follow(&after);
            followed.push(after.clone());
            next = self.page(Some(&after), records, trail).await?;
        }
        self.with_all_associations(records).await?;
        Ok(next)
    }

    /// Reads a page, and returns where the next one begins. A page whose associations have to be asked for is held.
    async fn page(
        &mut self,
        after: Option<&str>,
        records: &mut Records,
        trail: &Trail,
    ) -> Result<Option<String>, Error> {
        let mut request = self.question(after)?;
        if !self.object.is_owners() {
            let wide = request.clone().query([("properties", self.properties.join(",").as_str())]);
            if wide.address_bytes() > ADDRESS_BYTES_MAX {
                return self.wide_page(&request, records, trail).await;
            }
            request = wide;
            if !self.object.with.is_empty() {
                request = request.query([("associations", self.object.with.join(",").as_str())]);
            }
        }
        let now = self.portal.session.context.clock.now();
        let mut shortfall = Shortfall::default();
        let asked = self.portal.session.ask(&request, &[], |reply| {
            let body = reply.body();
            let page: Page<'_> = envelope(body.text())?;
            let next = self.next(&page, trail, &mut shortfall)?;
            records.horizon.begin(reply.date(), now);
            if associations::are_cut_short(&page.results, self.labelled)? {
                return Ok((next, Some((reply.bytes.clone(), identities(&page.results)?))));
            }
            for raw in page.results {
                records.read(&body, raw, |members| {
                    associations::simplify(members);
                    Fate::Kept
                });
            }
            Ok((next, None))
        });
        let (next, held) = asked.await?;
        if let Some((bytes, ids)) = held {
            self.held.pages.push(bytes);
            self.held.ids.extend(ids);
        }
        Ok(next)
    }

    /// Takes the pages whose associations the list does not tell in full: they are asked for, for all of these pages together.
    async fn with_all_associations(&mut self, records: &mut Records) -> Result<(), Error> {
        let Held { pages, mut ids } = std::mem::take(&mut self.held);
        if ids.is_empty() {
            return Ok(());
        }
        // A page that begins in the middle of the one before brings records twice.
        ids.sort_unstable();
        ids.dedup();
        let associated = associations::of(self.portal, self.object, &ids).await?;
        for bytes in pages {
            let body = Body::of(&bytes);
            let page: Page<'_> = envelope(body.text()).map_err(|Doubt(what)| Error::Contract { what })?;
            for raw in page.results {
                records.read(&body, raw, |members| {
                    associated.put(members);
                    Fate::Kept
                });
            }
        }
        Ok(())
    }

    /// Tells whether another page may be read before the associations of those that are held are asked for.
    fn has_room(&self) -> bool {
        let bytes: usize = self.held.pages.iter().map(Bytes::len).sum();
        let full = self.held.ids.len() + self.page_records as usize > associations::BATCH_IDS_MAX;
        !self.held.ids.is_empty() && !full && bytes < HELD_BYTES_MAX
    }

    fn next(&self, page: &Page<'_>, trail: &Trail, shortfall: &mut Shortfall) -> Result<Option<String>, Doubt> {
        let next = page.paging.as_ref().and_then(|paging| paging.next.as_ref()).map(|next| next.after.clone());
        if let Some(next) = &next {
            trail.check(next)?;
            shortfall.check(page.results.len(), self.page_records as usize)?;
        }
        Ok(next)
    }

    /// Reads a page whose properties do not fit into an address: its ids first, then the records by their ids.
    async fn wide_page(
        &self,
        request: &Request,
        records: &mut Records,
        trail: &Trail,
    ) -> Result<Option<String>, Error> {
        let now = self.portal.session.context.clock.now();
        let mut shortfall = Shortfall::default();
        let (next, ids, date) = self
            .portal
            .session
            .ask(request, &[], |reply| {
                let body = reply.body();
                let page: Page<'_> = envelope(body.text())?;
                Ok((self.next(&page, trail, &mut shortfall)?, identities(&page.results)?, reply.date()))
            })
            .await?;
        records.horizon.begin(date, now);
        if ids.is_empty() {
            return Ok(next);
        }
        let associated = associations::of(self.portal, self.object, &ids).await?;
        let inputs: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        let body = json!({ "properties": self.properties, "inputs": inputs });
        let request = self.portal.post(&format!("crm/v3/objects/{}/batch/read", self.object.path), &body)?;
        self.portal
            .session
            .ask(&request, &[], |reply| {
                let body = reply.body();
                // Who was archived since is not among them, and turns up with the archived ones.
                let page: Page<'_> = envelope(body.text())?;
                for raw in page.results {
                    records.read(&body, raw, |members| {
                        associated.put(members);
                        Fate::Kept
                    });
                }
                Ok(())
            })
            .await?;
        Ok(next)
    }

    /// Reads a page of what was archived; of it counts what was archived since a time.
    pub async fn archived_page(
        &self,
        after: Option<&str>,
        since: DateTime<Utc>,
        records: &mut Records,
        trail: &Trail,
    ) -> Result<Option<String>, Error> {
        let request = self.question(after)?.query([("archived", "true")]);
        let mut shortfall = Shortfall::default();
        self.portal
            .session
            .ask(&request, &[], |reply| {
                let body = reply.body();
                let page: Page<'_> = envelope(body.text())?;
                let next = self.next(&page, trail, &mut shortfall)?;
                for raw in page.results {
                    records.read(&body, raw, |members| archived_fate(members, since));
                }
                Ok(next)
            })
            .await
    }
}

/// Who was archived says when; who does not say it is reported as gone, which costs nothing when it is known already.
fn archived_fate(members: &mut Members, since: DateTime<Utc>) -> Fate {
    let at = members.text("archivedAt").and_then(moment::parse);
    // The list of archived objects is no part of what later reads continue.
    let archived_at = members.remove("archivedAt").unwrap_or(Value::Null);
    members.set("updatedAt", archived_at);
    if at.is_none_or(|at| at >= since) { Fate::Deleted } else { Fate::Passed }
}

fn identities(page: &[&RawValue]) -> Result<Vec<String>, Doubt> {
    page.iter().map(|raw| Ok(envelope::<Identified>(raw.get())?.id)).collect()
}
