/** @file How the app is built: `vite build` makes `dist/`; mode `fake` shows all screens over a made-up home. */
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { appVersion, licences } from "./build/licences.ts";
import { shellList } from "./build/shell-list.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => ({
  plugins: [react(), tailwindcss(), shellList()],
  define: { __APP_VERSION__: JSON.stringify(appVersion()), __LICENCES__: JSON.stringify(licences()) },
  resolve: {
    alias: {
      // Radix locks scrolling through react-remove-scroll, which adds <style> elements: our style-src forbids those.
      "react-remove-scroll": here("src/ui/scroll-lock.tsx"),
    },
  },
  server: {
    // In development the app runs here and a running `eaves` answers for the rest.
    proxy: { "/api": { target: process.env.EAVES_URL ?? "http://127.0.0.1:7480", ws: true } },
  },
  worker: { format: "es" },
  build: {
    target: ["chrome125", "firefox128", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What counts is what a first visit downloads, zipped: build/budget.mjs.
    chunkSizeWarningLimit: 700,
    outDir: mode === "fake" ? "node_modules/.fake-dist" : "dist",
    rolldownOptions: {
      input:
        mode === "fake"
          ? { index: here("dev/index.html") }
          : { index: here("index.html"), sw: here("src/sw.ts") },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
}));
