/** The page that tries each way to the server and says what blocks it. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import "./check.css";
import { reportOf } from "./report.ts";
import { tellStorage } from "./other-sites.ts";
import { runChecks } from "./run-checks.ts";
import type { JSX } from "preact";
import type { Row } from "./row.ts";
import type { Result } from "./verdict.ts";

const WORDS = { well: "OK", note: "Note", problem: "Problem" } as const;

function Page(): JSX.Element {
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [result, setResult] = useState<Result>();
  const site = new URLSearchParams(location.search).get("site") ?? "";
  const run = (): void => {
    setRows([]);
    setResult(undefined);
    void runChecks(originOf(site), setRows).then((found) => {
      setRows(found.rows);
      setResult(found);
    });
  };
  useEffect(run, []);
  return (
    <main>
      <h1>Connection check</h1>
      <p class={`verdict ${result?.verdict.outcome ?? ""}`} role="status">
        {result === undefined ? "Checking…" : result.verdict.said}
      </p>
      <ul class="rows">
        {rows.map((row) => (
          <Line key={row.name} row={row} />
        ))}
      </ul>
      {result !== undefined && (
        <Report text={reportOf(result, location.href, navigator.userAgent)} again={run} />
      )}
      <SiteForm site={site} />
    </main>
  );
}

/** A whole address may be pasted; undefined for nothing, and what is none is asked about as it is. */
function originOf(site: string): string | undefined {
  if (site === "") return undefined;
  const url = URL.parse(site) ?? URL.parse(`https://${site}`);
  return url === null ? site.slice(0, 256) : url.origin;
}

function Line({ row: { name, outcome, said, todo } }: { readonly row: Row }): JSX.Element {
  return (
    <li class={outcome}>
      <p class="head">
        <strong>{name}</strong> <span class="mark">{WORDS[outcome]}</span>
      </p>
      <p>{said}</p>
      {todo !== undefined && <p class="todo">{todo}</p>}
    </li>
  );
}

function Report({ text, again }: { readonly text: string; readonly again: () => void }): JSX.Element {
  const [told, setTold] = useState("");
  const [isOpen, setOpen] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setTold("Copied."),
      () => {
        setOpen(true);
        setTold("Select the text below and copy it.");
      },
    );
  };
  return (
    <section aria-label="Report">
      <div class="actions">
        <button type="button" class="main" onClick={copy}>
          Copy report
        </button>
        <button type="button" onClick={again}>
          Check again
        </button>
        <span role="status">{told}</span>
      </div>
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Report as text</summary>
        <textarea readOnly rows={14} aria-label="Report as text" value={text} />
      </details>
    </section>
  );
}

function SiteForm({ site }: { readonly site: string }): JSX.Element {
  return (
    <form method="get" action="/connection-check">
      <label for="site">Is the chat missing on a web site? Its address:</label>
      <div class="actions">
        <input
          id="site"
          name="site"
          type="text"
          inputMode="url"
          autocomplete="url"
          defaultValue={site}
          placeholder="https://shop.example.com"
        />
        <button type="submit">Check this site</button>
      </div>
    </form>
  );
}

if (new URLSearchParams(location.search).has("frame")) tellStorage();
else start();

function start(): void {
  const root = document.querySelector("#app");
  if (root === null) return;
  root.textContent = "";
  render(<Page />, root);
}
