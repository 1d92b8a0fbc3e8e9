/** @file The words on screen, in the language of this person. Another language is another file beside `en.ts`. */
import type { Locale } from "../domain/clock.ts";
import { en } from "./en.ts";

export type Text = typeof en;
export const text: Text = en;

/** The language of the catalogue with the clock of this device. */
export const locale: Locale = {
  language: text.language,
  hourCycle: /h1[12]/.test(new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hourCycle ?? "h23") ? "h12" : "h23",
};
