// The roles in their order, and which of them someone may give.
import type { Role } from "@/api/types";

export const ROLES: Role[] = ["viewer", "agent", "member", "admin", "owner"];

/** Nobody gives more than they have. */
export const rolesUpTo = (own: Role): Role[] => ROLES.slice(0, ROLES.indexOf(own) + 1);

/** Nobody changes who is above them. */
export const isAbove = (other: Role, own: Role): boolean => ROLES.indexOf(other) > ROLES.indexOf(own);
