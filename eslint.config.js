// ESLint reads flat configuration only; the rules live in .eslintrc.json, translated here.
import { FlatCompat } from "@eslint/eslintrc";
import js from "@eslint/js";
import { readFileSync } from "node:fs";

const baseDirectory = import.meta.dirname;
const rules = JSON.parse(readFileSync(`${baseDirectory}/.eslintrc.json`, "utf8"));

export default new FlatCompat({ baseDirectory, recommendedConfig: js.configs.recommended }).config(rules);
