import { elsewhere, passing, type Trouble } from "../trouble.ts";
import { PROBE_WITHIN_MS, saying, troubleOfTheWay } from "./connecting.ts";

const BODY_CHARS_MAX = 120;

/**
 * Whether GET gives 200. A service with another status works, and names what it lacks elsewhere.
 */
export async function probeHttp(url: string): Promise<Trouble | undefined> {
  try {
    const signal = AbortSignal.timeout(PROBE_WITHIN_MS);
    const answer = await fetch(url, { signal, redirect: "manual", keepalive: false });
    const text = await answer.text();
    if (answer.status === 200) return undefined;
    return elsewhere(`${new URL(url).pathname} answers ${answer.status}: ${shortened(text)}`);
  } catch (error) {
    return troubleOfTheWay(error) ?? passing(saying(error));
  }
}

function shortened(body: string): string {
  return body
    .trim()
    .replace(/\s*\n\s*/g, ", ")
    .slice(0, BODY_CHARS_MAX);
}
