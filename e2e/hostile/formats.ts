/** @file Rows that no relay performs, because the mistake would have to be in a format: the tests that stand behind them. */

import { provedBy } from "./table.ts";

export function formats(): void {
  provedBy(
    "nothing that is wrapped or sealed opens with one bit changed",
    { row: "3.1", at: "format", told: "as the row in which it is met" },
    "with any byte of it changed it opens nowhere",
    "any_flipped_bit_is_refused",
    "every changed byte of a header is noticed",
  );
  provedBy("what is sealed for one place does not open in another: member, household, way, room, epoch", { row: "4.3", at: "format", told: "as the row in which it is met" }, "every sealed thing opens in its own place and in no other", "keys");
  provedBy("each key has one purpose, and its label is its own", { row: "5.1", at: "format", told: "nothing to tell" }, "every label with which something is derived or bound stands for one purpose");
  provedBy("chunks dropped, repeated, reordered or cut never give a shorter or another film", { row: "6.4", at: "format", told: "as 6.1 to 6.3" }, "any_two_chunks_swapped_are_refused", "a_prefix_is_refused_unless_the_link_says_cut", "cut, reordered, repeated or dropped chunks never open, and never give less than the whole");
  provedBy("a key per room: who is not in the audience neither finds nor opens", { row: "13.2", at: "format", told: "“There is no such page”" }, "who_is_not_in_the_audience_finds_nothing", "another_identity_does_not_open");
  provedBy("parameters and kinds of keys that a reader does not know are refused, not tried", { row: "10.2", at: "format", told: "as 10.1" }, "a preset that the app does not know is refused", "recipients_that_a_quantum_computer_opens_are_refused_by_name");
}
