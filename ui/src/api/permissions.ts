// What the person may do. Buttons ask here so that nobody is offered what would be refused; the server decides all the same.
import { useQuery } from "@tanstack/react-query";
import { permissionsQuery } from "./queries";

/** Says whether an action such as `members:manage` is allowed; `null` while nobody knows. */
export function useMay(action: string): boolean | null {
  const { data } = useQuery(permissionsQuery);
  return data?.decisions.find((decision) => decision.action === action)?.allowed ?? (data ? false : null);
}
