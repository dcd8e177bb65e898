// The code of the pages behind login. It is split per page and fetched in idle moments, so that a page still opens when the
// server has gone away and can say so itself.
export const pages = {
  home: () => import("@/features/home/HomePage"),
  control: () => import("@/features/control/ControlPage"),
  knowledge: () => import("@/features/knowledge/KnowledgePage"),
  agents: () => import("@/features/agents/AgentsPage"),
  connections: () => import("@/features/connections/ConnectionsPage"),
  discovery: () => import("@/features/discovery/DiscoveryPage"),
  lineage: () => import("@/features/lineage/LineagePage"),
  live: () => import("@/features/live/LivePage"),
  architecture: () => import("@/features/architecture/ArchitecturePage"),
  settings: () => import("@/features/settings/SettingsPage"),
  review: () => import("@/features/review/ReviewPage"),
  help: () => import("@/features/help/HelpPage"),
  design: () => import("@/features/design/DesignPage"),
  connect: () => import("@/features/connect/ConnectPage"),
  mappings: () => import("@/features/ontology/MappingsPage"),
  sources: () => import("@/features/ontology/SourcesPage"),
  records: () => import("@/features/records/RecordsPage"),
  thing: () => import("@/features/records/thing/ThingPage"),
  rejections: () => import("@/features/ledger/RejectionsPage"),
  ledger: () => import("@/features/ledger/LedgerPage"),
  orchestration: () => import("@/features/orchestration/OrchestrationPage"),
};

/** What frames every page behind the login. */
export const frame = () => import("./Shell");
export const login = () => import("@/features/auth/LoginPage");

/** Begins to fetch what the address will most likely show, while the program still starts. */
export function fetchFirst(path: string, known: boolean) {
  const first = known ? [frame, ...(path === "/" ? [pages.home] : [])] : [login];
  // What cannot be fetched now is fetched, and said, where it is shown.
  for (const part of first) part().catch(() => undefined);
}

export function fetchPagesWhenIdle(): () => void {
  const fetchAll = () => {
    // A page that cannot be fetched now is fetched when it is opened.
    for (const page of Object.values(pages)) page().catch(() => undefined);
  };
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(fetchAll, 1_000);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(fetchAll, { timeout: 3_000 });
  return () => cancelIdleCallback(handle);
}
