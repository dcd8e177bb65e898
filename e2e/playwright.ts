// The one place that knows where Playwright is installed: with the web interface, so that there is one lock file.
export { defineConfig, expect, type Page, test } from "../ui/node_modules/@playwright/test";
