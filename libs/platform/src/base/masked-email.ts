/** An address that its owner recognises and strangers cannot read: `a…@e….com`. */
export function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const domain = email.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  return `${first(email)}…@${first(domain)}…${dot > 0 ? domain.slice(dot) : ''}`;
}

const first = (text: string) => [...text][0] ?? '';
