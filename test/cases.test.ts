import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { ROOT, runShell } from "./support/run-tool.ts";

/**
 * Golden runs: test/cases/<tool>/<case>/{cmd,in,out,err,code}. `cmd` is a line of bash in the checkout; `in` its
 * standard input (none: empty); what it writes and how it ends must be `out`, `err` and `code` (none: empty, 0).
 * REWRITE_CASES=1 writes them instead, so that `git diff` shows the change.
 */
const CASES = `${ROOT}/test/cases`;
const rewrite = process.env["REWRITE_CASES"] === "1";
const readOr = (path: string, fallback: string) => (existsSync(path) ? readFileSync(path, "utf8") : fallback);

for (const tool of readdirSync(CASES).sort()) {
  for (const name of readdirSync(`${CASES}/${tool}`).sort()) {
    const folder = `${CASES}/${tool}/${name}`;
    test(`${tool}: ${name}`, async () => {
      const input = existsSync(`${folder}/in`) ? readFileSync(`${folder}/in`) : "";
      const got = await runShell(readFileSync(`${folder}/cmd`, "utf8"), { input });
      if (rewrite) {
        mkdirSync(folder, { recursive: true });
        for (const [file, text] of [
          ["out", got.out],
          ["err", got.err],
          ["code", `${got.code}\n`],
        ] as const) {
          writeFileSync(`${folder}/${file}`, text);
        }
      } else {
        assert.equal(got.err, readOr(`${folder}/err`, ""));
        assert.equal(got.out, readOr(`${folder}/out`, ""));
        assert.equal(got.code, Number(readOr(`${folder}/code`, "0")));
      }
    });
  }
}
