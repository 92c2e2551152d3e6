// Checks what no compiler does: which folder may import which, that only src/core touches the process, that there
// are no import cycles, and that files stay small enough to hold one idea.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const PURE = ["rate", "distribution", "detect", "profiles"];
const EDGES = ["sources", "store", "sinks", "simulate", "api"];
const ALL = ["core", "records", ...PURE, ...EDGES, "collect", "functions", "tools"];
/** What a folder of src may import besides itself. Pure domains never import one another, nor do the edges. */
const MAY_IMPORT = {
  core: [],
  records: ["core"],
  ...Object.fromEntries(PURE.map((folder) => [folder, ["core", "records"]])),
  ...Object.fromEntries(EDGES.map((folder) => [folder, ["core", "records", ...PURE]])),
  page: ["api", "records"],
  // A whole that is larger than one file of tools: it wires, as they do.
  collect: ALL.filter((folder) => folder !== "functions" && folder !== "tools"),
  functions: ALL,
  tools: ALL.filter((folder) => folder !== "functions"),
};
/** What the page takes from elsewhere are types: nothing of it may run in a browser. */
const TYPES_ONLY = ["page"];
const LINES_MAX = 250;

process.chdir(new URL("..", import.meta.url).pathname);
const files = sourceFiles("src");
const imports = new Map(files.map((file) => [file, importsOf(file)]));
const faults = [...files.flatMap(faultsOf), ...cycles()];
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourceFiles(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

function importsOf(file) {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map(([, path]) => normalize(join(dirname(file), path)));
}

function faultsOf(file) {
  const text = readFileSync(file, "utf8");
  const folder = file.split("/")[1];
  const found = imports
    .get(file)
    .filter((path) => path.split("/")[1] !== folder && !MAY_IMPORT[folder]?.includes(path.split("/")[1]))
    .map((path) => `${file}: src/${folder} may not import ${path}`);
  if (TYPES_ONLY.includes(folder)) {
    for (const [, path] of text.matchAll(/^import (?!type )[^;]*?from "(\.\.\/[^"]+)"/gm))
      found.push(`${file}: src/${folder} may import types only from ${path}`);
  }
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  if (folder !== "core" && /\bprocess\b(?!["'`\s]*:)/.test(code.replace(/"[^"]*"|`[^`]*`/g, ""))) {
    found.push(`${file}: only src/core touches the process`);
  }
  if (/\bprocess\.exit\(/.test(code))
    found.push(`${file}: process.exit cuts piped output; set process.exitCode`);
  const lines = text.split("\n").length;
  if (lines > LINES_MAX) found.push(`${file}: ${lines} lines; at most ${LINES_MAX} hold one idea`);
  return found;
}

/** Each cycle once, as the path that closes it. */
function cycles() {
  const done = new Set();
  const found = [];
  const visit = (file, trail) => {
    if (trail.includes(file))
      return void found.push(`import cycle: ${[...trail.slice(trail.indexOf(file)), file].join(" -> ")}`);
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return found;
}
