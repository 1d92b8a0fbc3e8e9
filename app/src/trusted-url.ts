/** @file The one Trusted Types policy of the app, `eaves`: only scripts of our own origin become workers. */

interface PolicyFactory {
  createPolicy(name: string, rules: { readonly createScriptURL: (url: string) => string }): { createScriptURL(url: string): unknown };
}

function ownScript(url: string): string {
  const absolute = new URL(url, location.href);
  if (absolute.origin !== location.origin) throw new TypeError("a worker's script must be ours");
  return absolute.href;
}

// Browsers without Trusted Types take the plain string; the check is the same.
const factory = (globalThis as { readonly trustedTypes?: PolicyFactory }).trustedTypes;
const policy = factory?.createPolicy("eaves", { createScriptURL: ownScript });

/** For `new Worker` and `serviceWorker.register`. Typed as a string because the DOM types know no TrustedScriptURL. */
export function trustedScriptUrl(url: string): string {
  return policy === undefined ? ownScript(url) : (policy.createScriptURL(url) as string);
}
