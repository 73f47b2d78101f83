const FORM = /^([^=,]+=[^,]+(,|$))*$/;

/** Whether OTEL_EXPORTER_OTLP_HEADERS may be this: `name=value,name=value` with percent-encoded values, as OpenTelemetry writes headers, or nothing. */
export function areOtlpHeaders(text: string): boolean {
  if (!FORM.test(text)) return false;
  try {
    readOtlpHeaders(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads it: what the collector wants to be told besides, such as a token. Throws URIError where a value is not percent-encoded. */
export function readOtlpHeaders(text: string): Record<string, string> {
  const pairs = text.split(",").filter((pair) => pair.includes("="));
  return Object.fromEntries(
    pairs.map((pair) => [
      pair.slice(0, pair.indexOf("=")).trim(),
      decodeURIComponent(pair.slice(pair.indexOf("=") + 1)),
    ]),
  );
}
