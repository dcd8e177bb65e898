// The one place that knows where Playwright and axe are installed: with the web interface, so that there is one lock file.
export { default as AxeBuilder } from "../ui/node_modules/@axe-core/playwright";
export { defineConfig, expect, type Page, test } from "../ui/node_modules/@playwright/test";
