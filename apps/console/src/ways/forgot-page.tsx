export const ForgotPage = () => null;
