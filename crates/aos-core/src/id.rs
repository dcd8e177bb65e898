//! Identifiers, one type per thing, so that one cannot be passed for another.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Returns a new identifier that sorts by its time of creation.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(TenantId);
id!(UserId);
id!(/** One configured source system of a tenant. */ ConnectionId);
id!(/** One run of a connection: a read from its cursor to its end. */ RunId);
id!(/** One piece of work, from its enqueueing to its end, over all its attempts. */ TaskId);
id!(/** A rule by which tasks are enqueued again and again. */ ScheduleId);
id!(/** One process that runs tasks, from its start to its end. */ WorkerId);
id!(/** One key that an agent or a service signs in with. */ ApiKeyId);
id!(/** One sign-in of one user, from its beginning to its end, over all its tokens. */ SessionId);
id!(/** One invitation to join a tenant. */ InvitationId);
id!(/** One proposal to connect a source, from its beginning to its end. */ IntentId);
