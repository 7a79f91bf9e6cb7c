export const SingleSignOnPage = () => null;
export const SingleSignOnStepPage = () => null;
