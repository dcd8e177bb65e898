// Every page's address. Pages and the frame around them are loaded when first visited, so that the login comes first; what they show lives in features.
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { connectionsQuery, graphStateQuery, healthQuery, permissionsQuery, providersQuery } from "@/api/queries";
import { session } from "@/api/session";
import { parseRecordsSearch, parseThingSearch } from "@/features/records/search";
import { text } from "@/text/app";
import { Failure, Loading } from "@/ui/States";
import { NotFound } from "./NotFound";
import { frame, login, pages } from "./pages";

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
});

const onlyText = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** Keeps the way back after login inside this site. The key is always named, because the router keeps what is left out. */
function parseNext(search: Record<string, unknown>): { next?: string } {
  const next = onlyText(search.next);
  return { next: next?.startsWith("/") && !/^\/[/\\]/.test(next) ? next : undefined };
}

async function redirectIfLoggedIn() {
  await session.restore();
  if (session.token()) throw redirect({ to: "/" });
}

const loginRoute = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { next?: string; problem?: string } => ({
    ...parseNext(search),
    problem: onlyText(search.problem),
  }),
  beforeLoad: redirectIfLoggedIn,
  // What the page shows beside the form is asked for while the page itself is fetched; nobody waits for it.
  loader: ({ context: { queryClient } }) => {
    void queryClient.prefetchQuery(healthQuery);
    void queryClient.prefetchQuery(providersQuery);
  },
  component: lazyRouteComponent(login, "LoginPage"),
});

const signUp = createRoute({
  getParentRoute: () => root,
  path: "/sign-up",
  validateSearch: parseNext,
  beforeLoad: redirectIfLoggedIn,
  component: lazyRouteComponent(() => import("@/features/auth/SignUpPage"), "SignUpPage"),
});

const join = createRoute({
  getParentRoute: () => root,
  path: "/join",
  component: lazyRouteComponent(() => import("@/features/auth/JoinPage"), "JoinPage"),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: lazyRouteComponent(() => import("@/features/auth/ResetPage"), "ResetPage"),
});

const allow = createRoute({
  getParentRoute: () => root,
  path: "/allow",
  beforeLoad: async ({ location }) => {
    await session.restore();
    // What a program asks stands behind the `#`, and has to be there again after the login.
    if (!session.token()) throw redirect({ to: "/login", search: { next: `/allow#${location.hash}` } });
  },
  component: lazyRouteComponent(() => import("@/features/auth/AllowPage"), "AllowPage"),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ location }) => {
    await session.restore();
    if (!session.token())
      throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
  },
  // What the person may do is known before anything is drawn, so that no button comes late and moves what stands beside it.
  loader: ({ context }) => context.queryClient.fetchQuery({ ...permissionsQuery, retry: false }).catch(() => undefined),
  component: lazyRouteComponent(frame, "Shell"),
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  // Asked for while the page is fetched; the page says what could not be read.
  loader: ({ context: { queryClient } }) => {
    void queryClient.prefetchQuery(connectionsQuery);
    void queryClient.prefetchQuery(graphStateQuery);
  },
  component: lazyRouteComponent(pages.home, "HomePage"),
});

const control = createRoute({
  getParentRoute: () => shell,
  path: "/control",
  component: lazyRouteComponent(pages.control, "ControlPage"),
});

const knowledge = createRoute({
  getParentRoute: () => shell,
  path: "/knowledge",
  component: lazyRouteComponent(pages.knowledge, "KnowledgePage"),
});

const agents = createRoute({
  getParentRoute: () => shell,
  path: "/agents",
  component: lazyRouteComponent(pages.agents, "AgentsPage"),
});

const connections = createRoute({
  getParentRoute: () => shell,
  path: "/connections",
  validateSearch: (
    search: Record<string, unknown>,
  ): { connection?: string; add?: string; asset?: string; consent?: string } => ({
    consent: onlyText(search.consent),
    connection: onlyText(search.connection),
    add: onlyText(search.add),
    asset: onlyText(search.asset),
  }),
  component: lazyRouteComponent(pages.connections, "ConnectionsPage"),
});

const discovery = createRoute({
  getParentRoute: () => shell,
  path: "/discovery",
  validateSearch: (search: Record<string, unknown>): { state?: string; intent?: string } => ({
    state: onlyText(search.state),
    intent: onlyText(search.intent),
  }),
  component: lazyRouteComponent(pages.discovery, "DiscoveryPage"),
});

