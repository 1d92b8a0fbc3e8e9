/** @file Build step: fails the build when what a first visit must download outgrows its budget. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const KB = 1000;
const budgets = [
  { name: "initial script", limit: 200 * KB, files: initialFiles(/\.js$/) },
  { name: "initial style", limit: 20 * KB, files: initialFiles(/\.css$/) },
  { name: "service worker", limit: 5 * KB, files: ["sw.js"] },
];

/** What index.html itself asks for, and what those scripts import before they run. */
function initialFiles(pattern) {
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const queue = [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]).filter((name) => /\.(js|css)$/.test(name));
  const seen = new Set(queue);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (!name.endsWith(".js")) continue;
    for (const match of readFileSync(join(dist, name), "utf8").matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) {
      const imported = `assets/${match[1]}`;
      if (!seen.has(imported)) {
        seen.add(imported);
        queue.push(imported);
      }
    }
  }
  return [...seen].filter((name) => pattern.test(name));
}

/** Everything the shell refers to must be ours: no address of another host in what we ship as markup or style. */
function foreignAddresses() {
  const found = [];
  for (const name of ["index.html", ...readdirSync(join(dist, "assets")).map((file) => join("assets", file))]) {
    if (!/\.(html|css)$/.test(name) || statSync(join(dist, name)).isDirectory()) continue;
    for (const match of readFileSync(join(dist, name), "utf8").matchAll(/(?:url\(|src=|href=)["']?((?:https?:)?\/\/[^"')\s]+)/g)) {
      found.push(`${name}: ${match[1]}`);
    }
  }
  return found;
}

let failed = false;
for (const { name, limit, files } of budgets) {
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length, 0);
  const isOver = bytes > limit;
  failed ||= isOver;
  console.log(`${isOver ? "OVER  " : "ok    "}${name}: ${(bytes / KB).toFixed(1)} kB gzip of ${limit / KB} kB (${files.length} files)`);
}
for (const address of foreignAddresses()) {
  failed = true;
  console.log(`FOREIGN ${address}`);
}
process.exitCode = failed ? 1 : 0;
