/** The form of a broker's address. */
const BROKER_URL_FORM = "amqp://user:password@host:5672/vhost, or amqps: with port 5671";

/** The fault of a broker's address, without quoting the address; undefined for a usable one. */
export function faultOfBrokerUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^amqps?:$/.test(url.protocol) || url.hostname === "")
    return `not of the form ${BROKER_URL_FORM}`;
  if (url.pathname.slice(1).includes("/")) return "a slash in the virtual host is written %2F";
  const isDecodable = [url.username, url.password, url.pathname].every(canDecode);
  return isDecodable ? undefined : "holds a bare %: write %25";
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
