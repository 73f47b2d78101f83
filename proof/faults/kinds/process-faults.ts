import { writeFileSync } from "node:fs";
import { clockFile } from "../system/launches.ts";
import { serverNames, serviceNames } from "../system/links.ts";
import { expireSession } from "../system/zookeeper-session.ts";
import { type FaultKind, pick, spread } from "./fault.ts";

/** The services that live by their clock and by a ZooKeeper session. */
const timed = ["origin", "worker-1", "worker-2"] as const;

/** Faults of a process. */
export const processFaults: FaultKind[] = [
  {
    name: "killed service",
    weight: 5,
    kills: true,
    draw: (random) => {
      const name = pick(random, serviceNames);
      return {
        what: `${name} killed`,
        resource: name,
        breaksEdge: name === "edge",
        begin: async ({ units }) => units[name].signal("SIGKILL"),
      };
    },
  },
  {
    name: "killed server",
    weight: 4,
    kills: true,
    draw: (random) => {
      // The broker's name server (epmd) falls alone: a broker that starts without one would start
      // another.
      const name = pick(random, [...serverNames, "epmd"] as const);
      return {
        what: `${name} killed, and down until healed`,
        resource: name === "epmd" ? "rabbitmq" : name,
        begin: ({ units }) => units[name].holdDown(),
        heal: ({ units }) => units[name].letUp(AbortSignal.timeout(30_000)),
      };
    },
  },
  {
    name: "halted process",
    weight: 4,
    draw: (random) => {
      const name = pick(random, [...serviceNames, ...serverNames]);
      return {
        what: `${name} halted`,
        resource: name,
        breaksEdge: name === "edge",
        begin: async ({ units }) => units[name].signal("SIGSTOP"),
        heal: async ({ units }) => units[name].signal("SIGCONT"),
      };
    },
  },
  {
    name: "wrong clock",
    weight: 2,
    draw: (random) => {
      const name = pick(random, timed);
      const byMs = spread(random, 500, 900_000) * pick(random, [1, -1] as const);
      return {
        what: `clock of ${name} wrong by ${byMs} ms`,
        resource: `clock of ${name}`,
        begin: async ({ units }) => writeFileSync(clockFile(units[name].plan), String(byMs)),
        heal: async ({ units }) => writeFileSync(clockFile(units[name].plan), "0"),
      };
    },
  },
  {
    name: "expired session",
    weight: 3,
    draw: (random) => {
      const name = pick(random, timed);
      return {
        what: `ZooKeeper session of ${name} expired`,
        resource: `session of ${name}`,
        begin: async ({ sessionOf, zooKeeperPort }) => {
          const key = sessionOf(`${name}>zookeeper`);
          if (key) await expireSession(zooKeeperPort, key);
        },
      };
    },
  },
];
