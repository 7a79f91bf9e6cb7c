export const FactorPage = () => null;
