import { afterAll, expect, test } from "bun:test";
import { Keyring } from "../../contract/keyring.ts";
import { SIGNATURE_HEADER, sign } from "../../contract/signature.ts";
import { eventually } from "../../test/servers.ts";
import { runningSystem } from "../../test/system.ts";
import { connectRaw, isComplete, type RawConnection, readAnswer } from "./raw-socket.ts";

const { originUrl, env } = runningSystem();
const keys = Keyring.parse(env["EDGE_KEYS"]);
const open: RawConnection[] = [];
afterAll(() => {
  for (const { socket } of open) socket.destroy();
});

async function slow(headers: string[]): Promise<RawConnection> {
  const connection = await connectRaw(originUrl);
  open.push(connection);
  connection.write(
    ["POST /commands HTTP/1.1", "Host: origin", ...headers, "", "1\r\n{\r\n"].join("\r\n"),
  );
  return connection;
}

async function answerOf(connection: RawConnection): Promise<[number, string]> {
  await eventually("it is answered", async () => isComplete(connection.received()), 15_000);
  const { status, body } = readAnswer(connection.received());
  return [status, body];
}

test("the body of what bears no signature is not waited for", async () => {
  const client = await slow(["Transfer-Encoding: chunked"]);
  expect(await answerOf(client)).toEqual([401, '{"code":"unauthenticated"}']);
});

test("a hundred bodies that never end keep nobody else waiting, and are given up", async () => {
  const empty = new Uint8Array();
  const signature = sign(keys, { method: "POST", path: "/commands", body: empty }, Date.now());
  const headers = ["Transfer-Encoding: chunked", `${SIGNATURE_HEADER}: ${signature}`];
  const clients = await Promise.all(Array.from({ length: 100 }, () => slow(headers)));
  const nowMs = Date.now();
  const own = sign(keys, { method: "GET", path: "/lectures", body: empty }, nowMs);
  const answer = await fetch(`${originUrl}/lectures`, { headers: { [SIGNATURE_HEADER]: own } });
  expect(answer.status).toBe(200);
  for (const client of clients)
    expect(await answerOf(client)).toEqual([408, '{"code":"body_incomplete"}']);
});
