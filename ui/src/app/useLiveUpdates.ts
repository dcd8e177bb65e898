// Feeds messages from the live connection into the query cache and the run in progress.
// Pages read the cache; none of them talks to the socket.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { graphStateQuery } from "@/api/queries";
import { live } from "@/api/socket";
import type { LiveMessage } from "@/api/types";
import { runStore } from "@/features/connect/runStore";
import { flowStore } from "@/features/live/flowStore";

/** Everything that a finished run changes. */
const CHANGED_BY_A_RUN = [["dcl"], ["connect-run"], ["connections"], ["records"], ["ledger"], ["rejections"]];
const CHANGED_BY_TASKS = [["tasks"], ["aoa"]];
const CHANGED_BY_INTENTS = [["intents"], ["connections"]];
const CHANGED_BY_DRIFT = [["drift"], ["reviews"]];
/** Tasks may change many times a second; nobody reads faster than this. */
const TASKS_AT_MOST_EVERY_MS = 500;

export function useLiveUpdates() {
  const queryClient = useQueryClient();
  useEffect(() => {
    const refetchAll = () => {
      for (const queryKey of CHANGED_BY_A_RUN) void queryClient.invalidateQueries({ queryKey });
    };
    let tasksTimer: ReturnType<typeof setTimeout> | undefined;
    const refetchTasks = () => {
      tasksTimer ??= setTimeout(() => {
        tasksTimer = undefined;
        for (const queryKey of CHANGED_BY_TASKS) void queryClient.invalidateQueries({ queryKey });
      }, TASKS_AT_MOST_EVERY_MS);
    };
    const receive = (message: LiveMessage) => {
      runStore.receive(message, Date.now());
      flowStore.receive(message);
      if (message.type === "state_update") queryClient.setQueryData(graphStateQuery.queryKey, message.data);
      if (message.type === "state_update" || message.type === "lagged") refetchAll();
      if (message.type === "intent" || message.type === "lagged") {
        for (const queryKey of CHANGED_BY_INTENTS) void queryClient.invalidateQueries({ queryKey });
      }
      // A run that is over may have found its source changed.
      if (["drift", "notice", "journaled", "lagged"].includes(message.type)) {
        for (const queryKey of CHANGED_BY_DRIFT) void queryClient.invalidateQueries({ queryKey });
      }
      if (message.type === "task_changed" || message.type === "lagged") refetchTasks();
    };
    const stopListening = live.onMessage(receive);
    const stopRefetching = live.onOpen(refetchAll);
    live.start();
    return () => {
      clearTimeout(tasksTimer);
      stopListening();
      stopRefetching();
      live.stop();
      runStore.clear();
      flowStore.clear();
    };
  }, [queryClient]);
}
