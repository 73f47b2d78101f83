import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { linesOf } from "../../proof/kit/lines.ts";
import { ROOT } from "../../stack/layout.ts";
import type { Waiting } from "./build-with-go.ts";
import type { K6 } from "./k6.ts";
import { progressOf } from "./progress.ts";

/** k6's exit code after a missed threshold. Any other code but 0 means that there was no run. */
const THRESHOLDS_MISSED = 99;

export interface Pressing extends Waiting {
  script: string;
  /** the script's input, by its names in `given.ts` */
  given: Record<string, string>;
  /** where k6.log and report.html go */
  folder: string;
}

/**
 * Runs a script in k6. Returns whether every threshold was kept. Rejects with k6's last error if
 * there was no run.
 */
export async function press(
  k6: K6,
  { script, given, folder, interrupted, tell }: Pressing,
): Promise<boolean> {
  const settings: Record<string, string> = {
    K6_WEB_DASHBOARD: "true",
    K6_WEB_DASHBOARD_HOST: "127.0.0.1",
    K6_WEB_DASHBOARD_PORT: "0",
    K6_WEB_DASHBOARD_PERIOD: "1s",
    K6_WEB_DASHBOARD_EXPORT: join(folder, "report.html"),
    K6_NO_USAGE_REPORT: "true",
    // Thousands of users are a large heap that hardly changes. Collecting it less often leaves more
    // of the machine to the system.
    GOGC: "400",
    GOMEMLIMIT: "6GiB",
  };
  const variables = Object.entries(given).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const command = [...k6.command(Object.keys(settings)), "run", ...variables];
  const child = Bun.spawn([...command, join(ROOT, "loadtest", `${script}.ts`)], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const interrupt = () => child.kill("SIGINT");
  interrupted.addEventListener("abort", interrupt);
  const log = createWriteStream(join(folder, "k6.log"), { mode: 0o600 });
  let lastError = "";
  try {
    const read = async (stream: ReadableStream<Uint8Array>, take: (line: string) => void) => {
      for await (const line of linesOf(stream)) {
        log.write(`${line}\n`);
        take(line);
      }
    };
    await Promise.all([
      read(child.stdout, (line) => {
        const progress = progressOf(line);
        if (progress) tell(`${script}: ${progress}`);
      }),
      read(child.stderr, (line) => {
        if (/level=error/.test(line)) lastError = line;
      }),
    ]);
    const exitCode = await child.exited;
    interrupted.throwIfAborted();
    if (exitCode === 0 || exitCode === THRESHOLDS_MISSED) return exitCode === 0;
    throw new Error(`k6 ended with ${exitCode}: ${lastError || "it did not say why"}`);
  } finally {
    interrupted.removeEventListener("abort", interrupt);
    log.end();
  }
}
