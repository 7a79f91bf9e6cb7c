const LOCAL = /^(?!\.)(?!.*\.\.)[\w.!#$%&'*+/=?^`{|}~-]{1,64}(?<!\.)$/;
const DOMAIN = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+(?:[a-z]{2,63}|xn--[a-z\d-]{0,57}[a-z\d])$/i;
/** Characters that would end the domain of an address that is read as part of a URL. */
const NOT_OF_DOMAINS = /[\s/?#@:\\%[\]]/;

/** Whether a text is a mail address that mail can be sent to: RFC 5321's form without quotes and IP addresses, and its limits. */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, Math.max(at, 0)), asDnsHasIt(text.slice(at + 1))];
  return LOCAL.test(local) && DOMAIN.test(domain) && domain.length <= 253 && local.length + 1 + domain.length <= 254;
}

/** Empty where it is none. By the URL of browsers and Node alike: this is read in both. */
function asDnsHasIt(domain: string): string {
  if (NOT_OF_DOMAINS.test(domain)) return '';
  try {
    return new URL(`http://${domain}`).hostname;
  } catch {
    return '';
  }
}
