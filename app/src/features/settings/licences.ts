/** @file The libraries that the app is shipped with. The list is made from package.json when the app is built. */
export const LICENCES: readonly { readonly name: string; readonly licence: string }[] = __LICENCES__;
