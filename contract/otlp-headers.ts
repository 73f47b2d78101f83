const FORM = /^([^=,]+=[^,]+(,|$))*$/;

/**
 * Whether the text is valid as OTEL_EXPORTER_OTLP_HEADERS: empty, or `name=value,name=value` with
 * percent-encoded values, as OpenTelemetry writes headers.
 */
export function areOtlpHeaders(text: string): boolean {
  if (!FORM.test(text)) return false;
  try {
    readOtlpHeaders(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads OTEL_EXPORTER_OTLP_HEADERS: the extra headers for the collector, such as a token. Throws
 * URIError for a value that is not percent-encoded.
 */
export function readOtlpHeaders(text: string): Record<string, string> {
  const pairs = text.split(",").filter((pair) => pair.includes("="));
  return Object.fromEntries(
    pairs.map((pair) => [
      pair.slice(0, pair.indexOf("=")).trim(),
      decodeURIComponent(pair.slice(pair.indexOf("=") + 1)),
    ]),
  );
}
