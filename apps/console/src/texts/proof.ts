export const proof = {
  title: 'Confirm that it is you',
  lead: 'This changes what proves your account or opens it to others, so it asks once more. It counts for 15 minutes.',
  password: 'Password',
  code: 'Code of your authenticator app',
  act: 'Confirm',
  passkey: 'Use a passkey',
  provider: 'Continue at your provider',
  providerHint: 'You come back to this page; what you had typed is asked for again.',
};
