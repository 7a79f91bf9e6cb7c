export const SignUpPage = () => null;
export const SentPage = () => null;
