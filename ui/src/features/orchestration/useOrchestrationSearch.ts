// The page's address holds its filters and the task that is open, so that both can be shared and survive a reload.
import { getRouteApi } from "@tanstack/react-router";

const route = getRouteApi("/shell/orchestration");

export type OrchestrationSearch = { state?: string; kind?: string; task?: string };

export function useOrchestrationSearch() {
  const search: OrchestrationSearch = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: OrchestrationSearch) => void navigate({ search: { ...search, ...part }, replace: true });
  return { search, change };
}
