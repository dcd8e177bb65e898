//! Publishes live events of one tenant through Redis, for the fan-out benchmark: `publish REDIS_URL TENANT_ID COUNT PER_SECOND BYTES`.
//! Each carries the moment of its publishing, in nanoseconds since the epoch. A rate of 0 is as fast as it goes.

use aos_broker::{Broker, BrokerConfig, RedisConfig, Topic};
use aos_core::tenant::Principal;
use aos_core::{Clock, Role, TenantScope};
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, tenant, count, rate, bytes] = arguments.as_slice() else {
        return Err("publish REDIS_URL TENANT_ID COUNT PER_SECOND BYTES".into());
    };
    let (count, rate, bytes): (u64, f64, usize) = (count.parse()?, rate.parse()?, bytes.parse()?);
    let broker = Broker::open(BrokerConfig::Redis(RedisConfig::new(url.clone())), Clock::System).await?;
    #[allow(clippy::disallowed_methods)] // A benchmark on its own server says whose events it publishes.
    let scope = TenantScope::establish(tenant.parse()?, Principal::Local, Role::Owner);
    let padding = "x".repeat(bytes);
    let mut ticks = (rate > 0.0).then(|| tokio::time::interval(Duration::from_secs_f64(1.0 / rate)));
    for number in 0..count {
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        #[allow(clippy::disallowed_methods)]
        // The moment of publishing is what is measured, by the same clock as the reading.
        let sent = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos().to_string();
        broker
            .tenant(&scope)
            .publish(Topic::Narration, json!({ "number": number, "sent": sent, "text": padding }))
            .await?;
    }
    Ok(())
}
