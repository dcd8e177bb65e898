// Puts the query cache and the router together.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ApiProblem } from "@/api/problem";
import { session } from "@/api/session";
import { toast } from "@/ui/toasts";
import { createAppRouter } from "./router";

const RETRIES_MAX = 2;

/** Repeats a read only when a second try can help: the server was away. (A busy one says how long to wait, and the client does.) */
function worthRetrying(failures: number, error: unknown): boolean {
  const status = error instanceof ApiProblem ? error.status : 0;
  return failures < RETRIES_MAX && (status === 0 || status >= 502);
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: worthRetrying, staleTime: 10_000, refetchOnWindowFocus: false } },
  });
}

export function App() {
  const [queryClient] = useState(createQueryClient);
  const [router] = useState(() => createAppRouter(queryClient));

  useEffect(
    () =>
      session.subscribe(() => {
        // When the server ends a session, the page stays with what was typed in it; the shell asks to log in again.
        if (session.token() || session.hasEnded()) return;
        queryClient.clear();
        toast.clear();
        void router.invalidate();
      }),
    [queryClient, router],
  );

  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
