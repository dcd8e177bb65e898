// Waits as long as a busy server asks for. A request that was answered 429 had no effect, so any of them may be sent again.
const TRIES_MAX = 4;
const WAIT_MAX_S = 5;
const SPREAD_MS = 250;

/** Ends early when the one who asked went away. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => {
      clearTimeout(timer);
      reject(new DOMException("Nobody waits for the answer any more.", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", gone);
      resolve();
    }, milliseconds);
    if (signal.aborted) gone();
    else signal.addEventListener("abort", gone, { once: true });
  });
}

/** Sends a request. Where the server asks for a short wait (Retry-After), it waits and asks again; a long wait is the reader's to decide. */
export async function patiently(request: Request): Promise<Response> {
  let next = request;
  for (let tries = 1; ; tries += 1) {
    const spare = tries < TRIES_MAX ? next.clone() : null;
    const response = await fetch(next);
    const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
    if (response.status !== 429 || !spare || !(wait >= 0 && wait <= WAIT_MAX_S)) return response;
    await pause(wait * 1000 + Math.random() * SPREAD_MS, request.signal);
    next = spare;
  }
}
