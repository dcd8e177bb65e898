// Renders a part with what every page has around it: the query cache, and where links are drawn, a router.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  type AnyRouter,
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { Toaster } from "@/ui/Toaster";

function Around({ children }: { children: ReactNode }) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return (
    <QueryClientProvider client={client}>
      {children}
      <Toaster />
    </QueryClientProvider>
  );
}

export function renderPart(part: ReactNode) {
  render(<Around>{part}</Around>);
  return userEvent.setup();
}

/** Renders a part whose links need a router; they lead nowhere. */
export function renderLinked(part: ReactNode) {
  const root = createRootRoute({ component: () => part });
  const router: AnyRouter = createRouter({ routeTree: root, history: createMemoryHistory({ initialEntries: ["/"] }) });
  render(
    <Around>
      <RouterProvider router={router} />
    </Around>,
  );
  return userEvent.setup();
}
