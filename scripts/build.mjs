// Bundles every executable into one file of dist/, the cloud functions into dist/functions/, and the page into
// dist/page/; their dependencies go in with them.
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const { name, version, license, engines, optionalDependencies } = JSON.parse(
  readFileSync(`${root}package.json`, "utf8"),
);

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  entryPoints: [
    ...readdirSync(`${root}src/tools`).map((file) => ({
      in: `${root}src/tools/${file}`,
      out: file.replace(/\.ts$/, ""),
    })),
    { in: `${root}src/functions/index.ts`, out: "functions/index" },
  ],
  outdir: `${root}dist`,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  // Optional: loaded from node_modules where one is used, and not by who has no use for it.
  external: ["@google-cloud/*"],
  define: { RSVPULSE_VERSION: JSON.stringify(version) },
  legalComments: "none",
  logLevel: "warning",
});

// A folder that can be deployed as it is: whoever builds the function installs what was left out above.
const functionsPackage = {
  name: `${name}-functions`,
  version,
  license,
  private: true,
  main: "index.js",
  engines,
  dependencies: Object.fromEntries(
    Object.entries(optionalDependencies).filter(([dependency]) => dependency.startsWith("@google-cloud/")),
  ),
};
writeFileSync(`${root}dist/functions/package.json`, `${JSON.stringify(functionsPackage, null, 2)}\n`);

// The page needs no network but the API's own: its script, its style, and the map, which it fetches when it needs one.
await build({
  entryPoints: [`${root}src/page/page.ts`, `${root}src/page/page.css`],
  outdir: `${root}dist/page`,
  bundle: true,
  minify: true,
  platform: "browser",
  format: "iife",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
});
copyFileSync(`${root}src/page/index.html`, `${root}dist/page/index.html`);
const atlas = import.meta.resolve("us-atlas/states-albers-10m.json");
copyFileSync(new URL(atlas), `${root}dist/page/states.json`);
