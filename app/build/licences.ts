/** @file Build step: names and licences of the libraries in package.json, for the page "About". */
import { readFileSync } from "node:fs";

interface Manifest {
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifest(path: string): Manifest {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as Manifest;
}

export function appVersion(): string {
  return manifest("../package.json").version ?? "0.0.0";
}

export function licences(): readonly { readonly name: string; readonly licence: string }[] {
  return Object.keys(manifest("../package.json").dependencies ?? {}).map((name) => {
    const { version, license } = manifest(`../node_modules/${name}/package.json`);
    return { name: `${name} ${version ?? ""}`.trim(), licence: license ?? "unknown" };
  });
}
