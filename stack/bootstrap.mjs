// The entry of every npm script. It installs the packages and Bun, so it is plain Node 20 without
// packages.
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_MAJOR_MIN = 20;

const commands = {
  up: {
    by: bun,
    args: ["stack/main.ts", "up"],
    says:
      "start everything (--detach: in the background; " +
      "--replica: and a replica of the catalogue)",
  },
  status: { by: bun, args: ["stack/main.ts", "status"], says: "what runs where (--json)" },
  logs: { by: bun, args: ["stack/main.ts", "logs"], says: "follow the log of NAME" },
  down: {
    by: bun,
    args: ["stack/main.ts", "down"],
    says: "stop everything (--wipe: drop the data as well)",
  },
  lectern: {
    by: bun,
    args: ["cli/main.ts"],
    says: "lectures, their reservations and hosts, at any edge (--help)",
  },
  rush: {
    by: bun,
    args: ["proof/rush/main.ts"],
    says: "a crowd presses at once (--students N --seats N)",
  },
  audit: { by: bun, args: ["proof/audit/main.ts"], says: "check the guarantees of every lecture" },
  chaos: {
    by: bun,
    args: ["proof/faults/chaos/main.ts"],
    says: "crowds press while everything breaks (--schedules N --seed S)",
  },
  "crash-points": {
    by: bun,
    args: ["proof/faults/crash-points/main.ts"],
    says: "kill a service at every crash point, then audit (POINT: only those; --json)",
  },
  bench: {
    by: bun,
    args: ["proof/bench/main.ts"],
    says: "each stage against its bare ceiling (--json; --keep: hold later runs against it)",
  },
  capacity: {
    by: bun,
    args: ["proof/bench/capacity/main.ts"],
    says:
      "what a reservation costs, how it grows, what limits one lecture " +
      "(--json; --keep: into the guide)",
  },
  overload: {
    by: bun,
    args: ["proof/bench/overload/main.ts"],
    says: "ask ten times more of the origin than it can do (--seconds 60; --json)",
  },
  hostile: {
    by: bun,
    args: ["proof/hostile/run.ts"],
    says: "100,000 arbitrary inputs for every route (--runs N --seed N)",
  },
  "fuzz-api": {
    by: bun,
    args: ["proof/hostile/api-document/main.ts"],
    says: "Schemathesis asks what the API's document allows (--minutes N --seed N --json)",
  },
  simulate: {
    by: bun,
    args: ["proof/simulation/main.ts"],
    says: "the real handlers through random interleavings, crashes and losses (--minutes N)",
  },
  load: {
    by: bun,
    args: ["loadtest/runner/main.ts"],
    says: "k6 presses: smoke, rush, storm, refresh, mixed, soak",
  },
  test: {
    by: bun,
    args: ["test/run.ts"],
    says: "type check, lint and every test (PATH: matching files; --only: no checks; --watch)",
  },
  "test:up": {
    by: bun,
    args: ["test/keep.ts", "up"],
    says: "start the tests' private servers, for npm test -- --only PATH",
  },
  "test:down": { by: bun, args: ["test/keep.ts", "down"], says: "stop the tests' private servers" },
  "test:faults": {
    by: bun,
    args: ["proof/faults/run.ts"],
    says: "everything that breaks the system on purpose, as CI runs it",
  },
  openapi: {
    by: bun,
    args: ["contract/openapi/write.ts"],
    says: "write contract/openapi/openapi.json from the schemas",
  },
  assets: {
    by: bun,
    args: ["stack/assets/main.ts"],
    says: "build the files that the edge serves, before wrangler deploy",
  },
  typecheck: {
    by: node,
    args: ["node_modules/typescript/bin/tsc", "-p", "."],
    says: "the type check alone",
  },
  lint: {
    by: node,
    args: ["node_modules/@biomejs/biome/bin/biome", "check", "."],
    says: "the linter alone (--fix)",
  },
  format: {
    by: node,
    args: ["node_modules/@biomejs/biome/bin/biome", "format", "--write", "."],
    says: "write every file in the project's format",
  },
};

