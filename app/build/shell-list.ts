/** @file Build step: tells the service worker which files make up the shell, and a version that changes with them. */
import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/** What `src/sw.ts` carries until the build replaces it. */
const PLACEHOLDER = "__EAVES_SHELL__";

/**
 * Files cached on install: the app's own chunks, style, page and the fonts of most names. Workers (assets to the
 * bundler), and with them the code that only signing in needs, are cached when first used.
 */
function isShell(name: string, type: "chunk" | "asset"): boolean {
  return name.endsWith(".js") ? type === "chunk" : /\.(css|html)$/.test(name) || /-latin-wght-.*\.woff2$/.test(name);
}

export function shellList(): Plugin {
  return {
    name: "eaves-shell-list",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const worker = bundle["sw.js"];
        if (worker?.type !== "chunk") return;
        if (worker.imports.length > 0) this.error(`sw.js must stand alone, but imports ${worker.imports.join(", ")}`);
        const names = Object.entries(bundle)
          .filter(([name, { type }]) => name !== "sw.js" && isShell(name, type))
          .map(([name]) => name)
          .sort();
        const hash = createHash("sha256");
        for (const name of names) {
          const file = bundle[name];
          if (file !== undefined) hash.update(name).update(file.type === "chunk" ? file.code : file.source);
        }
        const shell = JSON.stringify({
          version: hash.digest("hex").slice(0, 16),
          files: names.map((name) => (name === "index.html" ? "/" : `/${name}`)),
        });
        if (!worker.code.includes(PLACEHOLDER)) this.error("sw.js does not carry the shell placeholder");
        worker.code = worker.code.replace(PLACEHOLDER, () => shell.replaceAll("\\", "\\\\").replaceAll("`", "\\`"));
      },
    },
  };
}
