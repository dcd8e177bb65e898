// Feeds messages from the live connection into the query cache and the run in progress.
// Pages read the cache; none of them talks to the socket.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { graphStateQuery } from "@/api/queries";
import { live } from "@/api/socket";
import type { LiveMessage } from "@/api/types";
import { runStore } from "@/features/connect/runStore";
import { flowStore } from "@/features/live/flowStore";

const REVIEWS = ["reviews"];
/** Everything that a finished run changes. */
const CHANGED_BY_A_RUN = [
  ["dcl"],
  ["connect-run"],
  ["connections"],
  ["records"],
  ["golden"],
  ["ledger"],
  ["rejections"],
  ["memory"],
];
/** Tasks also find records that are one thing and ask about those that may be, read documents, have pilots look, ask the discovery service, turn
 * production mode on and off, and end runs that were cut off. */
const CHANGED_BY_TASKS = [
  ["tasks"],
  ["aoa"],
  ["agents"],
  ["golden"],
  REVIEWS,
  ["knowledge"],
  ["assets"],
  ["models"],
  ["connect-run"],
];
const CHANGED_BY_INTENTS = [["intents"], ["connections"], ["assets"]];
const CHANGED_BY_DRIFT = [["drift"], REVIEWS];
const CHANGED_BY_A_READ = [["connections"], ["ledger"], ...CHANGED_BY_DRIFT];
/** What is not as it was after a message. A run that is over may have found its source changed. */
const CHANGED_BY: Partial<Record<LiveMessage["type"], string[][]>> = {
  state_update: CHANGED_BY_A_RUN,
  intent: CHANGED_BY_INTENTS,
  drift: CHANGED_BY_DRIFT,
  notice: CHANGED_BY_DRIFT,
  journaled: CHANGED_BY_A_READ,
  rag_coverage_check: [["memory"]],
  // A read that goes on waits for no choice any more.
  mapping_progress: [["memory", "checks"]],
  task_changed: CHANGED_BY_TASKS,
  lagged: [...CHANGED_BY_A_RUN, ...CHANGED_BY_INTENTS, ...CHANGED_BY_DRIFT, ...CHANGED_BY_TASKS],
};
/** Things may change many times a second; nobody reads faster than this. */
const REFETCH_AT_MOST_EVERY_MS = 500;

export function useLiveUpdates() {
  const queryClient = useQueryClient();
  useEffect(() => {
    const stale = new Set<readonly string[]>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refetch = () => {
      timer = undefined;
      for (const queryKey of stale) void queryClient.invalidateQueries({ queryKey });
      stale.clear();
    };
    const refetchSoon = (keys: readonly (readonly string[])[]) => {
      for (const key of keys) stale.add(key);
      timer ??= setTimeout(refetch, REFETCH_AT_MOST_EVERY_MS);
    };
    const receive = (message: LiveMessage) => {
      runStore.receive(message, Date.now());
      flowStore.receive(message);
      if (message.type === "state_update") queryClient.setQueryData(graphStateQuery.queryKey, message.data);
      const changed = CHANGED_BY[message.type];
      if (changed) refetchSoon(changed);
    };
    const stopListening = live.onMessage(receive);
    const stopRefetching = live.onOpen(() => refetchSoon([...CHANGED_BY_A_RUN, ...CHANGED_BY_TASKS]));
    live.start();
    return () => {
      clearTimeout(timer);
      stopListening();
      stopRefetching();
      live.stop();
      runStore.clear();
      flowStore.clear();
    };
  }, [queryClient]);
}
