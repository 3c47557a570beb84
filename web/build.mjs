/**
 * Builds GraphiQL into graph/static/: files named by their content, and the page that names them.
 *
 * Nothing is loaded from elsewhere at run time, and nothing is inline: fonts that the style
 * sheets hold as data become files.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import esbuild from "esbuild";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const TARGET = path.join(HERE, "../graph/static");
const DRAFT = `${TARGET}.draft`;
const WORKERS = {
  editor: "monaco-editor/esm/vs/editor/editor.worker.js",
  json: "monaco-editor/esm/vs/language/json/json.worker.js",
  graphql: "monaco-graphql/esm/graphql.worker.js",
};
const FONTS = {
  "font/ttf": "ttf",
  "font/woff": "woff",
  "font/woff2": "woff2",
};
// The former names lead to CommonJS, whose exports `import()` does not see one by one.
const ALIASES = {
  "prettier/parser-babel": "prettier/plugins/babel",
  "prettier/parser-graphql": "prettier/plugins/graphql",
};
const SHARED = {
  absWorkingDir: HERE,
  alias: ALIASES,
  bundle: true,
  define: { "process.env.NODE_ENV": '"production"' },
  entryNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  minify: true,
  outdir: DRAFT,
  target: "es2022",
};

/** Fonts within style sheets, as files. */
const fontFiles = {
  name: "font-files",
  setup(build) {
    const found = new Map();
    build.onResolve({ filter: /^data:font\// }, ({ path: url }) => {
      const [, kind, data] = url.match(/^data:(font\/\w+);.*base64,(.*)$/s);
      if (!FONTS[kind]) throw new Error(`No ending is known for ${kind}.`);
      const contents = Buffer.from(data, "base64");
      // Not numbered, for they are found in another order each time.
      const name = `font-${hash(contents)}.${FONTS[kind]}`;
      found.set(name, contents);
      return { path: name, namespace: "font-files" };
    });
    build.onLoad({ filter: /./, namespace: "font-files" }, ({ path: name }) => ({
      contents: found.get(name),
      loader: "file",
    }));
  },
};

await rm(DRAFT, { recursive: true, force: true });
await mkdir(DRAFT, { recursive: true });
const workers = await esbuild.build({ ...SHARED, entryPoints: WORKERS, format: "iife" });
const main = await esbuild.build({
  ...SHARED,
  assetNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  define: { ...SHARED.define, WORKERS: JSON.stringify(namesByEntry(workers)) },
  entryPoints: { nonce: "src/nonce.js", main: "src/main.jsx" },
  format: "esm",
  jsx: "automatic",
  loader: { ".ttf": "file" },
  plugins: [fontFiles],
  splitting: true,
});
await removeUnusedStyles();
await write("icon.svg", await readFile(path.join(HERE, "src/icon.svg")));
await write("licenses.txt", await licenses([workers, main]));
await compress();
await writePage();
await rm(TARGET, { recursive: true, force: true });
await rename(DRAFT, TARGET);

/** {editor: "editor-HASH.js", …} */
function namesByEntry({ metafile }) {
  const files = Object.entries(metafile.outputs).filter(([, output]) => output.entryPoint);
  return Object.fromEntries(
    files.map(([file]) => [path.basename(file).replace(/-\w+\.js$/, ""), path.basename(file)]),
  );
}

/** Parts that load later have styles of the editor again, which are in main.css already. */
async function removeUnusedStyles() {
  const files = await readdir(DRAFT);
  const unused = files.filter((file) => file.endsWith(".css") && !file.startsWith("main-"));
  await Promise.all(unused.map((file) => rm(path.join(DRAFT, file))));
}

/** Write a file under a name of its content. */
async function write(name, contents) {
  const { name: stem, ext } = path.parse(name);
  await writeFile(path.join(DRAFT, `${stem}-${hash(contents)}${ext}`), contents);
}

function hash(contents) {
  return createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
}

/** The licences of all packages of which something is in the files. */
async function licenses(builds) {
  const inputs = builds.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const packages = inputs.map((input) => input.match(/.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]);
  const texts = [...new Set(packages.filter(Boolean))].sort().map(license);
  return (await Promise.all(texts)).join(`\n\n${"=".repeat(80)}\n\n`);
}

async function license(folder) {
  const about = JSON.parse(await readFile(path.join(HERE, folder, "package.json")));
  const files = await readdir(path.join(HERE, folder));
  const wanted = files.filter((file) => /^(licen[cs]e|notice|thirdparty)/i.test(file)).sort();
  const texts = wanted.map((file) => readFile(path.join(HERE, folder, file), "utf8"));
  const title = `${about.name} ${about.version} (${about.license})`;
  return [title, ...(await Promise.all(texts))].join("\n\n");
}

/** A twin of each text, for clients that accept gzip. */
async function compress() {
  const texts = (await readdir(DRAFT)).filter((file) => /\.(js|css|svg|txt)$/.test(file));
  for (const file of texts) {
    const packed = await promisify(gzip)(await readFile(path.join(DRAFT, file)), { level: 9 });
    await writeFile(path.join(DRAFT, `${file}.gz`), packed);
  }
}

/** The page with the names of the files in it; its nonce is the server's. */
async function writePage() {
  const files = await readdir(DRAFT);
  const page = await readFile(path.join(HERE, "src/page.html"), "utf8");
  const filled = page.replace(/\{(\w+)\.(\w+)\}/g, (_, stem, ending) => {
    const pattern = new RegExp(`^${stem}-\\w+\\.${ending}$`);
    return files.find((file) => pattern.test(file));
  });
  await writeFile(path.join(DRAFT, "page.html"), filled);
}
