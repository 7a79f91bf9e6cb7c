export const ResetPage = () => null;
export const ReactivatePage = () => null;
