import { answerMany, answerOne, jsonFormOf, replyFormOf } from "./answers.ts";
import { BadRequest } from "./bad-request.ts";
import type { RedisLink } from "./redis-link.ts";
import { refusalOf } from "./refusals.ts";
import { readCommand, readCommands, readPathCommand } from "./request-commands.ts";
import { type RedisCommand, RedisError, type Reply } from "./resp.ts";
import type { ScriptTranslator } from "./scripts.ts";
import { runTransaction } from "./transaction.ts";

export type Endpoint = (request: Request) => Promise<Response>;

export interface EndpointDeps {
  link: RedisLink;
  translate: ScriptTranslator;
}

/**
 * The endpoints that run commands. Each reads, refuses or translates, sends, and answers. Each
 * rejects with BadRequest or Unavailable.
 */
export function createEndpoints({ link, translate }: EndpointDeps) {
  async function run(command: RedisCommand, request: Request): Promise<Response> {
    const form = replyFormOf(request);
    const refusal = refusalOf(command);
    if (refusal) throw new BadRequest(refusal);
    const [reply = null] = await link.send([translate(command)]);
    return answerOne(reply, form);
  }

  return {
    async command(request: Request) {
      return run(await readCommand(request), request);
    },

    async pathCommand(request: Request) {
      return run(await readPathCommand(request), request);
    },

    /** A refused command fails alone, as when Redis refuses it. */
    async pipeline(request: Request) {
      const form = replyFormOf(request);
      const commands = await readCommands(request);
      const refusals = commands.map(refusalOf);
      const allowed = commands.filter((_, index) => refusals[index] === undefined);
      const replies = allowed.length === 0 ? [] : await link.send(allowed.map(translate));
      const inOrder = replies.values();
      const results = refusals.map((refusal) =>
        refusal ? new RedisError(refusal) : nextOf(inOrder),
      );
      return answerMany(results, form);
    },

    /**
     * A refused command discards the transaction before anything is sent. The answer is always
     * JSON.
     */
    async multiExec(request: Request) {
      const form = jsonFormOf(request);
      const commands = await readCommands(request);
      const refusal = commands.map(refusalOf).find((text) => text !== undefined);
      if (refusal) throw new BadRequest(`EXECABORT Transaction discarded (${refusal})`);
      return answerMany(await runTransaction(link, commands.map(translate)), form);
    },
  };
}

function nextOf(replies: Iterator<Reply>): Reply {
  const { value, done } = replies.next();
  return done ? null : value;
}
