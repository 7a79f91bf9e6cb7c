export const idle = {
  title: 'Are you still there?',
  text: (at: string) => `You will be signed out at ${at}.`,
  left: { 120: 'Two minutes left.', 60: 'One minute left.', 20: '20 seconds left.' },
  stay: 'Stay signed in',
  signOut: 'Sign out',
};
