/** @file English for the list of keys. */
export const shortcutText = {
  title: "Keyboard",
  lead: "Everything works without a mouse. Press ? anywhere to see the keys.",
  show: "Show the keys",
  groups: [
    {
      title: "Everywhere",
      keys: [
        { key: "Tab", does: "Next button or field" },
        { key: "Enter", does: "Press it" },
        { key: "Esc", does: "Close what is open" },
        { key: "?", does: "This list" },
      ],
    },
    {
      title: "On the timeline",
      keys: [
        { key: "← →", does: "Back and forward" },
        { key: "Shift ← →", does: "One minute back and forward" },
        { key: "PgUp PgDn", does: "Ten steps back and forward" },
        { key: "Home", does: "To the oldest recording" },
        { key: "End", does: "To the live picture" },
        { key: "Space", does: "Play and pause" },
        { key: "+ −", does: "Show less or more time" },
      ],
    },
  ],
};
