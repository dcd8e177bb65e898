// Draws what stands below others only once those above have their height, so that nothing moves that somebody is about to read or press.
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";

/** Nothing new has been asked for so long when what is above is complete; what arrives may ask for more. */
const QUIET_MS = 30;
/** Nobody waits longer than this for what has arrived long ago. */
const WAIT_MAX_MS = 3_000;

type Props = {
  children: ReactNode;
  /** What stands in the place meanwhile, where something stands beside it. */
  meanwhile?: ReactNode;
  /** The screens on which it stands beside and not below, as a media query; there it waits for nothing. */
  besideOn?: string;
};

export function Below({ children, meanwhile, besideOn }: Props) {
  const queryClient = useQueryClient();
  const [drawn, setDrawn] = useState(() => besideOn !== undefined && (window.matchMedia?.(besideOn).matches ?? false));
  useEffect(() => {
    if (drawn) return;
    let quiet: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(quiet);
      const waiting = queryClient.isFetching({ predicate: ({ state }) => state.status === "pending" });
      if (waiting === 0) quiet = setTimeout(() => setDrawn(true), QUIET_MS);
    };
    const stopLooking = queryClient.getQueryCache().subscribe(look);
    const longest = setTimeout(() => setDrawn(true), WAIT_MAX_MS);
    look();
    return () => {
      stopLooking();
      clearTimeout(quiet);
      clearTimeout(longest);
    };
  }, [drawn, queryClient]);
  return drawn ? children : meanwhile;
}
