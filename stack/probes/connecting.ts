import { connect } from "node:net";
import { final, passing, type Trouble } from "../trouble.ts";

/** How long a probe waits, in milliseconds. */
export const PROBE_WITHIN_MS = 2_000;

const CERTIFICATE =
  /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_UNTRUSTED|unable to verify|self.signed/i;
const OTHER_NAME = /ALTNAME|altnames/i;

/** The trouble on the way to a server, of any kind of server; undefined for other errors. */
export function troubleOfTheWay(error: unknown): Trouble | undefined {
  const { code = "", message = "" } = Object(error) as { code?: unknown; message?: unknown };
  const text = `${code} ${message}`;
  if (/ECONNREFUSED|ConnectionRefused/.test(text)) return passing("nothing listens there");
  if (/ENOTFOUND/.test(text)) return final("its host name is unknown");
  if (/EAI_AGAIN/.test(text)) return passing("its host name cannot be looked up now");
  if (/E(HOST|NET)UNREACH/.test(text)) return passing("there is no way to its host");
  if (OTHER_NAME.test(text)) return final("its certificate is for another host name");
  if (/CERT_HAS_EXPIRED/.test(text)) return final("its certificate has expired");
  if (CERTIFICATE.test(text))
    return final(
      "its certificate is of an unknown authority: NODE_EXTRA_CA_CERTS names a file with it",
    );
  if (/EPROTO|WRONG_VERSION|wrong version number|packet length too long/i.test(text))
    return final("it does not speak TLS at that port");
  if (/ETIMEDOUT|TimeoutError|timed out/i.test(text))
    return passing(`it did not answer within ${PROBE_WITHIN_MS / 1_000} s`);
  if (/ECONNRESET|EPIPE|socket hang up|closed/i.test(text))
    return passing("it closed the connection");
  return undefined;
}

const WHY_CHARS_MAX = 200;

/** A server's words, in one line of WHY_CHARS_MAX at most. */
export function saying(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").trim().slice(0, WHY_CHARS_MAX);
}

/** Whether a server takes connections at all. */
export function troubleOfConnecting(host: string, port: number): Promise<Trouble | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (trouble?: Trouble) => {
      socket.destroy();
      resolve(trouble);
    };
    socket.setTimeout(PROBE_WITHIN_MS, () => answer(passing("it takes no connection")));
    socket.once("connect", () => answer());
    socket.once("error", (error) => answer(troubleOfTheWay(error) ?? passing(saying(error))));
  });
}
