/** Times as people read them, in their own language. */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Such as 14:05, or 2:05 PM. */
export function clockTime(at: string | number): string {
  return new Date(at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

/** Today, Yesterday, or the date. */
export function dayLabel(at: string | number, now: number): string {
  const day = new Date(at);
  const days = Math.round((midnight(now) - midnight(day.getTime())) / DAY);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const year = day.getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" as const };
  return day.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long", ...year });
}

/** The time of today, else the date: for lists of what may be long ago. */
export function shortDate(at: string | number, now: number): string {
  const day = new Date(at);
  if (midnight(day.getTime()) === midnight(now)) return clockTime(at);
  const year = day.getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" as const };
  return day.toLocaleDateString([], { day: "numeric", month: "short", ...year });
}

/** now, 4 min, 3 h, 2 d: for lists. */
export function timeAgo(at: number, now: number): string {
  const ms = Math.max(0, now - at);
  if (ms < MINUTE) return "now";
  if (ms < 60 * MINUTE) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / (60 * MINUTE))} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** m:ss, or h:mm:ss: for who waits. */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${parts.join(":")}` : parts.join(":").replace(/^0/, "");
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
