// Builds the web interface into `dist`, which the binary embeds, and serves it in development with the API proxied.
// No backend behaviour lives here.
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const backend = process.env.AUTONOMOS_URL ?? "http://127.0.0.1:5000";

export default defineConfig({
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  plugins: [react(), tailwindcss()],
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: backend, ws: true }, "/docs": backend, "/openapi.json": backend },
  },
  build: { target: "es2022", sourcemap: false, reportCompressedSize: true },
  test: { environment: "jsdom", setupFiles: ["src/test/setup.ts"], restoreMocks: true },
});
