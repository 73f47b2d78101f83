import { afterAll, expect, test } from "bun:test";
import { Keyring } from "../../contract/keyring.ts";
import { SIGNATURE_HEADER } from "../../contract/signature.ts";
import { runningSystem } from "../../test/system.ts";
import { closeConnections, connectRaw, type RawConnection } from "./raw-socket.ts";
import { requestText, signatureOf, signed } from "./requests.ts";

const { originUrl, env } = runningSystem();
const keys = Keyring.parse(env["EDGE_KEYS"]);
afterAll(closeConnections);

async function slow(headers: string[]): Promise<RawConnection> {
  const connection = await connectRaw(originUrl);
  connection.write(requestText("POST /commands", ["Host: origin", ...headers], "1\r\n{\r\n"));
  return connection;
}

async function answerOf(connection: RawConnection): Promise<[number, string]> {
  const { status, body } = await connection.answer();
  return [status, body];
}

test("the body of what bears no signature is not waited for", async () => {
  const client = await slow(["Transfer-Encoding: chunked"]);
  expect(await answerOf(client)).toEqual([401, '{"code":"unauthenticated"}']);
});

test("a hundred bodies that never end keep nobody else waiting, and are given up", async () => {
  const signature = signatureOf(keys, { method: "POST", path: "/commands" });
  const headers = ["Transfer-Encoding: chunked", signed(signature)];
  const clients = await Promise.all(Array.from({ length: 100 }, () => slow(headers)));
  const own = signatureOf(keys, { path: "/lectures" });
  const answer = await fetch(`${originUrl}/lectures`, { headers: { [SIGNATURE_HEADER]: own } });
  expect(answer.status).toBe(200);
  for (const client of clients)
    expect(await answerOf(client)).toEqual([408, '{"code":"body_incomplete"}']);
});
