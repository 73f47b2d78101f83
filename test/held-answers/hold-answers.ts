import { mock } from "bun:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { createApp as CreateApp, EdgeApp } from "../../edge/app.ts";
import type { complaintAbout as ComplaintAbout, HeldAnswer } from "./check-answer.ts";
import { isEdge } from "./edge-addresses.ts";

/** How long bodies may take to end after the tests, in milliseconds; the others are left out. */
const BODIES_WITHIN_MS = 2_000;

/** The most complaints that are told. */
const TOLD_MAX = 10;

/** Answers that wait for their check: nothing is checked while the tests run. */
let held: Promise<HeldAnswer>[] = [];

/**
 * Holds every answer of an edge against the API's document: of apps in this process, and of edges
 * that are asked with `fetch`.
 */
export function holdAnswers(): void {
  // The mock takes effect when a test imports the app; other files do not load it.
  mock.module("../../edge/app.ts", () => {
    const real = require("../../edge/app.ts?held") as typeof import("../../edge/app.ts");
    return { ...real, createApp: holding(real.createApp) };
  });
  const ask = globalThis.fetch;
  const holdingFetch = async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
    const answer = await ask(input, init);
    const url = input instanceof Request ? input.url : String(input);
    const method = init?.method ?? (input instanceof Request ? input.method : "GET");
    if (isEdge(url, answer)) hold(method, url, answer, isLeftCoded(init));
    return answer;
  };
  globalThis.fetch = Object.assign(holdingFetch, { preconnect: ask.preconnect });
}

function holding(createApp: typeof CreateApp): typeof CreateApp {
  return (...parts) => {
    const app = createApp(...parts);
    type Fetch = EdgeApp<Parameters<typeof app.fetch>[1]>["fetch"];
    const fetch: Fetch = (request, connection) => {
      const answer = app.fetch(request, connection);
      if (!(answer instanceof Promise)) return hold(request.method, request.url, answer, true);
      return answer.then((read) => hold(request.method, request.url, read, true));
    };
    return { fetch };
  };
}

/**
 * Keeps an answer, with a copy of its body if that is JSON. Events and files have no copy: a copy
 * would read on where the reader stops or leaves.
 *
 * @param isCoded whether the body still has its content coding: `fetch` decodes by default
 */
function hold(method: string, url: string, answer: Response, isCoded: boolean): Response {
  const { status, headers, body } = answer;
  const isJson = /[/+]json\b/.test(headers.get("content-type") ?? "");
  const copy = () => (isJson ? textOf(answer.clone(), isCoded) : undefined);
  const text = method === "HEAD" ? undefined : body === null ? "" : copy();
  const facts = { method: method.toUpperCase(), url, status, headers };
  held.push(
    Promise.resolve(text).then(
      (body) => ({ ...facts, body }),
      () => ({ ...facts, body: undefined }),
    ),
  );
  return answer;
}

function isLeftCoded(init: BunFetchRequestInit | undefined): boolean {
  return init?.decompress === false;
}

async function textOf(answer: Response, isCoded: boolean): Promise<string> {
  const coding = isCoded ? answer.headers.get("content-encoding") : null;
  if (coding === "br") return brotliDecompressSync(await answer.bytes()).toString();
  if (coding === "gzip") return gunzipSync(await answer.bytes()).toString();
  return await answer.text();
}

/** Checks the answers held so far. Throws an error that names what the document does not allow. */
export async function checkHeldAnswers(): Promise<void> {
  const answers = held;
  held = [];
  if (answers.length === 0) return;
  const { complaintAbout } = require("./check-answer.ts") as {
    complaintAbout: typeof ComplaintAbout;
  };
  const complaints = new Map<string, number>();
  const late = Bun.sleep(BODIES_WITHIN_MS);
  for (const pending of answers) {
    const answer = await Promise.race([pending, late]);
    const complaint = answer && complaintAbout(answer);
    if (complaint) complaints.set(complaint, (complaints.get(complaint) ?? 0) + 1);
  }
  if (complaints.size === 0) return;
  const lines = [...complaints].map(([complaint, count]) => `${complaint} (${count} times)`);
  throw new Error(
    "answers that contract/openapi/openapi.json does not allow:\n" +
      `${lines.slice(0, TOLD_MAX).join("\n")}`,
  );
}
