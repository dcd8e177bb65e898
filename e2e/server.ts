// Starts the real binary (AUTONOMOS_BIN) as a demo on a free port with a data directory of its own, and stops it again.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_MAX_MS = 60_000;
const STOP_MAX_MS = 10_000;
const OUTPUT_KEPT_CHARS = 4_000;
/** A journey clicks as fast as many people do who share one company's allowance. */
const MANY_PEOPLE = { AUTONOMOS_RATE__READS_BURST: "600", AUTONOMOS_RATE__WRITES_BURST: "300" };

export type DemoServer = {
  url: string;
  email: string;
  password: string;
  /** A folder that journeys may put files into and connect them from. */
  files: string;
  stop: () => Promise<void>;
};

function binaryOf(): string {
  const binary = process.env.AUTONOMOS_BIN;
  if (!binary)
    throw new Error("AUTONOMOS_BIN is not set: point it at the autonomos binary, for example target/release/autonomos");
  return binary;
}

/** Plays a vendor beside the demo, which is allowed to call its own machine. */
export async function startSimulator(
  vendor: string,
  ...settings: string[]
): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn(binaryOf(), ["simulate", vendor, "--port", "0", ...settings], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => end(child);
  try {
    const [url = ""] = await readUntil(child, [/listening on (http:\/\/127\.0\.0\.1:\d+)/]);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Finds a port that is free right now. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** `settings` are variables of the environment for this server alone. */
export async function startDemo(settings: Record<string, string> = {}): Promise<DemoServer> {
  const binary = binaryOf();
  const folder = await mkdtemp(join(tmpdir(), "autonomos-e2e-"));
  const [data, files] = [join(folder, "data"), join(folder, "files")];
  await mkdir(files);
  const env = {
    ...process.env,
    AUTONOMOS_SOURCES__ALLOWED_ROOTS: files,
    AUTONOMOS_NET__ALLOW_PRIVATE: "127.0.0.1/32",
    ...MANY_PEOPLE,
    ...settings,
  };
  const child = spawn(binary, ["demo", "--port", "0", "--data", data], { stdio: ["ignore", "pipe", "pipe"], env });
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [url = "", password = ""] = await readUntil(child, [
      /listening on (http:\/\/127\.0\.0\.1:\d+)/,
      /password:\s*(\S+)/,
    ]);
    return { url, email: "demo@autonomos.local", password, files, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until the program has said everything that is looked for, and returns it. */
function readUntil(child: ChildProcess, wanted: RegExp[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (reason: string) => reject(new Error(`${reason}; it said:\n${output.slice(-OUTPUT_KEPT_CHARS)}`));
    const timer = setTimeout(() => fail(`the server was not up after ${START_MAX_MS} ms`), START_MAX_MS);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const found = wanted.flatMap((pattern) => pattern.exec(output)?.[1] ?? []);
      if (found.length < wanted.length) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code) => fail(`the server ended with code ${code}`));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MAX_MS);
  await ended;
  clearTimeout(timer);
}
