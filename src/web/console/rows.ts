/** How the keyboard moves through a list, and stays in it. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";

/** For a list of buttons: where the one that has the focus leaves it, as one that a colleague took, its place keeps the focus. */
export function useKeptFocus(list: RefObject<HTMLElement | null>): void {
  const held = useRef<{ readonly button: HTMLButtonElement; readonly at: number } | undefined>(undefined);
  const buttons = (): HTMLButtonElement[] => [...(list.current?.querySelectorAll("button") ?? [])];
  const hold = (): void => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const button = all[at];
    held.current = button === undefined ? undefined : { button, at };
  };
  useLayoutEffect(() => {
    const left = held.current;
    if (left?.button.isConnected === false && document.activeElement === document.body) {
      const all = buttons();
      all[Math.min(left.at, all.length - 1)]?.focus();
    }
    hold();
  });
  useLayoutEffect(() => {
    const { current } = list;
    current?.addEventListener("focusin", hold);
    return () => current?.removeEventListener("focusin", hold);
  }, []);
}

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
