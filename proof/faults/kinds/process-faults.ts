import { writeFileSync } from "node:fs";
import { clockFile } from "../system/launches.ts";
import type { UnitName } from "../system/links.ts";
import { expireSession } from "../system/zookeeper-session.ts";
import { type Fault, type FaultKind, pick, servers, services, spread } from "./fault.ts";

/** Faults of a process. */
export const processFaults: FaultKind[] = [
  {
    name: "killed service",
    weight: 5,
    kills: true,
    draw: (random) => killedService(pick(random, services)),
  },
  {
    name: "killed server",
    weight: 4,
    kills: true,
    // The broker's name server (epmd) falls alone: a broker that starts without one would start
    // another.
    draw: (random) => downServer(pick(random, [...servers, "epmd"])),
  },
  {
    name: "halted process",
    weight: 4,
    kills: false,
    draw: (random) => halted(pick(random, [...services, ...servers])),
  },
  {
    name: "wrong clock",
    weight: 2,
    kills: false,
    draw: (random) =>
      wrongClock(
        pick(random, ["origin", "worker-1", "worker-2"] as const),
        spread(random, 500, 900_000) * pick(random, [1, -1] as const),
      ),
  },
  {
    name: "expired session",
    weight: 3,
    kills: false,
    draw: (random) => expiredSession(pick(random, ["origin", "worker-1", "worker-2"] as const)),
  },
];

function killedService(name: UnitName): Fault {
  return {
    what: `${name} killed`,
    resource: name,
    breaksEdge: name === "edge",
    begin: async ({ units }) => units[name].signal("SIGKILL"),
    heal: async () => {},
  };
}

function downServer(name: UnitName): Fault {
  return {
    what: `${name} killed, and down until healed`,
    resource: name === "epmd" ? "rabbitmq" : name,
    begin: ({ units }) => units[name].holdDown(),
    heal: ({ units }) => units[name].letUp(AbortSignal.timeout(30_000)),
  };
}

function halted(name: UnitName): Fault {
  return {
    what: `${name} halted`,
    resource: name,
    breaksEdge: name === "edge",
    begin: async ({ units }) => units[name].signal("SIGSTOP"),
    heal: async ({ units }) => units[name].signal("SIGCONT"),
  };
}

function wrongClock(name: UnitName, byMs: number): Fault {
  return {
    what: `clock of ${name} wrong by ${byMs} ms`,
    resource: `clock of ${name}`,
    begin: async ({ units }) => writeFileSync(clockFile(units[name].plan), String(byMs)),
    heal: async ({ units }) => writeFileSync(clockFile(units[name].plan), "0"),
  };
}

function expiredSession(name: UnitName): Fault {
  return {
    what: `ZooKeeper session of ${name} expired`,
    resource: `session of ${name}`,
    begin: async ({ sessionOf, zooKeeperPort }) => {
      const key = sessionOf(`${name}>zookeeper`);
      if (key) await expireSession(zooKeeperPort, key);
    },
    heal: async () => {},
  };
}
