import { SESSION_COOKIE } from "../../../contract/session.ts";
import { asBearer, type Forger, type Forgery } from "./forgery.ts";
import { partsOf } from "./genuine.ts";

const OTHER_SCHEMES = ["Basic", "Digest", "Token", "JWT"];
const NEARLY_BEARER = ["Bearer:", "Bearer=", "BearerBearer", "Ｂearer", "Bearer Bearer"];
const AUTHORIZATIONS = ["Proxy-Authorization", "X-Authorization", "X-Forwarded-Authorization"];
const OTHER_HEADERS = ["X-Access-Token", "Token"];
const OTHER_COOKIES = ["session", "__Host-lectern_session"];
const NEARLY_THE_COOKIE = ["Lectern_Session", "lectern_session2", " lectern_sessio\u006e%20"];

/** A genuine token in a place where none is read, or in a spelling that is never written. */
export const oddCarriers: Forger = ({ token, sign }) => {
  const [head, body, signature] = partsOf(token);
  const [begin, end] = [signature.slice(0, 20), signature.slice(20)];
  const expired = sign({ claims: { exp: 1 } });
  const attempt = (name: string, ...headers: Forgery["headers"]): Forgery => ({ name, headers });
  const authorization = (name: string, value: string) => attempt(name, ["Authorization", value]);
  const cookie = (name: string, value: string) => attempt(name, ["Cookie", value]);
  const bearer: [string, string] = ["Authorization", `Bearer ${token}`];
  return [
    authorization("no scheme", token),
    ...[...OTHER_SCHEMES, ...NEARLY_BEARER].map((scheme) =>
      authorization(`the scheme ${scheme}`, latin1(`${scheme} ${token}`)),
    ),
    authorization("quoted", `Bearer "${token}"`),
    authorization("as a parameter", `Bearer token=${token}`),
    authorization("two tokens with a comma", `Bearer ${token}, Bearer ${token}`),
    authorization("two tokens with a space", `Bearer ${token} ${token}`),
    authorization("after a comma", `Bearer ,${token}`),
    authorization("a semicolon behind it", `Bearer ${token};`),
    authorization("spaces inside", `Bearer ${head}. ${body}.${signature}`),
    authorization("a tab before it", `Bearer\t${token}`),
    authorization("percent-encoded dots", `Bearer ${token.replaceAll(".", "%2E")}`),
    authorization("fullwidth dots", latin1(`Bearer ${token.replaceAll(".", "．")}`)),
    authorization(
      "a character that looks like another",
      latin1(`Bearer ${token.replace("e", "е")}`),
    ),
    authorization("a byte above ASCII behind it", `Bearer ${token}\xa0`),
    attempt("two Authorization headers", bearer, bearer),
    attempt(
      "an expired Bearer beside a live cookie",
      ["Authorization", `Bearer ${expired}`],
      ["Cookie", `${SESSION_COOKIE}=${token}`],
    ),
    asBearer("only the head", head),
    asBearer("head and claims", `${head}.${body}`),
    asBearer("parts swapped", `${body}.${head}.${signature}`),
    asBearer("no dots", `${head}${body}${signature}`),
    asBearer("a dot before it", `.${token}`),
    asBearer("a part before it", `${head}.${token}`),
    asBearer("padded head", `${head}=.${body}.${signature}`),
    asBearer("longer than any token", `${token}${"A".repeat(5_000)}`),
    ...[...AUTHORIZATIONS, ...OTHER_HEADERS].map((name) =>
      attempt(`the header ${name}`, [name, `Bearer ${token}`]),
    ),
    ...[...OTHER_COOKIES, ...NEARLY_THE_COOKIE].map((name) =>
      cookie(`the cookie ${name}`, `${name}=${token}`),
    ),
    cookie(
      "the cookie's value with an escaped line end in the signature",
      `${SESSION_COOKIE}=${head}.${body}.${begin}%0A${end}`,
    ),
    cookie(
      "the cookie's value with a space in the signature",
      `${SESSION_COOKIE}=${head}.${body}.${begin} ${end}`,
    ),
    cookie("the cookie's value with escaped padding", `${SESSION_COOKIE}=${token}%3D`),
    cookie("the cookie's value and an escaped NUL", `${SESSION_COOKIE}=${token}%00`),
    cookie("the cookie of an expired token", `${SESSION_COOKIE}=${expired}`),
    cookie(
      "an empty cookie before the live one is not the live one",
      `${SESSION_COOKIE}=x; other=${token}`,
    ),
  ];
};

/** Header values are bytes: text beyond ASCII travels as its UTF-8 bytes. */
function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
