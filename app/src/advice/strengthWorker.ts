/** @file The worker in which a password's strength is reckoned: dictionaries of megabytes that the page never holds. */
import { serve, type Port } from "../crypto/remote";
import { strength } from "./strength";

serve(self as unknown as Port, { strength: (password: string, words: readonly string[]) => Promise.resolve(strength(password, words)) });
