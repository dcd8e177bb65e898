// Drives a real Chromium for `run`: prints one JSON object. Arguments: address, e-mail, password, runs.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const [url, email, password, runs] = process.argv.slice(2);
const from = createRequire(new URL("../../ui/package.json", import.meta.url));
const { chromium } = from("@playwright/test");
const { build } = await import(from.resolve("vite"));

/** A graph of about so many nodes: sources of two tables, which feed three entities, which two agents use. */
function graphOf(count) {
  const node = (id, layer, type) => ({ id, label: id, type, layer, fields: [], records: layer === 2 ? 100 : null });
  const edge = (source, target, value) => ({
    id: `${source}>${target}`,
    source,
    target,
    value,
    label: "",
    type: "mapping",
    edgeType: "dataflow",
    confidence: 0.93,
    field_mappings: [],
    entity_fields: [],
  });
  const nodes = [
    node("e0", 2, "ontology"),
    node("e1", 2, "ontology"),
    node("e2", 2, "ontology"),
    node("a0", 3, "agent"),
    node("a1", 3, "agent"),
  ];
  const edges = [edge("e0", "a0", 2), edge("e1", "a0", 2), edge("e2", "a1", 2)];
  for (let at = 0; nodes.length + 3 <= count + 1; at += 1) {
    nodes.push(node(`s${at}`, 0, "source_parent"));
    for (const table of ["first", "second"]) {
      nodes.push(node(`s${at}_${table}`, 1, "source"));
      edges.push(
        edge(`s${at}`, `s${at}_${table}`, 1 + ((at * 7) % 40)),
        edge(`s${at}_${table}`, `e${at % 3}`, 1 + (at % 9)),
      );
    }
  }
  return { nodes, edges };
}

/** From more nodes than these on, what is in sight is drawn, all of it in one go; the frame after its first node is the first paint. */
const WHOLE_TO = 300;

/** In the page: waits until a selector is there so often, then for the frame after, and says how long it took since a mark. */
const untilDrawn = ([selector, count, mark]) =>
  new Promise((resolve) => {
    const look = () => {
      if (window[mark] === undefined || document.querySelectorAll(selector).length < count)
        return requestAnimationFrame(look);
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - window[mark])));
    };
    look();
  });

/** In the page: records how long frames take until asked. */
const recordFrames = () => {
  window.frames_ms = [];
  let last = performance.now();
  const frame = (now) => {
    window.frames_ms.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
};

/** What is done with the picture while its frames are counted. */
const INTERACTIONS = {
  async point(page) {
    for (let step = 0; step < 60; step += 1)
      await page.mouse.move(500 + ((step * 37) % 800), 250 + ((step * 53) % 600));
  },
  async drag(page) {
    await page.mouse.move(900, 800);
    await page.mouse.down();
    for (let step = 0; step < 60; step += 1) await page.mouse.move(900, 800 - step * 8);
    await page.mouse.up();
  },
  async zoom(page) {
    await page.mouse.move(900, 600);
    await page.keyboard.down("Control");
    for (let step = 0; step < 60; step += 1) await page.mouse.wheel(0, step < 30 ? 40 : -40);
    await page.keyboard.up("Control");
  },
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const result = { login: [], home: [], graph: {} };

/** When the largest thing that is in sight was painted, once nothing more comes. */
const largestPaint = (page) =>
  page.evaluate(
    () =>
      new Promise((done) =>
        new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime)).observe({
          type: "largest-contentful-paint",
          buffered: true,
        }),
      ),
  );

