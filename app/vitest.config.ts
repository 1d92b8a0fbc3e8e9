/** @file How the app's tests run: pure code in node, component tests ask for a document by a comment in the file. */
import { mergeConfig, defineConfig } from "vitest/config";
import viteConfig from "./vite.config.ts";

export default mergeConfig(
  viteConfig({ mode: "test", command: "serve" }),
  defineConfig({
    test: {
      include: ["src/**/*.test.{ts,tsx}", "build/**/*.test.ts"],
      environment: "node",
      restoreMocks: true,
      // Linting a file from within a test and real key stretching take seconds where other work runs beside them.
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  }),
);
