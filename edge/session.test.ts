import { afterAll, expect, setSystemTime, test } from "bun:test";
import { SignJWT, UnsecuredJWT } from "jose";
import { Keyring } from "../contract/keyring.ts";
import { SESSION_AUDIENCE, SESSION_COOKIE, SESSION_ISSUER } from "../contract/session.ts";
import { newKeyring } from "../stack/secrets.ts";
import { loadOpenLecture, randomUserId, startEdgeAlone, tokenFor } from "../test/edge-alone.ts";

const edge = startEdgeAlone();
afterAll(() => edge.close());

const [newest, older] = Keyring.parse(edge.env.SESSION_KEYS);
const [foreign] = Keyring.parse(newKeyring(1));
const nowS = Math.floor(Date.now() / 1_000);

interface Made {
  header?: Record<string, string | undefined>;
  claims?: Record<string, unknown>;
  key?: { id: string; secret: Uint8Array };
}

/** A token that is genuine except for the given changes. */
function make({ header, claims, key = newest }: Made = {}): Promise<string> {
  const payload = {
    iss: SESSION_ISSUER,
    aud: SESSION_AUDIENCE,
    sub: "s-1",
    role: "student",
    exp: nowS + 60,
    ...claims,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: "HS256", kid: key.id, ...header })
    .sign(key.secret);
}

const genuine = await make();
const tampered = genuine.replace(/\.[^.]+\./, `.${btoa('{"sub":"s-2"}').replaceAll("=", "")}.`);

const strangers: [string, string | undefined][] = [
  ["no token", undefined],
  ["an empty token", ""],
  ["no JWT", "abc"],
  ["an expired token", await make({ claims: { exp: nowS - 1 } })],
  ["a token without expiry", await make({ claims: { exp: undefined } })],
  ["a token not valid yet", await make({ claims: { nbf: nowS + 60 } })],
  ["alg none", new UnsecuredJWT({ sub: "s-1", role: "student" }).setExpirationTime("1h").encode()],
  [
    "another algorithm",
    await make({ header: { alg: "HS512" }, key: { id: newest.id, secret: bytes(64) } }),
  ],
  ["a foreign key", await make({ key: foreign })],
  ["a foreign key under our key's name", await make({ key: { ...foreign, id: newest.id } })],
  ["no key's name", await make({ header: { kid: undefined } })],
  ["another issuer", await make({ claims: { iss: "elsewhere" } })],
  ["another audience", await make({ claims: { aud: "elsewhere" } })],
  ["no user", await make({ claims: { sub: undefined } })],
  ["an impossible user", await make({ claims: { sub: "a/b" } })],
  ["an unknown role", await make({ claims: { role: "root" } })],
  ["an altered token", tampered],
  ["a token of 8 KB", await make({ claims: { padding: "x".repeat(8_000) } })],
];

test.each(strangers)(
  "%s is 401 on every private route, and neither Redis nor the origin is asked",
  async (_, token) => {
    const lectureId = await loadOpenLecture(edge.redis);
    const rid = `1-${"0".repeat(32)}`;
    const before = edge.wire.requests.length;
    const calls: [string, string][] = [
      ["POST", `/api/lectures/${lectureId}/reservations`],
      ["GET", `/api/reservations/${rid}`],
      ["GET", `/api/reservations/${rid}/events`],
      ["DELETE", `/api/reservations/${rid}`],
      ["GET", "/api/me"],
      ["GET", "/api/me/reservations"],
    ];
    for (const [method, path] of calls) {
      const headers: Record<string, string> =
        token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const response = await edge.fetch(path, { method, headers });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
        401,
        "unauthenticated",
      ]);
      expect(response.headers.get("www-authenticate")).toStartWith("Bearer");
    }
    expect(edge.wire.requests.length).toBe(before);
    expect(edge.origin.heard).toEqual([]);
  },
);

test("a forged token is refused although genuine tokens of the same header were seen", async () => {
  for (const header of [{}, { alg: "HS256", typ: "JWT" }]) {
    const Authorization = `Bearer ${await make({ header })}`;
    expect((await edge.fetch("/api/me", { headers: { Authorization } })).status).toBe(200);
  }
  for (const [who, token = ""] of strangers) {
    const { status } = await edge.fetch("/api/me", {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect([who, status]).toEqual([who, 401]);
  }
});

test("both live keys are accepted, as Bearer and as cookie", async () => {
  for (const key of [newest, older]) {
    if (!key) throw new Error("the keyring has two keys");
    const token = await make({ key });
    for (const headers of [
      { Authorization: `Bearer ${token}` },
      { Cookie: `a=b; ${SESSION_COOKIE}=${token}` },
    ]) {
      const response = await edge.fetch("/api/me", { headers });
      expect(await response.json()).toEqual({ id: "s-1", role: "student" });
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
  }
});

test("a client's own claims about its user are neither believed nor passed on", async () => {
  const userId = randomUserId();
  const lectureId = await loadOpenLecture(edge.redis);
  edge.origin.answer(() => new Response(null, { status: 500 }));
  await edge.fetch(`/api/lectures/${lectureId}/reservations?user=other`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${await tokenFor(userId, edge.env.SESSION_KEYS)}`,
      "X-User-Id": "other",
      "X-Request-Id": "chosen",
      "X-Forwarded-User": "other",
      "Lectern-Signature": "forged",
      Cookie: "user=other",
    },
  });
  const heard = edge.origin.heard.at(-1);
  expect(heard?.path).toBe("/commands");
  expect(heard?.body).toMatchObject({ command: { userId } });
  const sent = [...(heard?.headers.entries() ?? [])]
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
  expect(sent).not.toMatch(/other|chosen|forged|Bearer/);
});

function bytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

test("a session that was found genuine ends when its token expires", async () => {
  const token = await make({ claims: { exp: nowS + 60 } });
  const ask = async () =>
    (await edge.fetch("/api/me", { headers: { Authorization: `Bearer ${token}` } })).status;
  expect([await ask(), await ask()]).toEqual([200, 200]);
  setSystemTime(new Date((nowS + 60) * 1_000));
  expect(await ask()).toBe(401);
  setSystemTime();
});
