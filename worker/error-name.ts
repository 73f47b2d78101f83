/**
 * The loggable part of an error whose message holds whole commands with user ids, as the Redis
 * client's do.
 */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
