import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { SETTING_OF } from "../database/schemas.ts";
import { type ChildProcess, liveChildren } from "./child-processes.ts";

/**
 * Resources that a process must give back. A key is never used again; its value describes the
 * resource.
 */
export type Handles = Map<string, string>;

const LISTEN = "0A";

/**
 * The children of this process, its listening sockets, and its connections to the given ports, with
 * the servers' names. Other connections are left out, since `fetch` keeps some for a while.
 */
export function openHandles(serverPorts: ReadonlyMap<number, string>): Handles {
  return new Map([...openSockets(serverPorts), ...runningChildren()]);
}

/** The resources held now and not before. */
export function newHandles(before: Handles, now: Handles): string[] {
  return [...now].filter(([key]) => !before.has(key)).map(([, words]) => words);
}

/** The ports of the servers that an environment names by URL or host:port. */
export function serverPortsOf(
  environment: Record<string, string | undefined>,
): Map<number, string> {
  const databases = Object.values(SETTING_OF);
  const names = ["REDIS_URL", "RABBITMQ_URL", ...databases, "ZOOKEEPER_URL"];
  const ports = new Map<number, string>();
  for (const name of names) {
    for (const [, port] of environment[name]?.matchAll(/:(\d{2,5})(?=[,/]|$)/g) ?? []) {
      ports.set(Number(port), name.replace("_URL", ""));
    }
  }
  return ports;
}

function openSockets(serverPorts: ReadonlyMap<number, string>): Handles {
  const own = ownSocketInodes();
  const handles: Handles = new Map();
  for (const table of ["/proc/self/net/tcp", "/proc/self/net/tcp6"]) {
    for (const line of readFileSync(table, "utf8").split("\n").slice(1)) {
      const [, local = "", remote = "", state, , , , , , inode = ""] = line.trim().split(/\s+/);
      if (!own.has(inode)) continue;
      const server = serverPorts.get(portOf(remote));
      if (state === LISTEN) handles.set(`socket ${inode}`, `listens on port ${portOf(local)}`);
      else if (server)
        handles.set(`socket ${inode}`, `a connection to ${server} (port ${portOf(remote)})`);
    }
  }
  return handles;
}

function ownSocketInodes(): Set<string> {
  const inodes = new Set<string>();
  for (const fd of readdirSync("/proc/self/fd")) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkTarget(`/proc/self/fd/${fd}`))?.[1];
    if (inode) inodes.add(inode);
  }
  return inodes;
}

function runningChildren(): Handles {
  const words = ({ id, command }: ChildProcess) =>
    `the child process ${id.pid}: ${command.slice(0, 120)}`;
  return new Map(
    liveChildren().map((child) => [`child ${child.id.pid} ${child.id.startTicks}`, words(child)]),
  );
}

/** The port of an address as the kernel prints it: hex, behind a colon. */
function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(":") + 1), 16);
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
