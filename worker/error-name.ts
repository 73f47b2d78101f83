/**
 * The loggable part of an error whose message holds commands with user ids (the Redis client's).
 */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
