// Short names for the generated API shapes. The shapes themselves live in schema.ts and are never written by hand;
// only the WebSocket messages, which OpenAPI cannot describe, are written down here.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type User = Schemas["User"];
export type Session = Schemas["Session"];
export type Connection = Schemas["ConnectionDetail"];
export type Agent = Schemas["AgentInfo"];
export type ConnectRun = Schemas["ConnectRun"];
export type SourceProgress = Schemas["SourceProgress"];
export type GraphState = Schemas["State"];
export type GraphNode = Schemas["Node"];
export type GraphEdge = Schemas["Edge"];
export type OntologyEntity = Schemas["EntitySchema"];
export type SourceMapping = Schemas["SourceMapping"];
export type FieldMapping = Schemas["FieldMapping"];
export type SourceSchema = Schemas["SourceSchema"];
export type SourceTable = Schemas["TableSchema"];
export type SourceColumn = Schemas["ColumnSchema"];
export type ViewColumn = Schemas["ViewColumn"];
export type ViewPage = Schemas["ViewPage"];
export type UnifiedRecord = Schemas["RecordDetail"];
export type Cell = Schemas["Cell"];
export type Run = Schemas["RunInfo"];
export type Outcome = Schemas["Outcome"];
export type LedgerTotals = Schemas["LedgerTotals"];
export type Rejection = Schemas["RejectionInfo"];
export type RejectionCode = Rejection["code"];
export type Task = Schemas["Task"];
export type TaskSummary = Schemas["TaskSummary"];
export type TaskState = Schemas["TaskState"];
export type QueueStats = Schemas["QueueStats"];
export type AoaStatus = Schemas["AoaStatus"];

export type MappingProgress = {
  run_id: string;
  source: string;
  stage: "reading" | "mapping" | "materializing" | "done" | "failed";
  table?: string | null;
  tables_done: number;
  tables: number;
  records_read: number;
  message: string;
  percent: number;
};
export type Narration = { run_id: string; at: string; message: string; level: string };
export type SourcesConnected = { run_id: string; sources: string[]; elapsed_ms: number };

export type TaskChange = {
  id: string;
  kind: string;
  state: TaskState;
  attempt: number;
  progress?: number;
  message?: string;
};

export type LiveMessage =
  | { type: "mapping_progress"; id: string; at: string; data: MappingProgress }
  | { type: "sources_connected"; id: string; at: string; data: SourcesConnected }
  | { type: "narration"; id: string; at: string; data: Narration }
  /** Tasks have begun, moved on or ended; `more` of them are not named. */
  | { type: "task_changed"; id: string; at: string; data: { tasks: TaskChange[]; more: number } }
  | { type: "state_update"; id: string | null; at: string; data: GraphState }
  /** This line was too slow and missed messages. */
  | { type: "lagged"; id: null; at: string; data: { missed: number; next_step: string } };
