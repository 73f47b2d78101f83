import type { LinkFault } from "../proxy/link-fault.ts";
import { links } from "../system/links.ts";
import { type FaultKind, pick, spread } from "./fault.ts";

const draws: [name: string, weight: number, draw: (random: () => number) => LinkFault][] = [
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
  ["half-open link", 3, (random) => ({ kind: "half_open", silent: pick(random, SILENT) })],
  ["throttled link", 2, (random) => ({ kind: "throttle", bytesPerS: spread(random, 500, 50_000) })],
  ["cutting link", 3, (random) => ({ kind: "cut", afterBytes: spread(random, 20, 20_000) })],
  ["reply-losing link", 4, (random) => ({ kind: "lose_reply", share: pick(random, SHARES) })],
];
const SILENT = ["up", "down", "both"] as const;
const SHARES = [0.1, 0.3, 0.7, 1];

/** Every way in which a network can treat one link. */
export const linkFaults: FaultKind[] = draws.map(([name, weight, draw]) => ({
  name,
  weight,
  draw: (random) => {
    const fault = draw(random);
    const { name: link } = pick(random, links);
    return {
      what: `${link} ${words(fault)}`,
      resource: link,
      begin: async (system) => system.link(link).set(fault),
      heal: async (system) => system.link(link).heal(),
    };
  },
}));

function words({ kind, ...how }: LinkFault): string {
  const details = Object.entries(how).map(([key, value]) => `${key} ${value}`);
  return [kind, ...details].join(" ");
}
