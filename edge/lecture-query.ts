/** The parameters of the list of lectures, in the order of their names. */
const PARAMETERS = ["after", "category", "day", "host", "limit", "q", "state"] as const;

/**
 * Writes the query of a list in its one spelling: known parameters only, by name, each with its
 * first value, without empty ones. Two spellings of one question share one kept answer, and an
 * unknown parameter makes no other question.
 *
 * @param url a request's address, which URL.canParse accepts
 * @returns the query with its question mark; empty without parameters
 */
export function lectureQuery(url: string): string {
  const start = url.indexOf("?");
  if (start < 0) return "";
  const sent = new URLSearchParams(url.slice(start + 1));
  const query = new URLSearchParams();
  for (const name of PARAMETERS) {
    const value = sent.get(name);
    if (value) query.set(name, value);
  }
  return query.size > 0 ? `?${query}` : "";
}
