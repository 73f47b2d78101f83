import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignedIn } from "../../../contract/origin-api.ts";
import type { Role } from "../../../contract/session.ts";
import type { FuzzApiOptions } from "./options.ts";
import { Report } from "./report.ts";

/** What an answer is checked for. */
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "unsupported_method",
  "allow_header_conformance",
  "ignored_auth",
];

/** A 503 is an honest answer: the document names it, with its Retry-After. Any other 5xx is not. */
const CONFIG = `[checks]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "503"]
`;

/** Longer than the longest wait for a decision, in seconds. */
const REQUEST_TIMEOUT_S = 30;

/** How much longer than the requests the start and the report may take, in milliseconds. */
const MORE_MS = 120_000;

export interface Fuzzed {
  report: Report;
  /** everything that Schemathesis wrote */
  log: string;
}

/** Each role gets other answers: to a student the organisers' routes are forbidden. */
export const ROLES = ["student", "organiser", "admin"] as const satisfies Role[];

/** Sends the edge requests that Schemathesis makes from the document, signed in for the demo. */
export async function fuzz(
  program: string,
  { edgeUrl, dir, role }: { edgeUrl: string; dir: string; role: Role },
  { minutes, seed }: FuzzApiOptions,
  stop: AbortSignal,
): Promise<Fuzzed> {
  mkdirSync(dir, { recursive: true });
  const [config, report, log] = ["config.toml", "report.json", "requests.log"].map((name) =>
    join(dir, name),
  ) as [string, string, string];
  writeFileSync(config, CONFIG);
  rmSync(report, { force: true });
  const seconds = minutes * 60;
  const child = Bun.spawn(
    [
      ...[program, "--config-file", config, "run", `${edgeUrl}/api/openapi.json`],
      ...["--header", `Authorization: Bearer ${await signIn(edgeUrl, role)}`],
      ...["--checks", CHECKS.join(",")],
      ...["--max-time", String(seconds), "--seed", String(seed)],
      ...["--request-timeout", String(REQUEST_TIMEOUT_S)],
      ...["--continue-on-failure", "--suppress-health-check", "all", "--no-color"],
      ...["--report", "json", "--report-json-path", report],
    ],
    {
      cwd: dir,
      stdio: ["ignore", Bun.file(log), Bun.file(log)],
      signal: AbortSignal.any([stop, AbortSignal.timeout(seconds * 1_000 + MORE_MS)]),
    },
  );
  await child.exited;
  stop.throwIfAborted();
  try {
    return { report: Report.parse(JSON.parse(readFileSync(report, "utf8"))), log };
  } catch {
    throw new Error(`Schemathesis wrote no report; see ${log}`);
  }
}

/** An organiser of the host whose lectures every new system has. */
async function signIn(edgeUrl: string, role: Role): Promise<string> {
  const answer = await fetch(`${edgeUrl}/api/auth/demo`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      studentNumber: `2023${role}`,
      role,
      hosts: role === "organiser" ? ["campus"] : [],
    }),
  });
  return SignedIn.parse(await answer.json()).token;
}
