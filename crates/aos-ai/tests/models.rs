//! Models of providers, asked over HTTP: servers on this machine speak each provider's public form and misbehave as told.

#[path = "models/budget.rs"]
mod budget;
#[path = "models/calls.rs"]
mod calls;
#[path = "models/embeddings.rs"]
mod embeddings;
#[path = "models/failures.rs"]
mod failures;
#[path = "models/house.rs"]
mod house;
#[path = "models/settings.rs"]
mod settings;