const lineage = createRoute({
  getParentRoute: () => shell,
  path: "/lineage",
  validateSearch: (search: Record<string, unknown>): { search?: string; field?: string } => ({
    search: onlyText(search.search),
    field: onlyText(search.field),
  }),
  component: lazyRouteComponent(pages.lineage, "LineagePage"),
});

const live = createRoute({
  getParentRoute: () => shell,
  path: "/live",
  component: lazyRouteComponent(pages.live, "LivePage"),
});

const review = createRoute({
  getParentRoute: () => shell,
  path: "/review",
  validateSearch: (search: Record<string, unknown>): { state?: string; kind?: string; item?: string } => ({
    state: onlyText(search.state),
    kind: onlyText(search.kind),
    item: onlyText(search.item),
  }),
  component: lazyRouteComponent(pages.review, "ReviewPage"),
});

const architecture = createRoute({
  getParentRoute: () => shell,
  path: "/architecture",
  component: lazyRouteComponent(pages.architecture, "ArchitecturePage"),
});

const settingsHome = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  beforeLoad: () => {
    throw redirect({ to: "/settings/$section", params: { section: "profile" } });
  },
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings/$section",
  validateSearch: (
    search: Record<string, unknown>,
  ): { action?: string; principal?: string; since?: string; until?: string } => ({
    action: onlyText(search.action),
    principal: onlyText(search.principal),
    since: onlyText(search.since),
    until: onlyText(search.until),
  }),
  component: lazyRouteComponent(pages.settings, "SettingsPage"),
});

const help = createRoute({
  getParentRoute: () => shell,
  path: "/help",
  component: lazyRouteComponent(pages.help, "HelpPage"),
});

const design = createRoute({
  getParentRoute: () => shell,
  path: "/design",
  component: lazyRouteComponent(pages.design, "DesignPage"),
});

const connect = createRoute({
  getParentRoute: () => shell,
  path: "/ontology",
  component: lazyRouteComponent(pages.connect, "ConnectPage"),
});

const mappings = createRoute({
  getParentRoute: () => shell,
  path: "/mappings",
  validateSearch: (search: Record<string, unknown>): { entity?: string } => ({ entity: onlyText(search.entity) }),
  component: lazyRouteComponent(pages.mappings, "MappingsPage"),
});

const sources = createRoute({
  getParentRoute: () => shell,
  path: "/sources",
  validateSearch: (search: Record<string, unknown>): { source?: string } => ({ source: onlyText(search.source) }),
  component: lazyRouteComponent(pages.sources, "SourcesPage"),
});

const records = createRoute({
  getParentRoute: () => shell,
  path: "/records",
  validateSearch: parseRecordsSearch,
  component: lazyRouteComponent(pages.records, "RecordsPage"),
});

const thing = createRoute({
  getParentRoute: () => shell,
  path: "/thing",
  validateSearch: parseThingSearch,
  component: lazyRouteComponent(pages.thing, "ThingPage"),
});

const rejections = createRoute({
  getParentRoute: () => shell,
  path: "/rejections",
  validateSearch: (search: Record<string, unknown>): { connection?: string; code?: string } => ({
    connection: onlyText(search.connection),
    code: onlyText(search.code),
  }),
  component: lazyRouteComponent(pages.rejections, "RejectionsPage"),
});

const ledger = createRoute({
  getParentRoute: () => shell,
  path: "/ledger",
  component: lazyRouteComponent(pages.ledger, "LedgerPage"),
});

const orchestration = createRoute({
  getParentRoute: () => shell,
  path: "/orchestration",
  validateSearch: (search: Record<string, unknown>): { state?: string; kind?: string; task?: string } => ({
    state: onlyText(search.state),
    kind: onlyText(search.kind),
    task: onlyText(search.task),
  }),
  component: lazyRouteComponent(pages.orchestration, "OrchestrationPage"),
});

const routeTree = root.addChildren([
  loginRoute,
  signUp,
  join,
  reset,
  allow,
  shell.addChildren([
    home,
    control,
    knowledge,
    agents,
    connections,
    discovery,
    connect,
    mappings,
    sources,
    records,
    thing,
    lineage,
    live,
    review,
    rejections,
    ledger,
    orchestration,
    architecture,
    settingsHome,
    settings,
    help,
    design,
  ]),
]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: "intent",
    defaultPendingComponent: () => <Loading label={text.loadingPage} rows={6} />,
    defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
