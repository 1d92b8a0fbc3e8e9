/** @file The words of the log in the language of this person: apart, because only one screen needs that many. */
export { logText } from "./en/log.ts";
