// Builds llama.cpp's own server, to test the gate against a real server that is not ours: from the source and the
// libraries that the package node-llama-cpp brings, without the network. Needs git and g++, about ten minutes of one
// core, once. Writes node_modules/.cache/mixgate/llama-server/llama-server, where test/e2e looks for it.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const packages = join(root, 'node_modules');
const bundle = join(packages, 'node-llama-cpp', 'llama', 'gitRelease.bundle');
const libraries = join(packages, '@node-llama-cpp', `linux-${process.arch}`, 'bins', `linux-${process.arch}`);
const folder = join(packages, '.cache', 'mixgate', 'llama-server');
const source = join(folder, 'source');
const objects = join(folder, 'objects');
const server = join(folder, 'llama-server');

const run = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
const compiler = ['-std=c++17', '-O1', '-w', '-pthread'];
/** What the server's own build sets; without a web page, TLS and images. */
const defines = [
  'CPPHTTPLIB_FORM_URL_ENCODED_PAYLOAD_MAX_LENGTH=1048576',
  'CPPHTTPLIB_LISTEN_BACKLOG=512',
  'CPPHTTPLIB_REQUEST_URI_MAX_LENGTH=32768',
  'CPPHTTPLIB_TCP_NODELAY=1',
];
const includes = [
  '.',
  'include',
  'ggml/include',
  'common',
  'vendor',
  'tools/mtmd',
  'tools/server',
  'tools/ui',
];

function compile(file) {
  const object = join(objects, `${basename(file, '.cpp')}.o`);
  if (existsSync(object)) return object;
  console.log(`compiling ${file}`);
  const flags = [
    ...defines.map((one) => `-D${one}`),
    ...[...includes.map((one) => join(source, one)), objects].map((one) => `-I${one}`),
  ];
  // Under another name first: a build that was stopped leaves no half object behind.
  run('g++', ...compiler, ...flags, '-c', join(source, file), '-o', `${object}.part`);
  renameSync(`${object}.part`, object);
  return object;
}

/** The page that the server would show, as no files. */
function writePage() {
  const embed = join(objects, 'embed');
  run('g++', ...compiler, join(source, 'tools/ui/embed.cpp'), '-o', embed);
  run(embed, join(objects, 'ui.cpp'), join(objects, 'ui.h'));
}

/** The encoders for images and sound are not built: a model for text never calls it, and if it did, the server would stop. */
function writeStubs(compiled) {
  const namesOf = (kind) =>
    new Set(
      execFileSync('nm', [kind, ...compiled], { encoding: 'utf8', maxBuffer: 2 ** 28 }).match(
        /\b\w*(mtmd|clip_|hash_sha256)\w*$/gm,
      ),
    );
  const defined = namesOf('--defined-only');
  const names = [...namesOf('--undefined-only')].filter((name) => !defined.has(name));
  const file = join(objects, 'stubs.s');
  const stub = (name) => `.globl ${name}\n.type ${name}, @function\n${name}: call abort@plt\n`;
  writeFileSync(
    file,
    `${names.map(stub).join('')}.comm g_logger_state, 64, 8\n.section .note.GNU-stack,"",@progbits\n`,
  );
  return file;
}

function build() {
  for (const [what, path] of [
    ['the source of llama.cpp', bundle],
    ['its libraries', libraries],
  ]) {
    if (!existsSync(path)) throw new Error(`${what}: expected ${path}, found nothing; run npm ci`);
  }
  mkdirSync(objects, { recursive: true });
  if (!existsSync(source)) run('git', 'clone', '--quiet', bundle, source);
  if (!existsSync(join(objects, 'ui.h'))) writePage();
  const listed = (from, pattern) =>
    readdirSync(join(source, from))
      .filter((name) => pattern.test(name))
      .map((name) => `${from}/${name}`);
  const files = [
    ...listed('tools/server', /\.cpp$/),
    ...listed('tools/mtmd', /^mtmd(?!-cli).*\.cpp$/),
    'vendor/cpp-httplib/httplib.cpp',
  ];
  const compiled = files.map(compile);
  const page = join(objects, 'page.o');
  run('g++', ...compiler, `-I${objects}`, '-c', join(objects, 'ui.cpp'), '-o', page);
  const shared = readdirSync(libraries).filter((name) => /^lib(llama|ggml)(?!-cpu)/.test(name));
  run(
    'g++',
    '-pthread',
    ...compiled,
    page,
    writeStubs(compiled),
    ...shared.map((name) => join(libraries, name)),
    `-Wl,-rpath,${libraries}`,
    '-ldl',
    '-o',
    server,
  );
  // The server loads the one that fits the processor from its own folder.
  for (const name of readdirSync(libraries).filter((one) => one.startsWith('libggml-cpu-'))) {
    rmSync(join(folder, name), { force: true });
    symlinkSync(join(libraries, name), join(folder, name));
  }
  const { release } = JSON.parse(
    readFileSync(join(packages, 'node-llama-cpp', 'llama', 'binariesGithubRelease.json'), 'utf8'),
  );
  writeFileSync(join(folder, 'release.txt'), `${release}\n`);
  console.log(`${server}: llama.cpp ${release}`);
}

build();
