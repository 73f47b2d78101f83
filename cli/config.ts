/** What the shell says beside the command line. */
export interface CliConfig {
  edgeUrl: string;
  token: string | undefined;
  /** the reader's language, for the texts of the server */
  language: "en" | "zh";
}

/** The edge of the local stack. */
const LOCAL_EDGE = "http://127.0.0.1:8787";

/** Reads LECTERN_EDGE, LECTERN_TOKEN and the language of the shell. */
export function readConfig(environment: Record<string, string | undefined>): CliConfig {
  const { LECTERN_EDGE, LECTERN_TOKEN, LC_ALL, LC_MESSAGES, LANG } = environment;
  return {
    edgeUrl: LECTERN_EDGE || LOCAL_EDGE,
    token: LECTERN_TOKEN || undefined,
    language: (LC_ALL || LC_MESSAGES || LANG || "").startsWith("zh") ? "zh" : "en",
  };
}
