export const VerifyPage = () => null;
