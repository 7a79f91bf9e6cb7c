export const AccountHelpPage = () => null;
export const KeysHelpPage = () => null;
