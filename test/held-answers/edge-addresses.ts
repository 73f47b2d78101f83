/** The addresses of edges that tests have started. */
const started = new Set<string>();

/** Notes an edge, so that its answers are held against the document. */
export function noteEdge(url: string): void {
  started.add(new URL(url).origin);
}

/** Whether an answer is an edge's: by the address, or by the headers that every edge sends. */
export function isEdge(url: string, { headers }: Response): boolean {
  if (started.has(new URL(url).origin)) return true;
  return headers.has("x-request-id") && headers.has("cross-origin-resource-policy");
}
