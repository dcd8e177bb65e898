//! A transaction in hand: one's own, or one that the unit of work of a request lends for a part of it.
//!
//! Every part begins with a savepoint, so that a part that is given up takes nothing along that was kept before it.

use super::{Prepared, Tx, answered};
use crate::audit::Draft;
use sqlx::postgres::Postgres;
use sqlx::sqlite::Sqlite;
use sqlx::{Database, Transaction};
use std::ops::{Deref, DerefMut};
use tokio::sync::OwnedMutexGuard;

const IN_HAND: &str = "a transaction is taken out of the hand only by whoever ends it";
const BEGIN_PART: &str = "SAVEPOINT aos_part";
const KEEP_PART: &str = "RELEASE SAVEPOINT aos_part";
const UNDO_PART: &str = "ROLLBACK TO SAVEPOINT aos_part; RELEASE SAVEPOINT aos_part";

pub(crate) struct Held<D: Parkable> {
    tx: Option<Transaction<'static, D>>,
    /// Where it goes back to; none for one's own.
    home: Option<OwnedMutexGuard<Parked>>,
    trail: Vec<Draft>,
}

/// What a unit of work holds between its parts: its one transaction, once there is one, and what goes into the audit trail with it.
#[derive(Default)]
pub(crate) struct Parked {
    sqlite: Option<Transaction<'static, Sqlite>>,
    postgres: Option<Transaction<'static, Postgres>>,
    /// Whether a part was left without being kept; it is undone before anything else is done.
    left_open: bool,
    trail: Vec<Draft>,
}

/// A database whose transactions can be parked.
pub(crate) trait Parkable: Database {
    fn place(parked: &mut Parked) -> &mut Option<Transaction<'static, Self>>;
}

impl Parkable for Sqlite {
    fn place(parked: &mut Parked) -> &mut Option<Transaction<'static, Self>> {
        &mut parked.sqlite
    }
}

impl Parkable for Postgres {
    fn place(parked: &mut Parked) -> &mut Option<Transaction<'static, Self>> {
        &mut parked.postgres
    }
}

impl Parked {
    pub(crate) fn is_empty(&self) -> bool {
        self.sqlite.is_none() && self.postgres.is_none()
    }

    /// Takes the transaction out, with nothing in it but what was kept.
    pub(crate) async fn take(&mut self, prepared: Prepared) -> Result<Option<Tx>, sqlx::Error> {
        let mut tx = match (self.sqlite.take(), self.postgres.take()) {
            (Some(tx), _) => Tx::Sqlite(Held::own(tx)),
            (None, Some(tx)) => Tx::Postgres(Held::own(tx), prepared),
            (None, None) => return Ok(None),
        };
        tx.trail().append(&mut self.trail);
        if std::mem::take(&mut self.left_open) {
            tx.tell(UNDO_PART).await?;
        }
        Ok(Some(tx))
    }
}

impl<D: Parkable> Held<D> {
    pub(super) fn own(tx: Transaction<'static, D>) -> Self {
        Self { tx: Some(tx), home: None, trail: Vec::new() }
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        match self.tx.take() {
            Some(tx) => answered(tx.commit()).await,
            None => Ok(()),
        }
    }

    fn lend(&mut self, mut home: OwnedMutexGuard<Parked>) {
        // What was kept before stays there; only what this part adds is in its hand.
        home.trail.append(&mut self.trail);
        self.home = Some(home);
    }

    /// Gives the part back as kept.
    fn keep(mut self) {
        if let Some(mut home) = self.home.take() {
            home.trail.append(&mut self.trail);
            *D::place(&mut home) = self.tx.take();
        }
    }
}

impl Tx {
    /// What goes into the audit trail when this is committed.
    pub(crate) fn trail(&mut self) -> &mut Vec<Draft> {
        match self {
            Self::Sqlite(tx) => &mut tx.trail,
            Self::Postgres(tx, _) => &mut tx.trail,
        }
    }

    pub(super) fn is_lent(&self) -> bool {
        match self {
            Self::Sqlite(tx) => tx.home.is_some(),
            Self::Postgres(tx, _) => tx.home.is_some(),
        }
    }

    /// Says where this goes back to.
    pub(super) fn lent_by(mut self, home: OwnedMutexGuard<Parked>) -> Self {
        match &mut self {
            Self::Sqlite(tx) => tx.lend(home),
            Self::Postgres(tx, _) => tx.lend(home),
        }
        self
    }

    /// Gives back what was lent.
    pub(super) fn give_back(self) {
        match self {
            Self::Sqlite(tx) => tx.keep(),
            Self::Postgres(tx, _) => tx.keep(),
        }
    }

    pub(super) async fn begin_part(&mut self) -> Result<(), sqlx::Error> {
        self.tell(BEGIN_PART).await
    }

    /// Keeps the part: it counts when the unit of work is committed.
    pub(super) async fn keep_part(mut self) -> Result<(), sqlx::Error> {
        self.tell(KEEP_PART).await?;
        self.give_back();
        Ok(())
    }

    /// Runs statements without arguments.
    pub(super) async fn tell(&mut self, statements: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => sqlx::raw_sql(statements).execute(&mut ***tx).await.map(drop)?,
            Self::Postgres(tx, _) => answered(sqlx::raw_sql(statements).execute(&mut ***tx)).await.map(drop)?,
        }
        Ok(())
    }
}

impl<D: Parkable> Drop for Held<D> {
    fn drop(&mut self) {
        if let (Some(tx), Some(home)) = (self.tx.take(), &mut self.home) {
            home.left_open = true;
            *D::place(home) = Some(tx);
        }
    }
}

impl<D: Parkable> Deref for Held<D> {
    type Target = Transaction<'static, D>;

    fn deref(&self) -> &Self::Target {
        self.tx.as_ref().expect(IN_HAND)
    }
}

impl<D: Parkable> DerefMut for Held<D> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.tx.as_mut().expect(IN_HAND)
    }
}

impl<D: Parkable> std::fmt::Debug for Held<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("lent", &self.home.is_some()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Parked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parked").field("empty", &self.is_empty()).finish_non_exhaustive()
    }
}
