export const SuspendedPage = () => null;
