export const AddressPage = () => null;
export const UndoAddressPage = () => null;
export const RecoveryPage = () => null;
export const CancelRecoveryPage = () => null;
export const CompleteRecoveryPage = () => null;
