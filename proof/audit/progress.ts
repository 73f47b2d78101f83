import { type Bar, openBar } from "../kit/bar.ts";
import type { AuditProgress } from "./check.ts";

/** Shows on stderr, if it is a terminal, the audit's wait and progress. */
export function auditProgress(): { show(progress: AuditProgress): void; end(): void } {
  let bar: Bar | undefined;

  /** Shows a text in the place of the last one. */
  function write(text: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  }

  return {
    show(progress) {
      if (progress.step === "waiting") return write(waitingLine(progress));
      if (!bar) {
        write("");
        bar = openBar("checking", progress.total, {
          figures: "{value}/{total} lectures",
          clears: true,
        });
      }
      bar.show(progress.done);
    },
    end: () => bar?.end(),
  };
}

function waitingLine({
  motion: { queued, held, pending, unloaded },
  waitedMs,
  waitMs,
}: Extract<AuditProgress, { step: "waiting" }>): string {
  const elapsed = `${Math.round(waitedMs / 1_000)} of ${Math.round(waitMs / 1_000)} s`;
  return `waiting for rest, ${elapsed}: ${queued} queued, ${held} held, ${pending} pending, ${unloaded} not loaded`;
}