function usage() {
  const lines = Object.entries(commands).map(([name, { says }]) => `  ${name.padEnd(13)} ${says}`);
  return `usage: node stack/bootstrap.mjs COMMAND …\n\n${lines.join("\n")}`;
}

function fail(message, code = 1) {
  console.error(`lectern: ${message}`);
  process.exit(code);
}

function checkMachine() {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < NODE_MAJOR_MIN)
    fail(`Node ${NODE_MAJOR_MIN} or newer is needed, this is ${process.versions.node}`);
  if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) {
    fail(`Linux on x64 or arm64 is needed, this is ${process.platform} on ${process.arch}`);
  }
}

/**
 * Whether node_modules matches the lockfile. npm writes its own list of installed packages there,
 * last of all. Optional packages may be missing, since most of them are for other machines.
 */
function packagesAreCurrent() {
  const [wanted, installed] = [
    lockedPackages("package-lock.json"),
    lockedPackages("node_modules/.package-lock.json"),
  ];
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    const there = installed[path]?.version;
    return path === "" || there === version || ((optional || devOptional) && there === undefined);
  });
}

function lockedPackages(file) {
  const path = join(root, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : {};
}

async function installPackages() {
  const stackDir = join(root, ".stack");
  const log = join(stackDir, "logs/npm.log");
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const lock = lockInstallation(join(stackDir, "npm.lock"));
  const startedAtMs = Date.now();
  try {
    process.stdout.write("installing JavaScript packages …\n");
    const code = await npmCi(log);
    if (code !== 0) fail(`npm ci failed: ${complaintOf(log)} (see .stack/logs/npm.log)`);
    process.stdout.write(
      `✓ JavaScript packages  ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s\n`,
    );
  } finally {
    rmSync(lock, { force: true });
  }
}

function npmCi(log) {
  const output = openSync(log, "w");
  const npm = process.env.npm_execpath;
  const [program, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const args = [...first, "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", output, output] });
  closeSync(output);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on("error", () => resolve(127));
    child.on("exit", (code) => resolve(code ?? 1));
  }).finally(() => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(signal);
  });
}

function lockInstallation(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const holder = Number(readFileSync(path, "utf8"));
    if (existsSync(`/proc/${holder}`))
      fail(`npm ci is already at work for another start (pid ${holder}); try again after it`);
    writeFileSync(path, String(process.pid));
  }
  process.on("exit", () => rmSync(path, { force: true }));
  return path;
}

/** npm's first line that describes the fault, after its codes. */
function complaintOf(log) {
  const lines = readFileSync(log, "utf8").split("\n");
  const line = lines.find((text) =>
    /^npm error (?!code |errno |syscall |network |A complete log|$)/.test(text),
  );
  return line?.replace(/^npm error /, "") ?? "it did not say why";
}

function node(args) {
  return [process.execPath, ...args];
}

/**
 * Bun's install script moves the binary from the platform package into `bun`. Without scripts the
 * binary stays in the platform package.
 */
function bun(args) {
  const platform = process.arch === "arm64" ? "aarch64" : "x64";
  const places = [
    `node_modules/@oven/bun-linux-${platform}/bin/bun`,
    "node_modules/bun/bin/bun.exe",
  ];
  const binary = places.map((place) => join(root, place)).find((path) => existsSync(path));
  if (!binary) fail("Bun is missing from node_modules: remove node_modules and start again");
  return [binary, ...args];
}

/**
 * Runs the command in this terminal and exits with its code. Passes signals on that reach this
 * process alone.
 */
function become([program, ...args]) {
  const child = spawn(program, args, { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${program}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

const [name = "", ...rest] = process.argv.slice(2);
if (!Object.hasOwn(commands, name)) fail(`${name ? `no command "${name}"\n\n` : ""}${usage()}`, 2);
checkMachine();
if (!packagesAreCurrent()) await installPackages();
const { by, args } = commands[name];
become([...by(args), ...rest]);
