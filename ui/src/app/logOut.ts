// The way out.
import { api, call } from "@/api/client";
import { session } from "@/api/session";

/** Has the server end the session, then forgets it here, whatever the server says: a token that was not revoked expires by itself. */
export function logOut() {
  call(api.POST("/api/v1/auth/logout"))
    .catch(() => undefined)
    .finally(() => session.logout());
}
