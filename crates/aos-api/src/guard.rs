//! What every protected route is made of: a handler that says in its signature what its caller must be allowed.
//!
//! A handler whose first argument is not [`Allowed`] has no [`Proof`], and without one it does not come into the protected router:
//!
//! ```
//! use aos_api::guard::{Allowed, proof};
//! use aos_core::policy::may;
//!
//! async fn list(_: Allowed<may::ReadConnections>) {}
//! proof(&list);
//! ```
//!
//! ```compile_fail
//! use aos_api::guard::{Allowed, proof};
//! use aos_core::policy::may;
//!
//! async fn list() {}
//! proof(&list);
//! ```

use crate::auth::session::Session;
use crate::middleware::auth::missing;
use crate::openapi::methods;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::{Permission, Resource, Right, decide};
use aos_core::tenant::Principal;
use aos_core::{TenantScope, UserId};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use utoipa::openapi::SecurityRequirement;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// Someone of a tenant who holds this permission. Stands for their scope.
pub struct Allowed<P> {
    session: Arc<Session>,
    right: PhantomData<fn() -> P>,
}

impl<P> Allowed<P> {
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Returns the person, or refuses what is no person.
    pub(crate) fn user_id(&self) -> Result<UserId, Problem> {
        match self.session.scope.principal() {
            Principal::User(user) => Ok(user),
            _ => Err(Problem::forbidden("this is for people who signed in, not for keys and commands")),
        }
    }
}

impl<P: Right> Allowed<P> {
    /// Goes on only when the permission also holds for this resource.
    pub(crate) fn on(&self, resource: Resource<'_>) -> Result<(), Problem> {
        check(self, P::PERMISSION, resource)
    }
}

impl<P> Deref for Allowed<P> {
    type Target = TenantScope;
    fn deref(&self) -> &TenantScope {
        &self.session.scope
    }
}

impl<P: Right, S: Send + Sync> FromRequestParts<S> for Allowed<P> {
    type Rejection = Problem;

    /// Answers 401 on a route that no session was established for, so that a forgotten layer locks the route instead of opening it.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let session = parts.extensions.get::<Arc<Session>>().cloned().ok_or_else(missing)?;
        check(&session.scope, P::PERMISSION, Resource::Any)?;
        Ok(Self { session, right: PhantomData })
    }
}

/// Goes on only when the policy allows it; the problem repeats the policy's reason.
pub(crate) fn check(scope: &TenantScope, permission: Permission, resource: Resource<'_>) -> Result<(), Problem> {
    let decision = decide(scope, permission, resource);
    if decision.allowed { Ok(()) } else { Err(Problem::forbidden(&decision.to_string())) }
}

/// Shows that a handler asks for a permission, and for which. Only [`proof`] makes one.
pub struct Proof(Permission);

/// Proves that a handler asks for a permission.
pub fn proof<H, Arguments>(_: &H) -> Proof
where
    H: Guarded<Arguments>,
{
    Proof(H::PERMISSION)
}

/// A function whose first argument is [`Allowed`].
pub trait Guarded<Arguments> {
    const PERMISSION: Permission;
}

macro_rules! guarded_functions {
    ($(($($argument:ident),*))*) => {$(
        impl<F, P, Answer, $($argument),*> Guarded<(Allowed<P>, $($argument,)*)> for F
        where
            P: Right,
            F: Fn(Allowed<P>, $($argument),*) -> Answer,
        {
            const PERMISSION: Permission = P::PERMISSION;
        }
    )*};
}

guarded_functions! { () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, G) }

/// A route of the protected router, described with what it needs.
pub(crate) struct GuardedRoute(UtoipaMethodRouter<App>);

impl GuardedRoute {
    pub fn new(Proof(permission): Proof, (schemas, mut paths, handler): UtoipaMethodRouter<App>) -> Self {
        for item in paths.paths.values_mut() {
            for (_, operation) in methods(item) {
                let needs = format!("Needs `{permission}`: the role {} or above.", permission.least_role().as_str());
                let described = operation.description.take().filter(|text| !text.is_empty());
                operation.description = Some(described.map_or(needs.clone(), |text| format!("{text}\n\n{needs}")));
                operation.security = Some(vec![SecurityRequirement::new("bearer", [permission.as_str()])]);
            }
        }
        Self((schemas, paths, handler))
    }
}

/// The routes for those who are signed in. It takes guarded ones only.
#[derive(Default)]
pub(crate) struct Protected(OpenApiRouter<App>);

impl Protected {
    pub fn routes<const N: usize>(self, routes: [GuardedRoute; N]) -> Self {
        Self(routes.into_iter().fold(self.0, |router, GuardedRoute(route)| router.routes(route)))
    }

    pub fn merge(self, Self(other): Self) -> Self {
        Self(self.0.merge(other))
    }
}

impl From<Protected> for OpenApiRouter<App> {
    fn from(Protected(router): Protected) -> Self {
        router
    }
}

/// Makes routes of handlers that ask for a permission; of others it does not compile.
macro_rules! guarded {
    ($($handler:path),+ $(,)?) => {
        [$($crate::guard::GuardedRoute::new($crate::guard::proof(&$handler), utoipa_axum::routes!($handler))),+]
    };
}
pub(crate) use guarded;
