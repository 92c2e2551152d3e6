// Writes docs/records.md from the interfaces and examples of src/records.
//   node scripts/make-records-doc.mjs           writes it
//   node scripts/make-records-doc.mjs --check   fails when it is not what would be written
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

process.chdir(new URL("..", import.meta.url).pathname);
const TARGET = "docs/records.md";
const FILES = ["event", "tick", "resumed", "gap", "rate", "distribution", "stats", "alert", "sample-event"];

const sections = [];
/** Fields of the interfaces so far, for those that extend them. */
const known = new Map();
for (const file of FILES) {
  const text = readFileSync(`src/records/${file}.ts`, "utf8");
  const example = (await load(file))[`${camelCase(file)}Example`];
  for (const [, doc, name, parents = "", body] of text.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport interface (\w+)(?: extends ([\w, ]+))? \{\n([\s\S]*?)\n\}/g,
  )) {
    const whole = name.endsWith("Record");
    const fields = withInherited(parents, fieldsOf(body), example);
    known.set(name, fields);
    const rows = fields.map(({ field, type, words }) => `| \`${field}\` | \`${type}\` | ${words} |`);
    const title = whole ? `## ${name.replace("Record", "").toLowerCase()}` : `### ${name}`;
    const shown = whole ? `\n\n\`\`\`json\n${JSON.stringify(example)}\n\`\`\`` : "";
    sections.push(
      `${title}\n\n${plain(doc)}\n\n| field | type | |\n| --- | --- | --- |\n${rows.join("\n")}${shown}`,
    );
  }
}
const written = `# Records

Made from src/records by \`node scripts/make-records-doc.mjs\`. One JSON object a line, UTF-8. Only the marked field (the one
that names the kind) and \`t\` are required; tools pass on fields they do not know.

${sections.join("\n\n")}
`;
if (!process.argv.includes("--check")) writeFileSync(TARGET, written);
else if (readFileSync(TARGET, "utf8") !== written) {
  process.stderr.write(`${TARGET} is out of date; run node scripts/make-records-doc.mjs\n`);
  process.exitCode = 1;
}

/** The fields of an interface's body, each with the comment above it; a field without one has none. */
function fieldsOf(body) {
  const pattern = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?readonly (\w+\??): ([^;]+);/g;
  return [...body.matchAll(pattern)].map(([, words = "", field, type]) => ({
    field,
    type: type.replace(/\s+/g, " ").replace(/\|/g, "\\|"),
    words: plain(words),
  }));
}

/** Own fields and those of the interfaces it extends, own ones first of a name, in the order of the example. */
function withInherited(parents, own, example) {
  if (parents === "") return own;
  const inherited = parents.split(", ").flatMap((parent) => known.get(parent));
  const byName = new Map(
    [...inherited.reverse(), ...own].map((field) => [field.field.replace("?", ""), field]),
  );
  return Object.keys(example).map((name) => byName.get(name));
}

function plain(comment) {
  return comment
    .replace(/^\s*\* ?/gm, "")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\|/g, "\\|");
}

function camelCase(file) {
  return file.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}

async function load(file) {
  const { outputFiles } = await build({
    entryPoints: [`src/records/${file}.ts`],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}
