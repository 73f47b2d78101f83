import { nextAfter, Trouble } from "./trouble.ts";

export interface EdgeRequest {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** path and query */
  path: string;
  /** sent as JSON, but bytes as a CSV file */
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  etag: string | undefined;
  body: unknown;
}

/** An edge that takes commands of one signed-in person. */
export interface Edge {
  url: string;
  /** Asks for JSON. Throws Trouble for a refusal, with the server's own words. */
  ask(request: EdgeRequest): Promise<Answer>;
  /** Asks for a file. Throws as `ask`. */
  file(path: string): Promise<Response>;
}

/** The longest wait for an answer, in milliseconds: the edge waits 20 s for a decision. */
const ANSWER_WITHIN_MS = 60_000;

export function openEdge(url: string, token: string | undefined, language: "en" | "zh"): Edge {
  const base = readUrl(url);

  async function send(
    { method = "GET", path, body, headers }: EdgeRequest,
    accept: string,
  ): Promise<Response> {
    const isFile = body instanceof Uint8Array;
    try {
      return await fetch(base + path, {
        method,
        headers: {
          Accept: accept,
          "Accept-Language": language,
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "Content-Type": isFile ? "text/csv" : "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: isFile ? Uint8Array.from(body) : JSON.stringify(body) }),
        // A file may take as long as it takes; its head may not.
        signal: accept === CSV ? null : AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
    } catch (error) {
      throw new Trouble(
        `no answer from ${base}: ${error instanceof Error ? error.message : error}`,
        "Is it the right edge? --edge URL names another; npm run status shows the local one. " +
          "A change that may have been sent can be sent again with the same --key.",
      );
    }
  }

  return {
    url: base,
    async ask(request) {
      const answer = await send(request, "application/json");
      const body = await bodyOf(answer);
      if (!answer.ok) throw refusal(answer.status, body);
      return { status: answer.status, etag: answer.headers.get("etag") ?? undefined, body };
    },
    async file(path) {
      const answer = await send({ path }, CSV);
      if (!answer.ok) throw refusal(answer.status, await bodyOf(answer));
      return answer;
    },
  };
}

const CSV = "text/csv";

function readUrl(url: string): string {
  const read = URL.canParse(url) ? new URL(url) : undefined;
  if (read && /^https?:$/.test(read.protocol)) return read.href.replace(/\/$/, "");
  throw new Trouble(`--edge ${url}: not an address as https://seats.example`);
}

async function bodyOf(answer: Response): Promise<unknown> {
  const text = await answer.text();
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    throw new Trouble(
      `the answer is not Lectern's (status ${answer.status})`,
      "Is --edge the address of an edge?",
    );
  }
}

/** A refusal in the server's words, with the rows that are wrong. */
function refusal(status: number, body: unknown): Trouble {
  const { title, detail, code, rows } = (body ?? {}) as Record<string, unknown>;
  if (typeof title !== "string") return new Trouble(`status ${status}`, undefined, body);
  const lines = [title, ...(typeof detail === "string" ? [detail] : []), ...faultLines(rows)];
  return new Trouble(lines.join("\n"), nextAfter(String(code)), body);
}

/** Faults listed on the screen; --json gives all. */
const FAULTS_MAX = 20;

function faultLines(rows: unknown): string[] {
  if (!Array.isArray(rows)) return [];
  const lines = rows.map((fault: Record<string, unknown>) => {
    const field = fault["field"] === undefined ? "" : ` ${fault["field"]}`;
    return `  line ${fault["row"]}${field}: ${fault["reason"]}`;
  });
  const more = lines.length - FAULTS_MAX;
  return more > 0 ? [...lines.slice(0, FAULTS_MAX), `  and ${more} more: --json`] : lines;
}
