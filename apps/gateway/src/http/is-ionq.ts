/** Whether an address, or a path, is of the API that existing clients already speak: they are answered in the form that those read. */
export const isIonq = (address: string): boolean => address.startsWith('/v0.4');
