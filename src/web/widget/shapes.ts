/** Shapes that bubble and panel share, as paths in a box of 24. */
export const SPEECH =
  "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-4.6 4.2a.8.8 0 0 1-1.4-.6V16A2.5 2.5 0 0 1 4 13.5z";
