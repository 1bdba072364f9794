/** What people write in the played states: short and long, left to right and right to left, links and emoji. */
export const TEXTS = {
  question: "Hello, does the Night Ferry suit a moka pot?",
  answer: "Hello! Yes, it does. Grind it a little finer than for filter.",
  thanks: "Lovely, thank you 🙏",
  long:
    "Here is how I make it: fill the lower chamber with hot water up to the valve, put the basket in, fill it " +
    "loosely and do not press it down.\n\nThen screw the pot together, put it on a small flame, and take it off as " +
    "soon as it begins to sputter.",
  link: "It is all in here: https://example.com/guides/moka-pot/how-to-grind?for=night-ferry&size=six-cups#the-basket.",
  unbroken: "Pneumonoultramicroscopicsilicovolcanoconiosis".repeat(3),
  emoji: "☕️🌊😀👩‍👩‍👧‍👦",
  arabic: "مرحبا، متى يصل طلبي رقم 1234 إلى المتجر؟",
  hebrew: "שלום, יש לכם קפה בלי קפאין?",
} as const;

export const LONG_NAME = "Maximiliane Konstantinopolitanska-Featherstonehaugh von und zu Hohenlohe";
