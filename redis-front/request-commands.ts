import { BadRequest, methodRefusal } from "./bad-request.ts";
import { ExactNumber, parseJson } from "./exact-json.ts";
import { readBytes, readText } from "./request-body.ts";
import type { Argument, RedisCommand } from "./resp.ts";
import { TOKEN_PARAMETER } from "./token.ts";

/** Commands of one pipeline or transaction, at most. */
const MAX_COMMANDS = 10_000;

/** The command of `POST /`: `["SET", "key", 1]`. Throws BadRequest. */
export async function readCommand(request: Request): Promise<RedisCommand> {
  return toCommand(parseBody(await readText(request)), "the command");
}

/**
 * The commands of `/pipeline` and `/multi-exec`: an array of 1 to MAX_COMMANDS. Throws BadRequest.
 */
export async function readCommands(request: Request): Promise<RedisCommand[]> {
  const commands = parseBody(await readText(request));
  if (!Array.isArray(commands)) throw new BadRequest("ERR the body must be an array of commands");
  if (commands.length === 0) throw new BadRequest("ERR there is no command");
  if (commands.length > MAX_COMMANDS)
    throw new BadRequest(`ERR more than ${MAX_COMMANDS} commands`, 413);
  return commands.map((command, index) => toCommand(command, `command ${index + 1}`));
}

/**
 * The command of a path: `/set/foo/bar`, or `POST /set/foo?EX=60` with the value as the body. The
 * body follows the path's arguments, and the query follows the body. Throws BadRequest.
 */
export async function readPathCommand(request: Request): Promise<RedisCommand> {
  const url = new URL(request.url);
  const [name, ...args] = pathArguments(url.pathname);
  if (!name) throw new BadRequest("ERR the path names no command");
  const body = await readValue(request);
  return [name, ...args, ...body, ...queryArguments(url.searchParams)];
}

async function readValue(request: Request): Promise<Argument[]> {
  if (request.method === "GET" || request.method === "HEAD") return [];
  if (request.method !== "POST" && request.method !== "PUT") {
    throw methodRefusal("GET", "HEAD", "POST", "PUT");
  }
  const body = await readBytes(request);
  return body.length === 0 ? [] : [body];
}

/** The decoded segments of a path. Throws BadRequest. */
export function pathArguments(pathname: string): string[] {
  try {
    return pathname.slice(1).split("/").map(decodeURIComponent);
  } catch {
    throw new BadRequest("ERR the path is not percent-encoded UTF-8");
  }
}

function queryArguments(query: URLSearchParams): string[] {
  return [...query]
    .filter(([name]) => name !== TOKEN_PARAMETER)
    .flatMap(([name, value]) => (value === "" ? [name] : [name, value]));
}

function parseBody(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new BadRequest("ERR the body is not JSON");
  }
}

function toCommand(value: unknown, called: string): RedisCommand {
  if (!Array.isArray(value)) throw new BadRequest(`ERR ${called} must be an array`);
  if (typeof value[0] !== "string" || value[0] === "") {
    throw new BadRequest(`ERR ${called} must begin with its name`);
  }
  for (let index = 1; index < value.length; index++) {
    const argument: unknown = value[index];
    if (typeof argument === "string") continue;
    if (
      typeof argument !== "number" &&
      typeof argument !== "boolean" &&
      !(argument instanceof ExactNumber)
    ) {
      throw new BadRequest(
        `ERR argument ${index} of ${called} must be a string, a number or a boolean`,
      );
    }
    value[index] = String(argument);
  }
  return value as unknown as RedisCommand;
}
