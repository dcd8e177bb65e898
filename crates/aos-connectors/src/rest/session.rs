//! One conversation with a source account: each request is authorised, takes its turn, and is repeated until its answer is taken or the
//! patience is at its end.

use super::authorization::Authorization;
use super::patience::{Mishap, Patience, Wait};
use super::reply::{Doubt, Judge, Reply, Verdict};
use crate::context::{Context, Secret};
use crate::error::Error;
use aos_net::Request;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The longest answer that is held in memory. A page of the widest known records stays far below; a single record of 10 MB fits.
const BODY_BYTES_MAX: u64 = 64 << 20;
/// Some queries take a source minutes before the first byte comes.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(120);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(300);
/// New tokens that one request may cost, when the source refuses each at once.
const RENEWALS_MAX: u32 = 4;
/// A closed circuit is waited for this long; longer, and the run had better end.
const CIRCUIT_WAIT_MAX: Duration = Duration::from_secs(60);

pub(crate) struct Session {
    pub context: Context,
    authorization: Authorization,
    judge: Judge,
    spent: AtomicU32,
}

impl Session {
    pub fn new(context: &Context, authorization: Authorization, judge: Judge) -> Self {
        Self { context: context.clone(), authorization, judge, spent: AtomicU32::new(0) }
    }

    /// Returns where the token endpoint said that the account's API lives.
    pub async fn api_base(&self) -> Result<Option<String>, Error> {
        self.authorization.api_base(&self.context.clock).await
    }

    /// Returns how many requests were sent since the last time.
    pub fn spent(&self) -> u32 {
        self.spent.swap(0, Ordering::Relaxed)
    }

    /// Sends a request until `take` accepts its answer. `limits` names the account's limits that it counts against, beside the first.
    ///
    /// `take` may be called for several answers; it must leave nothing behind of one that it doubts.
    ///
    /// # Errors
    /// Any; what the source said last when it was asked often enough.
    pub async fn ask<T>(
        &self,
        request: &Request,
        limits: &[&str],
        mut take: impl FnMut(&Reply) -> Result<T, Doubt> + Send,
    ) -> Result<T, Error> {
        let mut patience = Patience::default();
        let mut refused: Option<Secret> = None;
        let mut renewals = 0;
        loop {
            self.context.check_cancel()?;
            self.context.pace.turn(limits, 1).await?;
            let mishap = match self.send(request, refused.as_ref()).await {
                Ok((reply, token)) => match (self.judge)(&reply) {
                    Verdict::Fine => match take(&reply) {
                        Ok(taken) => return Ok(taken),
                        Err(Doubt(what)) => Mishap::Doubtful(what),
                    },
                    Verdict::Renew { said } => {
                        renewals += 1;
                        if token.is_none() || renewals > RENEWALS_MAX {
                            return Err(Error::Unauthorized { said });
                        }
                        refused = token;
                        continue;
                    }
                    Verdict::Wait(wait) => Mishap::TooMany(wait),
                    Verdict::Trouble { said } => Mishap::Failed(Error::Transient { said }),
                    Verdict::Refused(error) => return Err(error),
                },
                Err(mishap) => mishap?,
            };
            self.wait(patience.after(mishap, &self.context.clock)?).await?;
        }
    }

    /// Waits before the next attempt. When the source asked for it, all readers of the account wait.
    async fn wait(&self, wait: Wait) -> Result<(), Error> {
        if wait.everybody {
            self.context.note(&format!("the source asks for a pause of {} ms", wait.time.as_millis()));
            self.context.pace.pause(wait.time).await;
            return Ok(());
        }
        tokio::select! {
            () = self.context.cancel.cancelled() => Err(Error::Canceled),
            () = tokio::time::sleep(wait.time) => Ok(()),
        }
    }

    /// Sends a request once and reads its whole answer. The outer error is a mishap, the inner one final.
    async fn send(
        &self,
        request: &Request,
        refused: Option<&Secret>,
    ) -> Result<(Reply, Option<Secret>), Result<Mishap, Error>> {
        let request = request
            .clone()
            .response_timeout(RESPONSE_TIMEOUT)
            .total_timeout(TOTAL_TIMEOUT)
            .body_bytes_max(BODY_BYTES_MAX);
        // Whoever keeps the token has had its own patience with the token endpoint.
        let signed = self.authorization.sign(request, &self.context.clock, refused).await.map_err(Err)?;
        self.spent.fetch_add(1, Ordering::Relaxed);
        let answer = async {
            let response = self.context.net.send(signed.request).await?;
            let (status, headers, retry_after) =
                (response.status(), response.headers().clone(), response.retry_after());
            Ok(Reply { status, headers, retry_after, bytes: response.bytes().await?, hidden: signed.hidden })
        };
        let answer = tokio::select! {
            () = self.context.cancel.cancelled() => return Err(Err(Error::Canceled)),
            answer = answer => answer,
        };
        let well = answer.as_ref().is_ok_and(|reply: &Reply| !reply.status.is_server_error());
        self.context.pace.answered(well);
        answer.map(|reply| (reply, signed.token)).map_err(mishap)
    }
}

/// Tells failures of the way that may pass from those that stay.
fn mishap(error: aos_net::Error) -> Result<Mishap, Error> {
    use aos_net::Error as Net;
    match error {
        Net::CircuitOpen { retry_in, .. } if retry_in <= CIRCUIT_WAIT_MAX => Ok(Mishap::TooMany(Some(retry_in))),
        Net::Connect { .. } | Net::Timeout { .. } | Net::Interrupted { .. } | Net::Dns { .. } => {
            Ok(Mishap::Failed(error.into()))
        }
        error => Err(error.into()),
    }
}
