// Bundles every executable into one file of dist/; its dependencies go in with it.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  entryPoints: readdirSync(`${root}src/tools`).map((file) => `${root}src/tools/${file}`),
  outdir: `${root}dist`,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  define: { RSVPULSE_VERSION: JSON.stringify(version) },
  legalComments: "none",
  logLevel: "warning",
});
