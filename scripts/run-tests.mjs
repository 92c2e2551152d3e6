// Builds the executables and the tests, then runs the tests with Node's own runner.
//   node scripts/run-tests.mjs [--cover] [part of a path …]     only the test files whose path holds one of them
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
process.chdir(root);
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const files = testFiles("test").filter(
  (file) => words.length === 0 || words.some((word) => file.includes(word)),
);
if (files.length === 0) {
  process.stderr.write(`no test file has ${words.join(" or ")} in its path\n`);
  process.exitCode = 64;
} else {
  await import("./build.mjs");
  rmSync("dist-test", { recursive: true, force: true });
  await build({
    entryPoints: files,
    outdir: "dist-test",
    outbase: "test",
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    target: "node20",
    sourcemap: "inline",
    logLevel: "warning",
  });
  const built = files.map((file) => file.replace(/^test/, "dist-test").replace(/\.ts$/, ".mjs"));
  const cover = process.argv.includes("--cover")
    ? ["node_modules/.bin/c8", "--reporter=text", "--src=src"]
    : [];
  // Most wait for servers and clocks half of their time; but a crowd would stretch every deadline.
  const atATime = Math.min(4, Math.max(2, Math.ceil(1.5 * availableParallelism())));
  const runner = [
    "--enable-source-maps",
    "--test",
    `--test-concurrency=${atATime}`,
    "--test-reporter=spec",
    ...built,
  ];
  const command = cover.length > 0 ? [...cover, process.execPath, ...runner] : [process.execPath, ...runner];
  process.exitCode = spawnSync(command[0], command.slice(1), { stdio: "inherit" }).status ?? 1;
}

/** Every test file below a folder. (Node 20's fs has no glob.) */
function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return testFiles(path);
      return path.endsWith(".test.ts") ? [path] : [];
    })
    .sort();
}
