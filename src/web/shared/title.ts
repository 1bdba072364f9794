/** The title of a tab that has something to say. */

/** Such as `(2) Console`. */
export function countedTitle(count: number, title: string): string {
  return count > 0 ? `(${count}) ${title}` : title;
}
