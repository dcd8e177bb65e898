// How far an agent may go, the least first.
export const MODES = ["observe", "recommend", "approve_to_act", "auto"] as const;
