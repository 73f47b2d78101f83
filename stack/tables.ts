import Table from "cli-table3";
import colors from "picocolors";
import type { StackEnvironment } from "./environment.ts";
import type { PartStatus } from "./status.ts";

/**
 * The parts with their addresses, one a line, followed by the troubles of those that do not work.
 */
export function statusTable(parts: PartStatus[]): string {
  const head = ["part", "state", "pid", "address"].map((title) => colors.bold(title));
  // The table's own colours would ignore NO_COLOR and pipes.
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const { name, pid, url, ready } of parts)
    table.push([name, stateOf(pid, ready), pid ?? "", url]);
  const troubles = parts.flatMap(({ name, trouble }) => (trouble ? [`${name}: ${trouble}`] : []));
  const behind = parts.flatMap(({ name, behindSeconds }) =>
    behindSeconds === undefined ? [] : [`${name}: ${behindSeconds} s behind`],
  );
  return [table.toString(), ...troubles, ...behind].join("\n");
}

function stateOf(pid: number | null, ready: boolean): string {
  if (ready) return colors.green(pid === null ? "external" : "ready");
  return pid === null ? colors.red("down") : colors.yellow("not ready");
}

/** The next commands for a stack that has just come up. */
export function nextSteps({ EDGE_URL }: StackEnvironment): string {
  const token =
    `TOKEN=$(curl -s ${EDGE_URL}/api/auth/demo -H 'Content-Type: application/json' ` +
    `-d '{"studentNumber":"20260001"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`;
  const reserve =
    `curl -i -X POST ${EDGE_URL}/api/lectures/1/reservations -H "Authorization: Bearer $TOKEN" ` +
    `-H "Idempotency-Key: $(date +%s%N)" -H 'Prefer: wait=5'`;
  const rows: [string, string][] = [
    ["sign in", token],
    ["lectures", `curl -s ${EDGE_URL}/api/lectures`],
    ["reserve", reserve],
    ["a crowd", "npm run rush"],
    ["guarantees", "npm run audit"],
    ["what runs", "npm run status"],
    ["a log", "npm run logs -- worker"],
    ["stop", "npm run down"],
  ];
  const account = "Any student number of 4 to 20 letters and digits signs in, without a password.";
  return [
    account,
    ...rows.map(([label, line]) => `  ${colors.dim(label.padEnd(11))} ${line}`),
  ].join("\n");
}
