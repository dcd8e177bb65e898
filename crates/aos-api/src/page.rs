//! Paging of lists: `?cursor=&limit=`, and how a page is shown. Which rows make a page is the store's business.

use aos_store::Page;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub const LIMIT_DEFAULT: u32 = 50;
pub const LIMIT_MAX: u32 = 1000;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Where the page before ended: its `next_cursor`.
    #[serde(default)]
    pub cursor: Option<String>,
    /// How many items at most; larger numbers are taken as the maximum.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<u32>,
}

impl From<PageQuery> for Page {
    fn from(query: PageQuery) -> Self {
        let limit = query.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
        Self { cursor: query.cursor.filter(|cursor| !cursor.is_empty()), limit }
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageOut<T> {
    pub items: Vec<T>,
    /// Pass as `cursor` for the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl<T> From<aos_store::PageOf<T>> for PageOut<T> {
    fn from(page: aos_store::PageOf<T>) -> Self {
        Self { items: page.items, next_cursor: page.next_cursor }
    }
}

/// A whole list that is short by nature.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListOut<T> {
    pub items: Vec<T>,
}
