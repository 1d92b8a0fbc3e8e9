/** @file What the build writes into the code (vite.config.ts). */
declare const __APP_VERSION__: string;
declare const __LICENCES__: readonly { readonly name: string; readonly licence: string }[];
