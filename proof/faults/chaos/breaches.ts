import pc from "picocolors";
import type { Breach } from "../../audit/breach.ts";
import type { AuditReport } from "../../audit/report.ts";
import type { Rest } from "../../audit/rest.ts";
import type { FaultSystem } from "../system/system.ts";

const BREACHES_SHOWN = 20;

/** The breaches of the system itself after a run: its own endings, no rest, and what an audit found. */
export function breachesOf(
  system: FaultSystem,
  { audit, rest }: { audit?: AuditReport; rest?: Rest },
): Breach[] {
  const endings = system.takeOwnEndings().map((what) => ({ what }));
  const noRest = { what: `no rest within a minute: ${JSON.stringify(rest?.motion)}` };
  return [...endings, ...(rest && !rest.reached ? [noRest] : []), ...(audit ? found(audit) : [])];
}

function found({ lectures, broker, unknown }: AuditReport): Breach[] {
  const verdicts = [...lectures.flatMap((lecture) => lecture.verdicts), broker.verdict];
  return [
    ...verdicts.flatMap(({ guarantee, breaches }) =>
      breaches.map((breach) => ({ ...breach, what: `${guarantee}: ${breach.what}` })),
    ),
    ...unknown.map((id) => ({ what: `no server knows lecture ${id}` })),
  ];
}

/** The first breaches, a line each, and the number of the others. */
export function breachLines(breaches: Breach[]): string[] {
  const more = breaches.length - BREACHES_SHOWN;
  return [
    ...breaches.slice(0, BREACHES_SHOWN).map((breach) => pc.red(`    ${breachText(breach)}`)),
    ...(more > 0 ? [pc.red(`    and ${more} more`)] : []),
  ];
}

/** The last line of a run. */
export function verdictText(isClean: boolean, text: string): string {
  return (isClean ? pc.green : pc.red)(text);
}

function breachText({ what, rid, userId }: Breach): string {
  const whose = [userId && `student ${userId}`, rid && `rid ${rid}`].filter(Boolean).join(", ");
  return whose ? `${whose}: ${what}` : what;
}
