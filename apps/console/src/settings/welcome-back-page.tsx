export const WelcomeBackPage = () => null;
