// The one error type that pages see: what went wrong and the next step, from RFC 9457 problems or a lost network.

type ProblemBody = { title?: string; detail?: string; code?: string; next_step?: string; trace_id?: string };

export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly nextStep: string | undefined;
  readonly traceId: string | undefined;

  constructor(status: number, body: ProblemBody) {
    super(body.detail || body.title || `The server answered with status ${status}.`);
    this.name = "ApiProblem";
    this.status = status;
    this.code = body.code ?? "unknown";
    this.nextStep = body.next_step;
    this.traceId = body.trace_id;
  }

  /** Describes a request that never got an answer. */
  static unreachable(): ApiProblem {
    return new ApiProblem(0, {
      code: "unreachable",
      detail: "The server did not answer.",
      next_step: "Check that autonomos is running, then try again.",
    });
  }

  static from(status: number, body: unknown): ApiProblem {
    return new ApiProblem(status, body !== null && typeof body === "object" ? (body as ProblemBody) : {});
  }
}

/** Turns anything thrown into a problem that can be shown. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(0, { code: "unexpected", detail: error instanceof Error ? error.message : String(error) });
}
