import { connect } from "node:net";
import amqp from "amqplib";
import mysql from "mysql2/promise";

const TIMEOUT_MS = 2_000;

/** Each probe answers whether the server does its work for us now; at most after two seconds, and never throws. */

/** GET gives 200. */
export async function answersHttp(url: string): Promise<boolean> {
  return succeeds(async () => {
    const answer = await fetch(url, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: "manual",
      keepalive: false,
    });
    await answer.arrayBuffer();
    return answer.status === 200;
  });
}

/** An Upstash-compatible front takes the token, and the Redis behind it answers PING. */
export async function answersRedisHttp(url: string, token: string): Promise<boolean> {
  return succeeds(async () => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: '["PING"]',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      keepalive: false,
    });
    return ((await answer.json()) as { result?: unknown }).result === "PONG";
  });
}

/** Something listens on a port of the loopback interface. */
export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const answer = (accepts: boolean) => {
      socket.destroy();
      resolve(accepts);
    };
    socket.setTimeout(TIMEOUT_MS, () => answer(false));
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

/** A Redis that has loaded its data. */
export async function answersRedis(port: number): Promise<boolean> {
  return (await ask("127.0.0.1", port, "PING\r\n")).startsWith("+PONG");
}

/** One of the servers of `host:port,host:port[/chroot]` serves requests. */
export async function answersZooKeeper(address: string): Promise<boolean> {
  const servers = address.replace(/\/.*$/, "").split(",");
  const answers = await Promise.all(
    servers.map((server) => {
      const [host = "", port = ""] = server.split(":");
      return ask(host, Number(port), "srvr");
    }),
  );
  // A server that forbids the four-letter words says so, and thereby answers.
  return answers.some((answer) => /^Mode: /m.test(answer) || answer.includes("whitelist"));
}

/** The broker lets us in. */
export async function answersRabbit(url: string): Promise<boolean> {
  return succeeds(async () => {
    const connection = await amqp.connect(url, { timeout: TIMEOUT_MS });
    connection.on("error", () => undefined);
    await connection.close();
    return true;
  });
}

/** The server lets us in and answers a query; the database of the address may have to be made yet. */
export async function answersMysql(url: string): Promise<boolean> {
  return succeeds(async () => {
    const server = new URL(url);
    server.pathname = "/";
    const connection = await mysql.createConnection({ uri: server.href, connectTimeout: TIMEOUT_MS });
    connection.on("error", () => undefined);
    try {
      await connection.query({ sql: "SELECT 1", timeout: TIMEOUT_MS });
      await connection.end();
      return true;
    } catch {
      connection.destroy();
      return false;
    }
  });
}

/** What a server says to a short question: a line of Redis' protocol, or all until it closes or falls silent. */
function ask(host: string, port: number, question: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ host, port });
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(TIMEOUT_MS, end);
    socket.once("connect", () => socket.write(question));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (answer.length > 4_096 || /^[+-].*\r\n/.test(answer)) end();
    });
    socket.once("error", end);
    socket.once("close", end);
  });
}

async function succeeds(attempt: () => Promise<boolean>): Promise<boolean> {
  try {
    return await attempt();
  } catch {
    return false;
  }
}
