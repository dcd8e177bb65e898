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
export type Schedule = Schemas["Schedule"];
export type NewSchedule = Schemas["ScheduleCreate"];
export type ConnectorInfo = Schemas["ConnectorInfo"];
export type ConnectorSetting = Schemas["SettingInfo"];
export type ConnectionHealth = Schemas["ConnectionHealth"];
export type ConnectionAlert = Schemas["AlertInfo"];
export type ConnectionEvent = Schemas["EventInfo"];
export type MeshMetrics = Schemas["MeshMetrics"];
export type CheckInfo = Schemas["CheckInfo"];
export type Discovery = Schemas["Discovery"];
export type Review = Schemas["Review"];
export type ReviewsWaiting = Schemas["ReviewsWaiting"];
export type ReviewDetail = Schemas["ReviewDetail"];
export type Rehearsal = Schemas["RehearsalReport"];
export type DriftPolicy = Schemas["PolicyInfo"];
export type IntentState = Schemas["IntentState"];
export type Intent = Schemas["IntentInfo"];
export type IntentDetail = Schemas["IntentDetail"];
export type IntentSample = Schemas["SampleInfo"];
export type Funnel = Schemas["Funnel"];
export type Assets = Schemas["Assets"];
export type Asset = Schemas["Asset"];
export type Samples = Schemas["SamplesInfo"];
export type GoldenSummary = Schemas["GoldenSummary"];
export type UnifiedState = Schemas["UnifiedState"];
export type GoldenDetail = Schemas["GoldenDetail"];
export type GoldenCell = Schemas["GoldenCell"];
export type MappingCheck = Schemas["MappingCheckReport"];
export type DecisionAccuracy = Schemas["DecisionAccuracy"];
export type Role = Schemas["Role"];
export type Me = Schemas["Me"];
export type ProgramAsked = Schemas["ProgramAsked"];
export type ProgramRequest = Schemas["ProgramRequest"];
export type UserSession = Schemas["UserSession"];
export type Invitation = Schemas["Invitation"];
export type NewInvitation = Schemas["NewInvitationOut"];
export type ApiKey = Schemas["ApiKey"];
export type NewApiKey = Schemas["NewApiKeyOut"];
export type FlagState = Schemas["FlagState"];
export type Isolation = Schemas["Isolation"];
export type AuditEntry = Schemas["AuditEntry"];
export type SlackNotifications = Schemas["SlackNotifications"];
export type CallbackEndpoint = Schemas["CallbackEndpoint"];
export type FieldLineage = Schemas["FieldLineage"];
export type AoaStatus = Schemas["AoaStatus"];
export type Persona = Schemas["Persona"];
export type PersonaSummary = Schemas["PersonaSummary"];
export type PersonaTile = Schemas["PersonaTile"];
export type QuestionOutcome = Schemas["QuestionOutcome"];
export type QuestionAnswered = Schemas["QuestionAnswered"];
export type QuestionRefused = Schemas["QuestionRefused"];
export type Receipt = Schemas["Receipt"];
export type RegisteredAgent = Schemas["Agent"];
export type AgentSettings = Schemas["AgentSettings"];
export type Finding = Schemas["Finding"];
export type FindingGroup = Schemas["ListOut_FindingGroup"]["items"][number];
export type KnowledgeDocument = Schemas["KnowledgeDocument"];
export type KnowledgeMatch = Schemas["KnowledgeMatch"];
export type DocumentTaken = Schemas["DocumentTaken"];
export type Models = Schemas["Models"];
export type ModelSettings = Schemas["ModelSettings"];
export type ModelSettingsShown = Schemas["ModelSettingsShown"];

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

/** A page of a stream went through a stage; `records` counts those of this page. */
export type PageStage = {
  connection_id: string;
  source: string;
  run_id: string;
  trace_id: string;
  stream: string;
  records: number;
  duplicate?: number;
  filtered?: number;
  rejected?: number;
};
export type RunClosed = LedgerTotals & {
  connection_id: string;
  source: string;
  run_id: string;
  trace_id: string;
  outcome: Outcome;
  error: string | null;
};
export type StageName = "ingested" | "canonicalized" | "materialized";

export type LiveMessage =
  | { type: "mapping_progress"; id: string; at: string; data: MappingProgress }
  | { type: "sources_connected"; id: string; at: string; data: SourcesConnected }
  | { type: "narration"; id: string; at: string; data: Narration }
  /** Tasks were enqueued, have begun, logged something, moved on or ended; `more` of them are not named. */
  | { type: "task_changed"; id: string; at: string; data: { tasks: TaskChange[]; more: number } }
  | { type: StageName; id: string; at: string; data: PageStage }
  /** The unified views show what was materialized. */
  | { type: "viewed"; id: string; at: string; data: Record<string, unknown> }
  | { type: "journaled"; id: string; at: string; data: RunClosed }
  /** A proposal to connect a source has come further. */
  | { type: "intent"; id: string; at: string; data: Record<string, unknown> }
  /** A source has changed, or an item of the review queue has. */
  | { type: "drift"; id: string; at: string; data: Record<string, unknown> }
  /** Most columns of a source are known: somebody may say whether a model is asked about the others. */
  | { type: "rag_coverage_check"; id: string; at: string; data: Record<string, unknown> }
  /** Something a person should look at. */
  | { type: "notice"; id: string; at: string; data: Record<string, unknown> }
  | { type: "state_update"; id: string | null; at: string; data: GraphState }
  /** This line was too slow and missed messages. */
  | { type: "lagged"; id: null; at: string; data: { missed: number; next_step: string } };
