// Feeds messages from the live connection into the query cache and the run in progress.
// Pages read the cache; none of them talks to the socket.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { graphStateQuery } from "@/api/queries";
import { live } from "@/api/socket";
import type { LiveMessage } from "@/api/types";
import { runStore } from "@/features/connect/runStore";

/** Everything that a finished run changes. */
const CHANGED_BY_A_RUN = [["dcl"], ["connect-run"], ["connections"], ["records"], ["ledger"], ["rejections"]];

export function useLiveUpdates() {
  const queryClient = useQueryClient();
  useEffect(() => {
    const refetchAll = () => {
      for (const queryKey of CHANGED_BY_A_RUN) void queryClient.invalidateQueries({ queryKey });
    };
    const receive = (message: LiveMessage) => {
      runStore.receive(message, Date.now());
      if (message.type === "state_update") queryClient.setQueryData(graphStateQuery.queryKey, message.data);
      if (message.type === "state_update" || message.type === "lagged") refetchAll();
    };
    const stopListening = live.onMessage(receive);
    const stopRefetching = live.onOpen(refetchAll);
    live.start();
    return () => {
      stopListening();
      stopRefetching();
      live.stop();
      runStore.clear();
    };
  }, [queryClient]);
}
