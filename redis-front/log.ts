/** The operator's log; `console` and pino fit. Never holds a command, a value or the token. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(error: unknown): void;
}
