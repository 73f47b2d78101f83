import { extname } from "node:path";

export interface WorkerdSettings {
  /** host:port to listen on */
  address: string;
  compatibilityDate: string;
  compatibilityFlags: string[];
  /** files beside the configuration, the main module first */
  modules: string[];
  /** bindings with a literal value: text, or another JSON value */
  vars: Record<string, unknown>;
  /** bindings taken from the environment of the process */
  secretNames: string[];
  /** certificates in PEM of authorities trusted in addition to the public ones */
  authorities?: string[];
  /** the directory of the binding ASSETS, absolute */
  assetsDirectory?: string;
}

/** The configuration of a workerd that serves one Worker, in Cap'n Proto's text form. */
export function workerdConfig(settings: WorkerdSettings): string {
  const { vars, secretNames } = settings;
  const authorities = (settings.authorities ?? []).map(text).join(", ");
  const modules = settings.modules.map(
    (name) => `name = ${text(name)}, ${moduleType(name)} = embed ${text(name)}`,
  );
  const plain = Object.entries(vars).filter(([name]) => !secretNames.includes(name));
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),${service(settings.assetsDirectory)}
    (name = "outbound", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = true, trustedCertificates = [${authorities}]),
    )),
  ],
  sockets = [(name = "http", address = ${text(settings.address)}, http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  compatibilityDate = ${text(settings.compatibilityDate)},
  compatibilityFlags = [${settings.compatibilityFlags.map(text).join(", ")}],
  modules = [
${lines(modules)}
  ],
  bindings = [
${lines([
  ...plain.map(([name, value]) => `name = ${text(name)}, ${binding(value)}`),
  ...(settings.assetsDirectory ? [`name = "ASSETS", service = "assets"`] : []),
  ...secretNames.map((name) => `name = ${text(name)}, fromEnvironment = ${text(name)}`),
])}
  ],
  globalOutbound = "outbound",
);
`;
}

/** A service that reads files of a directory. */
function service(directory: string | undefined): string {
  return directory ? `\n    (name = "assets", disk = (path = ${text(directory)})),` : "";
}

function lines(entries: string[]): string {
  return entries.map((entry) => `    (${entry}),`).join("\n");
}

function binding(value: unknown): string {
  return typeof value === "string"
    ? `text = ${text(value)}`
    : `json = ${text(JSON.stringify(value))}`;
}

function moduleType(name: string): string {
  const extension = extname(name);
  if (extension === ".js" || extension === ".mjs") return "esModule";
  if (extension === ".wasm") return "wasm";
  return extension === ".bin" ? "data" : "text";
}

/** A string literal. Only quotes, backslashes and control characters are escaped. */
function text(value: string): string {
  return `"${Array.from(value, escapeChar).join("")}"`;
}

function escapeChar(char: string): string {
  if (char === '"' || char === "\\") return `\\${char}`;
  const isControl = char < " " || char === "\x7f";
  return isControl ? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}` : char;
}
