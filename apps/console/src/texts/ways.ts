/** What the ways in say: signing up and in, and every mailed link. */
export const ways = {
  signIn: {
    title: 'Sign in',
    back: 'Welcome back',
    email: 'E-mail',
    change: 'Change',
    password: 'Password',
    act: 'Sign in',
    forgot: 'Forgot the password?',
    new: 'New here?',
    signUp: 'Sign up',
  },
};
