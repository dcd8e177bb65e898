// Builds the web interface into `dist`, which the binary embeds, and serves it in development with the API proxied.
// No backend behaviour lives here.
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const backend = process.env.AUTONOMOS_URL ?? "http://127.0.0.1:5000";

/**
 * Has the browser ask for the login together with the program, and not after the program has run. Strangers see the login first and have nothing
 * yet; whoever was here before has it.
 */
function preloadLogin(): Plugin {
  return {
    name: "preload-login",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
        const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
        const wanted = chunks.filter(({ facadeModuleId }) => facadeModuleId?.endsWith("/auth/LoginPage.tsx"));
        for (const chunk of wanted) {
          const further = chunk.imports.flatMap((name) => named.get(name) ?? []);
          wanted.push(...further.filter((one) => !wanted.includes(one)));
        }
        const names = wanted.map(({ fileName }) => fileName).filter((name) => !html.includes(name));
        return names.map((name) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `/${name}` },
          injectTo: "head",
        }));
      },
    },
  };
}

export default defineConfig({
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  plugins: [react(), tailwindcss(), preloadLogin()],
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: backend, ws: true }, "/docs": backend, "/openapi.json": backend },
  },
  build: { target: "es2022", sourcemap: false, reportCompressedSize: true },
  test: {
    environment: "jsdom",
    isolate: false,
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    testTimeout: 20_000,
    retry: process.env.CI ? 2 : 0,
  },
});
