/** Tab stays in a place that covers everything else, as it does in a dialog. */

const STOPS = 'a[href], button:enabled, textarea, [tabindex="0"]';

/** To be called with each key that is pressed while the place covers the page. */
export function keepTabIn(place: HTMLElement, event: KeyboardEvent): void {
  if (event.key !== "Tab" || event.ctrlKey || event.altKey || event.metaKey) return;
  const stops = [...place.querySelectorAll<HTMLElement>(STOPS)];
  const [first, last] = [stops.at(0), stops.at(-1)];
  const at = document.activeElement;
  if (place.contains(at) && at !== (event.shiftKey ? first : last)) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}
