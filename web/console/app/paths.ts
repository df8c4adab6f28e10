/** Where the identity provider sends people back to. */
export const RETURN_PATH = '/console/signed-in';
/** Where it may send them once they have signed out there. */
export const SIGNED_OUT_PATH = '/console/signed-out';
