/** What stands where a text was erased with its customer. */
export const ERASED_TEXT = "Erased";
