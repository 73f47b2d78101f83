import { Presets, SingleBar } from "cli-progress";
import type { AuditProgress } from "./check.ts";

/** Shows on stderr, if it is a terminal, the audit's wait and progress. */
export function auditProgress(): { show(progress: AuditProgress): void; end(): void } {
  if (!process.stderr.isTTY) return { show() {}, end() {} };
  let bar: SingleBar | undefined;

  function show(progress: AuditProgress): void {
    if (progress.step === "waiting") {
      process.stderr.write(`\r\x1b[K${waitingLine(progress)}`);
      return;
    }
    if (!bar) {
      process.stderr.write("\r\x1b[K");
      bar = new SingleBar(
        {
          format: "checking {bar} {value}/{total} lectures",
          clearOnComplete: true,
          stream: process.stderr,
        },
        Presets.shades_grey,
      );
      bar.start(progress.total, 0);
    }
    bar.update(progress.done);
  }

  return { show, end: () => bar?.stop() };
}

function waitingLine({
  motion,
  waitedMs,
  waitMs,
}: Extract<AuditProgress, { step: "waiting" }>): string {
  const elapsed = `${Math.round(waitedMs / 1_000)} of ${Math.round(waitMs / 1_000)} s`;
  return `waiting for rest, ${elapsed}: ${motion.queued} queued, ${motion.held} held, ${motion.pending} pending, ${motion.unloaded} not loaded`;
}
