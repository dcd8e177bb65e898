//! What holds for every broker, whatever stands behind it.

mod access;
mod cache;
mod counter;
mod flag;
mod lease;
mod notice;
mod rate;
mod ticket;
mod topic;
mod wake;

/// Makes of each claim a test in this process and a test on Redis.
macro_rules! conformance {
    ($($claim:ident),+ $(,)?) => {
        mod in_process {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim(crate::world::World::in_process()).await;
            })+
        }
        mod on_redis {
            $(#[tokio::test]
            async fn $claim() {
                if let Some(world) = crate::world::World::on_redis().await {
                    super::$claim(world).await;
                }
            })+
        }
    };
}
use conformance;