for (let run = 0; run < Number(runs); run += 1) {
  const fresh = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await fresh.newPage();
  const devtools = await fresh.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const scripts = new Map();
  devtools.on("Network.responseReceived", ({ requestId, type }) => type === "Script" && scripts.set(requestId, 0));
  devtools.on(
    "Network.loadingFinished",
    ({ requestId, encodedDataLength }) => scripts.has(requestId) && scripts.set(requestId, encodedDataLength),
  );
  await page.goto(`${url}/login`);
  await page.waitForTimeout(1500);
  result.login.push({
    largest_paint_ms: Math.round(await largestPaint(page)),
    script_kb: Math.round([...scripts.values()].reduce((sum, size) => sum + size, 0) / 1024),
  });
  // Home as somebody sees it who comes back: the session is taken up, the files are known.
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.waitForURL(`${url}/`);
  await page.waitForLoadState("networkidle");
  await page.goto(url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  result.home.push({ largest_paint_ms: Math.round(await largestPaint(page)) });
  await fresh.close();
}

const page = await context.newPage();
await page.goto(`${url}/login`);
await page.getByLabel("E-mail").fill(email);
await page.getByLabel("Password").fill(password);
await page.getByRole("button", { name: "Log in", exact: true }).click();
await page.waitForURL(`${url}/`);
let served = null;
await page.route("**/api/v1/dcl/state*", async (route) => {
  const answer = await route.fetch();
  await route.fulfill({ response: answer, json: { ...(await answer.json()), ...served } });
});
// The live line would put the real graph in the place of the made one; later it carries the events of the flow.
let line = null;
await page.routeWebSocket(/\/dcl\/ws/, (socket) => {
  line = socket;
});
await page.addInitScript(() => {
  const fetched = window.fetch;
  window.fetch = async (...request) => {
    const response = await fetched(...request);
    const address = request[0] instanceof Request ? request[0].url : String(request[0]);
    if (!address.includes("/dcl/state")) return response;
    const text = await response.text();
    window.dataAt ??= performance.now();
    return new Response(text, { status: response.status, headers: response.headers });
  };
});
const bundle = await build({
  root: fileURLToPath(new URL("../../ui", import.meta.url)),
  configFile: false,
  logLevel: "error",
  build: {
    write: false,
    lib: { entry: fileURLToPath(new URL("plain.js", import.meta.url)), formats: ["iife"], name: "plain" },
  },
  resolve: { alias: { "d3-sankey": from.resolve("d3-sankey") } },
});
const plain = [bundle].flat()[0].output[0].code;

for (const count of [33, 2000]) {
  const graph = graphOf(count);
  const figures = { nodes: graph.nodes.length, drawn: [], ours_ms: [], plain_ms: [] };
  for (const name of Object.keys(INTERACTIONS))
    Object.assign(figures, { [`${name}_per_second`]: [], [`${name}_worst_ms`]: [] });
  for (let run = 0; run < Number(runs); run += 1) {
    served = graph;
    await page.goto(`${url}/ontology`);
    const awaited = count > WHOLE_TO ? 1 : graph.nodes.length;
    figures.ours_ms.push(Math.round(await page.evaluate(untilDrawn, ["[data-node]", awaited, "dataAt"])));
    figures.drawn.push(await page.locator("[data-node]").count());
    await page.evaluate(recordFrames);
    for (const [name, interact] of Object.entries(INTERACTIONS)) {
      await page.evaluate(() => {
        window.frames_ms = [];
      });
      await interact(page);
      const frames = await page.evaluate(() => window.frames_ms);
      const took = frames.reduce((sum, frame) => sum + frame, 0);
      figures[`${name}_per_second`].push(Math.round((frames.length / took) * 10_000) / 10);
      figures[`${name}_worst_ms`].push(Math.round(Math.max(...frames)));
    }
    const peer = await context.newPage();
    await peer.setContent("<!doctype html><body></body>");
    await peer.addScriptTag({ content: plain });
    await peer.evaluate((data) => {
      window.dataAt = performance.now();
      window.drawPlain(data, 1200);
    }, graph);
    figures.plain_ms.push(Math.round(await peer.evaluate(untilDrawn, ["rect", graph.nodes.length, "dataAt"])));
    await peer.close();
  }
  result.graph[count] = figures;
}

const LANES = ["ingested", "canonicalized", "materialized", "viewed", "journaled"];
const EVENTS = 10_000;
const [BURST, EVERY_MS] = [100, 50];
served = null;
await page.goto(`${url}/live`);
await page.getByRole("heading", { level: 1 }).waitFor();
await page.waitForTimeout(1000);
await page.evaluate(recordFrames);
for (let sent = 0; sent < EVENTS; sent += BURST) {
  for (let at = sent; at < sent + BURST; at += 1) {
    const data = {
      source: `source ${at % 9}`,
      stream: `table ${at % 31}`,
      records: 1 + (at % 5000),
      run_id: "r",
      trace_id: "t",
    };
    const message = { type: LANES[at % 5], id: String(1_000_000 + at), at: new Date().toISOString(), data };
    line.send(JSON.stringify(message));
  }
  await page.waitForTimeout(EVERY_MS);
}
await page.waitForTimeout(1000);
const flow = await page.evaluate(() => window.frames_ms);
result.flow = {
  events: EVENTS,
  frames: flow.length,
  frame_median_ms: Math.round([...flow].sort((a, b) => a - b)[flow.length >> 1] * 10) / 10,
  frame_worst_ms: Math.round(Math.max(...flow)),
  over_100_ms: flow.filter((took) => took > 100).length,
};
await browser.close();
process.stdout.write(JSON.stringify(result));
