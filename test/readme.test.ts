import assert from "node:assert/strict";
import { readFileSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import { redisServer } from "./support/redis-server.ts";
import { ROOT, runShell } from "./support/run-tool.ts";
import { scratchFolder } from "./support/scratch.ts";

/**
 * Every console block of the README is run, in order, in a folder that has bin and scripts, and with a Redis of its
 * own. `$ ` begins a command, `> ` goes on with it, the rest is what it must write.
 */
interface Step {
  readonly command: string;
  readonly output: string;
}

const folder = scratchFolder();
for (const part of ["bin", "scripts"]) symlinkSync(`${ROOT}/${part}`, `${folder}/${part}`);
const redis = await redisServer();

for (const { command, output } of stepsOf(readFileSync(`${ROOT}/README.md`, "utf8"))) {
  test(`README: ${command.split("\n")[0]}`, async () => {
    const { code, out, err } = await runShell(command, { cwd: folder, env: { REDIS_URL: redis.url } });
    assert.equal(code, 0, err);
    assert.equal(out, output, err);
  });
}

function stepsOf(text: string): Step[] {
  const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
  assert.ok(blocks.length > 0);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [command, output] = [
          /^(.*\n(?:> .*\n)*)/.exec(step)![1]!,
          step.replace(/^.*\n(?:> .*\n)*/, ""),
        ];
        return { command: command.replace(/^> /gm, "").trimEnd(), output };
      }),
  );
}
