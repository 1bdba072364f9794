/** How the keyboard moves through a list. */

/** Arrows move between the buttons of a list, as in every list. */
export function arrow(event: KeyboardEvent, axis: "horizontal" | "vertical"): void {
  const [back, forth] = axis === "horizontal" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  if (event.key !== back && event.key !== forth && event.key !== "Home" && event.key !== "End") return;
  const list = event.currentTarget as HTMLElement;
  const buttons = [...list.querySelectorAll<HTMLButtonElement>("button")];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const to =
    event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : at + (event.key === forth ? 1 : -1);
  const target = buttons[(to + buttons.length) % buttons.length];
  event.preventDefault();
  target?.focus();
  if (axis === "horizontal") target?.click();
}
