// What the settings read and change. Every change makes what it concerns read again, whether it was taken or refused.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { FlagState, Role } from "@/api/types";

const PAGE_LIMIT = 50;

const firstPage = undefined as string | undefined;
const nextPage = (page: { next_cursor: string | null }) => page.next_cursor ?? undefined;

export const sessionsQuery = queryOptions({
  queryKey: ["settings", "sessions"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/auth/sessions", { signal })),
});

export const programsQuery = queryOptions({
  queryKey: ["settings", "programs"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/auth/programs", { signal })),
});

export const membersQuery = infiniteQueryOptions({
  queryKey: ["settings", "members"],
  initialPageParam: firstPage,
  queryFn: ({ signal, pageParam: cursor }) =>
    call(api.GET("/api/v1/members", { signal, params: { query: { limit: PAGE_LIMIT, cursor } } })),
  getNextPageParam: nextPage,
});

export const invitationsQuery = infiniteQueryOptions({
  queryKey: ["settings", "invitations"],
  initialPageParam: firstPage,
  queryFn: ({ signal, pageParam: cursor }) =>
    call(api.GET("/api/v1/invitations", { signal, params: { query: { limit: PAGE_LIMIT, cursor } } })),
  getNextPageParam: nextPage,
});

export const keysQuery = infiniteQueryOptions({
  queryKey: ["settings", "keys"],
  initialPageParam: firstPage,
  queryFn: ({ signal, pageParam: cursor }) =>
    call(api.GET("/api/v1/api-keys", { signal, params: { query: { limit: PAGE_LIMIT, cursor } } })),
  getNextPageParam: nextPage,
});

export const slackQuery = queryOptions({
  queryKey: ["settings", "slack"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/notifications/slack", { signal })),
});

export const callbacksQuery = infiniteQueryOptions({
  queryKey: ["settings", "callbacks"],
  initialPageParam: firstPage,
  queryFn: ({ signal, pageParam: cursor }) =>
    call(api.GET("/api/v1/callbacks", { signal, params: { query: { limit: PAGE_LIMIT, cursor } } })),
  getNextPageParam: nextPage,
});

/** What the database of this installation enforces at this moment. */
export const isolationQuery = queryOptions({
  queryKey: ["settings", "isolation"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/isolation", { signal })),
});

export const auditKeyQuery = queryOptions({
  queryKey: ["settings", "audit-key"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/audit/key", { signal })),
});

export const principalsQuery = queryOptions({
  queryKey: ["settings", "principals"],
  queryFn: ({ signal }) => call(api.GET("/api/v1/service-principals", { signal })),
});

export type AuditFilter = { action?: string; principal?: string; since?: string; until?: string };

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["settings", "audit", filter],
    initialPageParam: firstPage,
    queryFn: ({ signal, pageParam: cursor }) =>
      call(
        api.GET("/api/v1/audit", {
          signal,
          params: {
            query: {
              limit: PAGE_LIMIT,
              cursor,
              action: filter.action,
              principal: filter.principal,
              since: startOfDay(filter.since, 0),
              until: startOfDay(filter.until, 1),
            },
          },
        }),
      ),
    getNextPageParam: nextPage,
  });

/** Returns the moment at which a day of this person's calendar begins, so many days later. */
export function startOfDay(day: string | undefined, later: number): string | undefined {
  if (!day) return undefined;
  const date = new Date(`${day}T00:00:00`);
  if (Number.isNaN(date.getTime())) return undefined;
  date.setDate(date.getDate() + later);
  return date.toISOString();
}

function useChange<Input, Answer>(part: string, act: (input: Input) => Promise<Answer>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["settings", part] }),
  });
}

export const useChangePassword = () =>
  useChange("sessions", (body: { current_password: string; new_password: string }) =>
    call(api.POST("/api/v1/auth/password", { body })),
  );

export const useEndSession = () =>
  useChange("sessions", (id: string) => call(api.DELETE("/api/v1/auth/sessions/{id}", { params: { path: { id } } })));

export const useStopProgram = () =>
  useChange("programs", (id: string) => call(api.DELETE("/api/v1/auth/programs/{id}", { params: { path: { id } } })));

export const useChangeRole = () =>
  useChange("members", ({ id, role }: { id: string; role: Role }) =>
    call(api.PUT("/api/v1/members/{id}", { params: { path: { id } }, body: { role } })),
  );

export const useRemoveMember = () =>
  useChange("members", (id: string) => call(api.DELETE("/api/v1/members/{id}", { params: { path: { id } } })));

export const useResetPassword = () =>
  useChange("members", (id: string) =>
    call(api.POST("/api/v1/members/{id}/password-reset", { params: { path: { id } } })),
  );

export const useInvite = () =>
  useChange("invitations", (body: { email: string; role: Role }) => call(api.POST("/api/v1/invitations", { body })));

export const useTakeBack = () =>
  useChange("invitations", (id: string) => call(api.DELETE("/api/v1/invitations/{id}", { params: { path: { id } } })));

export type NewKey = { name: string; role: Role; scopes?: string[]; expires_in_days: number };

export const useMakeKey = () => useChange("keys", (body: NewKey) => call(api.POST("/api/v1/api-keys", { body })));

export const useRevokeKey = () =>
  useChange("keys", (id: string) => call(api.DELETE("/api/v1/api-keys/{id}", { params: { path: { id } } })));

export const useSetFlag = () =>
  useChange("flags", ({ name, value }: { name: FlagState["name"]; value: boolean }) =>
    call(api.PUT("/api/v1/flags/{name}", { params: { path: { name } }, body: { value } })),
  );

export const useResetFlag = () =>
  useChange("flags", (name: FlagState["name"]) =>
    call(api.DELETE("/api/v1/flags/{name}", { params: { path: { name } } })),
  );

export type SlackChange = { webhook_url?: string; on: ("success" | "failed" | "canceled")[] };

export const useSetSlack = () =>
  useChange("slack", (body: SlackChange) => call(api.PUT("/api/v1/notifications/slack", { body })));

export const useTestSlack = () => useChange("slack", (_: null) => call(api.POST("/api/v1/notifications/slack/test")));

export const useRemoveSlack = () => useChange("slack", (_: null) => call(api.DELETE("/api/v1/notifications/slack")));

export const useEnableCallback = () =>
  useChange("callbacks", (id: string) => call(api.POST("/api/v1/callbacks/{id}/enable", { params: { path: { id } } })));

export const useNewCallbackSecret = () =>
  useChange("callbacks", (_: null) => call(api.POST("/api/v1/callbacks/secret")));

export type NewPrincipal = { name: string; client_id: string; client_secret: string };

export const useKeepPrincipal = () =>
  useChange("principals", ({ name, ...body }: NewPrincipal) =>
    call(api.PUT("/api/v1/service-principals/{name}", { params: { path: { name } }, body })),
  );

export const useForgetPrincipal = () =>
  useChange("principals", (name: string) =>
    call(api.DELETE("/api/v1/service-principals/{name}", { params: { path: { name } } })),
  );

export const useExportAudit = () =>
  useChange("export", async (_: null) => {
    const file = await call(api.GET("/api/v1/audit/export", { parseAs: "blob" }));
    return file as unknown as Blob;
  });
