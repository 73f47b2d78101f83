import type { ConfirmChannel } from "amqplib";
import { proveBroker } from "../../queue/prove.ts";
import { declareTopology } from "../../queue/topology.ts";
import { final, passing, type Trouble } from "../trouble.ts";
import { PROBE_WITHIN_MS, saying, troubleOfTheWay } from "./connecting.ts";

/** Whether the broker lets us in and confirms a message. */
export function probeRabbit(url: string): Promise<Trouble | undefined> {
  return ask(url);
}

/**
 * As probeRabbit, for a foreign broker: also declares Lectern's exchange and queues with their
 * settings.
 */
export function probeForeignRabbit(url: string, partitions: number): Promise<Trouble | undefined> {
  return ask(url, (channel) => declareTopology(channel, { partitions }));
}

async function ask(
  url: string,
  first?: (channel: ConfirmChannel) => Promise<unknown>,
): Promise<Trouble | undefined> {
  try {
    await proveBroker({ url, timeoutMs: PROBE_WITHIN_MS, ...(first && { first }) });
    return undefined;
  } catch (error) {
    return troubleOf(error);
  }
}

const REFUSALS: [RegExp, (said: string) => string][] = [
  [/unknown exchange type/, () => "its plugin rabbitmq_consistent_hash_exchange is not enabled"],
  [
    /Expected ConnectionOpenOk/,
    () => "its virtual host does not exist, or the user may not use it",
  ],
  [/ACCESS[-_]REFUSED.*(login|PLAIN|authentication)/i, () => "user or password are wrong"],
  [/ACCESS[-_]REFUSED/, (said) => `the user has not all the rights it needs: ${said}`],
  [
    /PRECONDITION[-_]FAILED/,
    (said) => `something of our names exists with other settings: ${said}`,
  ],
  [
    /NOT[-_]IMPLEMENTED|COMMAND[-_]INVALID|invalid property|invalid arg/i,
    (said) => `it cannot do what is needed: ${said}`,
  ],
];

function troubleOf(error: unknown): Trouble {
  const said = saying(error);
  const refusal = REFUSALS.find(([words]) => words.test(said));
  if (refusal) return final(refusal[1](quoted(said)));
  return troubleOfTheWay(error) ?? passing(said);
}

/** The broker's own words, without the library's words before them. */
function quoted(said: string): string {
  return said.replace(/^.*?with message "?/, "").replace(/"?$/, "");
}
