// How the journeys run: in an installed Chromium (CHROMIUM names it), one at a time, against the real binary.
import { defineConfig } from "./playwright";

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  workers: 1,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  forbidOnly: Boolean(process.env.CI),
  retries: process.env.CI ? 2 : 0,
  reporter: [["list"]],
  use: {
    viewport: { width: 1440, height: 900 },
    colorScheme: "dark",
    reducedMotion: "reduce",
    // Recording every step doubles the work of a machine that draws without a graphics card, so the second try is recorded alone.
    trace: process.env.CI ? "on-first-retry" : "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // A container's root user cannot use Chromium's sandbox; only pages from this machine are opened.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
});
