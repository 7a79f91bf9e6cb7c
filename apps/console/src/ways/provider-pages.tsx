export const BindPage = () => null;
export const BeginPage = () => null;
export const CallbackPage = () => null;
