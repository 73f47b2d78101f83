/** What OTEL_EXPORTER_OTLP_HEADERS may be: `name=value,name=value`, as OpenTelemetry writes headers, or nothing. */
export const OTLP_HEADERS = /^([^=,]+=[^,]+(,|$))*$/;

/** Reads it: what the collector wants to be told besides, such as a token. Values are percent-decoded. */
export function readOtlpHeaders(text: string): Record<string, string> {
  const pairs = text.split(",").filter((pair) => pair.includes("="));
  return Object.fromEntries(
    pairs.map((pair) => [
      pair.slice(0, pair.indexOf("=")).trim(),
      decodeURIComponent(pair.slice(pair.indexOf("=") + 1)),
    ]),
  );
}
