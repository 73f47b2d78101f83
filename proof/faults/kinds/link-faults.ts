import type { LinkFault } from "../proxy/link-fault.ts";
import { links } from "../system/links.ts";
import { type Fault, type FaultKind, pick, spread } from "./fault.ts";

type Draw = (random: () => number) => LinkFault;

const draws: [name: string, weight: number, draw: Draw][] = [
  [
    "slow link",
    2,
    (random) => ({
      kind: "delay",
      latencyMs: spread(random, 20, 2_000),
      jitterMs: spread(random, 5, 500),
    }),
  ],
  ["swallowing link", 3, () => ({ kind: "drop" })],
  ["resetting link", 3, () => ({ kind: "reset" })],
  [
    "half-open link",
    3,
    (random) => ({ kind: "half_open", silent: pick(random, ["up", "down", "both"] as const) }),
  ],
  ["throttled link", 2, (random) => ({ kind: "throttle", bytesPerS: spread(random, 500, 50_000) })],
  ["cutting link", 3, (random) => ({ kind: "cut", afterBytes: spread(random, 20, 20_000) })],
  [
    "reply-losing link",
    4,
    (random) => ({ kind: "lose_reply", share: pick(random, [0.1, 0.3, 0.7, 1] as const) }),
  ],
];

/** Every way in which a network can treat one link. */
export const linkFaults: FaultKind[] = draws.map(([name, weight, draw]) => ({
  name,
  weight,
  kills: false,
  draw: (random) => onLink(random, draw(random)),
}));

function onLink(random: () => number, fault: LinkFault): Fault {
  const { name } = links[Math.floor(random() * links.length)] ?? { name: "edge>origin" };
  return {
    what: `${name} ${words(fault)}`,
    resource: name,
    begin: async (system) => system.link(name).set(fault),
    heal: async (system) => system.link(name).heal(),
  };
}

function words({ kind, ...how }: LinkFault): string {
  const details = Object.entries(how).map(([key, value]) => `${key} ${value}`);
  return [kind, ...details].join(" ");
}
