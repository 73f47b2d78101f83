import fc from "fast-check";
import { methods } from "../routes.ts";
import { hostileBody } from "./bodies.ts";
import { assetName, headerValue, lectureId, mostly, rid, segment, userId } from "./texts.ts";

/** One request, and the state of the world that it meets. */
export interface Input {
  method: string;
  /** path and query */
  path: string;
  headers: [name: string, value: string][];
  body: Uint8Array<ArrayBuffer> | undefined;
  /** the sender: 0 is a stranger, any other number is entitled */
  identity: number;
  /** chooses the answers of the parts behind */
  world: number;
}

/** An input as a request to one of the two apps. */
export function requestOf(host: string, { path, method, headers, body }: Input): Request {
  return new Request(`http://${host}${path}`, { method, headers, body: body ?? null });
}

export interface Shape {
  /** `METHOD /path/:id` */
  route: string;
  /** names of headers to fill with anything, in addition to those of every route */
  headers?: string[];
  /** headers with their usual values */
  given?: Record<string, fc.Arbitrary<string>>;
  /** the usual media type of the body; JSON's by default */
  type?: string;
  /** the usual body; without it there is mostly none */
  body?: fc.Arbitrary<Uint8Array<ArrayBuffer>>;
  /** the query's usual parameters */
  query?: Record<string, fc.Arbitrary<string>>;
}

/** Headers that any request may carry. */
const COMMON = [
  "Accept",
  "Accept-Language",
  "Authorization",
  "Content-Encoding",
  "Content-Language",
  "Cookie",
  "Expect",
  "Forwarded",
  "If-Match",
  "If-Modified-Since",
  "If-None-Match",
  "Lectern-Signature",
  "Origin",
  "Prefer",
  "Range",
  "Upgrade",
  "User-Agent",
  "X-Forwarded-For",
  "X-HTTP-Method-Override",
  "X-Original-URL",
  "X-Request-Id",
];

const TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "APPLICATION/JSON",
  "text/plain",
  "text/csv",
  "multipart/form-data",
  "application/json\t",
  "",
];

/** The requests of a route: mostly its method, valid ids and a valid body, sometimes anything. */
export function inputsOf({
  route,
  headers = [],
  given = {},
  type: usualType = "application/json",
  body,
  query = {},
}: Shape): fc.Arbitrary<Input> {
  const [method = "GET", pattern = "/"] = route.split(" ");
  const header = fc.tuple(fc.constantFrom(...COMMON, ...headers, ...headers), headerValue);
  const noBody = fc.constant(undefined);
  return fc
    .record({
      method: mostly(fc.constant(method), fc.constantFrom(...methods, "PROPFIND")),
      path: pathOf(pattern),
      query: queryOf(query),
      headers: fc.array(header, { maxLength: 3 }),
      given: fc.tuple(
        ...Object.entries(given).map(([name, value]) =>
          value.map((text): [string, string] => [name, text]),
        ),
      ),
      type: mostly(fc.constant(usualType), fc.constantFrom(...TYPES)),
      body: body
        ? mostly<Uint8Array<ArrayBuffer> | undefined>(body, fc.oneof(noBody, hostileBody))
        : fc.oneof(noBody, hostileBody),
      identity: mostly(fc.constantFrom(1, 2, 3), fc.constant(0)),
      world: fc.nat({ max: 999 }),
    })
    .map(({ type, query: search, given: usual, headers: others, ...rest }) => {
      const input = { ...rest, headers: [...usual, ...others] };
      const bodiless =
        input.method.toUpperCase() === "GET" || input.method === "HEAD" || input.body === undefined;
      return {
        ...input,
        path: input.path + search,
        body: bodiless ? undefined : input.body,
        headers:
          bodiless || type === "" ? input.headers : [["Content-Type", type], ...input.headers],
      };
    });
}

function pathOf(pattern: string): fc.Arbitrary<string> {
  const parts = pattern.split("/").map((part, at, all) => {
    if (part === ":user") return userId;
    const isOfRid = all[at - 1] === "reservations" || all[at - 1] === "amendments";
    if (part === ":rid" || (part === ":id" && isOfRid)) return rid;
    if (part === ":name") return assetName;
    if (part.startsWith(":")) return lectureId;
    return fc.constant(part);
  });
  return fc.tuple(...parts).map((segments) => segments.join("/"));
}

function queryOf(parameters: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<string> {
  const usual = Object.entries(parameters).map(([name, value]) =>
    value.map((text) => `${name}=${text}`),
  );
  const odd = fc.array(
    fc.tuple(fc.constantFrom("user", "waitMs", "q", "__proto__", "%00"), segment),
    { maxLength: 2 },
  );
  return fc
    .tuple(fc.tuple(...usual), mostly(fc.constant<[string, string][]>([]), odd))
    .map(([expected, more]) => {
      const all = [...expected, ...more.map(([name, value]) => `${name}=${value}`)];
      return all.length > 0 ? `?${all.join("&")}` : "";
    });
}
