/** Which tests of points there are, as their files say: read, not run. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { numberIn } from "./points.ts";

/** A call of `point` or `pointBelow`; `versions` where it names some. */
export type Declared = {
  readonly file: string;
  readonly title: string;
  readonly number: number | undefined;
  readonly isBelow: boolean;
  readonly versions: readonly string[] | undefined;
};

const DECLARERS = ["point", "pointBelow"];

export function declaredTests(): Declared[] {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".test.ts"))
    .flatMap((file) => declaredIn(file, readFileSync(join(import.meta.dirname, file), "utf8")));
}

export function declaredIn(file: string, text: string): Declared[] {
  const found: Declared[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && DECLARERS.includes(node.expression.getText())) {
      const [title, , versions] = node.arguments;
      if (title !== undefined) found.push(declaredBy(node, title, versions));
    }
    ts.forEachChild(node, visit);
  };
  const declaredBy = (call: ts.CallExpression, title: ts.Node, versions: ts.Node | undefined): Declared => {
    const said = ts.isStringLiteralLike(title) ? title.text : title.getText().slice(1);
    return {
      file,
      title: said,
      number: numberIn(said),
      isBelow: call.expression.getText() === "pointBelow",
      versions:
        versions && [...versions.getText().matchAll(/"(\d\.\d)"/g)].map(([, version = ""]) => version),
    };
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return found;
}
