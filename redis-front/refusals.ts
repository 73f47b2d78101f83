import { nameOf, type RedisCommand } from "./resp.ts";

/**
 * Why a command may not run on the connection that all requests share. The command would block it,
 * change its state (subscriptions, transactions, sign-in), or take the server away from everybody.
 */
const reasons = {
  blocks: "it would block the connection all requests share",
  subscribes: "use /subscribe or /psubscribe",
  transacts: "use /multi-exec",
  changesConnection: "it would change the connection all requests share",
  endsServer: "it would stop the server or change its role",
} as const;

type Reason = keyof typeof reasons;

const refused: Record<Reason, string> = {
  blocks: "BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF",
  subscribes: "SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE",
  transacts: "MULTI EXEC DISCARD WATCH UNWATCH",
  changesConnection:
    "AUTH HELLO SELECT CLIENT RESET QUIT MONITOR SYNC PSYNC REPLCONF READONLY READWRITE ASKING",
  endsServer: "SHUTDOWN DEBUG REPLICAOF SLAVEOF FAILOVER",
};

const reasonOf = new Map(
  (Object.keys(refused) as Reason[]).flatMap((reason) =>
    refused[reason].split(" ").map((name) => [name, reason] as const),
  ),
);

/** The error text for a refused command; undefined for an allowed one. */
export function refusalOf(command: RedisCommand): string | undefined {
  const name = nameOf(command);
  const reason = reasonOf.get(name) ?? reasonByArguments(name, command);
  return reason && `ERR ${name} is not available here: ${reasons[reason]}`;
}

function reasonByArguments(name: string, command: RedisCommand): Reason | undefined {
  if (name === "XREAD" || name === "XREADGROUP") return asksToBlock(command) ? "blocks" : undefined;
  if (name === "SCRIPT" && upper(command[1]) === "DEBUG") return "changesConnection";
  return undefined;
}

/** Whether BLOCK is among the options. They end at STREAMS, where the keys begin. */
function asksToBlock(command: RedisCommand): boolean {
  const words = command.map(upper);
  const streams = words.indexOf("STREAMS");
  return words.slice(0, streams === -1 ? words.length : streams).includes("BLOCK");
}

function upper(argument: RedisCommand[number] | undefined): string {
  return typeof argument === "string" ? argument.toUpperCase() : "";
}
