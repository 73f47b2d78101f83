/** The progress that a line of a running k6 reports; undefined for any other line. */
export function progressOf(line: string): string | undefined {
  const making = /^Init\s+\[.*\]\s+0*(\d+)\/0*(\d+) VUs initialized/.exec(line);
  if (making) return `${making[1]} of ${making[2]} users made`;
  const running = /^running \(([^)]*)\), 0*(\d+)\/\d+ VUs, (\d+) complete/.exec(line);
  if (running) return `${running[1]}, ${running[3]} done, ${running[2]} at work`;
  return undefined;
}
