import { asBearer, type Forger } from "./forgery.ts";
import { encodePart, type Genuine, type Part, partsOf } from "./genuine.ts";

/** Claims that a forger would like to have. */
const wishes = (nowS: number): [string, unknown][] => [
  ["sub", "s-20230001"],
  ["sub", "admin"],
  ["sub", "*"],
  ["role", "admin"],
  ["role", "organiser"],
  ["roles", ["admin"]],
  ["exp", nowS + 10 * 365 * 86_400],
  ["exp", Number.MAX_SAFE_INTEGER],
  ["nbf", 0],
  ["iat", 0],
  ["iat", nowS + 86_400],
  ["jti", "1"],
];

/**
 * Claims that even a genuine signature does not make acceptable, each with its values by their kind
 * of mistake.
 */
const impossible = (nowS: number): [string, unknown[]][] => [
  // over
  ["exp", [nowS - 1, nowS - 86_400, 0, -1, -1e300]],
  // no moment
  ["exp", [nowS + 60.5, 1e300, 2 ** 53, String(nowS + 60), "never", "", null]],
  ["exp", [undefined, true, [nowS + 60], { valueOf: nowS + 60 }, [], {}]],
  ["nbf", [nowS + 60, 1e300, String(nowS), "", {}, [], true]],
  ["iat", ["0", "", {}, [], true]],
  ["iss", [undefined, null, "", "Lectern", "lectern ", "elsewhere", 1, {}, ["elsewhere"]]],
  // somebody else
  ["aud", ["", "lectern", "LECTERN-EDGE", "lectern-edge ", ["elsewhere"]]],
  // no audience
  ["aud", [undefined, null, 1, {}, [], [["lectern-edge"]]]],
  // no name
  ["sub", [undefined, null, "", 1, true, [], {}, ["s-1"]]],
  // a name with something beside it
  ["sub", [" s-1", "s-1 ", "s-1\n", "s-1\0", "s-1%00", "../s-1", "s/1"]],
  // characters that no name has
  ["sub", ["-s", "_s", "s:1", "s|1", "s*", "s.1", "s".repeat(65)]],
  // characters that look like others, or like nothing
  ["sub", ["s–1", "ѕ-1", "ｓ-1", "s\u200b-1", "\u202es-1", "学号"]],
  // no role
  ["role", [undefined, null, "", 1, true, {}, [], ["admin"]]],
  // nearly a role
  ["role", ["root", "Admin", "student ", "ѕtudent", "student,admin"]],
];

/** Headers that could mislead only a verifier that reads them; each has a genuine signature. */
const oddHeaders = (header: Genuine["header"]): [string, Part][] => [
  ["crit of something unknown", { crit: ["x"], x: 1 }],
  ["crit empty", { crit: [] }],
  ["crit no array", { crit: "alg" }],
  ["b64 false", { crit: ["b64"], b64: false }],
  ["an array", `[${JSON.stringify(header)}]`],
  ["a string", JSON.stringify(JSON.stringify(header))],
  ["null", "null"],
  ["not JSON", "{alg:HS256}"],
  ["the last of two alg", `{"alg":"HS256","kid":${JSON.stringify(header.kid)},"alg":"none"}`],
  ["the last of two kid", `{"alg":"HS256","kid":${JSON.stringify(header.kid)},"kid":"unknown"}`],
];

/** Texts that are no claims. */
const NO_CLAIMS = ['""', "null", "[]", "0", "{}", "", "{", "\xff"];

/** Altered claims under the old signature, and wrong claims under a genuine one. */
export const alteredClaims: Forger = ({ token, header, claims, nowS, sign }) => {
  const [head, , signature] = partsOf(token);
  const text = JSON.stringify(claims);
  const reversed = Object.fromEntries(Object.entries(claims).reverse());
  const unsigned = (name: string, part: Part) =>
    asBearer(name, `${head}.${encodePart(part)}.${signature}`);
  const signed = (name: string, part: Part) => asBearer(name, sign({ claims: part }));
  return [
    ...wishes(nowS).map(([name, value]) =>
      unsigned(`${name} ${JSON.stringify(value)} under the old signature`, {
        ...claims,
        [name]: value,
      }),
    ),
    unsigned("the same claims in another order", reversed),
    unsigned("the same claims with a space", `${text} `),
    unsigned("the same claims after a BOM", `\uFEFF${text}`),
    unsigned("a second sub", text.replace("{", '{"sub":"s-20230001",')),
    ...impossible(nowS).flatMap(([name, values]) =>
      values.map((value) =>
        signed(`${name} ${JSON.stringify(value)?.slice(0, 40)}, genuinely signed`, {
          [name]: value,
        }),
      ),
    ),
    signed("the last of two exp", text.replace(/\}$/, `,"exp":${nowS - 5}}`)),
    signed("the last of two roles", text.replace(/\}$/, ',"role":"root"}')),
    ...[...NO_CLAIMS, `[${text}]`].map((part) =>
      signed(`claims ${JSON.stringify(part).slice(0, 20)}`, part),
    ),
    ...oddHeaders(header).map(([name, part]) =>
      asBearer(`header: ${name}`, sign({ header: part })),
    ),
  ];
};
