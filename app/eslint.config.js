/** @file The rules of the app's code. Beside the usual strictness they hold who may touch keys and who the network. */
import js from "@eslint/js";
import globals from "globals";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const KEYS = "Only src/crypto touches keys.";
const NETWORK = "Only src/api calls the network.";

const networkGlobals = ["fetch", "WebSocket", "EventSource", "XMLHttpRequest", "WebTransport"].map((name) => ({ name, message: NETWORK }));
const networkProperties = [
  ...["window", "self", "globalThis"].flatMap((object) =>
    ["fetch", "WebSocket", "EventSource", "XMLHttpRequest"].map((property) => ({ object, property, message: NETWORK })),
  ),
  { object: "navigator", property: "sendBeacon", message: NETWORK },
];
const keyGlobals = [{ name: "crypto", message: KEYS }];
const keyProperties = [
  { property: "subtle", message: KEYS },
  { object: "navigator", property: "credentials", message: KEYS },
  ...["window", "self", "globalThis"].map((object) => ({ object, property: "crypto", message: KEYS })),
];
const keyPackages = {
  group: ["@noble/*", "@serenity-kit/*", "age-encryption", "age-encryption/*", "@hpke/*", "@scure/*"],
  message: KEYS,
};
/** Paths that lead into a folder of `src`, from wherever one stands. */
const into = (folder, message) => ({ group: [`**/${folder}`, `**/${folder}/**`, `./${folder}/**`], message });
const seam = "Screens act through HomeModel (domain/home.ts).";

/** One rule entry per right: what a folder may do is what is not in its list. */
function rights({ keys = false, network = false, imports = [] }) {
  return {
    "no-restricted-globals": ["error", ...(keys ? [] : keyGlobals), ...(network ? [] : networkGlobals)],
    "no-restricted-properties": ["error", ...(keys ? [] : keyProperties), ...(network ? [] : networkProperties)],
    "no-restricted-imports": ["error", { patterns: [...(keys ? [] : [keyPackages]), ...imports] }],
  };
}

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/generated.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked, reactHooks.configs.flat.recommended],
    languageOptions: { globals: globals.browser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "no-console": "error",
      ...rights({}),
    },
  },
  // The folders, and what each may reach.
  { files: ["src/domain/**"], rules: rights({ imports: ["ui", "features", "core", "crypto", "api", "media", "text"].map((folder) => into(folder, "domain/ is pure.")).concat({ group: ["react", "react-dom", "react-dom/*"], message: "domain/ is pure." }) }) },
  { files: ["src/ui/**"], rules: rights({ imports: ["features", "core", "crypto", "api", "media", "domain"].map((folder) => into(folder, "ui/ knows nothing of Eaves.")) }) },
  { files: ["src/text/**"], rules: rights({ imports: ["ui", "features", "core", "crypto", "api", "media"].map((folder) => into(folder, "text/ holds words.")) }) },
  { files: ["src/features/**"], rules: rights({ imports: ["core", "crypto", "api", "media"].map((folder) => into(folder, seam)) }) },
  { files: ["src/crypto/**"], rules: rights({ keys: true, imports: ["ui", "features", "core", "api", "media", "domain", "text"].map((folder) => into(folder, "crypto/ stands alone.")) }) },
  { files: ["src/api/**"], rules: rights({ network: true, imports: ["ui", "features", "core", "crypto", "media", "text"].map((folder) => into(folder, "api/ only carries bytes.")) }) },
  { files: ["src/media/**"], rules: rights({ imports: ["ui", "features", "core", "text"].map((folder) => into(folder, "media/ knows no screens.")) }) },
  { files: ["src/core/**"], rules: rights({ imports: ["ui", "features", "text"].map((folder) => into(folder, "core/ knows no screens.")) }) },
  // The service worker is the other place that asks for files: those of the shell, from our own origin.
  { files: ["src/sw.ts"], rules: rights({ network: true }) },
  { files: ["**/*.test.{ts,tsx}", "src/core/testing/**", "dev/**"], rules: { "@typescript-eslint/no-non-null-assertion": "off", ...rights({ keys: true, network: true }) } },
  { files: ["build/**", "*.config.{js,ts}"], languageOptions: { globals: globals.node } },
);
